"""What the evaluator puts out, and products beyond 64 bits: see :mod:`policy.calculator.machine`."""

from collections.abc import MutableSequence


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
