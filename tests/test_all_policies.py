"""Every version of every policy against the judge that reads rules slowly; and what is guaranteed of all of them.

Requests are drawn by a seed, so that each run draws the same; ``python -m tests.judge`` draws millions of others.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.calculator import rules
from policy.calculator.decision import Decision, Occasion, Reason
from policy.calculator.reads import facts_of
from policy.calculator.request import Interval, Outage, Request, Subscriber
from tests import judge
from tests.judge.against import Pair, made_up_pair, pairs
from tests.judge.facts import Reader, Told, Unknown
from tests.judge.shrink import said, shrunk
from tests.judge.values import amount_of, words_of
from tests.judge.wall_clock import local, zone_of
from tests.strategies.any_policy import requests_of
from tests.support.adding import differing
from tests.support.amounts import by_outage
from tests.support.examples import examples

DECISIONS: Final = 300
"""Requests of each version that both decide."""
MADE_UP: Final = 60
"""Policies that chance makes up, each with some requests."""
DECISIONS_MADE_UP: Final = 20
GUARANTEED: Final = 40
"""Requests of each version that the guarantees are tried on, some of them several ways."""
PAIRS: Final = pairs()

of_every_version = pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])


def drawn(pair: Pair, number: int, purpose: str) -> Iterator[tuple[Request, Random]]:
    """Requests for a version, the same on every run, each with chance for what is done with it."""
    random = Random(f"{purpose} of {pair.name}")
    for _ in range(number):
        yield pair.generator.request(random), random


def decided(pair: Pair, number: int, purpose: str) -> Iterator[tuple[Request, Random]]:
    """So many of them that are decided: not refused, as what is of several versions or begins outside of the cycle."""
    answered = (each for each in drawn(pair, 4 * number, purpose) if not pair.judged(each[0]).error)
    found = list(islice(answered, number))
    assert len(found) == number, "most requests that are drawn are refused"
    yield from found


# ---------------------------------------------------------------- calculator and judge


@of_every_version
def test_calculator_and_judge_agree(pair: Pair) -> None:
    for request, _ in drawn(pair, DECISIONS, "decisions"):
        if pair.differs(request):
            small = shrunk(request, differs_alike(pair, request))
            assert pair.differs(small) == {}, said(small)


def differs_alike(pair: Pair, request: Request) -> Callable[[Request], bool]:
    """Whether another request differs in what this one does: a malformed one is no smaller case of another amount."""
    differing_in = pair.differs(request).keys()
    return lambda each: pair.differs(each).keys() == differing_in


@examples(share=0.1)
@given(data=st.data())
def test_calculator_and_judge_agree_on_what_chance_finds(data: st.DataObject) -> None:
    pair = data.draw(st.sampled_from(PAIRS))
    assert pair.differs(data.draw(requests_of(pair.generator))) == {}


@pytest.mark.parametrize("seed", [f"{number}" for number in range(MADE_UP)])
def test_calculator_and_judge_agree_under_policies_that_nobody_wrote(seed: str) -> None:
    """And the calculator explains them: the answer is the same, and the lines add up to it."""
    pair = made_up_pair(seed)
    for request, _ in drawn(pair, DECISIONS_MADE_UP, seed):
        judged, differing_in = pair.compared(request)
        assert differing_in == {}, said(request)
        if judged.error:
            continue
        explained = pair.policies.decide(replace(request, explain="FULL"))
        assert plain(explained) == plain(pair.policies.decide(request))
        assert differing(explained) == []


RECOVERING: Final = [pair for pair in PAIRS if pair.version.recourse is not None]


@pytest.mark.parametrize("pair", RECOVERING, ids=[pair.name for pair in RECOVERING])
def test_calculator_and_judge_agree_on_which_of_two_outages_that_weigh_alike_a_unit_more_is_for(pair: Pair) -> None:
    """An outage is told as two halves, of two parties; where what is granted is no even number of units, the parts differ."""
    uneven = 0
    for request, _ in decided(pair, DECISIONS, "equal parts"):
        halved = in_halves(request)
        judged, differing_in = pair.compared(halved)
        assert differing_in == {}, said(halved)
        parts = [dict(grant.parts) for grant in judged.grants]
        uneven += any(abs(part - each.get(f"{name[:-2]}-2", part)) == 1 for each in parts for name, part in each.items())
    assert uneven


def in_halves(request: Request) -> Request:
    """Each outage as two; what was granted before for it was so for the first."""
    ids = {each.outage_id: halves(each, request.as_of)[0].outage_id for each in request.outages}
    told = [replace(each, outage_id=ids[each.outage_id]) for each in by_outage(request).granted_before]
    outages = tuple(half for each in request.outages for half in halves(each, request.as_of))
    return replace(request, outages=outages, granted_before=tuple(told), already_granted={})


def halves(outage: Outage, as_of: int) -> tuple[Outage, ...]:
    """An outage as two that follow one another, the first of the party with the greater name; one of a second as it is."""
    start, end = outage.started_at or 0, outage.ended_at or as_of
    if end - start == 1:
        return (outage,)
    middle = (start + end) // 2
    first = replace(outage, outage_id=f"{outage.outage_id}-1", ended_at=middle, responsible_party="b")
    return first, replace(outage, outage_id=f"{outage.outage_id}-2", started_at=middle, responsible_party="a")


def test_the_judge_shares_nothing_with_the_calculator_but_the_data_that_both_read() -> None:
    held = {Path(judge.__file__).with_name(f"{name}.py") for name in ("against", "chunks", "shrink", "__main__")}
    for path in set(Path(judge.__file__).parent.glob("*.py")) - held:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = [
            f"{each.module}.{name.name}" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom) for name in each.names
        ]
        of_policy = {name for name in imported if name.startswith("policy")}
        assert {name for name in of_policy if name != "policy.calculator.rules" and ".request." not in name} == set()


def test_the_requests_come_to_every_outcome() -> None:
    outcomes = {pair.judged(request).outcome for pair in PAIRS for request, _ in decided(pair, 20, "outcomes")}
    assert outcomes == {"GRANTED", "PROVISIONAL", "NOT_ELIGIBLE", "CANNOT_DECIDE", "NEEDS_REVIEW"}


# ---------------------------------------------------------------- guarantees


def plain(decision: Decision) -> Decision:
    """The decision without its id, which names the request, and without why."""
    return replace(decision, decision_id="", explanation=None)


def without_positions(decision: Decision) -> Decision:
    """The decision without the places in the request that it points to: they move with the order of outages."""
    warnings = sorted({replace(each, field="") for each in decision.warnings}, key=repr)
    occasions = tuple(replace(each, reasons=_unplaced(each.reasons)) for each in decision.occasions)
    return replace(plain(decision), reasons=_unplaced(decision.reasons), warnings=tuple(warnings), occasions=occasions)


def _unplaced(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Reasons that name a field of an outage, not of the first or the second."""
    return tuple(sorted({replace(each, field=_of_any_outage(each.field)) for each in reasons}, key=repr))


def _of_any_outage(field: str) -> str:
    return f"outages[].{field.partition('].')[2]}" if field.startswith("outages[") else field


@of_every_version
def test_asking_why_never_changes_the_answer(pair: Pair) -> None:
    for request, random in decided(pair, GUARANTEED, "explanations"):
        asked = replace(request, explain=random.choice(("SUMMARY", "FULL")))
        assert plain(pair.policies.decide(asked)) == plain(pair.policies.decide(request))


@of_every_version
def test_the_order_of_outages_and_telling_one_twice_change_nothing(pair: Pair) -> None:
    for request, random in decided(pair, GUARANTEED, "order"):
        told = [*request.outages, *random.choices(request.outages, k=2)] if request.outages else []
        random.shuffle(told)
        turned = (replace(each, services=each.services[::-1], areas=each.areas[::-1]) for each in told)
        other = replace(request, outages=tuple(turned))
        assert without_positions(pair.policies.decide(other)) == without_positions(pair.policies.decide(request))


@of_every_version
def test_quantities_are_whole_units_above_0_within_their_caps(pair: Pair) -> None:
    """With what was granted before of the occasion; and of the cycle and the month, occasion after occasion."""
    benefits = {each.name: each for each in pair.version.benefits}
    for request, _ in decided(pair, 2 * GUARANTEED, "caps"):
        subscriber, decision = request.subscriber, pair.policies.decide(request)
        assert subscriber is not None
        cycle = Counter(subscriber.granted_this_cycle or {})
        months = {month: Counter(given) for month, given in (subscriber.granted_by_month or {}).items()}
        for grant in decision.grants:
            rule, occasion = benefits[grant.benefit], decision.occasions[grant.occasion]
            month = months.setdefault(f"{local(occasion.started_at, zone_of(pair.version.zone)):%Y-%m}", Counter())
            cycle[rule.name] += grant.quantity
            month[rule.name] += grant.quantity
            reader = reader_in(occasion, rule, pair, request)
            assert grant.quantity > 0
            assert grant.quantity % rule.unit == 0 or grant.granted_before % rule.unit
            assert grant.quantity + grant.granted_before <= bound(rule.at_most, reader)
            assert cycle[rule.name] <= bound(rule.at_most_per_cycle, reader)
            assert month[rule.name] <= bound(rule.at_most_per_month, reader)


def reader_in(occasion: Occasion, rule: rules.Benefit, pair: Pair, request: Request) -> Reader:
    """Who reads in an occasion of a benefit, but of how long it is: an answer does not tell."""
    outages = {each.outage_id: each for each in request.outages}
    mine = [outages[outage_id] for outage_id in occasion.outage_ids]
    told = tuple(Told(0, each, each.started_at or 0, each.ended_at or request.as_of) for each in mine)
    only = told[0] if rule.for_each == "outage" and told else None
    return Reader(request, zone_of(pair.version.zone)).in_occasion(told, only, Unknown(frozenset()), None)


def bound(value: rules.Value | None, reader: Reader) -> Any:
    """What a cap comes to; without one, or by the length of the occasion, there is no end."""
    if value is None or any(isinstance(each, rules.Length | rules.Availability) for each in words_of(value)):
        return float("inf")
    return amount_of(value, reader)


@of_every_version
def test_fields_that_the_policy_does_not_read_never_matter(pair: Pair) -> None:
    """Not even for the keys to book under."""
    for request, _ in decided(pair, GUARANTEED, "unread fields"):
        assert plain(pair.policies.decide(otherwise(pair.version, request))) == plain(pair.policies.decide(request))


def otherwise(version: rules.Version, request: Request) -> Request:
    """The request with another content in every field that the version does not read."""
    read = {fact.field.partition("].")[2] or fact.field.partition(".")[2] for fact in facts_of(version).values()}
    if version.notice is not None:
        read.add("cause")
    if any(benefit.at_most_per_cycle for benefit in version.benefits):
        read |= {"granted_this_cycle", "billing_cycle"}  # an occasion belongs to the cycle in which it begins
    if any(benefit.at_most_per_month for benefit in version.benefits):
        read.add("granted_by_month")
    if any(clock.services is not None for clock in version.clocks):
        read.add("services")
    if version.recourse is not None:
        read.add("responsible_party")
    assert request.subscriber is not None
    subscriber = replace(request.subscriber, **changes(Subscriber, OF_SUBSCRIBER, read))
    outages = (replace(each, **changes(Outage, OF_OUTAGE, read)) for each in request.outages)
    return replace(request, subscriber=subscriber, outages=tuple(outages))


OF_SUBSCRIBER: Final[dict[str, Any]] = {
    "plan_type": "VOICE",
    "monthly_fee": None,
    "data_allowance_bytes": 7,
    "data_remaining_bytes": None,
    "value_added_services": ("BOOKS", "NEWS"),
    "customer_type": "SMALL_BUSINESS",
    "payment": "",
    "time_zone": "America/Lima",
    "billing_cycle": Interval(86_400, 32 * 86_400),
    "granted_this_cycle": None,
    "granted_by_month": {"2026-03": {}},
}
OF_OUTAGE: Final[dict[str, Any]] = {
    "cause": "GOVERNMENT_ORDER",
    "impact": "",
    "services": ("SMS",),
    "responsible_party": "nobody",
    "reported_at": 1,
    "announced_at": None,
    "areas": ("020",),
    "time_source": "MANUAL",
}


def changes(told: type, other: dict[str, Any], read: set[str]) -> dict[str, Any]:
    """Another content for the fields that are not read."""
    assert set(other) <= {field.name for field in fields(told)}
    return {name: value for name, value in other.items() if name not in read}


@of_every_version
def test_the_lines_of_an_explanation_add_up_to_the_grants(pair: Pair) -> None:
    for request, _ in decided(pair, GUARANTEED, "adding"):
        assert differing(pair.policies.decide(replace(request, explain="FULL"))) == []


@of_every_version
def test_zero_always_has_a_reason_and_every_reason_grant_and_quote_a_clause(pair: Pair) -> None:
    """Of the decision, and of each of its occasions; where a fact is missing, the reasons stand where it is lacking."""
    for request, _ in decided(pair, GUARANTEED, "reasons"):
        decision = pair.policies.decide(request)
        owed_in = {each.occasion for each in decision.owed}
        assert decision.owed or decision.reasons
        for place, occasion in enumerate(decision.occasions):
            assert place in owed_in or occasion.reasons or occasion.outcome == "CANNOT_DECIDE"
        of_occasions = [reason for occasion in decision.occasions for reason in occasion.reasons]
        assert all(each.clause for each in (*decision.reasons, *of_occasions, *decision.owed))
