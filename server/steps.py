"""How much work a question is, told before it is begun: by its outages, the days that they cover, and what is said of each."""

from collections.abc import Sequence
from typing import Final

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy.calculator.checks import MAX_INSTANT
from server.limits import (
    MESSAGE_STEPS,
    QUESTION_STEPS,
    STEPS_OF_ATTRIBUTE,
    STEPS_OF_FULL,
    WORDS_OF_A_STEP,
    too_many_steps,
    too_many_steps_together,
)

_DAY_SECONDS: Final = 86_400
NO_DEFAULTS: Final = service_pb.BatchDefaults()


class Steps:
    """Counts the steps of questions that leave to ``defaults`` what they do not say; ``now``: seconds since 1970 UTC."""

    def __init__(self, now: int, defaults: service_pb.BatchDefaults = NO_DEFAULTS) -> None:
        self._now = now
        self._defaults = defaults
        self._explain = defaults.explain
        self._shared: dict[int, int] = {}
        self._together = 0
        self._counted = 0

    def check(self, asked: service_pb.ComputeCompensationRequest) -> None:
        """Raises InvalidRequest where one question is too much."""
        # INVARIANT: one outage, however long and whatever is said of it, is not, unless all is to be explained.
        if len(asked.outages) == 1 and (asked.explain or self._explain) != service_pb.EXPLAIN_FULL:
            return
        steps = self.of(asked)
        if steps > QUESTION_STEPS:
            raise too_many_steps(steps, QUESTION_STEPS)

    def add(self, asked: service_pb.ComputeCompensationRequest) -> None:
        """Raises InvalidRequest where those that were added are too much together; one that is by itself is never begun."""
        steps = self.of(asked)
        self._together += steps if steps <= QUESTION_STEPS else 0
        if self._together > MESSAGE_STEPS:
            raise too_many_steps_together(self._counted)
        self._counted += 1

    def of(self, asked: service_pb.ComputeCompensationRequest) -> int:
        """How many steps a question is."""
        given = asked if asked.HasField("as_of") else self._defaults
        as_of = given.as_of.seconds if given.HasField("as_of") else self._now
        steps = _steps(asked.outages, as_of) if asked.outages else self._of_defaults(as_of)
        if asked.subscriber.attributes:
            steps += STEPS_OF_ATTRIBUTE * len(asked.subscriber.attributes)
        steps += len(asked.granted_before) + len(asked.subscriber.granted_by_month)
        if asked.claim.earlier:  # each can cut every outage once more
            outages = len(asked.outages) or len(self._defaults.outages)
            steps += len(asked.claim.earlier) * (1 + outages)
        return steps * STEPS_OF_FULL if (asked.explain or self._explain) == service_pb.EXPLAIN_FULL else steps

    def _of_defaults(self, as_of: int) -> int:
        if as_of not in self._shared:
            self._shared = {as_of: _steps(self._defaults.outages, as_of)}
        return self._shared[as_of]


def _steps(outages: Sequence[facts_pb.Outage], as_of: int) -> int:
    # An outage without a start covers no days: it is refused before any is looked at.
    spans = sorted(
        (outage.started_at.seconds, outage.ended_at.seconds if outage.HasField("ended_at") else as_of)
        for outage in outages
        if outage.HasField("started_at")
    )
    seconds, until = 0, 0
    for start, end in spans:
        covered = min(end, MAX_INSTANT) - max(start, until, 0)
        if covered > 0:
            seconds, until = seconds + covered, max(until, end)
    said = sum([_said_of(outage) for outage in outages])
    return len(outages) + said + seconds // _DAY_SECONDS


def _said_of(outage: facts_pb.Outage) -> int:
    """Steps of what is looked at in an outage, should it be wrong."""
    return (len(outage.services) + len(outage.areas)) // WORDS_OF_A_STEP + STEPS_OF_ATTRIBUTE * len(outage.attributes)
