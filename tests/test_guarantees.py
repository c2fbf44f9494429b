"""What makegood guarantees of the default policy, each a named test, numbered as in the list of guarantees."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from policy.calculator.decision import Decision
from policy.calculator.policies import PolicySet
from policy.calculator.request import Outage, Request
from tests.strategies.grid import PLAIN, REQUEST
from tests.strategies.moments import DAY, FIRST_INSTANT
from tests.strategies.outages import outage_sets, turned
from tests.strategies.people import GIB, MINUTE
from tests.strategies.requests import automatic_requests, latest, requests, untuned_requests
from tests.support.amounts import at_least, booked, by_outage, changed, decided, ended, granted, joined, never_granted, plus
from tests.support.examples import examples

ROOT: Final = Path(__file__).parents[1]
CAP_PER_INTERRUPTION: Final = {"data": 10 * GIB, "voice": 300 * MINUTE, "value_added": 31}
CAP_PER_CYCLE: Final = {"data": 30 * GIB, "voice": 600 * MINUTE}

few = examples(share=0.1)


def with_recorded_outage() -> st.SearchStrategy[Request]:
    """A request with at least one outage, that is, not an application out of the blue."""
    return requests().filter(lambda request: bool(request.outages))


def without_positions(decision: Decision) -> Decision:
    """The decision without the places in the request that it points to: they move with the order of outages."""
    warnings = {replace(each, field="") for each in decision.warnings}
    return replace(decision, warnings=tuple(sorted(warnings, key=repr)), explanation=None)


# ---------------------------------------------------------------- 1: the same bytes everywhere


def decisions_printed_under(**environment: str) -> str:
    """All cases decided in a process of its own."""
    command = [sys.executable, "-m", "tests.support.print_decisions"]
    settings = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "protos"))), **environment}
    return subprocess.run(command, cwd=ROOT, env=settings, check=True, capture_output=True, encoding="utf-8").stdout


def test_the_same_request_gives_the_same_bytes_under_any_hash_seed_time_zone_and_locale() -> None:
    plain = decisions_printed_under(PYTHONHASHSEED="0", TZ="UTC", LC_ALL="C")
    assert plain.count("\n") > 200
    assert decisions_printed_under(PYTHONHASHSEED="1", TZ="America/New_York", LC_ALL="zh_CN.UTF-8") == plain
    assert decisions_printed_under(PYTHONHASHSEED="4242", TZ="Asia/Kathmandu", LC_ALL="tr_TR.UTF-8") == plain


@few
@given(request=requests(), others=st.lists(requests(), max_size=3))
def test_what_was_decided_before_does_not_matter(policies: PolicySet, request: Request, others: list[Request]) -> None:
    first = decided(policies, request)
    for other in others:
        decided(policies, other)
    assert policies.decide(request) == first


# ---------------------------------------------------------------- 3: more counted time never pays less


def pays_no_less(policies: PolicySet, more: Request, less: Request) -> bool:
    """Of an interruption that grows. Where several become one, which is rounded and capped once, more time weighs no less."""
    much, little = decided(policies, more), decided(policies, less)
    weighs_no_less = (much.weighted_seconds or 0) >= (little.weighted_seconds or 0)
    return weighs_no_less and (joined(little, much) or at_least(granted(much), granted(little)))


@few
@given(request=with_recorded_outage().map(never_granted), data=st.data())
def test_an_interruption_that_grows_never_pays_less(policies: PolicySet, request: Request, data: st.DataObject) -> None:
    outage = data.draw(st.sampled_from(request.outages))
    earlier, later = data.draw(st.integers(0, 2 * DAY)), data.draw(st.integers(0, 2 * DAY))
    shorter = replace(request, as_of=request.as_of + 2 * DAY)

    def lengthen(each: Outage) -> Outage:
        started_at = max((each.started_at or 0) - earlier, FIRST_INSTANT)
        return replace(each, started_at=started_at, ended_at=each.ended_at and each.ended_at + later)

    assert pays_no_less(policies, changed(shorter, outage.outage_id, lengthen), shorter)


@few
@given(request=with_recorded_outage().map(never_granted), more=outage_sets())
def test_another_outage_never_pays_less(policies: PolicySet, request: Request, more: tuple[Outage, ...]) -> None:
    added = tuple(replace(each, outage_id=f"{each.outage_id}+") for each in more)
    fewer = replace(request, as_of=max(request.as_of, latest(added, None)))
    assert pays_no_less(policies, replace(fewer, outages=fewer.outages + added), fewer)


@few
@given(request=with_recorded_outage(), later=st.integers(1, 2 * DAY))
def test_an_ongoing_outage_never_pays_less_later(policies: PolicySet, request: Request, later: int) -> None:
    assert pays_no_less(policies, replace(request, as_of=request.as_of + later), request)


# ---------------------------------------------------------------- 4: how the time is told changes nothing


@few
@given(request=requests(), data=st.data())
def test_the_order_of_outages_changes_nothing(policies: PolicySet, request: Request, data: st.DataObject) -> None:
    shuffled = replace(request, outages=tuple(data.draw(st.permutations(request.outages))))
    assert without_positions(decided(policies, shuffled)) == without_positions(decided(policies, request))


@few
@given(request=with_recorded_outage(), data=st.data())
def test_an_outage_told_twice_changes_nothing(policies: PolicySet, request: Request, data: st.DataObject) -> None:
    repeated = replace(request, outages=(*request.outages, turned(data.draw(st.sampled_from(request.outages)))))
    assert without_positions(decided(policies, repeated)) == without_positions(decided(policies, request))


@few
@given(request=requests())
def test_the_order_of_services_and_areas_changes_nothing(policies: PolicySet, request: Request) -> None:
    backwards = replace(request, outages=tuple(turned(each) for each in request.outages))
    assert without_positions(decided(policies, backwards)) == without_positions(decided(policies, request))


@few
@given(request=automatic_requests(), data=st.data())
def test_an_outage_cut_in_two_pays_the_same(policies: PolicySet, request: Request, data: st.DataObject) -> None:
    """Except one whose notice period runs from its recorded start, which cutting moves. (Who of equals owns may change.)"""
    outage = data.draw(st.sampled_from(request.outages))
    start, end = outage.started_at or 0, outage.ended_at or request.as_of
    assume(outage.cause != "PLANNED_MAINTENANCE" and end - start > 1)
    cut = data.draw(st.integers(start + 1, end - 1))
    halves = changed(by_outage(request), outage.outage_id, lambda each: replace(each, ended_at=cut))
    halves = replace(halves, outages=(*halves.outages, replace(outage, outage_id=f"{outage.outage_id}+", started_at=cut)))
    whole, parts = decided(policies, request), policies.decide(halves)
    assert (parts.outcome, granted(parts), parts.clock_seconds) == (whole.outcome, granted(whole), whole.clock_seconds)
    assert parts.weighted_seconds == whole.weighted_seconds


@few
@given(request=untuned_requests().filter(lambda each: each.mode != "APPLICATION"), data=st.data())
def test_grants_for_a_record_that_grows_add_up_to_the_grant_for_the_whole(
    policies: PolicySet, request: Request, data: st.DataObject
) -> None:
    """Across requests, what was granted before makes the sum telescope, the caps of the cycle included.

    Where interruptions grow into one, which is rounded and capped once, to no less than that.
    """
    final = ended(never_granted(request))
    count, part = data.draw(st.integers(1, len(final.outages))), data.draw(st.floats(0, 1))
    known = {each.outage_id for each in final.outages[:count]}
    shortened = (replace(each, ended_at=_cut(each, part)) for each in final.outages)
    early = decided(policies, replace(final, outages=tuple(each for each in shortened if each.outage_id in known)))

    told = Counter[tuple[str, str]]()
    for grant in early.grants:
        told.update({(each.outage_id, grant.benefit): each.quantity for each in grant.parts})
    whole, top_up = decided(policies, final), decided(policies, booked(final, told))
    sums = plus(granted(early), granted(top_up))
    assert at_least(sums, granted(whole))
    assert sums == granted(whole) or joined(early, whole)


def _cut(outage: Outage, part: float) -> int:
    start, end = outage.started_at or 0, outage.ended_at or 0
    return start + max(1, int((end - start) * part))


# ---------------------------------------------------------------- 5: caps, after rounding


@few
@given(request=requests())
def test_caps_hold_after_rounding(policies: PolicySet, request: Request) -> None:
    """Of an interruption, with what was granted before of it; of a cycle, with what it was granted in all."""
    decision = decided(policies, request)
    for grant in decision.grants:
        assert 0 < grant.quantity + grant.granted_before <= CAP_PER_INTERRUPTION[grant.benefit]
    this_cycle = (request.subscriber and request.subscriber.granted_this_cycle) or {}
    for benefit, cap in CAP_PER_CYCLE.items():
        quantities = [grant.quantity for grant in decision.grants if grant.benefit == benefit]
        assert all(quantity > 0 for quantity in quantities)
        assert not quantities or this_cycle.get(benefit, 0) + sum(quantities) <= cap


@few
@given(request=requests())
def test_units_are_the_declared_ones(policies: PolicySet, request: Request) -> None:
    kinds = {"data": "DATA_BYTES", "voice": "VOICE_SECONDS", "value_added": "VALUE_ADDED_DAYS"}
    for grant in decided(policies, request).owed:
        assert (grant.kind, grant.currency_code) == (kinds[grant.benefit], "")
        assert grant.benefit == "value_added" or grant.valid_for_seconds == 30 * DAY


# ---------------------------------------------------------------- 7: what is not read never matters


@few
@given(request=requests())
def test_fields_that_the_policy_does_not_read_never_matter(policies: PolicySet, request: Request) -> None:
    """Not even for the keys to book under; the decision's id names the request, so it alone may differ."""
    assert request.subscriber is not None
    subscriber = replace(
        request.subscriber,
        customer_type="SMALL_BUSINESS",
        payment="PREPAID",
        time_zone="America/Lima",
        granted_by_month={"2026-03": {"data": 1}},
    )
    outages = tuple(
        replace(each, reported_at=(each.started_at or 0) + 1, areas=("010", "020"), time_source="MANUAL")
        for each in request.outages
    )
    other = replace(request, subscriber=subscriber, outages=outages)
    assert replace(decided(policies, other), decision_id="") == replace(decided(policies, request), decision_id="")


@few
@given(request=requests(), explain=st.sampled_from(("NONE", "SUMMARY", "FULL")))
def test_asking_why_never_changes_the_answer(policies: PolicySet, request: Request, explain: str) -> None:
    asked = decided(policies, replace(request, explain=explain))
    assert replace(asked, explanation=None) == replace(policies.decide(replace(request, explain="NONE")), explanation=None)


@few
@given(request=requests(), later=st.integers(1, 400 * DAY))
def test_looking_later_at_what_has_ended_changes_nothing(policies: PolicySet, request: Request, later: int) -> None:
    over = ended(request)
    now, then = decided(policies, over), policies.decide(replace(over, as_of=over.as_of + later))
    assert replace(then, decision_id="", as_of=0) == replace(now, decision_id="", as_of=0)


# ---------------------------------------------------------------- 8: excluding, and what is zero


@few
@given(request=with_recorded_outage().map(never_granted), data=st.data())
def test_excluding_a_cause_never_raises_a_grant(policies: PolicySet, request: Request, data: st.DataObject) -> None:
    """Unless it leaves two interruptions of one."""
    outage = data.draw(st.sampled_from(request.outages))
    excluded = changed(request, outage.outage_id, lambda each: replace(each, cause="CUSTOMER_EQUIPMENT"))
    assert pays_no_less(policies, request, excluded)


@few
@given(request=requests())
def test_zero_always_has_a_reason_and_a_clause(policies: PolicySet, request: Request) -> None:
    """Of all interruptions together, and of each."""
    decision = decided(policies, request)
    told = [(bool(decision.owed), decision.outcome, decision.reasons)]
    for place, each in enumerate(decision.occasions):
        told.append((any(owed.occasion == place for owed in decision.owed), each.outcome, each.reasons))
    for owed, outcome, reasons in told:
        assert owed or (outcome in {"NOT_ELIGIBLE", "CANNOT_DECIDE", "NEEDS_REVIEW"} and reasons)
        assert all(reason.clause for reason in reasons)
    assert all(each.clause for each in decision.owed)


# ---------------------------------------------------------------- 9: what is missing is never a zero


@pytest.mark.parametrize("fact", ["data_allowance_bytes", "data_remaining_bytes", "monthly_fee"])
@pytest.mark.parametrize("plan", ["DATA", "CONVERGED"])
def test_a_missing_fact_is_named_and_nothing_is_granted(policies: PolicySet, plan: str, fact: str) -> None:
    unknown: dict[str, Any] = {fact: None}
    knowing = replace(PLAIN, plan_type=plan)
    assert policies.decide(replace(REQUEST, subscriber=knowing)).outcome == "GRANTED"
    without = policies.decide(replace(REQUEST, subscriber=replace(knowing, **unknown)))
    assert (without.outcome, without.owed) == ("CANNOT_DECIDE", ())
    assert [(reason.code, reason.field) for reason in without.reasons] == [("MISSING_FACT", f"subscriber.{fact}")]


@few
@given(request=requests())
def test_knowing_less_never_grants_or_refuses_otherwise(policies: PolicySet, request: Request) -> None:
    """Without fee, allowance and what is left of it, a decision is the same or says that it cannot be made."""
    assert request.subscriber is not None
    subscriber = replace(request.subscriber, monthly_fee=None, data_allowance_bytes=None, data_remaining_bytes=None)
    knowing, blind = decided(policies, request), policies.decide(replace(request, subscriber=subscriber))
    if blind.outcome == "CANNOT_DECIDE":
        assert blind.owed == ()
    else:
        assert (blind.outcome, granted(blind)) == (knowing.outcome, granted(knowing))


# ---------------------------------------------------------------- keys: what can be booked, and only once


@few
@given(request=requests())
def test_every_grant_has_a_key_of_its_own_and_there_are_grants_where_the_outcome_is_granted(
    policies: PolicySet, request: Request
) -> None:
    decision = decided(policies, request)
    keys = [grant.grant_key for grant in decision.grants]
    assert (decision.outcome == "GRANTED") == bool(keys)
    assert (decision.outcome in ("GRANTED", "PROVISIONAL")) == bool(decision.owed)
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 32 and set(key) <= set("0123456789abcdef") for key in keys)


@few
@given(request=requests())
def test_a_top_up_is_another_grant(policies: PolicySet, request: Request) -> None:
    """What is granted of an interruption after more of it was granted before has another key; the same has the same."""
    decision = decided(policies, request)
    assume(decision.outcome == "GRANTED")
    more = Counter[tuple[str, str]]()
    for grant in decision.grants:
        more.update({(grant.parts[0].outage_id, grant.benefit): max(1, grant.quantity // 2)})
    again = policies.decide(booked(request, more))
    before, after = keys_by_what_they_name(decision), keys_by_what_they_name(again)
    assert before != after
    assert len({*before.values(), *after.values()}) == len(before.keys() | after.keys())


def keys_by_what_they_name(decision: Decision) -> dict[tuple[str, int, int], str]:
    """By benefit, beginning of the interruption, and what was granted before of it."""
    starts = [each.started_at for each in decision.occasions]
    return {(each.benefit, starts[each.occasion], each.granted_before): each.grant_key for each in decision.grants}
