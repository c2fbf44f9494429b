"""What a teller writes on: fields of messages one after the other, each behind its tag and its length.

Written forwards, for an explanation is told as it comes: a field's length is put before it once it is closed.
"""

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from collections.abc import Sequence

    from policy.calculator.machine_answer import divisor

_FIRST_BYTES = 1 << 12
_NUMBER_BYTES = 24
"""A number of 64 bits with its sign, a date, and the varint of any length."""
_INSTANT_BYTES = 20


class Sheet:
    """What is written is ``out[:at]``."""

    def __init__(self) -> None:
        self.out = bytearray(_FIRST_BYTES)
        self.at = 0

    def begin(self) -> int:
        """Forgets what was written."""
        self.at = 0
        return 0

    def written(self) -> bytes:
        """A copy of it."""
        return bytes(self.out[: self.at])

    def room(self, length: int) -> int:
        """Makes room for so many bytes more."""
        if self.at + length > len(self.out):
            out = bytearray(2 * (self.at + length))
            out[: self.at] = self.out[: self.at]
            self.out = out
        return 0

    def copy(self, source: "Sequence[int]", first: int, length: int) -> int:
        """A stretch of bytes."""
        if length == 0:
            return 0
        if first < 0 or length < 0 or first + length > len(source):
            raise IndexError
        self.room(length)
        if cython.compiled:
            memcpy(cython.address(self.out[self.at]), cython.address(source[first]), length)  # type: ignore[name-defined]  # noqa: F821
        else:
            self.out[self.at : self.at + length] = source[first : first + length]
        self.at += length
        return 0

    def byte(self, value: int) -> int:
        """A byte."""
        self.room(1)
        self.out[self.at] = value
        self.at += 1
        return 0

    def close(self, start: int, tag: int) -> int:
        """Makes what was written since ``start`` a field."""
        length = self.at - start
        head = 2
        rest = length >> 7
        while rest > 0:
            rest = rest >> 7
            head += 1
        self.room(head)
        if length > 0:
            if cython.compiled:
                memmove(cython.address(self.out[start + head]), cython.address(self.out[start]), length)  # type: ignore[name-defined]  # noqa: F821
            else:
                self.out[start + head : start + head + length] = self.out[start : start + length]
        self.out[start] = tag
        rest = length
        for i in range(1, head - 1):
            self.out[start + i] = (rest & 127) | 128
            rest = rest >> 7
        self.out[start + head - 1] = rest
        self.at += head
        return 0

    def close_text(self, start: int, tag: int) -> int:
        """The same of a text, which is no field where it is empty."""
        return self.close(start, tag) if self.at > start else 0

    def number(self, value: int) -> int:
        """A number in decimal digits."""
        if value < 0:
            self.byte(45)
            value = 0 - value
        digits = 1
        rest = value // 10
        while rest > 0:
            rest //= 10
            digits += 1
        self.room(digits)
        for i in range(digits - 1, -1, -1):
            self.out[self.at + i] = 48 + value % 10
            value //= 10
        self.at += digits
        return 0

    def exact(self, numerator: int, denominator: int) -> int:
        """A number in lowest terms: ``95/2``, or ``4`` where it is whole; the denominator is above 0."""
        if denominator == 1:
            return self.number(numerator)
        common = divisor(0 - numerator if numerator < 0 else numerator, denominator)
        self.number(numerator // common)
        if common == denominator:
            return 0
        self.byte(47)
        return self.number(denominator // common)

    def two_digits(self, value: int) -> int:
        """A number below 100, in two digits."""
        self.room(2)
        self.out[self.at] = 48 + value // 10
        self.out[self.at + 1] = 48 + value % 10
        self.at += 2
        return 0

    def date(self, day: int) -> int:
        """A date by the number of its day; 1 is the first of January of year 1."""
        z = day + 305  # days since 0000-03-01
        era = z // 146097
        doe = z - era * 146097
        yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
        doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
        mp = (5 * doy + 2) // 153
        month = mp + 3 if mp < 10 else mp - 9
        year = yoe + era * 400 + (month <= 2)
        if year < 1 or year > 9999:
            raise OverflowError
        self.two_digits(year // 100)
        self.two_digits(year % 100)
        self.byte(45)
        self.two_digits(month)
        self.byte(45)
        return self.two_digits(doy - (153 * mp + 2) // 5 + 1)

    def instant(self, seconds: int) -> int:
        """An instant as RFC 3339 in UTC."""
        of_day = seconds % 86400
        self.date(seconds // 86400 + 719163)
        self.byte(84)
        self.two_digits(of_day // 3600)
        self.byte(58)
        self.two_digits(of_day // 60 % 60)
        self.byte(58)
        self.two_digits(of_day % 60)
        return self.byte(90)

    def is_repeated(self, first: int, start: int) -> int:
        """Whether the field from ``start`` on is one of those that stand between ``first`` and it."""
        length = self.at - start
        while first < start:
            size = 0
            shift = 0
            at = first + 1
            while self.out[at] > 127:
                size |= (self.out[at] & 127) << shift
                shift += 7
                at += 1
            at += 1 + (size | self.out[at] << shift)
            if at - first == length:
                same = 1
                for i in range(length):
                    if self.out[first + i] != self.out[start + i]:
                        same = 0
                        break
                if same:
                    return 1
            first = at
        return 0
