"""Fields of a message as they stand on the wire, so that bytes that are ready are put together and not read again."""


def field(number: int, data: bytes) -> bytes:
    """A text, bytes or a message as the field of this number."""
    return head(number, len(data)) + data


def head(number: int, length: int) -> bytes:
    """What stands before as many bytes of it."""
    return _varint(number << 3 | 2) + _varint(length)


def _varint(number: int) -> bytes:
    """A number that is not negative."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
