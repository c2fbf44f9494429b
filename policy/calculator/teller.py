"""Tells a run: reads sentences (:mod:`policy.calculator.sentences`) over the memory of the run, and writes the lines of it.

One source, which CPython runs as it stands and Cython compiles, as :mod:`policy.calculator.machine` is; what does not fit
64 bits raises OverflowError there, and is told by the source.

What is at hand is the teller's own: an outage, month, span, part and occasion, each by its address, as the evaluator has them.
"""

# ruff: noqa: C901, PLR0912, PLR0915

from array import array

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

from policy.calculator.sheet import Sheet

if not cython.compiled:
    from collections.abc import MutableSequence, Sequence
    from typing import Any

    from policy.calculator.machine import _run
    from policy.calculator.machine_time import after, day_of, month_days

    Told = Any

_BANKS = 8
_TEMPORARY = 4


class Teller:
    """Tells runs of one version, one at a time. What it wrote is on its ``sheet``, and ``cites`` what clauses that rests on.

    ``cited``: how many these are, each once, in the order in which they were cited.
    """

    def __init__(self, told: "Told") -> None:
        """``told``: see :class:`policy.calculator.told.Told`."""
        lowered, form = told.lowered, told.form
        self.told = told
        self.lowered = lowered
        self.sheet = Sheet()
        self.code, self.lists, self.pieces = told.code, told.lists, told.pieces
        self.clauses, self.quotes, self.codes, self.stages = told.clauses, told.quotes, told.codes, told.stages
        self.summary, self.full = told.summary, told.full
        self.program = lowered.code
        self.choosing = lowered.choosing
        self.zone = lowered.asm.zone
        self.first_month, self.month_places = lowered.layout.first_month, lowered.layout.month_places
        self.occasion_places = lowered.layout.occasion_places
        self.line_tag, self.rule_tag, self.applied_tag = form.line, form.rule, form.applied
        self.input_tag, self.value_tag, self.note_tag = form.input, form.value, form.note
        self.name_tag, self.given_tag = form.input_name, form.input_value
        self.below, self.below_bytes = told.below
        self.bank, self.temporary = array("q", bytes(8 * _BANKS)), array("q", bytes(8 * _TEMPORARY))
        self.cites = array("q", bytes(8 * (len(told.clause_ids) + 1)))
        self.weights = array("q", bytes(16 * (told.most_weights + 1)))
        self.cited = 0
        self.forget()

    def forget(self) -> int:
        """Nothing is at hand."""
        none: array[int] = array("q")
        self.tab: Sequence[int] = none
        self.m: MutableSequence[int] = none
        self.k: MutableSequence[int] = bytearray()
        self.texts: Sequence[int] = b""
        self.names: Sequence[int] = none
        self.listed: Sequence[int] = none
        self.first = self.stride = self.occasions = 0
        self.missing: list[tuple[bytes, int]] = []
        self.accumulator = self.flag = self.number = self.occasion = self.missed = self.density = self.chosen = 0
        self.line_start = self.input_start = self.group = 0
        self.field = b""
        return 0

    def take(
        self,
        tab: "Sequence[int]",
        m: "MutableSequence[int]",
        k: "MutableSequence[int]",
        texts: "Sequence[int]",
        names: "Sequence[int]",
        first: int,
        stride: int,
    ) -> int:
        """Takes a run at hand: tables and memory, and its outages.

        ``names`` say of each outage, from ``first`` on and ``stride`` apart, where in ``texts`` its id stands and how long it
        is, and the same of who is responsible.
        """
        self.tab = tab
        self.m = m
        self.k = k
        self.texts = texts
        self.names = names
        self.first = first
        self.stride = stride
        return 0

    def tell(
        self,
        entry: int,
        listed: "Sequence[int]",
        occasions: int,
        missing: "list[tuple[bytes, int]]",
    ) -> int:
        """Writes the lines of the run at hand, by the sentences from ``entry`` on.

        ``listed``: so many ``occasions`` in their order, each by its address and the number of its group. ``missing``: fields
        with the numbers of their clauses, in order.
        """
        self.sheet.begin()
        self.listed = listed
        self.occasions = occasions
        self.missing = missing
        self.cited = 0
        self.chosen = 0
        self.enter(0)
        return self.run(entry)

    def enter(self, occasion: int) -> int:
        """Makes an occasion the one at hand, and its own outage, where it is of one, the outage at hand; 0: none."""
        self.bank[5] = occasion
        self.bank[1] = self.m[occasion + 4] if occasion > 0 else 0
        self.bank[2] = 0
        self.bank[3] = 0
        self.bank[4] = 0
        return 0

    def holds(self, condition: int, reg: int, number: int) -> int:
        """Whether a condition holds."""
        if condition == 0:  # KNOWN
            return self.k[at(self, reg)] == 1
        if condition == 1:  # UNKNOWN
            return self.k[at(self, reg)] == 2
        if condition == 2:  # WORKED_OUT
            return self.k[at(self, reg)] != 0
        if condition == 3:  # TRUE
            return self.k[at(self, reg)] == 1 and self.m[at(self, reg)] != 0
        if condition == 4:  # ZERO
            return self.k[at(self, reg)] == 1 and self.m[at(self, reg)] == 0
        if condition == 5:  # EQUAL
            return value_of(self, reg) == number
        if condition == 6:  # LESS
            return value_of(self, reg) < number
        if condition == 7:  # AT_OUTAGE
            return self.bank[1] != 0
        if condition == 8:  # FLAG
            return self.flag
        if condition == 9:  # MORE_ITEMS
            return self.k[at(self, reg)] == 1 and self.m[at(self, reg) + 1] > number
        if condition == 10:  # DENSITY
            return self.density != 0
        if condition == 11:  # IS_TEMPORARY
            return self.accumulator == self.temporary[number]
        if condition == 12:  # MISSING
            return len(self.missing) > 0
        if condition == 13:  # ANY_OCCASION
            for i in range(self.m[at(self, reg) + 1]):
                if self.k[self.m[at(self, reg)] + i * self.occasion_places + number] != 0:
                    return 1
            return 0
        raise IndexError

    def text(self, kind: int, reg: int, number: int) -> int:
        """Writes a text."""
        sheet = self.sheet
        if kind == 0:  # PIECE
            return sheet.copy(self.pieces, reg, number)
        if kind == 1:  # NUMBER
            return sheet.number(value_of(self, reg))
        if kind == 2:  # EXACT
            return sheet.exact(value_of(self, reg), number)
        if kind == 3:  # RATIO
            return sheet.exact(value_of(self, reg), value_of(self, number))
        if kind == 4:  # INSTANT
            return sheet.instant(value_of(self, reg))
        if kind == 5:  # DATE
            return sheet.date(value_of(self, reg))
        if kind == 6:  # CODES
            return self.codes_of(value_of(self, reg))
        if kind == 7:  # YES_OR_NO
            row = number + 2 * (value_of(self, reg) != 0)
            return sheet.copy(self.pieces, self.lists[row], self.lists[row + 1])
        if kind == 8:  # INTERVALS
            return self.intervals(self.m[at(self, reg)], self.m[at(self, reg) + 1])
        if kind == 9:  # OUTAGE
            row = self.first + (self.bank[1] - self.m[6]) // self.m[11] * self.stride
            return sheet.copy(self.texts, self.names[row], self.names[row + 1])
        if kind == 10:  # PARTY
            row = self.first + (self.bank[1] - self.m[6]) // self.m[11] * self.stride
            return sheet.copy(self.texts, self.names[row + 2], self.names[row + 3])
        if kind == 11:  # STAGE
            row = self.stages + 2 * value_of(self, reg)
            return sheet.copy(self.pieces, self.lists[row], self.lists[row + 1])
        if kind == 12:  # BETWEEN
            return sheet.number(value_of(self, number) - value_of(self, reg))
        if kind == 13:  # ITEM
            return sheet.number(self.number)
        if kind == 14:  # OCCASION
            return sheet.number(self.occasion)
        if kind == 15:  # MISSED
            return sheet.copy(self.field, 0, len(self.field))
        raise IndexError

    def codes_of(self, mask: int) -> int:
        """The codes of a mask. A list: how many codes, what stands between two, and each by its bit and its piece."""
        lists = self.lists
        row = self.codes + 3
        is_first = 1
        for _ in range(lists[self.codes]):
            if lists[row] & mask:
                if is_first == 0:
                    self.sheet.copy(self.pieces, lists[self.codes + 1], lists[self.codes + 2])
                is_first = 0
                self.sheet.copy(self.pieces, lists[row + 1], lists[row + 2])
            row += 3
        return 0

    def intervals(self, first: int, count: int) -> int:
        """A list of intervals."""
        for i in range(count):
            if i > 0:
                self.sheet.byte(44)
                self.sheet.byte(32)
            self.sheet.instant(self.m[first + 2 * i])
            self.sheet.byte(47)
            self.sheet.instant(self.m[first + 2 * i + 1])
        return 0

    def cite(self, clause: int) -> int:
        """The clause of a line, noted once."""
        row = self.clauses + 2 * clause
        if clause < 0 or self.lists[row + 1] == 0:
            return 0
        self.sheet.copy(self.pieces, self.lists[row], self.lists[row + 1])
        for i in range(self.cited):
            if self.cites[i] == clause:
                return 0
        self.cites[self.cited] = clause
        self.cited += 1
        return 0

    def end_input(self, unit: int, length: int) -> int:
        """Ends an input, with its unit; one that is there already where each is to stand once is none."""
        self.sheet.copy(self.pieces, unit, length)
        self.sheet.close(self.input_start, self.input_tag)
        if self.group >= 0 and self.sheet.is_repeated(self.group, self.input_start):
            self.sheet.at = self.input_start
        return 0

    def begin_line(self, pc: int) -> int:
        """Begins a line: its rule, below its occasion where there are several, its clause, and whether it applied."""
        sheet = self.sheet
        code = self.code
        self.line_start = sheet.at
        self.group = -1
        middle = code[pc + 5]
        if self.bank[5] > 0 and self.occasions > 1 and middle != 14:
            sheet.copy(self.pieces, self.below, self.below_bytes)
            sheet.number(self.occasion)
            sheet.byte(93)
            sheet.byte(46)
        sheet.copy(self.pieces, code[pc + 1], code[pc + 2])
        if middle > 0:
            self.text(middle, 0, 0)
            sheet.copy(self.pieces, code[pc + 6], code[pc + 7])
        sheet.close(self.line_start, self.rule_tag)
        clause = code[pc + 3]
        if clause == -2:
            clause = self.accumulator
        elif clause < -2:
            clause = self.m[at(self, -(clause + 3))]
        self.cite(clause)
        if code[pc + 4] == 1 or (code[pc + 4] == 2 and self.flag):
            sheet.byte(self.applied_tag)
            sheet.byte(1)
        return 0

    def work_out(self, how: int, operand: int) -> int:
        """Takes an operand into what was worked out last."""
        if how == 0:  # LOAD
            self.accumulator = value_of(self, operand)
        elif how == 1:  # LOAD_KNOWN
            self.accumulator = self.m[at(self, operand)] if self.k[at(self, operand)] == 1 else 0
        elif how == 2:  # CONSTANT
            self.accumulator = operand
        elif how == 3:  # SUB_KNOWN
            if self.k[at(self, operand)] == 1:
                self.accumulator -= self.m[at(self, operand)]
        elif how == 4:  # LEAST_KNOWN
            if self.k[at(self, operand)] == 1:
                self.accumulator = min(self.m[at(self, operand)], self.accumulator)
        elif how == 5:  # MUL
            self.accumulator *= self.m[at(self, operand)]
        elif how == 6:  # MUL_CONSTANT
            self.accumulator *= operand
        elif how == 7:  # LEAST_CONSTANT
            self.accumulator = min(operand, self.accumulator)
        elif how == 8:  # AT_LEAST_CONSTANT
            self.accumulator = max(operand, self.accumulator)
        elif how == 9:  # ADD_CONSTANT
            self.accumulator += operand
        elif how == 10:  # STORE
            self.temporary[operand] = self.accumulator
        elif how == 11:  # LOAD_STORED
            self.accumulator = self.temporary[operand]
        elif how == 12:  # ADD_STORED
            self.accumulator += self.temporary[operand]
        elif how == 13:  # SUB_STORED
            self.accumulator -= self.temporary[operand]
        elif how == 14:  # LENGTHS
            x = self.m[at(self, operand)]
            self.accumulator = 0
            for _ in range(self.m[at(self, operand) + 1] if self.k[at(self, operand)] == 1 else 0):
                self.accumulator += self.m[x + 1] - self.m[x]
                x += self.m[12]
        elif how == 15:  # FLAG
            self.flag = operand
        else:
            raise IndexError
        return 0

    def choose(self) -> int:
        """Works out which calendar holds, where nothing had asked for it."""
        if self.chosen == 0:
            _run(self.program, self.tab, self.m, self.k, self.choosing)
            self.chosen = 1
        return 0

    def find_density(self, row: int) -> int:
        """The density over the calendar of this run, of some by the bits of their calendars; 0 where that is not known.

        A list: the register that says which calendar holds, below 0 where one density is for all; how many; bit and density.
        """
        lists = self.lists
        self.density = 0
        if lists[row] < 0:
            self.density = lists[row + 3]
            return 0
        if self.k[at(self, lists[row])] != 1:
            return 0
        chosen = self.m[at(self, lists[row])]
        for i in range(lists[row + 1]):
            if lists[row + 2 + 2 * i] & chosen:
                self.density = lists[row + 3 + 2 * i]
                return 0
        raise IndexError

    def year_at(self, density: int, year: int) -> int:
        """Where a year of a density is laid out; it is laid out if it was not."""
        n = self.tab[density]
        if year < 0 or year >= n:
            raise ValueError("a time beyond all years")
        table = self.tab[density + 2 + n + year]
        if table == 0:
            self.lowered.lay_out_year(density, year)
            self.tab = self.lowered.tables
            table = self.tab[density + 2 + n + year]
        return table

    def weigh(self, name: int, name_bytes: int, scale: int, unit: int, unit_bytes: int) -> int:
        """Inputs of the time of the span at hand at each weight, heaviest first; what is worked out is their weighted sum."""
        tab = self.tab
        start = self.m[self.bank[3]]
        end = self.m[self.bank[3] + 1]
        count = 0
        year = after(tab, self.density + 1, tab[self.density] + 1, start) - 1
        table = self.year_at(self.density, year)
        tab = self.tab
        while start < end:
            n = tab[table]
            row = after(tab, table + 1, n, start) - 1
            if row + 1 >= n:  # the end of the year
                year += 1
                table = self.year_at(self.density, year)
                tab = self.tab
                continue
            until = min(end, tab[table + 2 + row])
            count = self.add_length(count, tab[table + 1 + 2 * n + row], until - start)
            start = until
        self.accumulator = 0
        for i in range(count):
            self.accumulator += self.weights[2 * i] * self.weights[2 * i + 1]
            self.input_start = self.sheet.at
            self.sheet.copy(self.pieces, name, name_bytes)
            self.sheet.exact(self.weights[2 * i], scale)
            self.sheet.close(self.input_start, self.name_tag)
            start = self.sheet.at
            self.sheet.number(self.weights[2 * i + 1])
            self.sheet.close(start, self.given_tag)
            self.end_input(unit, unit_bytes)
        return 0

    def add_length(self, count: int, weight: int, length: int) -> int:
        """Adds to the length at a weight, of ``count`` that are there, the heaviest first; how many are there then."""
        weights = self.weights
        i = 0
        while i < count and weights[2 * i] > weight:
            i += 1
        if i < count and weights[2 * i] == weight:
            weights[2 * i + 1] += length
            return count
        for j in range(count, i, -1):
            weights[2 * j] = weights[2 * j - 2]
            weights[2 * j + 1] = weights[2 * j - 1]
        weights[2 * i] = weight
        weights[2 * i + 1] = length
        return count + 1

    def begin_item(self, bank: int) -> int:
        """What of a list is at hand: its outage; and the month, where it is a part."""
        item = self.bank[bank]
        if bank == 4 and self.month_places > 0:
            days = month_days(day_of(self.tab, self.zone, self.m[item]))
            self.bank[2] = self.first_month + (days - 28) * self.month_places
        return 0

    def run(self, pc: int) -> int:
        """Reads sentences from ``pc`` on to their end."""
        code = self.code
        sheet = self.sheet
        opened = 0
        item = 0
        items = 0
        outage = 0
        while True:
            op = code[pc]
            a = code[pc + 1]
            b = code[pc + 2]
            if op == 0:  # END
                return self.quote()
            if op == 1:  # GO
                pc = a
                continue
            if op == 2:  # UNLESS
                if not self.holds(b, code[pc + 3], code[pc + 4]):
                    pc = a
                    continue
            elif op == 3:  # BRANCH
                pc = self.lists[b + value_of(self, a)]
                continue
            elif op == 4:  # LINE
                self.begin_line(pc)
            elif op == 5:  # END_LINE
                sheet.close(self.line_start, self.line_tag)
            elif op == 6:  # INPUT
                self.input_start = sheet.at
                sheet.copy(self.pieces, a, b)
                opened = sheet.at
                self.text(code[pc + 3], code[pc + 4], code[pc + 5])
                sheet.close_text(opened, self.given_tag)
                self.end_input(code[pc + 6], code[pc + 7])
            elif op == 7:  # VALUE
                opened = sheet.at
                self.text(a, b, code[pc + 3])
                sheet.close_text(opened, self.value_tag)
                sheet.copy(self.pieces, code[pc + 4], code[pc + 5])
            elif op == 8:  # PIECE
                sheet.copy(self.pieces, a, b)
            elif op == 9:  # TEXT
                self.text(a, b, code[pc + 3])
            elif op == 10:  # OPEN_NOTE
                opened = sheet.at
            elif op == 11:  # END_NOTE
                sheet.close_text(opened, self.note_tag)
            elif op == 12:  # OPEN_INPUT
                self.input_start = sheet.at
            elif op == 13:  # NAMED
                sheet.close(self.input_start, self.name_tag)
                opened = sheet.at
            elif op == 14:  # END_INPUT
                sheet.close_text(opened, self.given_tag)
                self.end_input(a, b)
            elif op == 15:  # JOIN
                if sheet.at == opened:
                    sheet.copy(self.pieces, a, b)
                else:
                    sheet.copy(self.pieces, code[pc + 3], code[pc + 4])
            elif op == 16:  # ONCE_EACH
                self.group = sheet.at if a else -1
            elif op == 17:  # EACH_OUTAGE
                outage = 0
                if self.m[23] == 0:
                    pc = a
                    continue
                self.bank[1] = self.m[6]
            elif op == 18:  # NEXT_OUTAGE
                outage += 1
                if outage < self.m[23]:
                    self.bank[1] += self.m[11]
                    pc = a
                    continue
                self.bank[1] = self.m[self.bank[5] + 4] if self.bank[5] > 0 else 0
            elif op == 19:  # EACH_ITEM
                c = at(self, b)
                items = self.m[c + 1]
                if items == 0:
                    pc = a
                    continue
                self.number = 0
                item = code[pc + 5]
                self.bank[item] = self.m[c]
                self.begin_item(item)
                if code[pc + 4] >= 0:
                    self.bank[1] = self.m[self.m[c] + code[pc + 4]]
            elif op == 20:  # NEXT_ITEM
                self.number += 1
                if self.number < items:
                    self.bank[item] += code[pc + 3]
                    self.begin_item(item)
                    if code[pc + 4] >= 0:
                        self.bank[1] = self.m[self.bank[item] + code[pc + 4]]
                    pc = a
                    continue
                self.enter(self.bank[5])
            elif op == 21:  # EACH_OCCASION
                self.occasion = 0
                if self.occasions == 0:
                    pc = a
                    continue
                self.enter(self.listed[0])
                pc = self.lists[b + self.listed[1]]
                continue
            elif op == 22:  # NEXT_OCCASION
                self.occasion += 1
                if self.occasion < self.occasions:
                    self.enter(self.listed[2 * self.occasion])
                    pc = self.lists[b + self.listed[2 * self.occasion + 1]]
                    continue
                self.enter(0)
            elif op == 23:  # WORK_OUT
                self.work_out(a, b)
            elif op == 24:  # CHOOSE
                self.choose()
            elif op == 25:  # DENSITY
                self.find_density(a)
            elif op == 26:  # WEIGH
                self.weigh(a, b, code[pc + 3], code[pc + 4], code[pc + 5])
            elif op == 27:  # LACKING
                self.field = self.told.lacking(a, self.bank[5] if b else 0, self.m, self.k)
                sheet.copy(self.field, 0, len(self.field))
            elif op == 28:  # EACH_MISSING
                self.missed = 0
                if len(self.missing) == 0:
                    pc = a
                    continue
                self.take_missing()
            elif op == 29:  # NEXT_MISSING
                self.missed += 1
                if self.missed < len(self.missing):
                    self.take_missing()
                    pc = a
                    continue
            else:
                raise IndexError
            pc += 8

    def quote(self) -> int:
        """The texts of the clauses that were cited, where the form has such."""
        for i in range(self.cited):
            row = self.quotes + 2 * self.cites[i]
            self.sheet.copy(self.pieces, self.lists[row], self.lists[row + 1])
        return 0

    def take_missing(self) -> int:
        """A field that is missing is at hand, and what was worked out last is its clause."""
        missing = self.missing[self.missed]
        self.field = missing[0]
        self.accumulator = missing[1]
        return 0


def at(teller: "Teller", reg: int) -> int:
    """Where a register is."""
    return teller.bank[reg & 7] + (reg >> 3)


def value_of(teller: "Teller", reg: int) -> int:
    """The value of a register; below 0: what was worked out last."""
    return teller.accumulator if reg < 0 else teller.m[teller.bank[reg & 7] + (reg >> 3)]
