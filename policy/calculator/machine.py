"""The evaluator: runs a program over one memory. One source, which CPython runs as it stands and Cython compiles.

``code`` and ``tab`` are a program's operations and tables; ``m`` is the memory and ``k`` says of each of its places whether it
is not worked out (0), known (1) or unknown (2). As Python, ``m`` is a list and its integers have any size; compiled, all are of
64 bits, and what does not fit raises OverflowError.

An operand of a register is ``place << 3 | bank``: its address is ``m[bank]`` + place, so that one operation serves every
outage, month, span and part in turn. The first places of the memory:

    0  always 0: the bank of what there is one of        1  the outage at hand       2  the month at hand
    3  the span at hand                                  4  the part at hand         5  how many outages
    6  the first outage                                  7  where free memory begins 8  how much memory was asked for
    9  where the year that was asked for is listed      10  numbers given out       11  places an outage takes
   12  places a span takes                              13  places a part takes     14, 15  start and end of the billing cycle
   16  the year asked for                               17, 18  where spans and parts end   19  the first month
   20  places a month takes                             21, 22  a rest, and what a product may come to
   23  how many outages                                 24 to 55  where to go back to       56  places an occasion takes
   57  where occasions end                              58, 59  the item at hand of the occasion's outages, and where they end

No occasion is at hand (0) outside of their loop; in it, its own outage is at hand again after a loop over outages.

A span is: start, end, outage, level, interruption, label, weight, and the registers of its bank. A part: start, first span,
spans, time, and the registers of its bank. A list is two registers: the address of its first, and how many.
"""

# ruff: noqa: C901, PLR0912, PLR0915

from collections.abc import MutableSequence, Sequence

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from policy.calculator.machine_answer import say
    from policy.calculator.machine_lists import cover, open_spans, overlay, unite
    from policy.calculator.machine_occasions import every_outage, left_of, make_occasions, pair_up, pairs_length, time_of
    from policy.calculator.machine_parts import days, judge, keep, label, parts, split, windows, without
    from policy.calculator.machine_shares import add_shares, apportion, by_party, in_month, month_told, new_shares, owe, use_up
    from policy.calculator.machine_time import (
        between,
        day_of,
        day_start,
        is_outside,
        measure,
        month_days,
        month_first,
        working_day_end,
    )


def run(code: Sequence[int], tab: Sequence[int], m: MutableSequence[int], k: MutableSequence[int], pc: int) -> int:
    """Runs from ``pc`` to HALT. Returns 0; 1 where more memory is wanted, ``m[8]`` places; 2 where a year of a measure is."""
    with cython.nogil:
        return _run(code, tab, m, k, pc)


def _run(code: Sequence[int], tab: Sequence[int], m: MutableSequence[int], k: MutableSequence[int], pc: int) -> int:
    sp = 24
    while True:
        op = code[pc]
        a = code[pc + 1]
        b = code[pc + 2]
        c = code[pc + 3]
        pc += 7
        if op < 14:
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            if k[b] != 1 or k[c] != 1:
                k[a] = 2
                continue
            x = m[b]
            y = m[c]
            k[a] = 1
            if op == 0:  # MUL
                m[a] = x * y
            elif op == 1:  # ADD
                m[a] = x + y
            elif op == 2:  # SUB
                m[a] = x - y
            elif op == 3:  # LEAST
                m[a] = min(y, x)
            elif op == 4:  # GREATEST
                m[a] = max(y, x)
            elif op == 5:  # DIVIDE_DOWN
                m[a] = x // y
            elif op == 6:  # DIVIDE_UP
                m[a] = -(-x // y)
            elif op == 7:  # REMAINDER
                m[a] = x % y
            elif op == 8:  # LESS
                m[a] = x < y
            elif op == 9:  # AT_MOST
                m[a] = x <= y
            elif op == 10:  # MORE
                m[a] = x > y
            elif op == 11:  # AT_LEAST
                m[a] = x >= y
            elif op == 12:  # EQUAL
                m[a] = x == y
            else:  # AMONG
                m[a] = (x & y) != 0
        elif op == 14:  # HALT
            return 0
        elif op == 15:  # JUMP
            pc = a
        elif op == 16:  # JUMP_IF_FALSE
            b = m[b & 7] + (b >> 3)
            if k[b] == 1 and m[b] == 0:
                pc = a
        elif op == 17:  # JUMP_IF_TRUE
            b = m[b & 7] + (b >> 3)
            if k[b] == 1 and m[b] != 0:
                pc = a
        elif op == 18:  # JUMP_IF_UNKNOWN
            if k[m[b & 7] + (b >> 3)] == 2:
                pc = a
        elif op == 19:  # JUMP_UNLESS_AMONG
            if m[m[b & 7] + (b >> 3)] & m[m[c & 7] + (c >> 3)] == 0:
                pc = a
        elif op == 20:  # CALL
            if k[m[b & 7] + (b >> 3)] == 0:
                m[sp] = pc
                sp += 1
                pc = a
        elif op == 21:  # RETURN
            sp -= 1
            pc = m[sp]
        elif op == 22:  # MOVE
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            k[a] = k[b]
            if k[b] == 1:
                m[a] = m[b]
        elif op == 23:  # UNKNOWN
            k[m[a & 7] + (a >> 3)] = 2
        elif op == 24:  # FACT
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if k[b] != 1:
                b = m[c & 7] + (c >> 3)
            m[a] = m[b]
            k[a] = 1
        elif op == 25:  # AND
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if k[a] == 2 or m[a] != 0:
                if k[b] == 2:
                    k[a] = 2
                elif m[b] == 0:
                    m[a] = 0
                    k[a] = 1
        elif op == 26:  # OR
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if k[a] == 2 or m[a] == 0:
                if k[b] == 2:
                    k[a] = 2
                elif m[b] != 0:
                    m[a] = 1
                    k[a] = 1
        elif op == 27:  # TIMES
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if k[a] == 2 or m[a] != 0:
                if k[b] == 2:
                    k[a] = 2
                elif m[b] == 0:
                    m[a] = 0
                    k[a] = 1
                elif k[a] == 1:
                    m[a] = m[a] * m[b]
        elif op == 28:  # TALLY
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if k[a] != 1:
                m[a] = 0
                k[a] = 1
            if k[b] == 1 and m[b] != 0:
                m[a] += 1
        elif op == 29:  # TALLY_UNKNOWN
            a = m[a & 7] + (a >> 3)
            if k[a] != 1:
                m[a] = 0
                k[a] = 1
            if k[m[b & 7] + (b >> 3)] == 2:
                m[a] += 1
        elif op == 30:  # NUMBER
            a = m[a & 7] + (a >> 3)
            m[10] += 1
            m[a] = m[10]
            k[a] = 1
        elif op == 31:  # DAY_OF
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            k[a] = k[b]
            if k[b] == 1:
                m[a] = day_of(tab, c, m[b])
        elif op == 32:  # DAY_START
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            k[a] = k[b]
            if k[b] == 1:
                m[a] = day_start(tab, c, m[b])
        elif op == 33:  # WORKING_DAY_END
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            d = m[code[pc - 3] & 7] + (code[pc - 3] >> 3)
            e = m[code[pc - 2] & 7] + (code[pc - 2] >> 3)
            k[a] = 2
            if k[b] == 1 and k[c] == 1 and k[d] == 1 and k[e] == 1:
                k[a] = 1
                m[a] = working_day_end(tab, m, code[pc - 1], m[d], m[b], m[c], m[e], m[e + 1])
        elif op == 34:  # EACH_OUTAGE
            m[1] = m[6]
            if m[23] == 0:
                pc = a
        elif op == 35:  # NEXT_OUTAGE
            m[1] += m[11]
            if m[1] < m[6] + m[23] * m[11]:
                pc = a
            else:
                m[1] = m[m[5] + 4]
        elif op == 36:  # EACH_SPAN
            b = m[b & 7] + (b >> 3)
            m[3] = m[b]
            m[17] = m[b] + m[b + 1] * m[12]
            if m[b + 1] == 0:
                pc = a
            else:
                m[1] = m[m[3] + 2]
        elif op == 37:  # NEXT_SPAN
            m[3] += m[12]
            if m[3] < m[17]:
                m[1] = m[m[3] + 2]
                pc = a
        elif op == 38:  # EACH_PART
            b = m[b & 7] + (b >> 3)
            m[4] = m[b]
            m[18] = m[b] + m[b + 1] * m[13]
            if m[b + 1] == 0:
                pc = a
        elif op == 39:  # NEXT_PART
            m[4] += m[13]
            if m[4] < m[18]:
                pc = a
        elif op == 40:  # NEW_LIST
            a = m[a & 7] + (a >> 3)
            m[a] = m[7]
            m[a + 1] = 0
            k[a] = 1
            k[a + 1] = 1
        elif op == 41:  # PAUSES
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if k[b] == 2:
                k[a] = 2
            else:
                x = m[b + 1]
                if m[7] + 2 * x > len(k):
                    m[8] = m[7] + 2 * x
                    return 1
                for i in range(2 * x):
                    m[m[7] + i] = m[m[b] + i]
                m[7] += 2 * x
                m[a + 1] += x
        elif op == 42:  # UNITE
            a = m[a & 7] + (a >> 3)
            if k[a] == 1:
                m[a + 1] = unite(m, m[a], m[a + 1])
                m[7] = m[a] + 2 * m[a + 1]
        elif op == 43:  # OPEN
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            d = m[code[pc - 3] & 7] + (code[pc - 3] >> 3)
            e = m[code[pc - 2] & 7] + (code[pc - 2] >> 3)
            x = m[7] + (m[e + 1] + 1) * m[12]
            if x > len(k):
                m[8] = x
                return 1
            x = open_spans(m, m[b], m[c], m[d], m[e], m[e + 1])
            m[a + 1] += x
            a = m[code[pc - 1] & 7] + (code[pc - 1] >> 3)
            m[a] = x
            k[a] = 1
        elif op == 44:  # OVERLAY
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if overlay(m, k, a, b):
                return 1
        elif op == 45:  # SPLIT
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if split(tab, m, k, a, b, c, code[pc - 3]):
                return 1
        elif op == 46:  # LABEL
            a = m[a & 7] + (a >> 3)
            x = m[a]
            for _ in range(m[a + 1]):
                m[x + 5] = label(tab, m, b, c, x, m[x])
                x += m[12]
        elif op == 47:  # WEIGH
            a = m[a & 7] + (a >> 3)
            b = m[m[b & 7] + (b >> 3)]
            x = m[a]
            for _ in range(m[a + 1]):
                if b == 0:
                    m[x + 6] = m[x + 1] - m[x]
                else:
                    y = between(tab, m, b, m[x], m[x + 1])
                    if y < 0:
                        return 2
                    m[x + 6] = y * m[x + 3]
                x += m[12]
        elif op == 48:  # JUDGE
            d = m[code[pc - 3] & 7] + (code[pc - 3] >> 3)
            e = m[code[pc - 2] & 7] + (code[pc - 2] >> 3)
            judge(m, k, a >> 3, m[b & 7] + (b >> 3), c, m[d], m[e])
        elif op == 49:  # DOUBT
            b = m[b & 7] + (b >> 3)
            x = m[b] + (a >> 3)
            for _ in range(m[b + 1]):
                k[x] = 2
                x += m[12]
        elif op == 50:  # KEEP
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            d = m[code[pc - 3] & 7] + (code[pc - 3] >> 3)
            if m[7] + m[b + 1] * m[12] > len(k):
                m[8] = m[7] + m[b + 1] * m[12]
                return 1
            m[d] += keep(m, k, a, b, c >> 3)
        elif op == 51:  # LENGTH
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            x = m[b]
            y = 0
            for _ in range(m[b + 1]):
                y += m[x + 1] - m[x]
                x += m[12]
            m[a] = y
            k[a] = 1
        elif op == 52:  # MEASURE
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            k[a] = k[c]
            if k[c] == 1:
                y = measure(tab, m, m[c], m[b], m[b + 1])
                if y < 0:
                    return 2
                m[a] = y
        elif op == 53:  # PARTS
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if m[7] + m[b + 1] * m[13] > len(k):
                m[8] = m[7] + m[b + 1] * m[13]
                return 1
            parts(m, k, a, b, c)
        elif op == 54:  # DAYS
            a = m[a & 7] + (a >> 3)
            c = m[c & 7] + (c >> 3)
            k[a] = k[c]
            if k[c] == 1:
                m[a] = days(tab, m, b, m[c], code[pc - 3], tab[0])
        elif op == 55:  # MONTH
            x = month_days(day_of(tab, a, m[m[4]]))
            m[2] = m[19] + (x - 28) * m[20]
        elif op == 56:  # COVER
            a = m[a & 7] + (a >> 3)
            x = m[m[b & 7] + (b >> 3)]
            y = m[m[c & 7] + (c >> 3)]
            if m[7] + 2 * m[23] > len(k):
                m[8] = m[7] + 2 * m[23]
                return 1
            m[a] = cover(m, k, x, y, code[pc - 3] >> 3)
            k[a] = 1
        elif op == 57:  # OUTSIDE
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            k[a] = k[c]
            if k[c] == 1:
                x = m[b]
                m[a] = 0
                for _ in range(m[b + 1]):
                    if is_outside(tab, m[c], m[x], m[x + 1]):
                        m[a] = 1
                        break
                    x += m[12]
        elif op == 58:  # TOTAL
            b = m[a & 7] + (a >> 3)
            c = m[4]
            k[c + 3] = k[b]
            if k[b] == 1:
                y = 0
                x = m[c + 1]
                if m[b] != 0:
                    y = measure(tab, m, m[b], x, m[c + 2])
                    if y < 0:
                        return 2
                else:
                    for _ in range(m[c + 2]):
                        y += m[x + 1] - m[x]
                        x += m[12]
                m[c + 3] = y
        elif op == 59:  # PAIR_UP
            if pair_up(m, k, m[a & 7] + (a >> 3), m[b & 7] + (b >> 3)):
                return 1
        elif op == 60:  # PART_AT
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            x = m[7] + m[13]
            if x > len(k):
                m[8] = x
                return 1
            for i in range(m[13]):
                k[m[7] + i] = 0
            m[m[7]] = m[b]
            m[m[7] + 1] = 0
            m[m[7] + 2] = 0
            m[a] = m[7]
            m[a + 1] = 1
            k[a] = 1
            k[a + 1] = 1
            m[7] = x
        elif op == 61:  # WITHIN
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            d = m[code[pc - 3] & 7] + (code[pc - 3] >> 3)
            k[a] = 1
            m[a] = is_outside(tab, m[d], m[b], m[c])
        elif op == 62:  # KNOWN
            a = m[a & 7] + (a >> 3)
            m[a] = k[m[b & 7] + (b >> 3)] == 1
            k[a] = 1
        elif op == 63:  # SAY
            if say(m, k, m[a & 7] + (a >> 3), -1, b, -1):
                return 1
        elif op == 64:  # SAY_OUTAGE
            if say(m, k, m[a & 7] + (a >> 3), -2, b, m[m[1] + 6]):
                return 1
        elif op == 65:  # REFUSAL
            b = m[m[b & 7] + (b >> 3)]
            c = m[m[c & 7] + (c >> 3)]
            if say(m, k, m[a & 7] + (a >> 3), b, c, code[pc - 3]):
                return 1
        elif op == 66:  # SAY_NUMBER
            if say(m, k, m[a & 7] + (a >> 3), -3, m[m[b & 7] + (b >> 3)], -1):
                return 1
        elif op == 67:  # OCCASIONS
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            d = m[code[pc - 1] & 7] + (code[pc - 1] >> 3)
            if make_occasions(tab, m, k, a, b, c, code[pc - 3], code[pc - 2], d):
                return 1
        elif op == 68:  # EVERY_OUTAGE
            if every_outage(tab, m, k, m[a & 7] + (a >> 3), m[m[b & 7] + (b >> 3)], c):
                return 1
        elif op == 69:  # EACH_OCCASION
            b = m[b & 7] + (b >> 3)
            m[5] = m[b]
            m[57] = m[b] + m[b + 1] * m[56]
            if m[b + 1] == 0:
                m[5] = 0
                pc = a
            else:
                m[1] = m[m[5] + 4]
        elif op == 70:  # NEXT_OCCASION
            m[5] += m[56]
            if m[5] < m[57]:
                m[1] = m[m[5] + 4]
                pc = a
            else:
                m[5] = 0
        elif op == 71:  # EACH_MEMBER
            m[58] = m[m[5] + 2]
            m[59] = m[58] + 3 * m[m[5] + 3]
            if m[58] == m[59]:
                pc = a
            else:
                m[1] = m[m[58] + 1]
        elif op == 72:  # NEXT_MEMBER
            m[58] += 3
            if m[58] < m[59]:
                m[1] = m[m[58] + 1]
                pc = a
            else:
                m[1] = m[m[5] + 4]
        elif op == 73:  # TIME_OF
            if time_of(m, k, m[a & 7] + (a >> 3), m[b & 7] + (b >> 3), m[c & 7] + (c >> 3)):
                return 1
        elif op == 74:  # PAIRS_LENGTH
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            m[a] = pairs_length(m, m[b], m[b + 1])
            k[a] = 1
        elif op == 75:  # LEFT
            a = m[a & 7] + (a >> 3)
            d = m[code[pc - 3] & 7] + (code[pc - 3] >> 3)
            m[a] = left_of(m, m[m[b & 7] + (b >> 3)], m[m[c & 7] + (c >> 3)], m[d], m[d + 1])
            k[a] = 1
        elif op == 76:  # USE_UP
            a = m[a & 7] + (a >> 3)
            if use_up(m, k, a, m[m[b & 7] + (b >> 3)], m[c & 7] + (c >> 3), code[pc - 3]):
                return 1
        elif op == 77:  # IN_MONTH
            a = m[a & 7] + (a >> 3)
            m[a] = in_month(m, m[b & 7] + (b >> 3), m[c & 7] + (c >> 3), code[pc - 3] >> 3, code[pc - 2])
            k[a] = 1
        elif op == 78:  # SHARES
            if new_shares(m, k, m[a & 7] + (a >> 3)):
                return 1
        elif op == 79:  # ADD_SHARES
            if add_shares(tab, m, m[a & 7] + (a >> 3), m[b & 7] + (b >> 3), m[m[c & 7] + (c >> 3)]) < 0:
                return 2
        elif op == 80:  # APPORTION
            apportion(tab, m, m[a & 7] + (a >> 3), m[m[b & 7] + (b >> 3)])
        elif op == 81:  # OWE
            owe(m, a >> 3, m[b & 7] + (b >> 3), m[m[c & 7] + (c >> 3)])
        elif op == 82:  # BY_PARTY
            if by_party(m, k, m[a & 7] + (a >> 3), b >> 3):
                return 1
        elif op == 83:  # SUM
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if k[a] == 0:
                m[a] = 0
                k[a] = 1
            if k[b] == 2:
                k[a] = 2
            elif k[a] == 1 and k[b] == 1:
                m[a] += m[b]
        elif op == 84:  # WINDOWS
            d = m[m[code[pc - 3] & 7] + (code[pc - 3] >> 3)]
            x = windows(tab, m, k, m[a & 7] + (a >> 3), m[m[b & 7] + (b >> 3)], m[m[c & 7] + (c >> 3)], d)
            if x != 0:
                return x
        elif op == 85:  # DAYS_UNTIL
            a = m[a & 7] + (a >> 3)
            c = m[c & 7] + (c >> 3)
            d = m[code[pc - 3] & 7] + (code[pc - 3] >> 3)
            k[a] = 2
            if k[c] == 1 and k[d] == 1:
                k[a] = 1
                m[a] = days(tab, m, b, m[c], code[pc - 2], m[d])
        elif op == 86:  # WITHOUT
            if without(m, k, m[a & 7] + (a >> 3), m[b & 7] + (b >> 3), m[c & 7] + (c >> 3)):
                return 1
        elif op == 87:  # MONTH_LENGTH
            a = m[a & 7] + (a >> 3)
            x = m[m[5] + 8]
            m[a] = day_start(tab, b, month_first(x + 1)) - day_start(tab, b, month_first(x))
            k[a] = 1
        elif op == 88:  # JUMP_UNLESS
            b = m[b & 7] + (b >> 3)
            if k[b] != 1 or m[b] == 0:
                pc = a
        elif op == 89:  # MONTH_TOLD
            a = m[a & 7] + (a >> 3)
            m[a] = month_told(m, m[b & 7] + (b >> 3))
            k[a] = 1
        else:
            raise ValueError(op)
