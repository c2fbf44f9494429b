"""Says violations in the words that the wire takes: the calculator's AUTOMATIC is MODE_AUTOMATIC of the contract.

Which enum the words of a violation are of follows from the field that it is about, and is read off the descriptors. Codes of
attributes are texts on the wire as well, and stay as they are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from google.protobuf.descriptor import Descriptor, EnumDescriptor

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.errors import Violation
from server.translate.words import name_by_word

QUESTION: Final = service_pb.ComputeCompensationRequest.DESCRIPTOR
_MODE: Final = service_pb.Mode.DESCRIPTOR
_INDEX: Final = re.compile(r"\[\d+\]")
_ROW: Final = re.compile(r"^(?:items\[\d+\]\.)?(?:defaults\.)?")
_WORD: Final = re.compile(r"\b[A-Z][A-Z0-9_]*\b")


def _enums(message: Descriptor, path: str = "") -> Iterator[tuple[str, EnumDescriptor]]:
    """Every enum field below ``message``, by its path without indexes. No message of a question holds its own kind."""
    for field in message.fields:
        if field.enum_type is not None:
            yield f"{path}{field.name}", field.enum_type
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            yield from _enums(field.message_type, f"{path}{field.name}.")


# Whether a claim, a notice or no outage is right follows from the mode, which is what is said of them.
_NAMES_BY_PATH: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({
    path: name_by_word(enum)
    for path, enum in (*_enums(QUESTION), ("claim", _MODE), ("notice", _MODE), ("outages", _MODE))
})  # fmt: skip


def on_the_wire(violation: Violation) -> Violation:
    """``violation`` as callers of the contract are told it."""
    names = _NAMES_BY_PATH.get(_INDEX.sub("", _ROW.sub("", violation.field)))
    if names is None:
        return violation
    return replace(violation, message=_WORD.sub(lambda word: names.get(word[0], word[0]), violation.message))
