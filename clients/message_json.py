"""Reads a message as JSON: the protobuf JSON mapping, a little more forgiving where that is safe, and stricter elsewhere.

More forgiving: an enum value may leave its prefix away (EQUIPMENT_FAILURE), a time may leave its seconds away. Stricter:
an unknown or repeated key is refused. Every problem is named with its place, all at once.
"""

import json
from collections.abc import Callable
from typing import Any, TypeVar, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from clients import enums, values
from clients.errors import BadInput

Json = Any
"""What :mod:`json` returns."""

Read = TypeVar("Read", bound=Message)


def parse(text: str, where: str, into: Read, *, list_is: str = "") -> Read:
    """Fill ``into`` with what ``text`` holds and return it. Raises BadInput with every problem.

    ``where`` names the text in messages. A document that is a list is taken for the field that ``list_is`` names.
    """
    problems: list[str] = []
    try:
        document = json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, problems))
    except json.JSONDecodeError as error:
        raise BadInput(f"{where}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from error
    if list_is and isinstance(document, list):
        document = {list_is: document}
    normal = _message(document, cast("Descriptor", into.DESCRIPTOR), "", problems)
    if not problems:
        try:
            return json_format.ParseDict(normal, into)
        except json_format.ParseError as error:
            problems.append(str(error))
    raise BadInput(f"{where} cannot be read", [f"  {problem}" for problem in problems])


def _object(pairs: list[tuple[str, Json]], problems: list[str]) -> dict[str, Json]:
    """A JSON object, noting keys that stand twice (json would keep the last and say nothing)."""
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        problems += [f"{key!r} stands {keys.count(key)} times in one object" for key in result if keys.count(key) > 1]
    return result


def _message(document: Json, message: Descriptor, path: str, problems: list[str]) -> Json:
    """The object with field names and values as the JSON mapping wants them."""
    if not isinstance(document, dict):
        problems.append(f"{path or 'the document'}: an object {{…}} is needed")
        return {}
    fields = {name: field for field in message.fields for name in (field.name, field.json_name)}
    result: dict[str, Json] = {}
    for key, value in document.items():
        place = f"{path}.{key}" if path else key
        field = fields.get(key)
        if field is None:
            problems.append(f"{place}: there is no such field{enums.closest(key, fields)}")
        elif field.name in result:
            problems.append(f"{place}: stands twice, as {field.name} and as {field.json_name}")
        elif value is not None:
            result[field.name] = _field(value, field, place, problems)
    return result


def _field(value: Json, field: FieldDescriptor, path: str, problems: list[str]) -> Json:
    """The value of a field: a map, a list or one value."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        if not isinstance(value, dict):
            problems.append(f"{path}: an object {{name: value}} is needed")
            return {}
        entry = field.message_type.fields_by_name["value"]
        return {key: _one(item, entry, f'{path}["{key}"]', problems) for key, item in value.items()}
    if field.is_repeated:
        if not isinstance(value, list):
            problems.append(f"{path}: a list […] is needed")
            return []
        return [_one(item, field, f"{path}[{index}]", problems) for index, item in enumerate(value)]
    return _one(value, field, path, problems)


def _one(value: Json, field: FieldDescriptor, path: str, problems: list[str]) -> Json:
    """One value of a field's type."""
    if field.enum_type is not None:
        return _enum(value, field.enum_type, path, problems)
    if field.message_type is not None:
        if field.message_type.full_name == Timestamp.DESCRIPTOR.full_name:
            return _checked(value, str, "a time in quotes", _timestamp, path, problems)
        return _message(value, field.message_type, path, problems)
    if field.cpp_type in (FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64):
        return _checked(value, (int, str), "a whole number", lambda number: values.whole(str(number)), path, problems)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return _checked(value, bool, "true or false", lambda yes: yes, path, problems)
    return _checked(value, str, "a text in quotes", lambda text: text, path, problems)


def _enum(value: Json, enum: EnumDescriptor, path: str, problems: list[str]) -> Json:
    """A number is passed on as it is: the server knows best which it knows."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _checked(value, str, "a code in quotes", lambda word: enums.number(enum, word), path, problems)


def _timestamp(text: str) -> str:
    return Timestamp(seconds=values.instant(text)).ToJsonString()


def _checked(
    value: Json, types: type | tuple[type, ...], needed: str, read: Callable[[Any], Json], path: str, problems: list[str]
) -> Json:
    """``read(value)``, or a problem. A JSON true is no whole number, although Python counts it as one."""
    if not isinstance(value, types) or (isinstance(value, bool) and types is not bool):
        problems.append(f"{path}: {needed} is needed, not {json.dumps(value, ensure_ascii=False)}")
        return None
    try:
        return read(value)
    except ValueError as error:
        problems.append(f"{path}: {error}")
        return None
