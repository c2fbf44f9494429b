"""Changes to messages that follow the contract's own descriptors, so that a field that is added is tried from its first day."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.internal.decoder import _DecodeVarint  # type: ignore[attr-defined]
from google.protobuf.timestamp_pb2 import Timestamp

from policy import PolicySet
from policy.calculator.checks import MAX_INSTANT, MAX_QUANTITY

_ODD_TEXTS: Final = (
    "", " ", "x", "X" * 256, "X" * 257, " a", "a ", "a\x1fb", "a\x7f", "\u00e9", "e\u0301", "\u017f", "\u0131", "Я", "ф", "й",
    "カ", "ガ", "か", "中", "가", "힣", "\u200b", "\ufeff", "😀", "\u0900", "\ue000", "Å", "Ⅷ", "a\u00a0b", "\u0085", "\u00ad",
    "ab12", "CNY", "cny", "USD",
)  # fmt: skip
_NUMBERS: Final = (
    0, 1, 2, 5, 28, 29, 30, 31, 99, 127, 128, 2024, 9999, 10_000, 2**31 - 1, 2**40, 2**53, MAX_QUANTITY, MAX_QUANTITY + 1,
    MAX_INSTANT, MAX_INSTANT + 1, 2**62, 2**63 - 1, -1, -(2**31), -(2**63),
)  # fmt: skip
_RANGES: Final = {FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1), FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1)}
_RECENT: Final = 1_760_000_000
_SECONDS: Final = (0, 1, 60, 3_600, 86_400, 86_401, 30 * 86_400)


class Composer:
    """Changes messages of the contract. ``policies`` say which words are worth a try; all other words are odd ones."""

    def __init__(self, policies: PolicySet) -> None:
        versions = [version for policy_id in policies.policy_ids for version in policies.versions(policy_id)]
        facts = [fact for version in versions for fact in version.facts if fact.attribute]
        self._words: Mapping[str, Sequence[str]] = {
            "policy_id": policies.policy_ids,
            "version": sorted({version.version for version in versions}),
            "key": sorted({fact.name for fact in facts} | {each.name for version in versions for each in version.benefits}),
            "text": sorted({code for fact in facts for code in fact.codes}),
            "currency_code": sorted({version.currency_code for version in versions}),
            "time_zone": ("Asia/Shanghai", "Europe/Paris", "America/New_York", "Nowhere/None"),
            "languages": ("zh-CN", "en", "xx"),
        }

    def change(self, message: Any, random: Random) -> None:
        """Changes one field somewhere in a message: sets it, leaves it out, or changes what is in it."""
        fields = message.DESCRIPTOR.fields
        if random.random() < 0.03:
            message.Clear()
        elif fields:
            self._change_field(message, random.choice(fields), random)

    def lengthen(self, message: Any, path: Sequence[str], count: int) -> None:
        """Gives the list or map at a path so many elements, each alike but for its name."""
        name, *rest = path
        field = message.DESCRIPTOR.fields_by_name[name]
        values = getattr(message, name)
        if not rest:
            self._add(field, values, count)
        elif not field.is_repeated:
            values.SetInParent()
            self.lengthen(values, rest, count)
        elif _is_map(field):  # of a map's entry, rest begins with its value
            self.lengthen(values[next(iter(values), "x")], rest[1:], count)
        else:
            self.lengthen(values[0] if values else values.add(), rest, count)

    def _add(self, field: Any, values: Any, count: int) -> None:
        if _is_map(field):
            for number in range(len(values), count):
                if field.message_type.fields_by_name["value"].message_type is None:
                    values[f"x{number}"] = number
                else:
                    values[f"x{number}"].SetInParent()
        elif field.message_type is None:
            plain = self._words.get(field.name, ("x",))[0] if field.enum_type is None else 1
            values.extend([values[0] if values else plain] * (count - len(values)))
        else:
            first = values[0] if values else _filled(values.add())
            for number in range(len(values), count):
                made = values.add()
                made.CopyFrom(first)
                for named in made.DESCRIPTOR.fields:
                    if named.name.endswith("_id"):
                        setattr(made, named.name, f"x{number}")

    def _change_field(self, message: Any, field: Any, random: Random) -> None:
        if field.is_repeated:
            self._change_list(message, field, random)
        elif field.message_type is None:
            if random.random() < 0.2:
                message.ClearField(field.name)
            else:
                setattr(message, field.name, self._value(field, random))
        elif random.random() < 0.2:
            message.ClearField(field.name)
        else:
            inner = getattr(message, field.name)
            inner.SetInParent()
            if random.random() < 0.9:
                self.change(inner, random)

    def _change_list(self, message: Any, field: Any, random: Random) -> None:
        values = getattr(message, field.name)
        if _is_map(field):
            key, value = field.message_type.fields
            word = random.choice([*values, self._value(key, random)])
            if word in values and random.random() < 0.3:
                del values[word]
            elif value.message_type is None:
                values[word] = self._value(value, random)
            else:
                self.change(values[word], random)
        elif values and random.random() < 0.3:
            del values[random.randrange(len(values))]
        elif field.message_type is None:
            values.append(random.choice([*values, self._value(field, random)]))
        elif values and random.random() < 0.6:
            self.change(random.choice(values), random)
        else:
            made = values.add()
            if len(values) > 1 and random.random() < 0.7:
                made.CopyFrom(values[0])
            self.change(made, random)

    def _value(self, field: Any, random: Random) -> Any:
        """One that the field's type takes, and the contract perhaps."""
        if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
            return random.choice([*field.enum_type.values_by_number, max(field.enum_type.values_by_number) + 1, 99])
        if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
            return random.random() < 0.5
        if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            words = self._words.get(field.name, ())
            text = random.choice(words) if words and random.random() < 0.8 else random.choice(_ODD_TEXTS)
            return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
        if field.cpp_type in _RANGES:
            least, most = _RANGES[field.cpp_type]
            value = (
                random.choice(_NUMBERS) if random.random() < 0.5 else _RECENT + random.choice(_SECONDS) * random.randrange(300)
            )
            return min(max(value, least), most)
        raise TypeError(field.full_name)  # a type that the contract has not had: say here what to try


def _is_map(field: Any) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _filled(message: Any) -> Any:
    """A message whose instants come one after the other."""
    for number, field in enumerate(message.DESCRIPTOR.fields):
        if field.message_type is Timestamp.DESCRIPTOR:
            getattr(message, field.name).seconds = _RECENT + number
    return message


def reordered(data: bytes, random: Random) -> bytes:
    """A message with its fields in another order, which it may have; itself where it is none."""
    pieces, at = [], 0
    while at < len(data):
        start, tag = at, data[at]
        if tag > 127 or tag & 7 not in {0, 2}:
            return data
        try:
            value, at = _DecodeVarint(data, at + 1)
        except IndexError:
            return data
        at += value if tag & 7 == 2 else 0
        pieces.append(data[start:at])
    random.shuffle(pieces)
    return b"".join(pieces)
