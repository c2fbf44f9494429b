"""What an answer says in words: explanations, in the form of the contract, and which facts are missing."""

from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor

from makegood.v1 import decision_pb2 as decision_pb
from policy.calculator.explain import clause_texts, told_of
from policy.calculator.lowering.values import Missing
from policy.calculator.memory import Memory
from policy.calculator.program import Program
from policy.calculator.sentences import NO_CLAUSE
from policy.calculator.told import Form, Told
from policy.calculator.trace_missing import missing_in, missing_of
from server.envelope import field
from server.translate.decisions import clause_text
from server.translate.words import number_by_word

_LINE: Final = decision_pb.ExplanationLine.DESCRIPTOR.fields_by_name
_INPUT: Final = decision_pb.ExplanationInput.DESCRIPTOR.fields_by_name
_EXPLANATION: Final = decision_pb.Explanation.DESCRIPTOR.fields_by_name
_LENGTH_GIVEN: Final = 2
_MISSING: Final = number_by_word(decision_pb.ReasonCode.DESCRIPTOR)["MISSING_FACT"]


def _tag(of: FieldDescriptor, wire_type: int = _LENGTH_GIVEN) -> int:
    return of.number << 3 | wire_type


FORM: Final = Form(
    line=_tag(_EXPLANATION["lines"]),
    rule=_tag(_LINE["rule"]),
    clause=_tag(_LINE["clause"]),
    applied=_tag(_LINE["applied"], 0),
    input=_tag(_LINE["inputs"]),
    value=_tag(_LINE["value"]),
    unit=_tag(_LINE["unit"]),
    note=_tag(_LINE["note"]),
    input_name=_tag(_INPUT["name"]),
    input_value=_tag(_INPUT["value"]),
    input_unit=_tag(_INPUT["unit"]),
)
"""As the contract has them, which numbers fields in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Facts that are missing: ``fields``, each with the number of its clause; ``reasons``, as they stand in an answer.

    First those of the decision, then those of each occasion.
    """

    fields: list[tuple[bytes, int]]
    reasons: list[bytes]


class Lines:
    """Says it for one version."""

    def __init__(self, program: Program) -> None:
        self._lowered = program.lowered
        self._reasons: dict[tuple[int, tuple[tuple[str, str], ...]], bytes] = {}

    @cached_property
    def told(self) -> Told:
        """The sentences; made when they are first asked for, as most versions explain nothing."""
        texts = clause_texts(self._lowered.version)
        return told_of(self._lowered, FORM, lambda clause: _clause(clause, texts[clause]) if clause in texts else b"")

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {clause: number for number, clause in enumerate(self.told.clause_ids)}

    def missing(self, m: MutableSequence[int], k: bytearray, occasions: Sequence[int], is_explained: int) -> Missed:
        """Which facts are missing in a run; as fields only where it is explained.

        ``occasions`` in their order: the address of each, and the number of its group.
        """
        lowered = self._lowered
        memory = Memory.over(lowered.layout, m, k)
        of_each = []
        for address, group in zip(occasions[::2], occasions[1::2], strict=True):
            memory.enter(address)
            of_each.append(missing_in(lowered.occasions[group], lowered.recourse, memory))
        found = missing_of(lowered, memory, of_each)
        fields: list[tuple[bytes, int]] = []
        if is_explained:
            fields += [(name.encode(), self._numbers.get(clause, NO_CLAUSE)) for name, clause in sorted(found.items())]
        reasons = [self._written(decision_pb.Decision.REASONS_FIELD_NUMBER, found)]
        reasons += [self._written(decision_pb.Occasion.REASONS_FIELD_NUMBER, each) for each in of_each]
        return Missed(fields, reasons)

    def _written(self, number: int, missing: Missing) -> bytes:
        """Reasons as they stand in a message; kept, for rows often lack the same."""
        key = number, tuple(sorted(missing.items()))
        known = self._reasons.get(key)
        if known is None:
            if len(self._reasons) >= _MOST_KEPT:
                self._reasons.clear()
            known = self._reasons[key] = b"".join([_reason(number, name, clause) for name, clause in key[1]])
        return known


_MOST_KEPT: Final = 1_024


def _reason(number: int, name: str, clause: str) -> bytes:
    reason: Any = decision_pb.Reason(code=_MISSING, field=name, clause=clause)  # type: ignore[arg-type]
    return field(number, reason.SerializeToString())


def _clause(clause: str, texts: Any) -> bytes:
    message = decision_pb.ClauseText()
    clause_text(clause, texts, message)
    return field(_EXPLANATION["clauses"].number, message.SerializeToString(deterministic=True))
