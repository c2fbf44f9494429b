"""A question of the account as the contract's message, and the contract's decision as an answer."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from clients import enums
from clients.account.records import Answer, Benefit, Due, Grant, Occasion, Question
from clients.errors import ClientError, ExitCode, WrongAnswer
from clients.status import Refusal
from makegood.v1 import compensation_service_pb2 as service_pb2
from makegood.v1 import decision_pb2, facts_pb2

OF_THE_ROW: Final = frozenset(("INVALID_ARGUMENT", "FAILED_PRECONDITION", "NOT_FOUND", "OUT_OF_RANGE"))
"""Refusals of one question: its outages wait, and others are settled. What else is refused ends the settlement."""
Request = service_pb2.ComputeCompensationRequest
Compute = Callable[[Sequence[Request]], Sequence[decision_pb2.Decision | Refusal]]
"""Asks the service for several at once: for each, in order, its decision or why it was refused by itself."""


class PolicyMoved(ClientError):
    """Another version, or another engine, decides now than those that the settlement began with. Nothing of it is booked."""

    exit_code = ExitCode.REFUSED

    def __init__(self, how: str) -> None:
        """``how``: what was, and what is."""
        super().__init__(
            "the policy or the engine changed while it was settled; one run must not hold both",
            [
                f"  {how}",
                "  what was booked stays; put the former back and run the same command again, or begin anew with --restart",
            ],
        )


class Asking:
    """Answers from decisions, all by one set of versions and one engine."""

    def __init__(self, compute: Compute, policy_id: str, versions: Collection[str] | None = None) -> None:
        """``versions``: SHA-256 of those that may decide; None: any."""
        self._compute, self._policy_id, self._versions = compute, policy_id, versions
        self.engine = ""
        """That decides; "": the first that does."""

    def __call__(self, question: Question) -> Answer:
        """The answer to one question."""
        return self.all([question])[0]

    def all(self, questions: Sequence[Question]) -> list[Answer]:
        """The answers in order. Raises CallFailed, PolicyMoved."""
        requests = [message(each, self._policy_id) for each in questions]
        return [self._answer(request, found) for request, found in zip(requests, self._compute(requests), strict=True)]

    def explained(self, answer: Answer) -> decision_pb2.Decision:
        """Its question asked again, with every step. Raises CallFailed, WrongAnswer where it is decided otherwise now."""
        request = Request.FromString(answer.question)
        request.explain = service_pb2.EXPLAIN_FULL
        (found,) = self._compute([request])
        if isinstance(found, Refusal) or found.decision_id != decision_pb2.Decision.FromString(answer.answer).decision_id:
            raise WrongAnswer("the same question is decided otherwise now: the policy or the engine changed meanwhile")
        return found

    def _answer(self, request: Request, found: decision_pb2.Decision | Refusal) -> Answer:
        asked = request.SerializeToString(deterministic=True)
        if isinstance(found, Refusal):
            return Answer(refused=_why(found), question=asked)
        stamp = found.policy
        self.engine = self.engine or stamp.engine_version
        if (self._versions is not None and stamp.sha256 not in self._versions) or stamp.engine_version != self.engine:
            now = f"{stamp.policy_id} {stamp.version} decides, sha256 {stamp.sha256}, engine {stamp.engine_version}"
            raise PolicyMoved(f"now {now}")
        return answer(found, asked)


def message(question: Question, policy_id: str) -> service_pb2.ComputeCompensationRequest:
    """The question as the contract has it."""
    request = service_pb2.ComputeCompensationRequest(mode=service_pb2.MODE_AUTOMATIC, explain=service_pb2.EXPLAIN_NONE)
    request.policy.policy_id = policy_id
    request.as_of.seconds = question.as_of
    subscriber = request.subscriber
    subscriber.ParseFromString(question.facts)
    subscriber.subscriber_id = question.subscriber_id
    if question.cycle is not None and question.cycle.end:
        subscriber.billing_cycle.started_at.seconds = question.cycle.start
        subscriber.billing_cycle.ended_at.seconds = question.cycle.end
    if question.granted_this_cycle is not None:
        subscriber.granted_this_cycle.SetInParent()
        subscriber.granted_this_cycle.quantities.update(dict(question.granted_this_cycle))
    for month, granted in question.granted_by_month or ():
        subscriber.granted_by_month[month].quantities.update(dict(granted))
    for record in question.outages:
        request.outages.add().ParseFromString(record.message)
    if question.claims:
        new, *earlier = question.claims
        request.mode = service_pb2.MODE_APPLICATION
        request.claim.channel = facts_pb2.ClaimChannel.ValueType(new.channel)
        request.claim.claimed_at.seconds = new.claimed_at
        request.claim.started_at.seconds = new.started_at
        request.claim.ended_at.seconds = new.ended_at
        for each in earlier:
            interval = request.claim.earlier.add()
            interval.started_at.seconds = each.started_at
            interval.ended_at.seconds = each.ended_at
    return request


def answer(decision: decision_pb2.Decision, asked: bytes) -> Answer:
    """What a decision says. ``asked``: the question as it was sent."""
    lacking = decision_pb2.REASON_CODE_MISSING_FACT
    stamp = decision.policy
    return Answer(
        occasions=tuple(
            [
                Occasion(each.started_at.seconds, each.ended_at.seconds, frozenset(each.outage_ids))
                for each in decision.occasions
            ]
        ),
        grants=tuple(map(_grant, decision.grants)),
        due={
            Due(owed.responsible_party, each.outage_id, owed.amount.currency_code): each.amount_minor
            for owed in decision.recourse
            for each in owed.outages
        },
        outcome=enums.code(decision_pb2.Outcome.DESCRIPTOR, decision.outcome),
        reasons=tuple(enums.code(decision_pb2.ReasonCode.DESCRIPTOR, each.code) for each in decision.reasons),
        lacks=tuple(dict.fromkeys(each.field for each in decision.reasons if each.code == lacking)),
        claws_back=decision.corrections == decision_pb2.CORRECTIONS_CLAW_BACK,
        policy=(stamp.policy_id, stamp.version, stamp.sha256, stamp.engine_version),
        question=asked,
        answer=decision.SerializeToString(deterministic=True),
    )


def _grant(grant: decision_pb2.Grant) -> Grant:
    kind = enums.code(decision_pb2.BenefitKind.DESCRIPTOR, grant.kind)
    parts = {each.outage_id: each.quantity for each in grant.parts if each.quantity}
    return Grant(grant.occasion, grant.benefit, Benefit(kind, grant.currency_code, grant.valid_for_seconds), parts)


def _why(refusal: Refusal) -> str:
    told = "; ".join(f"{each.field}: {each.message}" for each in refusal.violations) or refusal.message
    return f"{refusal.code}: {told}"
