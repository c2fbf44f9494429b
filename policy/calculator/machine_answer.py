"""What the evaluator puts out, and what third parties owe: see :mod:`policy.calculator.machine`."""

from collections.abc import MutableSequence, Sequence

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from policy.calculator.machine_lists import sort


def say(m: MutableSequence[int], k: MutableSequence[int], a: int, x: int, y: int, z: int) -> int:
    """Adds an item to list ``a``, unless it is there."""
    first = m[a]
    for i in range(m[a + 1]):
        if m[first + 3 * i] == x and m[first + 3 * i + 1] == y and m[first + 3 * i + 2] == z:
            return 0
    top = m[7]
    if top + 3 > len(k):
        m[8] = top + 3
        return 1
    m[top] = x
    m[top + 1] = y
    m[top + 2] = z
    m[7] = top + 3
    m[a + 1] += 1
    return 0


def divisor(x: int, y: int) -> int:
    """The greatest common divisor of two numbers that are not negative."""
    while y != 0:
        rest = x % y
        x = y
        y = rest
    return x


def multiply_divide(m: MutableSequence[int], x: int, y: int, z: int) -> int:
    """``x * y / z``, down, and in ``m[21]`` the rest; ``z`` above 0. The product itself may go beyond 64 bits."""
    whole = x // z * y
    x = x % z
    if x == 0 or y == 0:
        m[21] = 0
        return whole
    bits = m[22]
    if x <= bits // y:
        m[21] = x * y % z
        return whole + x * y // z
    low = 0
    rest = 0
    at = 1
    while at <= y // 2:
        at += at
    while at != 0:
        low += low
        rest += rest
        if rest >= z:
            rest -= z
            low += 1
        if y & at != 0:
            rest += x
            if rest >= z:
                rest -= z
                low += 1
        at = at >> 1
    m[21] = rest
    return whole + low


def recover(
    m: MutableSequence[int],
    k: MutableSequence[int],
    tab: Sequence[int],
    a: int,
    b: int,
    c: int,
    owes: int,
    weight: int,
    terms: int,
) -> int:
    """Makes list ``a`` of outages that name a party, with what it owes, ordered by name; in ``b`` what they owe together.

    From ``c`` on: what is claimed, over what, and the time of all; each owes by its part of the time, largest remainders up,
    ties to the smaller name. Claims of 0 are left out. ``terms``: the rounding, and the unit.
    """
    first = m[7]
    parties = gather_parties(m, k, first, owes, weight)
    units = 0
    if parties > 0:
        third = 0
        for i in range(parties):
            third += m[first + 4 * i + 2]
        units = owed_units(m, tab, c, third, terms)
        share_out(m, first, parties, units, third)
    m[b] = units * tab[terms + 1]
    k[b] = 1
    n = 0
    for i in range(parties):
        x = first + 4 * i
        if m[x + 2] > 0:
            m[first + 4 * n + 1] = m[x + 1]
            m[first + 4 * n + 2] = m[x + 2] * tab[terms + 1]
            n += 1
    m[a] = first
    m[a + 1] = n
    k[a] = 1
    k[a + 1] = 1
    m[7] = first + 4 * n
    return 0


def gather_parties(m: MutableSequence[int], k: MutableSequence[int], first: int, owes: int, weight: int) -> int:
    """Lays out the parties of the outages that ``owes`` holds of, by name, with the ``weight`` of each; how many there are."""
    n = 0
    x = m[6]
    for _ in range(m[5]):
        if k[x + owes] == 1 and m[x + owes] != 0:
            m[first + 4 * n] = m[x + 5]
            m[first + 4 * n + 1] = m[x + 6]
            m[first + 4 * n + 2] = m[x + weight]
            n += 1
        x += m[11]
    if n == 0:
        return 0
    sort(m, first, 3, 4, n)
    last = 0
    for i in range(1, n):
        if m[first + 4 * i] == m[first + 4 * last]:
            m[first + 4 * last + 2] += m[first + 4 * i + 2]
        else:
            last += 1
            m[first + 4 * last] = m[first + 4 * i]
            m[first + 4 * last + 1] = m[first + 4 * i + 1]
            m[first + 4 * last + 2] = m[first + 4 * i + 2]
    return last + 1


def owed_units(m: MutableSequence[int], tab: Sequence[int], c: int, third: int, terms: int) -> int:
    """What all parties owe together, who answer for ``third`` of the time, in whole units."""
    common = divisor(third, m[c + 2])
    shared = divisor(m[c], m[c + 1])
    whole = m[c + 1] // shared * (m[c + 2] // common)
    m[22] = tab[0]
    units = multiply_divide(m, m[c] // shared, third // common, whole)
    rest = m[21]
    if (tab[terms] == 2 and rest > 0) or (tab[terms] == 1 and rest >= whole - rest):
        units += 1
    return units


def share_out(m: MutableSequence[int], first: int, parties: int, units: int, third: int) -> int:
    """Splits ``units`` over the parties by their part of ``third``; what is left goes to the largest remainders."""
    left = units
    for i in range(parties):
        x = first + 4 * i
        part = multiply_divide(m, units, m[x + 2], third)
        left -= part
        m[x + 2] = part
        m[x + 3] = m[21]
    while left > 0:
        best = 0
        for i in range(1, parties):
            if m[first + 4 * i + 3] > m[first + 4 * best + 3]:
                best = i
        m[first + 4 * best + 2] += 1
        m[first + 4 * best + 3] = -1
        left -= 1
    return 0
