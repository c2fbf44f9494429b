"""One question answered: message in, message out, counted. Unary calls, batches and streams all come through here."""

from collections.abc import Collection
from dataclasses import replace

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from policy.calculator.checks import ENOUGH_VIOLATIONS
from policy.calculator.decision import Decision
from policy.calculator.errors import CalculatorError, InvalidRequest, Violation
from policy.calculator.policies import PolicySet
from policy.calculator.request import Request
from server.call import Call
from server.decision_metrics import DecisionMetrics, Tally
from server.translate.decisions import DecisionWriter
from server.translate.requests import NO_DEFAULTS, Defaults, Question, RequestReader


class Deciding:
    """Asks ``policies``, and tells a tally of ``metrics`` and the call at hand what came out."""

    def __init__(self, policies: PolicySet, metrics: DecisionMetrics) -> None:
        self._policies = policies
        self._metrics = metrics
        self._reader = RequestReader()
        self._writer = DecisionWriter()

    def defaults(self, message: service_pb.BatchDefaults) -> Defaults:
        """What a batch states once for all of its rows."""
        return self._reader.defaults(message)

    def tally(self, *, is_quote: bool = False) -> Tally:
        """For what one answer holds, to be counted when it is given; ``is_quote``: to a caller who only quotes."""
        return self._metrics.tally(is_quote=is_quote)

    def answer(
        self,
        asked: service_pb.ComputeCompensationRequest,
        answer: decision_pb.Decision,
        call: Call,
        now: int,
        tally: Tally,
        defaults: Defaults = NO_DEFAULTS,
        most_violations: int = ENOUGH_VIOLATIONS,
    ) -> Decision:
        """Fills the empty ``answer``. Raises as the calculator does (InvalidRequest, UnknownPolicy, NotInForce), and TooLarge.

        Raises Forbidden where the caller of ``call`` may not use the policy, or the version that decides.
        ``tally`` is told. ``now`` (seconds since 1970 UTC) stands in for an as_of that neither question nor defaults give.
        """
        call.decision_id = ""  # an earlier row's, in a batch
        question = self._reader.question(asked, now, defaults)
        request = question.request
        call.caller.use(request.policy_id or self._policies.default_policy_id, request.version)
        try:
            decision = self._decide(question, most_violations)
        except InvalidRequest as error:
            left = self._reader.answered_by(defaults, asked)
            raise InvalidRequest([_placed(violation, left) for violation in error.violations]) from None
        call.caller.use(decision.policy.policy_id, decision.policy.version)
        call.decision_id = decision.decision_id
        call.stamps.add(decision.policy)
        self._writer.write(decision, answer)
        tally.decided(question.request, decision)
        return decision

    def _decide(self, question: Question, most: int) -> Decision:
        if not question.violations:
            return self._policies.decide(question.request, most)
        left = most - len(question.violations)
        told = {violation.field for violation in question.violations}
        more = self._found_wrong(question.request, left) if left > 0 else ()
        raise InvalidRequest([*question.violations, *(violation for violation in more if violation.field not in told)])

    def _found_wrong(self, request: Request, most: int) -> tuple[Violation, ...]:
        """What the calculator finds wrong besides, so that the caller hears of everything at once."""
        try:
            self._policies.decide(request, most)
        except InvalidRequest as error:
            return error.violations
        except CalculatorError:
            pass
        return ()


def _placed(violation: Violation, left_to_defaults: Collection[str]) -> Violation:
    """The violation by the path at which a caller finds it: in the question, or in the defaults of its batch."""
    first = violation.field.partition(".")[0].partition("[")[0]
    return replace(violation, field=f"defaults.{violation.field}") if first in left_to_defaults else violation
