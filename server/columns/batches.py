"""A batch answered: rows whose version has a column reading together, the others one by one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.columns.answers import Answers
from policy.calculator.columns.calendar import ColumnTime
from policy.calculator.columns.column import NoColumns
from policy.calculator.columns.counting import LONGEST_COUNTED_SECONDS
from policy.calculator.columns.program import ColumnProgram
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.ragged import lines_of
from policy.calculator.local_time import DAY_SECONDS
from policy.calculator.policies import PolicySet
from policy.calculator.program import Program
from policy.calculator.request import Request
from server.columns.asking import Asked, Asking, asked
from server.columns.attributes import intervals_held
from server.columns.envelope import Envelope, Envelopes
from server.columns.items import ItemReader
from server.columns.reading import Rows, rows_of
from server.columns.template import single
from server.columns.writing import AnswerWriter
from server.limits import MESSAGE_STEPS, too_many_steps_together
from server.translate.requests import Defaults

FEWEST_ROWS: Final = 40
"""Columns cost some 3.5 ms a batch before the first row; at so many rows that is what the rows cost one by one."""

OUTAGES_AT_ONCE: Final = 500_000
"""Rows may share a thousand outages, which are then laid out for each row: some 150 bytes each."""

_RESULTS: Final = service_pb.BatchComputeResponse.RESULTS_FIELD_NUMBER

OneByOne = Callable[[Sequence[bytes]], Iterator[bytes]]
"""Answers serialized items, each by itself, with serialized results."""
MayUse = Callable[[str, str], bool]
"""Whether the caller may have a version of a policy decide."""
RequestOf = Callable[[bytes], Request]
"""A serialized item as the calculator's request, defaults filled in."""


@dataclass(frozen=True, slots=True)
class _Version:
    """A version of a policy; ``columns`` None: it has no column reading."""

    program: Program
    columns: ColumnProgram | None
    asking: Asking
    time: ColumnTime


@dataclass(frozen=True, slots=True)
class Together:
    """Rows that were decided together: their places in the batch, and the columns that they were decided in."""

    rows: Ints
    answers: Answers
    asked: Asked


class ColumnBatches:
    """Answers batches on ``policies``."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._envelopes = Envelopes()
        self._reader = ItemReader()
        self._writer = AnswerWriter()
        self._versions = {
            policy_id: [_compiled(program) for program in policies.programs(policy_id)] for policy_id in policies.policy_ids
        }

    def opened(self, data: bytes) -> Envelope:
        """The items of a batch. Raises DecodeError, InvalidRequest."""
        return self._envelopes.opened(data)

    def answered(
        self,
        envelope: Envelope,
        defaults: Defaults,
        now: int,
        one_by_one: OneByOne,
        request_of: RequestOf,
        go_on: Callable[[], None] = lambda: None,
        may_use: MayUse = lambda _policy_id, _version: True,
    ) -> tuple[bytes, list[Together]]:
        """The serialized response, and which rows were decided together; the others were decided ``one_by_one``, in order.

        ``go_on`` is called before each part of the work, and raises where nobody waits for it. Rows whose version may not be
        used (``may_use``) are left to ``one_by_one``. Raises InvalidRequest where the rows are too much together.
        """
        items = envelope.items
        results, left = np.empty(len(items), np.object_), np.ones(len(items), np.bool_)
        together: list[Together] = []
        if len(items) >= FEWEST_ROWS:
            together = self._together(envelope, defaults, now, request_of, go_on, may_use)
            for each in together:
                results[each.rows] = self._writer.results(each.asked.rows.request_ids, each.rows, each.answers)
                left[each.rows] = False
        others = np.flatnonzero(left).tolist()
        for row, result in zip(others, one_by_one([items[row] for row in others]), strict=True):
            results[row] = single(_RESULTS, result)
        return b"".join(results.tolist()), together

    def _together(
        self,
        envelope: Envelope,
        defaults: Defaults,
        now: int,
        request_of: RequestOf,
        go_on: Callable[[], None],
        may_use: MayUse,
    ) -> list[Together]:
        items = envelope.items
        shared = service_pb.ComputeCompensationRequest(outages=envelope.defaults.outages)
        shared.subscriber.subscriber_id = "none"  # all that keeps the row of the outages valid
        batch = self._reader.read([*items, shared.SerializeToString()])
        if batch is None:
            return []
        rows = rows_of(batch)
        _refuse_too_many_outages(rows)
        questions = asked(rows, defaults, now)
        found = []
        for version, of_version in self._placed(questions, defaults):
            held = version.program.version
            if version.columns is None or not may_use(held.policy_id, held.version):
                continue
            for part in _parts(questions, of_version):
                go_on()
                asking = version.asking.questions(questions, part, self._policies.zone_names)
                answers = version.columns.decide(asking, lambda row: request_of(items[row]))
                easy = np.flatnonzero(~answers.hard)
                if len(easy):
                    found.append(Together(easy, answers, questions))
        return found

    def _placed(self, questions: Asked, defaults: Defaults) -> list[tuple[_Version, Mask]]:
        """Which rows each version is to decide; rows without one are not in any mask."""
        selecting = {row: selector for row, selector in questions.rows.policies.items() if row < questions.count}
        by_default = np.ones(questions.count, np.bool_)
        by_default[list(selecting)] = False
        selected: dict[tuple[str, str], list[int]] = {
            (defaults.policy_id, defaults.version): np.flatnonzero(by_default).tolist()
        }
        for row, selector in selecting.items():
            selected.setdefault(selector, []).append(row)
        placed: list[tuple[_Version, Mask]] = []
        for (policy_id, name), of_selector in selected.items():
            versions = self._versions.get(policy_id or self._policies.default_policy_id, [])
            if name:
                versions = [version for version in versions if version.program.version.version == name]
            if not versions:  # callers may select as many that there are not as there are rows: those get no mask
                continue
            rows = np.zeros(questions.count, np.bool_)
            rows[of_selector] = True
            rows &= ~questions.alone
            placed += [(versions[0], rows)] if name else _in_force(versions, questions, rows)
        return placed


def _refuse_too_many_outages(rows: Rows) -> None:
    """Before they are laid out for each row."""
    count = rows.count - 1
    outages = rows.last_outage - rows.first_outage
    outages = np.cumsum(np.where(outages[:count] > 0, outages[:count], outages[count]))
    if count and outages[-1] > MESSAGE_STEPS:
        raise too_many_steps_together(int(np.searchsorted(outages, MESSAGE_STEPS, "right")))


def _parts(questions: Asked, rows: Mask) -> Iterator[Mask]:
    """The rows, so many at a time that what their outages take, each laid out for each of its rows, stays bounded.

    A day or an interval of an outage takes about as much as an outage.
    """
    outages, first, last = questions.rows.outages, questions.first_outage, questions.last_outage
    ended = np.where(outages.ended_at.given, outages.ended_at.numbers, questions.as_of.max(initial=0))
    seconds = np.clip(ended - outages.started_at, 0, LONGEST_COUNTED_SECONDS)  # rows with a longer one are decided alone
    takes = 1 + seconds // DAY_SECONDS + intervals_held(questions.rows.outage_attributes)
    until = np.concatenate(([0], np.cumsum(takes)))
    taken = np.cumsum(np.where(rows, until[last] - until[first], 0))
    part = taken // OUTAGES_AT_ONCE
    for number in np.unique(part[rows]).tolist():
        yield rows & (part == number)


def _in_force(versions: Sequence[_Version], questions: Asked, rows: Mask) -> list[tuple[_Version, Mask]]:
    """By the earliest of the instants that pick a version; each version looks at it in its own zone."""
    pinned_by = versions[-1].program.version.pinned_by.name
    column = questions.rows.outages.facts.get(pinned_by)
    if column is None:
        return []
    counts = np.where(rows, questions.last_outage - questions.first_outage, 0)
    owner, outage = lines_of(questions.first_outage, counts)
    there = column.given[outage]
    earliest = np.full(questions.count, np.iinfo(np.int64).max)
    np.minimum.at(earliest, owner[there], column.numbers[outage][there])
    claims = questions.rows.claims
    if claims is not None:
        claimed = rows & (counts == 0) & claims.given[: questions.count]
        earliest = np.where(claimed, claims.started_at[: questions.count], earliest)
    left = rows & (earliest < np.iinfo(np.int64).max)
    day_at = np.where(left, earliest, 0)
    placed = []
    for version in versions:
        held = version.program.version
        ordinals = version.time.day_of(day_at)
        inside = left & (ordinals >= held.in_force_from.toordinal())
        if held.in_force_until is not None:
            inside &= ordinals < held.in_force_until.toordinal()
        placed.append((version, inside))
        left = left & ~inside
    return placed


def _compiled(program: Program) -> _Version:
    columns: ColumnProgram | None
    try:
        columns = ColumnProgram(program)
    except NoColumns:
        columns = None
    return _Version(program, columns, Asking(program), ColumnTime(program.local))
