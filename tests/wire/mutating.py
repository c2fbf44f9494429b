"""Messages that are nearly right: bits turned, bytes cut, doubled and put in, lengths and varints that are others."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

MOST_PUT_IN: Final = 12
_NO_TEXTS: Final = (
    b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80",
    b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff", b"\x80", b"\xe4\xb8", b"\x7f", b"\x1f", b"\xc2\xa0",
    b"\xc2\x85", b"\xcc\x81", b"\xe2\x80\x8b", b"\xe1\x84\x80", b"\xef\xbc\xa1",
)  # fmt: skip
Change = Callable[[bytearray, Random], None]


def turn_a_bit(data: bytearray, random: Random) -> None:
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def set_a_byte(data: bytearray, random: Random) -> None:
    data[random.randrange(len(data))] = random.choice((0, 1, 2, 5, 8, 10, 16, 18, 127, 128, 255, random.randrange(256)))


def cut_off(data: bytearray, random: Random) -> None:
    del data[random.randrange(len(data)) :]


def take_out(data: bytearray, random: Random) -> None:
    start = random.randrange(len(data))
    del data[start : start + random.randrange(1, MOST_PUT_IN)]


def put_in(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data))
    data[at:at] = random.randbytes(random.randrange(1, MOST_PUT_IN))


def spoil_a_text(data: bytearray, random: Random) -> None:
    """Bytes that are no UTF-8, or of a character that no id may hold, in the place of others; lengths stay right."""
    spoilt = random.choice(_NO_TEXTS)
    at = random.randrange(len(data))
    data[at : at + len(spoilt)] = spoilt


def say_again(data: bytearray, random: Random) -> None:
    """A piece twice: a field that is there once is there two times, or a text is longer than its length says."""
    start = random.randrange(len(data))
    piece = data[start : start + random.randrange(1, 40)]
    at = random.choice((start, len(data), random.randrange(len(data))))
    data[at:at] = piece


def write_long(data: bytearray, random: Random) -> None:
    """A number in more bytes than it needs, or in too many."""
    at = random.randrange(len(data))
    data[at : at + 1] = bytes([data[at] | 128, *[128] * random.choice((0, 1, 6, 7, 8, 9, 12)), random.randrange(2)])


def add_a_field(data: bytearray, random: Random) -> None:
    """A field at the end, known or not, of any type."""
    tag = random.randrange(1, 20) << 3 | random.randrange(6)
    data += bytes([tag]) if tag < 128 else bytes([tag & 127 | 128, tag >> 7])
    data += random.choice((b"\0", b"\1", b"\0\0", b"\2\x08\1", b"\xff\xff\xff\xff\x0f", b"\x03abc", b"\x02\xc3\x28"))


CHANGES: Final[Sequence[Change]] = (
    turn_a_bit, set_a_byte, cut_off, take_out, put_in, spoil_a_text, say_again, write_long, add_a_field,
)  # fmt: skip


def mutated(message: bytes, random: Random) -> bytes:
    """Changed in one place, or in a few."""
    data = bytearray(message)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if data:
            random.choice(CHANGES)(data, random)
    return bytes(data)
