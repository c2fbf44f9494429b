"""How outages are put together into requests changes nothing: what is decided is the occasion. Of every policy, and of any.

Each guarantee is tried on the calculator and on the judge that it is held to.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from policy.calculator import rules
from policy.calculator.request import GrantedBefore, Outage, Request
from tests.judge.against import Pair, made_up_pair, pairs, verdict_of
from tests.judge.facts import Reader
from tests.judge.shrink import said
from tests.judge.values import amount_of
from tests.judge.verdict import Granted, Verdict
from tests.judge.wall_clock import local, zone_of
from tests.judge.work import reads_occasion
from tests.strategies.any_policy_granted import consistent

Decide = Callable[[Request], Verdict]
PAIRS: Final = (*pairs(), *(made_up_pair(f"occasions {number}") for number in range(40)))
REQUESTS: Final = 12

of_every_version = pytest.mark.parametrize("pair", PAIRS, ids=[f"{number} {pair.name}" for number, pair in enumerate(PAIRS)])
by_both = pytest.mark.parametrize("who", ["calculator", "judge"])


def decider(pair: Pair, who: str) -> Decide:
    """Who decides."""
    return pair.judged if who == "judge" else lambda request: verdict_of(pair.policies.decide, request)


def as_drawn(request: Request) -> Request:
    """As it is."""
    return request


def decided(
    pair: Pair, decide: Decide, purpose: str, change: Callable[[Request], Request] = as_drawn
) -> Iterator[tuple[Request, Verdict, Random]]:
    """Requests that name the version and are decided, with what is said of them; no claims, each of which is one question."""
    random, number = Random(f"{purpose} of {pair.name}"), 0
    while number < REQUESTS:
        request = change(replace(pair.generator.request(random), version=pair.version.version))
        if request.claim is not None:
            continue
        number += 1
        verdict = decide(request)
        if not verdict.error and verdict.outcome != "CANNOT_DECIDE":
            yield request, verdict, random


class Bookable(NamedTuple):
    """A grant or a quote, wherever in an answer it stands; a quote has no key."""

    occasion: tuple[object, ...]
    benefit: str
    quantity: int
    key: str = ""
    parts: tuple[tuple[str, int], ...] = ()


def bookable(verdict: Verdict) -> list[Bookable]:
    """All that is owed, by what it is for."""
    spans = [(each.started_at, each.ended_at, each.outage_ids, each.month, each.cycle) for each in verdict.occasions]
    grants = [Bookable(spans[each.occasion], *each[1:]) for each in verdict.grants]
    quotes = [Bookable(spans[each.occasion], each.benefit, each.quantity) for each in verdict.quotes]
    return sorted(grants + quotes, key=repr)


def recourse(verdicts: Sequence[Verdict]) -> list[tuple[str, str, int]]:
    """Party, outage and amount."""
    each_of = (verdict.recourse.items() for verdict in verdicts)
    return sorted((party, *owed) for parties in each_of for party, by_outage in parties for owed in by_outage.items())


# ---------------------------------------------------------------- requests that hold whole occasions


def whole(request: Request, verdict: Verdict) -> list[tuple[Outage, ...]]:
    """The outages in groups that hold whole occasions, in order of time; those that meet are in one: an instant is of one."""
    groups: list[set[str]] = [set(each.outage_ids) for each in verdict.occasions]
    outages = {each.outage_id: each for each in request.outages}
    groups += [{one, other} for one in outages for other in outages if _meet(outages[one], outages[other], request.as_of)]
    joined: list[set[str]] = []
    for group in groups:
        apart = [each for each in joined if not each & group]
        joined = [*apart, group.union(*(each for each in joined if each & group))]
    of_group = [tuple(each for each in request.outages if each.outage_id in group) for group in joined if group]
    return sorted(of_group, key=lambda group: min(each.started_at or 0 for each in group))


def _month(verdict: Verdict, grant: Granted, zone: ZoneInfo) -> str:
    """The local month in which its occasion begins."""
    return f"{local(verdict.occasions[grant.occasion].started_at, zone):%Y-%m}"


def _meet(one: Outage, other: Outage, as_of: int) -> bool:
    return (one.started_at or 0) <= (other.ended_at or as_of) and (other.started_at or 0) <= (one.ended_at or as_of)


def knowing_the_cycle(request: Request) -> Request:
    """Who tells what was granted before knows that the cycle was granted no less, and can add to it what comes first."""
    subscriber = request.subscriber
    assert subscriber is not None
    if not request.already_granted and all(each.month for each in request.granted_before):
        return request
    return consistent(replace(request, subscriber=replace(subscriber, granted_this_cycle=subscriber.granted_this_cycle or {})))


def about(pair: Pair, request: Request, groups: Sequence[tuple[Outage, ...]], earlier: Sequence[Verdict]) -> Request:
    """The request about some of its outages, told what earlier ones were granted of the cycle and of each month."""
    outages = tuple(outage for group in groups for outage in group)
    ids = {each.outage_id for each in outages}
    before = tuple(each for each in request.granted_before if each.outage_id in ids)
    already = request.already_granted if len({each.outage_id for each in request.outages}) == 1 else {}
    subscriber = request.subscriber
    assert subscriber is not None
    if earlier:
        cycle = dict(subscriber.granted_this_cycle or {})
        months = {month: dict(given) for month, given in subscriber.granted_by_month.items()}
        for verdict in earlier:
            for grant in verdict.grants:
                cycle[grant.benefit] = cycle.get(grant.benefit, 0) + grant.quantity
                of_month = months.setdefault(_month(verdict, grant, zone_of(pair.version.zone)), {})
                of_month[grant.benefit] = of_month.get(grant.benefit, 0) + grant.quantity
        subscriber = replace(subscriber, granted_this_cycle=cycle, granted_by_month=months)
    return replace(request, outages=outages, granted_before=before, already_granted=already, subscriber=subscriber)


@by_both
@of_every_version
def test_outages_asked_in_requests_of_whole_occasions_in_order_of_time_get_the_same(pair: Pair, who: str) -> None:
    """The same grants, keys, parts, quotes and recourse, whichever occasions are asked together."""
    decide = decider(pair, who)
    for request, verdict, random in decided(pair, decide, "partitions", knowing_the_cycle):
        groups = whole(request, verdict)
        cuts = sorted(random.sample(range(1, len(groups)), random.randrange(len(groups)))) if groups else []
        answers: list[Verdict] = []
        for first, last in zip([0, *cuts], [*cuts, len(groups)], strict=True):
            answers.append(decide(about(pair, request, groups[first:last], answers)))
        apart = sorted((each for answer in answers for each in bookable(answer)), key=repr)
        assert apart == bookable(verdict), said(request)
        assert recourse(answers) == recourse([verdict]), said(request)


@by_both
@of_every_version
def test_outages_in_any_order_told_twice_and_asked_again_get_the_same(pair: Pair, who: str) -> None:
    decide = decider(pair, who)
    for request, verdict, random in decided(pair, decide, "permutations"):
        told = [*request.outages, *random.choices(request.outages, k=min(2, len(request.outages)))]
        random.shuffle(told)
        other = decide(
            replace(
                request,
                outages=tuple(told),
                granted_before=tuple(random.sample(request.granted_before, len(request.granted_before))),
            )
        )
        assert (other.grants, other.quotes, other.recourse) == (verdict.grants, verdict.quotes, verdict.recourse), said(request)
        assert (other.occasions, decide(request)) == (verdict.occasions, verdict), said(request)


# ---------------------------------------------------------------- parts, caps, keys


@by_both
@of_every_version
def test_the_parts_of_a_grant_are_of_the_outages_of_its_occasion_and_sum_to_it(pair: Pair, who: str) -> None:
    for request, verdict, _ in decided(pair, decider(pair, who), "parts"):
        for grant in verdict.grants:
            ids, parts = verdict.occasions[grant.occasion].outage_ids, dict(grant.parts)
            assert tuple(parts) == ids, said(request)
            assert not ids or sum(parts.values()) == grant.quantity, said(request)
            assert all(part >= 0 for part in parts.values()), said(request)


@by_both
@of_every_version
def test_no_two_grants_have_one_key(pair: Pair, who: str) -> None:
    for request, verdict, _ in decided(pair, decider(pair, who), "keys"):
        keys = [grant.key for grant in verdict.grants]
        assert len({*keys}) == len(keys), said(request)


@by_both
@of_every_version
def test_no_cap_is_passed_by_an_occasion_a_cycle_or_a_month(pair: Pair, who: str) -> None:
    zone = zone_of(pair.version.zone)
    for request, verdict, _ in decided(pair, decider(pair, who), "caps"):
        subscriber = request.subscriber
        assert subscriber is not None
        for rule in pair.version.benefits:
            grants = [each for each in verdict.grants if each.benefit == rule.name]
            for most in limits(rule.at_most, request, pair):
                assert all(each.quantity <= most for each in grants), said(request)
            for most in limits(rule.at_most_per_cycle, request, pair) if grants else ():
                before = (subscriber.granted_this_cycle or {}).get(rule.name, 0)
                assert before + sum(each.quantity for each in grants) <= most, said(request)
            for most in limits(rule.at_most_per_month, request, pair):
                for month in {_month(verdict, each, zone) for each in grants}:
                    before = subscriber.granted_by_month.get(month, {}).get(rule.name, 0)
                    mine = sum(each.quantity for each in grants if _month(verdict, each, zone) == month)
                    assert before + mine <= most, said(request)


def limits(cap: rules.Value | None, request: Request, pair: Pair) -> Iterator[Fraction]:
    """What a cap comes to, where there is one that is the same for every occasion and is known."""
    if cap is not None and not reads_occasion(cap):
        amount = amount_of(cap, Reader(request, zone_of(pair.version.zone)))
        if isinstance(amount, Fraction):
            yield amount


# ---------------------------------------------------------------- what was granted before


@by_both
@of_every_version
def test_what_was_granted_before_told_in_any_split_makes_the_sum_what_the_whole_comes_to(pair: Pair, who: str) -> None:
    """A record that grows: what is booked of it early, told by outage in any split, and the top-up come to the whole at once.

    Or to what was booked, where that is more: two interruptions that grow into one were rounded up twice. Where a cap of the
    cycle or month binds, it is asked of the sum alone; an outage of several occasions of a benefit is left out.
    """
    decide = decider(pair, who)
    for request, _, random in decided(pair, decide, "top-ups"):
        final = never_granted(request)
        early = decide(shortened(final, random))
        told = split(early, pair.version, random)
        at_once, topped_up = decide(final), decide(booked(final, early, told, zone_of(pair.version.zone)))
        if not told or at_once.error or topped_up.error or limited(pair.version, at_once) or limited(pair.version, topped_up):
            continue
        for benefit in pair.version.benefits:
            owed, left = (of_benefit(verdict, benefit) for verdict in (at_once, topped_up))
            several = {
                each for occasion in owed for other in owed if occasion != other for each in {*occasion[0]} & {*other[0]}
            }
            for (ids, month), quantity in owed.items():
                if not {*ids} & several:
                    mine = [each for each in told if each.benefit == benefit.name and each.outage_id in ids]
                    before = sum(each.quantity for each in mine if each.month == month)
                    assert left.get((ids, month), 0) == max(quantity - before, 0), said(request)


def never_granted(request: Request) -> Request:
    """The request of somebody who was never granted anything, about outages that have ended."""
    assert request.subscriber is not None
    ended = tuple(replace(each, ended_at=each.ended_at or request.as_of) for each in request.outages)
    subscriber = replace(request.subscriber, granted_this_cycle={}, granted_by_month={})
    return replace(request, outages=ended, subscriber=subscriber, already_granted={}, granted_before=())


def shortened(request: Request, random: Random) -> Request:
    """As it was known earlier: some outages shorter, some not yet, each record the same wherever it is repeated."""
    ends = {each.outage_id: _earlier(each, random) for each in request.outages}
    known = [each for each in ends if random.randrange(4)] or list(ends)[:1]
    outages = (replace(each, ended_at=ends[each.outage_id]) for each in request.outages if each.outage_id in known)
    return replace(request, outages=tuple(outages))


def _earlier(outage: Outage, random: Random) -> int:
    start, end = outage.started_at or 0, outage.ended_at or 0
    return random.choice((end, start + max(1, random.randrange(end - start)), start + max(1, (end - start) // 2)))


def split(verdict: Verdict, version: rules.Version, random: Random) -> tuple[GrantedBefore, ...]:
    """What was granted, told of the outages of its occasion in any split."""
    for_each = {each.name: each.for_each for each in version.benefits}
    told: dict[tuple[str, str, str], int] = {}
    for grant in verdict.grants:
        left, occasion = grant.quantity, verdict.occasions[grant.occasion]
        if for_each[grant.benefit] == "billing cycle" and occasion.cycle is None:
            continue  # what was granted before is of the request's cycle
        outage_ids = random.sample(occasion.outage_ids, len(occasion.outage_ids))
        for outage_id in outage_ids:
            part = left if outage_id == outage_ids[-1] else random.choice((0, left, random.randrange(left + 1)))
            key = outage_id, grant.benefit, occasion.month if for_each[grant.benefit] == "month" else ""
            told[key] = told.get(key, 0) + part
            left -= part
    return tuple(GrantedBefore(*key[:2], quantity, key[2]) for key, quantity in told.items())


def booked(request: Request, verdict: Verdict, told: tuple[GrantedBefore, ...], zone: ZoneInfo) -> Request:
    """The request after what ``verdict`` granted was booked: told before, and in the cycle and its month."""
    cycle: dict[str, int] = {}
    months: dict[str, dict[str, int]] = {}
    for grant in verdict.grants:
        of_month = months.setdefault(_month(verdict, grant, zone), {})
        for of_all in (cycle, of_month):
            of_all[grant.benefit] = of_all.get(grant.benefit, 0) + grant.quantity
    assert request.subscriber is not None
    subscriber = replace(request.subscriber, granted_this_cycle=cycle, granted_by_month=months)
    return replace(request, granted_before=told, subscriber=subscriber)


def limited(version: rules.Version, verdict: Verdict) -> bool:
    """Whether a cap of a cycle or month may have bound."""
    capped = {reason.about for reason in verdict.reasons if reason.code in ("CAPPED", "CAP_EXHAUSTED")}
    return any(each.name in capped and (each.at_most_per_cycle or each.at_most_per_month) for each in version.benefits)


def of_benefit(verdict: Verdict, benefit: rules.Benefit) -> dict[tuple[tuple[str, ...], str], int]:
    """What is owed by the outages and month of its occasion; in the request's cycle, where it is for each."""
    owed: dict[tuple[tuple[str, ...], str], int] = {}
    amounts = [(each.occasion, each.quantity) for each in verdict.grants if each.benefit == benefit.name]
    amounts += [(each.occasion, each.quantity) for each in verdict.quotes if each.benefit == benefit.name]
    for place, quantity in amounts:
        occasion = verdict.occasions[place]
        if benefit.for_each != "billing cycle" or occasion.cycle is not None:
            key = occasion.outage_ids, occasion.month
            owed[key] = owed.get(key, 0) + quantity
    return owed
