"""The account under every policy of the catalog: what stands in it is what the policy decides of all outages in one question.

The cases are those of the policies. Their outages become known one by one, in either order, and each time there is a run; a
claim comes when all are known.
"""

from collections import Counter
from dataclasses import replace
from functools import cache
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.account.records import Claim, Cycle, Terms, Work
from clients.account.service import check, terms
from clients.errors import BadInput
from makegood.v1 import compensation_service_pb2 as service_pb2
from makegood.v1 import facts_pb2
from policy.calculator.errors import CalculatorError
from server.translate.policies import whole_version
from server.translate.requests import RequestReader
from tests.account.calculator import real
from tests.account.kept_in import InMemory
from tests.server.messages import message_of
from tests.support.cases import Case, load_published
from tests.support.library import load_policies

POLICIES: Final = load_policies()
ALL_TOGETHER: Final = frozenset({
    "att-2024-02", "kddi-2022-07", "kr-terms", "kt-2021-10", "kt-2024-08", "o2-2018-12", "optus-2023-11", "rogers-2022-07",
    "skt-2018-04", "sky-mobile-2018-12", "starhub-2020-04", "telstra-2016-02", "telstra-2016-03", "verizon-2026-01",
})  # fmt: skip
"""Goodwill after one event; which outages are of it is nothing that an account can know."""
WAIT: Final = frozenset({
    "co-4296 may", "es-rd899 over-the-end-of-a-cycle", "es-rd899 phone-in-two-cycles", "es-rd899 blackout-in-two-cycles",
    "pt-129 across-the-end-of-the-cycle", "pt-129 before-and-after-the-cycle",
})  # fmt: skip
"""A cycle is what is decided, and the outage lies in another one as well, which the case does not name."""
CLAIMED_IN_PART: Final = {"de-tkg58 two-faults": {"credit": 1200}}
"""The claim is of March, and the second fault of April: for the account to decide when it is claimed."""


def told(case: Case) -> str:
    """Its policy and its name."""
    return f"{case.request.policy_id} {case.id}"


def asked(case: Case) -> service_pb2.ComputeCompensationRequest | None:
    """The question of a case that an account can come to; None: it says itself what was granted before, or is none."""
    request = case.request
    if request.policy_id in ALL_TOGETHER or request.mode not in ("AUTOMATIC", "APPLICATION"):
        return None
    try:
        POLICIES.decide(request)
    except CalculatorError:
        return None
    message = message_of(request)
    subscriber = message.subscriber
    granted = [*subscriber.granted_this_cycle.quantities.values()]
    granted += [each for month in subscriber.granted_by_month.values() for each in month.quantities.values()]
    before = message.granted_before or message.HasField("already_granted") or message.claim.earlier
    return None if before or any(granted) else message


def is_told_apart(case: Case) -> bool:
    """Whether an account comes to it otherwise than by the same question."""
    return len(case.request.outages) > 1 or case.request.mode == "APPLICATION" or told(case) in WAIT


CASES: Final = [(case, False) for case in load_published() if asked(case) is not None and is_told_apart(case)]
BACKWARDS: Final = [(case, True) for case, _ in CASES if len(case.request.outages) > 1]


def named(each: Case | bool) -> str:
    """In the name of a test."""
    if isinstance(each, bool):
        return "backwards" if each else "in order"
    return told(each)


@pytest.mark.parametrize("policy_id", sorted({case.request.policy_id for case in load_published()}))
def test_a_policy_is_settled_or_refused_with_the_benefits_that_are_why(policy_id: str) -> None:
    versions = [whole_version(each) for each in POLICIES.versions(policy_id)]
    refused = []
    for each in versions:
        try:
            check(each)
        except BadInput as error:
            refused.append(str(error))
    assert bool(refused) == (policy_id in ALL_TOGETHER)
    assert all("for all outages of a question together" in each for each in refused)


@pytest.mark.parametrize(("case", "backwards"), [*CASES, *BACKWARDS], ids=named)
def test_what_stands_in_the_account_is_what_is_decided_at_once(case: Case, backwards: bool) -> None:
    message = asked(case)
    assert message is not None
    work = work_of(message, terms_of(case.request.policy_id))
    kept_in, ask = InMemory(), real(POLICIES, case.request.policy_id)
    for outage in reversed(message.outages) if backwards else message.outages:
        kept_in.enter(outage)
        if work.claim is None:
            kept_in.settle(work, ask)
    found = kept_in.settle(work, ask)
    assert not kept_in.settle(replace(work, everything=True), ask).bookings
    if told(case) in WAIT:
        assert (bool(found.waiting), of_benefits(kept_in)) == (True, {})
    else:
        assert of_benefits(kept_in) == CLAIMED_IN_PART.get(told(case), decided_at_once(case))


def of_benefits(kept_in: InMemory) -> dict[str, int]:
    """What is booked of each, less what is told as over-granted."""
    stands = Counter[str]()
    for place, quantity in kept_in.account.booked.items():
        stands[place.benefit] += quantity - kept_in.over.get(place, 0)
    return dict(+stands)


def decided_at_once(case: Case) -> dict[str, int]:
    """By benefit."""
    decided = Counter[str]()
    for grant in POLICIES.decide(case.request).grants:
        decided[grant.benefit] += grant.quantity
    return dict(decided)


@cache
def terms_of(policy_id: str) -> Terms:
    """What the account hears of a policy."""
    return terms([whole_version(each) for each in POLICIES.versions(policy_id)])


def work_of(message: service_pb2.ComputeCompensationRequest, of: Terms) -> Work:
    """A run, or a claim, over what a question says of the subscriber; what was granted is for the account to know."""
    subscriber, claim = message.subscriber, None
    cycles: tuple[Cycle, ...] = ()
    if subscriber.HasField("billing_cycle"):
        cycles = (Cycle(subscriber.billing_cycle.started_at.seconds, subscriber.billing_cycle.ended_at.seconds),)
    for field in ("subscriber_id", "billing_cycle", "granted_this_cycle", "granted_by_month"):
        subscriber.ClearField(field)
    if message.HasField("claim"):
        said = message.claim
        claim = Claim("C1", said.channel, said.claimed_at.seconds, said.started_at.seconds, said.ended_at.seconds)
    return Work(message.as_of.seconds, subscriber.SerializeToString(deterministic=True), cycles=cycles, terms=of, claim=claim)


APRIL: Final = Cycle(1_774_994_400, 1_777_586_400)
CALLER: Final = facts_pb2.Subscriber(
    attributes={
        "phone_fee": facts_pb2.Value(money=facts_pb2.Money(currency_code="EUR", amount_minor=2000)),
        "phone_average": facts_pb2.Value(money=facts_pb2.Money(currency_code="EUR", amount_minor=3500)),
    }
)
FAULTS_AND_STORMS: Final = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 20), st.booleans(), st.integers(0, 3)), min_size=2, max_size=5
)


@given(FAULTS_AND_STORMS, st.randoms())
@settings(max_examples=60, deadline=None)
def test_what_a_fault_covers_no_storm_refunds_in_whatever_order_they_become_known(
    drawn: list[tuple[int, int, bool, int]], random: Random
) -> None:
    """es-rd899 refunds under force majeure only time that no fault covers. Outages come again, with another end, as well."""
    kept_in, ask, of = InMemory(), real(POLICIES, "es-rd899"), terms_of("es-rd899")
    work = Work(APRIL.end + 1, CALLER.SerializeToString(deterministic=True), cycles=(APRIL,), terms=of)
    steps = [(number, hours + more) for number, (_, hours, _, more) in enumerate(drawn) for more in {0, drawn[number][3]}]
    random.shuffle(steps)
    for number, hours in [*steps, *((number, hours) for number, (_, hours, _, _) in enumerate(drawn))]:
        start, _, is_storm, _ = drawn[number]
        outage = facts_pb2.Outage(outage_id=f"o{number}", impact=facts_pb2.IMPACT_LOSS, services=[facts_pb2.SERVICE_VOICE])
        outage.cause = facts_pb2.CAUSE_EXTREME_WEATHER if is_storm else facts_pb2.CAUSE_EQUIPMENT_FAILURE
        outage.started_at.seconds, outage.ended_at.seconds = APRIL.start + start * 3600, APRIL.start + (start + hours) * 3600
        kept_in.enter(outage)
        kept_in.settle(work, ask)
    whole = service_pb2.ComputeCompensationRequest(mode=service_pb2.MODE_AUTOMATIC, subscriber=CALLER)
    whole.policy.policy_id, whole.as_of.seconds, whole.subscriber.subscriber_id = "es-rd899", work.as_of, "s"
    whole.subscriber.billing_cycle.started_at.seconds, whole.subscriber.billing_cycle.ended_at.seconds = APRIL
    for record in kept_in.records.values():
        whole.outages.add().ParseFromString(record.message)
    decision = POLICIES.decide(RequestReader().question(whole, work.as_of).request)
    assert of_benefits(kept_in) == {grant.benefit: grant.quantity for grant in decision.grants}
