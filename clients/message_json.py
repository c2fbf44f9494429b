"""Reads a message as JSON: the protobuf JSON mapping, a little more forgiving where that is safe, and stricter elsewhere.

More forgiving: an enum value may leave its prefix away (EQUIPMENT_FAILURE), a time may leave its seconds away. Stricter:
an unknown or repeated key is refused. Every problem is named with its place, all at once.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from clients import enums, parsing
from clients.errors import BadInput
from clients.parsing import Rounding

Json = Any
"""What :mod:`json` returns."""

Read = TypeVar("Read", bound=Message)

Roundings = Mapping[str, Rounding]
"""What becomes of a fraction of a second, by the name of a field of time; "" for the others."""
EXACT: Roundings = MappingProxyType({"": Rounding.NONE})
OUTWARD: Roundings = MappingProxyType({"": Rounding.DOWN, "ended_at": Rounding.UP})


def parse(text: str, where: str, into: Read, *, list_is: str = "", rounding: Roundings = EXACT) -> Read:
    """Fill ``into`` with what ``text`` holds and return it. Raises BadInput with every problem.

    ``where`` names the text in messages. A document that is a list is taken for the field that ``list_is`` names.
    """
    problems: list[str] = []
    try:
        document = json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, problems))
    except json.JSONDecodeError as error:
        raise BadInput(f"{where}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise BadInput(f"{where} is nested deeper than any message") from error
    except ValueError as error:  # a number of thousands of digits
        raise BadInput(f"{where} cannot be read: {error}") from error
    if list_is and isinstance(document, list):
        document = {list_is: document}
    normal = _message(document, cast("Descriptor", into.DESCRIPTOR), "", _Reading(problems, rounding))
    if not problems:
        try:
            return json_format.ParseDict(normal, into)
        except json_format.ParseError as error:
            problems.append(str(error))
    raise BadInput(f"{where} cannot be read", [f"  {problem}" for problem in problems])


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was found wrong so far, and how times are read."""

    problems: list[str]
    rounding: Roundings


def _object(pairs: list[tuple[str, Json]], problems: list[str]) -> dict[str, Json]:
    """A JSON object, noting keys that stand twice (json would keep the last and say nothing)."""
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        problems += [f"{key!r} stands {keys.count(key)} times in one object" for key in result if keys.count(key) > 1]
    return result


def _message(document: Json, message: Descriptor, path: str, at: _Reading) -> Json:
    """The object with field names and values as the JSON mapping wants them."""
    if not isinstance(document, dict):
        at.problems.append(f"{path or 'the document'}: an object {{…}} is needed")
        return {}
    fields = {name: field for field in message.fields for name in (field.name, field.json_name)}
    result: dict[str, Json] = {}
    for key, value in document.items():
        place = f"{path}.{key}" if path else key
        field = fields.get(key)
        if field is None:
            at.problems.append(f"{place}: there is no such field{enums.closest(key, fields)}")
        elif field.name in result:
            at.problems.append(f"{place}: stands twice, as {field.name} and as {field.json_name}")
        elif value is not None:
            result[field.name] = _field(value, field, place, at)
    return result


def _field(value: Json, field: FieldDescriptor, path: str, at: _Reading) -> Json:
    """The value of a field: a map, a list or one value."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        if not isinstance(value, dict):
            at.problems.append(f"{path}: an object {{name: value}} is needed")
            return {}
        entry = field.message_type.fields_by_name["value"]
        return {key: _one(item, entry, f'{path}["{key}"]', at) for key, item in value.items()}
    if field.is_repeated:
        if not isinstance(value, list):
            at.problems.append(f"{path}: a list […] is needed")
            return []
        return [_one(item, field, f"{path}[{index}]", at) for index, item in enumerate(value)]
    return _one(value, field, path, at)


def _one(value: Json, field: FieldDescriptor, path: str, at: _Reading) -> Json:
    """One value of a field's type."""
    if field.enum_type is not None:
        return _enum(value, field.enum_type, path, at)
    if field.message_type is not None:
        if field.message_type.full_name == Timestamp.DESCRIPTOR.full_name:
            rounding = at.rounding.get(field.name, at.rounding[""])
            return _checked(value, str, "a time in quotes", lambda text: _timestamp(text, rounding), path, at)
        return _message(value, field.message_type, path, at)
    if field.cpp_type in (FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64):
        return _checked(value, (int, str), "a whole number", lambda number: parsing.whole(str(number)), path, at)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return _checked(value, bool, "true or false", lambda yes: yes, path, at)
    return _checked(value, str, "a text in quotes", _text, path, at)


def _enum(value: Json, enum: EnumDescriptor, path: str, at: _Reading) -> Json:
    """A number is passed on as it is: the server knows best which it knows."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _checked(value, str, "a code in quotes", lambda word: enums.number(enum, word), path, at)


def _timestamp(text: str, rounding: Rounding) -> str:
    return Timestamp(seconds=parsing.instant(text, rounding)).ToJsonString()


def _text(text: str) -> str:
    """JSON can write half a character, which no message can hold."""
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(f"{text!r} holds half a character; write it whole")
    return text


def _checked(
    value: Json, types: type | tuple[type, ...], needed: str, read: Callable[[Any], Json], path: str, at: _Reading
) -> Json:
    """``read(value)``, or a problem. A JSON true is no whole number, although Python counts it as one."""
    if not isinstance(value, types) or (isinstance(value, bool) and types is not bool):
        at.problems.append(f"{path}: {needed} is needed, not {json.dumps(value, ensure_ascii=False)}")
        return None
    try:
        return read(value)
    except ValueError as error:
        at.problems.append(f"{path}: {error}")
        return None
