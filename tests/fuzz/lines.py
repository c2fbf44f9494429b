"""Lines of a decision log that a disk or a hand has changed."""

from random import Random
from zlib import crc32


def damaged(line: bytes, chance: Random) -> bytes:
    """A line with bytes changed, cut, doubled or moved; half of the time under a checksum that is right again."""
    data = bytearray(line)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.choice((1, 2, 50))]
            case 2:
                data[at:at] = data[at : at + chance.randrange(1, 60)]
            case 3:
                data[at:at] = chance.choice((b'"', b"\\", b"}", b"[", b"null", b"-1", b"1e999", b"\xff", b'"now":"x",'))
            case _:
                data[at] ^= 1 << chance.randrange(8)
        if len(data) < 2:
            break
    if chance.randrange(2):
        body = bytes(data).rpartition(b',"crc32"')[0] or bytes(data)
        return body + b',"crc32":"%08x"}' % crc32(body)
    return bytes(data)
