"""What is different between two answers to one question, field by field."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from google.protobuf.any_pb2 import Any
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from makegood.v1 import decision_pb2 as decision_pb
from server.errors import IN_SHORT

NOT_TOLD: Final = ("decision_id", "policy.")
"""Hashes of what is different besides, and which version decided: that is told of all records together."""
_NAMED_BY: Final = {
    "grants": "benefit",
    "quotes": "benefit",
    "parts": "outage_id",
    "outages": "outage_id",
    "lines": "rule",
    "recourse": "responsible_party",
    "inputs": "name",
    "clauses": "clause",
}
"""The field by which an element of a list is found again in the other answer; others by their place.

The second of one name is told as "data#2", as of a benefit that is granted for several occasions.
"""
Answer = decision_pb.Decision | status_pb2.Status
Value = Message | int | str | bytes | bool


@dataclass(frozen=True, slots=True)
class Difference:
    """``before`` and ``after`` are texts; "" where there is nothing."""

    field: str
    before: str
    after: str

    def __str__(self) -> str:
        """On one line."""
        return f"{self.field}: {self.before or 'nothing'} → {self.after or 'nothing'}"


def word_of(answer: Answer) -> str:
    """The outcome of a decision, or the code of a refusal."""
    if isinstance(answer, status_pb2.Status):
        return code_pb2.Code.DESCRIPTOR.values_by_number[answer.code].name if 0 <= answer.code <= 16 else str(answer.code)
    known = decision_pb.Outcome.DESCRIPTOR.values_by_number.get(answer.outcome)
    return str(answer.outcome) if known is None else known.name.removeprefix("OUTCOME_")


def differences(before: Answer, after: Answer) -> list[Difference]:
    """All of them but for what is NOT_TOLD; of a refusal that was told in short, its code."""
    if isinstance(before, status_pb2.Status) and isinstance(after, status_pb2.Status):
        if before.code == after.code and (before.message in {"", IN_SHORT} or after.message == IN_SHORT):
            return []
    elif type(before) is not type(after):
        return [Difference("outcome", word_of(before), word_of(after)), *_amounts(before, after)]
    then, now = dict(_leaves(before, "")), dict(_leaves(after, ""))
    fields = [field for field in {**then, **now} if not field.startswith(NOT_TOLD)]
    found = (Difference(field, then.get(field, ""), now.get(field, "")) for field in fields)
    return [each for each in found if each.before != each.after]


def _amounts(before: Answer, after: Answer) -> list[Difference]:
    """Where only one of both is a decision: what it grants."""
    then, now = (_granted(answer) for answer in (before, after))
    return [Difference(field, then.get(field, ""), now.get(field, "")) for field in {**then, **now}]


def _granted(answer: Answer) -> Mapping[str, str]:
    if isinstance(answer, status_pb2.Status):
        return {}
    sums: Counter[str] = Counter()
    for grant in answer.grants:
        sums[grant.benefit] += grant.quantity
    return {f"grants[{benefit}].quantity": str(quantity) for benefit, quantity in sums.items()}


def _leaves(message: Message, path: str) -> Iterator[tuple[str, str]]:
    """Every value that is there, by its path. Not by way of protobuf's JSON, which takes no instant that is out of range."""
    if isinstance(message, Any):
        message = _unpacked(message)
    for field, value in message.ListFields():
        place = f"{path}.{field.name}" if path else field.name
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            for key in sorted(value):
                yield f"{place}[{key}]", str(value[key])
        elif not field.is_repeated:
            yield from _of(field, value, place)
        else:
            times: Counter[str] = Counter()
            for number, each in enumerate(value):
                name = _name(each, field.name, number)
                times[name] += 1
                yield from _of(field, each, f"{place}[{name if times[name] == 1 else f'{name}#{times[name]}'}]")


def _of(field: FieldDescriptor, value: Value, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Message):
        yield from _leaves(value, place)
    elif field.enum_type is not None and isinstance(value, int) and value in field.enum_type.values_by_number:
        yield place, field.enum_type.values_by_number[value].name
    else:
        yield place, str(value)


def _unpacked(packed: Any) -> Message:
    """A detail of an error as what it is; one of a kind that is not known here stays packed."""
    kind = getattr(error_details_pb2, packed.TypeName().rpartition(".")[2], None)
    try:
        return packed if kind is None else kind.FromString(packed.value)
    except DecodeError:
        return packed


def _name(element: object, list_name: str, place: int) -> str:
    named_by = _NAMED_BY.get(list_name)
    return str(getattr(element, named_by, "") or place) if named_by else str(place)
