"""What of an occasion was granted before, and what of it is each outage's; for the evaluator.

See :mod:`policy.calculator.machine`, and for the record of an occasion :mod:`policy.calculator.machine_occasions`.
"""

from collections.abc import MutableSequence, Sequence

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from policy.calculator.machine_answer import multiply_divide
    from policy.calculator.machine_lists import sort
    from policy.calculator.machine_occasions import wants
    from policy.calculator.machine_time import between


def use_up(m: MutableSequence[int], k: MutableSequence[int], a: int, limit: int, c: int, benefit: int) -> int:
    """Sets ``a``: how much of what list ``c`` says was granted before the occasion at hand uses up, at most ``limit``.

    It is gone from the list then. An item: the number of the benefit, the outage, the month (-1: any), and how much is left.
    First comes the outage whose record, cut to the occasion, ends first, then the smaller id. 1 where more memory is wanted.
    """
    o = m[5]
    n = m[o + 3]
    m[a] = 0
    k[a] = 1
    if m[c + 1] == 0 or limit == 0:
        return 0
    if wants(m, k, 2 * n):
        return 1
    first = m[7]
    for j in range(n):
        y = m[o + 2] + 3 * j
        m[first + 2 * j] = (m[y + 2] - m[o]) * n + j
        m[first + 2 * j + 1] = m[y + 1]
    sort(m, first, 2, 2, n)
    for j in range(n):
        for i in range(m[c + 1]):
            x = m[c] + 4 * i
            if m[x + 1] != m[first + 2 * j + 1] or m[x] != benefit or (m[x + 2] != -1 and m[x + 2] != m[o + 5]):
                continue
            taken = min(m[x + 3], limit - m[a])
            m[x + 3] -= taken
            m[a] += taken
        if m[a] == limit:
            break
    return 0


def in_month(m: MutableSequence[int], b: int, c: int, granted: int, benefit: int) -> int:
    """What the month in which the occasion at hand begins was granted of a benefit.

    List ``b`` says it: items of benefit, month and quantity; and ``granted`` of the occasions of list ``c`` before this one.
    Each month that is told has an item of no benefit (-1) as well, so that one without any grant is told too.
    """
    o = m[5]
    total = 0
    for i in range(m[b + 1]):
        x = m[b] + 3 * i
        if m[x] == benefit and m[x + 1] == m[o + 8]:
            total += m[x + 2]
    x = m[c]
    while x < o:
        if m[x + 8] == m[o + 8]:
            total += m[x + granted]
        x += m[56]
    return total


def month_told(m: MutableSequence[int], b: int) -> int:
    """Whether list ``b`` tells of the month in which the occasion at hand begins, be it that nothing was granted."""
    for i in range(m[b + 1]):
        if m[m[b] + 3 * i + 1] == m[m[5] + 8]:
            return 1
    return 0


def new_shares(m: MutableSequence[int], k: MutableSequence[int], a: int) -> int:
    """Makes list ``a``: an item for each outage of the occasion at hand: its address, weight, part and rest."""
    n = m[m[5] + 3]
    if wants(m, k, 4 * n):
        return 1
    first = m[7]
    m[a] = first
    m[a + 1] = n
    k[a] = 1
    k[a + 1] = 1
    for i in range(n):
        m[first + 4 * i] = m[m[m[5] + 2] + 3 * i + 1]
        m[first + 4 * i + 1] = 0
        m[first + 4 * i + 2] = 0
        m[first + 4 * i + 3] = 0
    m[7] += 4 * n
    return 0


def add_shares(tab: Sequence[int], m: MutableSequence[int], a: int, b: int, density: int) -> int:
    """Adds the time of list ``b`` to the weights of whose it is: measured, or as it stands; -1 where a year lacks."""
    first = m[a]
    n = m[a + 1]
    if n == 1:
        m[first + 1] = 1
        return 0
    x = m[b]
    at = 0
    for _ in range(m[b + 1]):
        y = m[x + 1] - m[x]
        if density != 0:
            y = between(tab, m, density, m[x], m[x + 1])
            if y < 0:
                return -1
            y = y * m[x + 3]
        for _ in range(n):
            if m[first + 4 * at] == m[x + 2]:
                break
            at = at + 1 if at + 1 < n else 0
        m[first + 4 * at + 1] += y
        x += m[12]
    return 0


def apportion(tab: Sequence[int], m: MutableSequence[int], a: int, quantity: int) -> int:
    """Splits a quantity over list ``a`` by weights, largest remainders up, ties to the smaller id; equally where all are 0."""
    first = m[a]
    n = m[a + 1]
    if n == 1:
        m[first + 2] = quantity
        return 0
    total = 0
    for i in range(n):
        total += m[first + 4 * i + 1]
    if total == 0:
        total = n
        for i in range(n):
            m[first + 4 * i + 1] = 1
    m[22] = tab[0]
    left = quantity
    for i in range(n):
        x = first + 4 * i
        m[x + 2] = multiply_divide(m, quantity, m[x + 1], total)
        m[x + 3] = m[21]
        left -= m[x + 2]
    while left > 0:
        best = 0
        for i in range(1, n):
            if m[first + 4 * i + 3] > m[first + 4 * best + 3]:
                best = i
        m[first + 4 * best + 2] += 1
        m[first + 4 * best + 3] = -1
        left -= 1
    return 0


def owe(m: MutableSequence[int], a: int, b: int, worth: int) -> int:
    """Adds to register ``a`` of each outage what its part of list ``b`` is worth."""
    for i in range(m[b + 1]):
        x = m[b] + 4 * i
        m[m[x] + a] += m[x + 2] * worth
    return 0


def by_party(m: MutableSequence[int], k: MutableSequence[int], a: int, amount: int) -> int:
    """Makes list ``a``: the outages of which ``amount`` is above 0, by party and then id: place, address, amount."""
    n = m[23]
    if wants(m, k, 3 * n):
        return 1
    first = m[7]
    found = 0
    x = m[6]
    for _ in range(n):
        if k[x + amount] == 1 and m[x + amount] > 0:
            m[first + 3 * found] = m[x + 5] * n + m[x + 4]
            m[first + 3 * found + 1] = x
            m[first + 3 * found + 2] = m[x + amount]
            found += 1
        x += m[11]
    sort(m, first, 3, 3, found)
    m[a] = first
    m[a + 1] = found
    k[a] = 1
    k[a + 1] = 1
    m[7] += 3 * found
    return 0
