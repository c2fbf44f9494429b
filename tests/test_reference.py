"""The judge of cn-standard against section 8 of its text: the examples that were worked by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo

from policy.calculator.request import Claim, GrantedBefore, Interval, Money, Outage, Request, Subscriber
from tests.reference import Because, Expected, decide

GIB: Final = 2**30
MIB: Final = 2**20
MINUTE: Final = 60
HOUR: Final = 3600


def at(text: str) -> int:
    """The instant of a local time of 2026, "03-04 08:00"."""
    return int(datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def outage(outage_id: str, start: str, end: str | None, cause: str = "EQUIPMENT_FAILURE", **more: Any) -> Outage:
    return Outage(outage_id, at(start), None if end is None else at(end), cause, "LOSS", **more)


def subscriber(plan: str, fee_fen: int, left: int = 0, allowance: int = 0, **more: Any) -> Subscriber:
    return Subscriber("s-1", plan, Money("CNY", fee_fen), allowance * GIB, left * GIB, **more)


def request(who: Subscriber, *outages: Outage, as_of: str = "12-01 00:00", **more: Any) -> Request:
    return Request(who, outages, more.pop("mode", "AUTOMATIC"), at(as_of), **more)


def before(**by_outage: int) -> tuple[GrantedBefore, ...]:
    """MiB of data granted before, by outage."""
    return tuple(GrantedBefore(outage_id, "data", mib * MIB) for outage_id, mib in by_outage.items())


def parts_mib(expected: Expected) -> list[Mapping[str, float]]:
    """MiB of data by outage, of each interruption that grants any."""
    granted = [each.grants["data"] for each in expected.interruptions if "data" in each.grants]
    return [{outage_id: part / MIB for outage_id, part in parts.items()} for parts in granted]


def hours(number: float | Fraction) -> Fraction:
    return Fraction(number) * HOUR


FIRST: Final = subscriber("DATA", 129_00, 1, 20)
SECOND: Final = subscriber("DATA", 99_00, 12, 20)
FIFTH: Final = subscriber("DATA", 59_00, 1, 10)
MARCH: Final = outage("o1", "03-04 08:00", "03-04 11:30")
NIGHT: Final = outage("o1", "03-04 01:00", "03-04 04:00")


def test_example_1_weighs_the_morning_of_a_working_day() -> None:
    expected = decide(request(FIRST, MARCH))
    assert (expected.outcome, expected.reasons, expected.warnings) == ("GRANTED", (), ("CYCLE_TOTAL_UNKNOWN",))
    assert (expected.grants, expected.quotes, expected.recourse) == ({"data": 1900 * MIB}, {}, {})
    assert (expected.clock_seconds, expected.weighted_seconds) == (3.5 * HOUR, hours(4.75))
    [told] = expected.interruptions
    assert (told.started_at, told.ended_at, told.outage_ids) == (MARCH.started_at, MARCH.ended_at, ("o1",))
    assert (told.outcome, told.reasons, told.grants) == ("GRANTED", (), {"data": {"o1": 1900 * MIB}})


def test_example_2_weighs_the_night() -> None:
    expected = decide(request(SECOND, NIGHT))
    assert (expected.grants, expected.weighted_seconds) == ({"data": 330 * MIB}, hours(1.5))


def test_example_3_halves_force_majeure_and_extends_services_by_started_days() -> None:
    who = subscriber("CONVERGED", 159_00, 10, 30, value_added_services=("MUSIC",))
    expected = decide(request(who, outage("o1", "07-11 14:00", "07-12 20:00", "NATURAL_DISASTER")))
    assert expected.grants == {"data": 2556 * MIB, "voice": 71 * MINUTE, "value_added": 2}
    assert expected.weighted_seconds == hours(Fraction("14.2"))


def test_example_4_recovers_all_from_the_contractor_on_a_saturday_worked_in_lieu() -> None:
    who = subscriber("VOICE", 39_00, value_added_services=("MUSIC",))
    cut = outage("o1", "05-09 10:00", "05-09 15:20", "CONSTRUCTION_DAMAGE", services=("VOICE", "DATA"))
    expected = decide(request(who, replace(cut, responsible_party="contractor-7")))
    assert expected.grants == {"data": 480 * MIB, "voice": 80 * MINUTE, "value_added": 1}
    assert expected.recourse == {"contractor-7": {"o1": 1860}}


STORM: Final = outage("o1", "06-10 12:00", "06-10 16:00", "EXTREME_WEATHER")
GRID: Final = outage("o2", "06-10 14:00", "06-10 15:00", "POWER_SUPPLY", responsible_party="grid")


def test_example_5_counts_an_overlap_for_whom_the_operator_answers_most() -> None:
    expected = decide(request(FIFTH, STORM, GRID))
    assert (expected.grants, expected.weighted_seconds) == ({"data": 975 * MIB}, hours(3.75))
    assert parts_mib(expected) == [{"o1": 585, "o2": 390}]
    assert expected.recourse == {"grid": {"o2": 780}}


def test_example_6_drops_what_is_under_30_minutes() -> None:
    expected = decide(request(FIFTH, outage("o1", "06-10 12:00", "06-10 12:29:59")))
    assert (expected.outcome, expected.reasons) == ("NOT_ELIGIBLE", (Because("BELOW_MINIMUM_DURATION"),))
    assert (expected.clock_seconds, expected.weighted_seconds) == (1799, None)


def claim(start: str, end: str, *earlier: tuple[str, str], made: str = "06-20 10:00") -> dict[str, Any]:
    told = tuple(Interval(at(first), at(last)) for first, last in earlier)
    return {"mode": "APPLICATION", "claim": Claim("HOTLINE", at(made), at(start), at(end), told)}


def test_example_7_says_that_a_claim_exceeds_the_record() -> None:
    recorded = outage("o1", "06-10 12:00", "06-10 14:00")
    expected = decide(request(FIFTH, recorded, **claim("06-10 11:00", "06-10 15:00")))
    assert (expected.grants, expected.reasons) == ({"data": 780 * MIB}, (Because("CLAIM_EXCEEDS_RECORD"),))


def test_example_8_quotes_while_an_outage_goes_on() -> None:
    ongoing = outage("o1", "10-01 09:00", None, "SOFTWARE_FAULT")
    expected = decide(request(subscriber("CONVERGED", 128_00, 3, 20), ongoing, as_of="10-01 12:30"))
    assert (expected.outcome, expected.grants) == ("PROVISIONAL", {})
    assert expected.quotes == {"data": 546 * MIB, "voice": 18 * MINUTE}


def test_example_9_grants_what_the_cycle_has_left() -> None:
    who = subscriber("DATA", 199_00, 0, 20, granted_this_cycle={"data": 25 * GIB})
    expected = decide(request(who, outage("o1", "06-08 00:00", "06-12 00:00")))
    assert (expected.grants, expected.weighted_seconds) == ({"data": 5 * GIB}, hours(106))
    assert (expected.reasons, expected.warnings) == ((Because("CAPPED", benefit="data"),), ())


def test_example_10_takes_off_what_was_granted_before() -> None:
    assert decide(request(FIRST, MARCH, granted_before=before(o1=1000))).grants == {"data": 900 * MIB}
    assert decide(request(FIRST, MARCH, already_granted={"data": 1000 * MIB})).grants == {"data": 900 * MIB}


SHORT: Final = outage("o1", "03-04 08:00", "03-04 08:20")
ANOTHER: Final = outage("o2", "03-04 15:00", "03-04 15:20")


def test_example_11_does_not_add_short_interruptions_up_in_one_request_or_in_two() -> None:
    for asked in ((SHORT,), (ANOTHER,), (SHORT, ANOTHER)):
        expected = decide(request(FIRST, *asked))
        assert (expected.outcome, expected.reasons) == ("NOT_ELIGIBLE", (Because("BELOW_MINIMUM_DURATION"),))


def test_example_12_pays_the_interruption_that_is_long_enough() -> None:
    expected = decide(request(FIRST, SHORT, replace(ANOTHER, ended_at=at("03-04 15:40"))))
    assert (expected.outcome, expected.grants, expected.weighted_seconds) == ("GRANTED", {"data": 400 * MIB}, hours(1))
    assert [each.outcome for each in expected.interruptions] == ["NOT_ELIGIBLE", "GRANTED"]
    assert parts_mib(expected) == [{"o2": 400}]


def test_example_13_splits_a_grant_and_its_top_up_over_the_outages_of_one_interruption() -> None:
    later = outage("o2", "03-04 02:00", "03-04 05:00")
    whole = decide(request(SECOND, NIGHT, later))
    assert (whole.grants, parts_mib(whole)) == ({"data": 440 * MIB}, [{"o1": 330, "o2": 110}])
    top_up = decide(request(SECOND, NIGHT, later, granted_before=before(o1=330)))
    assert (top_up.grants, parts_mib(top_up)) == ({"data": 110 * MIB}, [{"o1": 82.5, "o2": 27.5}])
    assert top_up.interruptions[0].granted_before == {"data": 330 * MIB}


def test_example_14_refuses_what_was_granted_before() -> None:
    expected = decide(request(SECOND, NIGHT, granted_before=before(o1=500)))
    assert (expected.outcome, expected.reasons) == ("NOT_ELIGIBLE", (Because("ALREADY_GRANTED"),))


def test_example_15_pays_other_hours_of_an_outage_that_are_claimed_later() -> None:
    night = outage("o1", "03-04 01:00", "03-04 06:00")
    asked = claim("03-04 04:15", "03-04 04:45", ("03-04 01:15", "03-04 01:45"), made="03-20 10:00")
    expected = decide(request(SECOND, night, granted_before=before(o1=110), **asked))
    assert [(each.outcome, each.grants) for each in expected.interruptions] == [
        ("NOT_ELIGIBLE", {}),
        ("GRANTED", {"data": {"o1": 110 * MIB}}),
    ]
    assert expected.clock_seconds == 2 * HOUR


# ---------------------------------------------------------------- beside the examples: lines 6a, 10 and 11, 5 (b), 6


def test_what_ended_is_granted_and_what_goes_on_is_quoted_out_of_what_the_cycle_has_left() -> None:
    who = replace(SECOND, granted_this_cycle={"data": 30 * GIB - 400 * MIB})
    going_on = outage("o2", "03-04 05:00", None)
    expected = decide(request(who, NIGHT, going_on, as_of="03-04 09:00"))
    assert (expected.outcome, expected.warnings) == ("GRANTED", ("OUTAGE_ONGOING",))
    assert (expected.grants, expected.quotes) == ({"data": 330 * MIB}, {"data": 70 * MIB})
    assert [each.outcome for each in expected.interruptions] == ["GRANTED", "PROVISIONAL"]


def test_an_excluded_outage_joins_nothing_and_a_second_between_two_parts_them() -> None:
    excluded = outage("o3", "03-04 04:00", "03-04 05:00", "CUSTOMER_EQUIPMENT")
    later = outage("o2", "03-04 05:00", "03-04 05:59")
    assert len(decide(request(SECOND, NIGHT, excluded, later)).interruptions) == 2
    assert len(decide(request(SECOND, NIGHT, replace(later, started_at=at("03-04 04:00:01")))).interruptions) == 2
    assert len(decide(request(SECOND, NIGHT, replace(later, started_at=at("03-04 04:00")))).interruptions) == 1


def test_a_kept_interruption_that_begins_outside_of_the_cycle_given_is_refused_but_not_one_that_is_dropped() -> None:
    cycle = Interval(at("03-04 01:00"), at("04-04 00:00"))
    inside = replace(SECOND, billing_cycle=cycle)
    assert decide(request(inside, NIGHT)).outcome == "GRANTED"
    assert decide(request(inside, NIGHT, outage("o0", "03-01 01:00", "03-01 01:29"))).outcome == "GRANTED"
    assert decide(request(inside, outage("o0", "03-04 00:59:59", "03-04 04:00"))).malformed == {"subscriber.billing_cycle"}
    outside = replace(SECOND, billing_cycle=Interval(at("02-01 00:00"), at("03-04 01:00")))
    assert decide(request(outside, NIGHT)).malformed == {"subscriber.billing_cycle"}


def test_what_was_granted_before_is_used_up_once_in_order_of_time() -> None:
    """One outage in two interruptions, by two claims; of two outages of one interruption first that which ends first."""
    night = outage("o1", "03-04 01:00", "03-04 06:00")
    asked = claim("03-04 04:15", "03-04 04:45", ("03-04 01:15", "03-04 01:45"), made="03-20 10:00")
    expected = decide(request(SECOND, night, granted_before=before(o1=150), **asked))
    assert parts_mib(expected) == [{"o1": 70}]
    other = outage("o2", "03-04 05:00", "03-04 07:00")
    both = decide(request(SECOND, night, other, granted_before=before(o1=10, o2=20)))
    assert both.interruptions[0].granted_before == {"data": 30 * MIB}


def test_recourse_is_rounded_once_for_each_outage_and_told_by_party() -> None:
    grid = [replace(GRID, outage_id=each, cause=cause) for each, cause in (("p", "POWER_SUPPLY"), ("q", "VANDALISM"))]
    later = replace(grid[1], started_at=at("06-11 14:00"), ended_at=at("06-11 14:41"))
    expected = decide(request(FIFTH, grid[0], later))
    # 1.5 h x 200 x 1.3 = 390 MiB at 0.02; 41/60 x 1.5 h x 200 x 1.3 = 266.5 -> 267 MiB at 0.02
    assert expected.recourse == {"grid": {"p": 780, "q": 534}}


def test_what_the_cycle_was_granted_is_no_less_than_what_was_granted_in_it_before() -> None:
    told = before(o1=100)
    less = replace(SECOND, granted_this_cycle={"data": 100 * MIB - 1})
    assert decide(request(less, NIGHT, granted_before=told)).malformed == {'subscriber.granted_this_cycle.quantities["data"]'}
    enough = replace(SECOND, granted_this_cycle={"data": 100 * MIB})
    assert decide(request(enough, NIGHT, granted_before=told)).grants == {"data": 230 * MIB}
