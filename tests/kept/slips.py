"""Slips in a message: whatever its fields can be made to hold, of which a caller's slip is one."""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

NUMBERS: Final = (0, -1, 1, 12, 31, 2**31 - 1, -(2**31))
WIDE_NUMBERS: Final = (*NUMBERS, 2**53, 2**56, 2**56 + 1, 2**63 - 1, -(2**63), 999_999_999, 4_102_444_800, 4_102_444_801)
CODES: Final = (0, 1, 2, 3, 4, 5, 99, -1, 2**31 - 1)
LONGEST: Final = 256
TEXTS: Final = (
    *("", "a", "o-1", "EUR", "CNY", "eur", "A", "data", "credit", "voice", "é", "停电", "Asia/Shanghai", "Nowhere/Never"),
    *("cn-standard", "\n", "a\x7f", "\u2028", "x" * LONGEST, "x" * (LONGEST + 1), "é" * LONGEST, "a;b: c"),
)
MOST_ITEMS: Final = 1000
KINDS: Final[Mapping[int, tuple[Any, ...]]] = {
    FieldDescriptor.TYPE_INT32: NUMBERS,
    FieldDescriptor.TYPE_INT64: WIDE_NUMBERS,
    FieldDescriptor.TYPE_ENUM: CODES,
    FieldDescriptor.TYPE_STRING: TEXTS,
    FieldDescriptor.TYPE_BOOL: (False, True),
}
"""What a field of that type is made to hold."""
CAME_LATER: Final = frozenset({"makegood.v1.PolicySelector.expected_sha256"})
"""Fields that the contract did not have when answers were kept: to draw from them too would draw other messages throughout."""
Slip = Callable[[Message, Any, Random], None]
"""Takes the message, the descriptor of one of its fields, and chance."""


def slipped(message: Message, random: Random) -> None:
    """One to three slips, anywhere in the message."""
    for _ in range(random.choice((1, 1, 2, 3))):
        parent, field = random.choice([*_places(message)])
        if random.randrange(5) == 0:
            parent.ClearField(field.name)
        else:
            _slip(parent, field)(parent, field, random)


def _places(message: Message) -> Iterator[tuple[Message, Any]]:
    """Every field of the message and of all that it holds, in an order of its own: that of a map is each process's."""
    for field in _fields(message):
        yield message, field
        if field.type != FieldDescriptor.TYPE_MESSAGE:
            continue
        held = getattr(message, field.name)
        if _is_map(field):
            values = [held[name] for name in sorted(held)]
        elif field.is_repeated:
            values = [*held]
        else:
            values = [held] if message.HasField(field.name) else []
        for value in values:
            if isinstance(value, Message):
                yield from _places(value)


def _fields(message: Message) -> list[Any]:
    return [field for field in message.DESCRIPTOR.fields if field.full_name not in CAME_LATER]


def _is_map(field: Any) -> bool:
    return field.type == FieldDescriptor.TYPE_MESSAGE and bool(field.message_type.GetOptions().map_entry)


def _slip(parent: Message, field: Any) -> Slip:
    if _is_map(field):
        return _in_a_map
    if field.is_repeated:
        return _in_a_list
    return _in_a_message if field.type == FieldDescriptor.TYPE_MESSAGE else _in_a_scalar


def _in_a_scalar(parent: Message, field: Any, random: Random) -> None:
    setattr(parent, field.name, random.choice(KINDS[field.type]))


def _in_a_message(parent: Message, field: Any, random: Random) -> None:
    """There and empty, or with one of its own fields wrong."""
    held: Message = getattr(parent, field.name)
    held.SetInParent()
    inner = random.choice([*_fields(held), None])
    if inner is None:
        held.Clear()
    else:
        _slip(held, inner)(held, inner, random)


def _in_a_list(parent: Message, field: Any, random: Random) -> None:
    """An item too many, too few, twice, or empty; of texts also more than are taken."""
    held = getattr(parent, field.name)
    if held and random.randrange(3) == 0:
        del held[random.randrange(len(held))]
    elif field.type == FieldDescriptor.TYPE_MESSAGE:
        again = random.choice([*held, None])
        item = held.add()
        if again is not None:
            item.CopyFrom(again)
    elif field.type == FieldDescriptor.TYPE_STRING and random.randrange(16) == 0:
        held.extend(["x"] * random.choice((MOST_ITEMS, MOST_ITEMS + 1)))
    else:
        held.extend(random.choices(KINDS[field.type], k=random.choice((1, 1, 2))))


def _in_a_map(parent: Message, field: Any, random: Random) -> None:
    """A name too many, that nobody knows, or that is known and holds something else."""
    held = getattr(parent, field.name)
    name = random.choice([*sorted(held), *TEXTS])
    value = field.message_type.fields_by_name["value"]
    if value.type != FieldDescriptor.TYPE_MESSAGE:
        held[name] = random.choice(KINDS[value.type])
        return
    inner = random.choice(value.message_type.fields)
    _slip(held[name], inner)(held[name], inner, random)
