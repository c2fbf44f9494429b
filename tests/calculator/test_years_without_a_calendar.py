"""CALENDAR_NOT_PUBLISHED stands wherever an amount rests on a year whose working days are not published, and nowhere else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest

from policy import Claim, Outage, PolicySet, Request, Subscriber, Warn, load_catalog
from tests.support.evaluators import as_it_stands

POLICY: Final = """
policy: years
title: Working days
source: made up for tests
language: en
versions: [{version: "1", from: 2020-01-01, to: open}]
zone: Asia/Shanghai
currency: CNY
for each: all together
clauses: {clock: "Which time.", pay: "What for it.", weights: "How heavy.", claims: "Asking for it."}
clocks:
  outage: {clause: clock, where: {cause: EQUIPMENT_FAILURE or POWER_SUPPLY}}
benefits:
  credit:
    clause: pay
    kind: CREDIT
    count: {started: 1 h}
    pay: 1.00 CNY
    round: {up: 0.01 CNY}
    granted: automatically
claims: {clause: claims, within: open}
"""
BUSY: Final = """
calendar: CN
measures:
  busy: {clause: weights, by: day_kind, WORKING: 1, OTHER: 1/2}
"""
ALIKE: Final = """
measures:
  alike: {clause: weights, by: time_of_day, 00:00 to 24:00: 1}
"""
CHOSEN: Final = (
    BUSY.replace("CN", "{by: nation, CHINA: CN, SINGAPORE: SG}")
    + """
facts:
  nation: {of: subscriber, type: CHINA or SINGAPORE}
"""
)
CLOCK: Final = "where: {cause: EQUIPMENT_FAILURE or POWER_SUPPLY}"
COUNT: Final = "count: {started: 1 h}"
AUTOMATIC: Final = "granted: automatically"
WORDS: Final = {
    "a count of working days": ((COUNT, "count: {started: working day}"), "pay"),
    "a count of working days that are covered": ((COUNT, "count: {full: working day}"), "pay"),
    "a count by a measure": ((COUNT, "count: {exact: 1 busy h}"), "weights"),
    "only by a measure": ((CLOCK, f"{CLOCK}, only: {{total: more than 1 busy h}}"), "weights"),
    "only by a measure, among others": (
        (CLOCK, f"{CLOCK}, only: [{{any of: [{{interruption: more than 1 h}}, {{local day: more than 9 busy h}}]}}]"),
        "weights",
    ),
    "granting by a measure": ((AUTOMATIC, "granted: {automatically when: {total: more than 1 busy h}}"), "weights"),
}
"""What of the policy is put in place of what, and the clause that is cited."""


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp())


YEAR_END: Final = at("2027-01-01T00:00")
"""The end of the last year that is published."""
START: Final = YEAR_END - 30 * 3600
DAYS: Final = "calendar: CN\n"
Loaded = Callable[..., PolicySet]


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    def load(instead: tuple[str, str], *besides: str, benefits: str = AUTOMATIC) -> PolicySet:
        (tmp_path / "years").mkdir()
        text = POLICY.replace(*instead).replace(AUTOMATIC, benefits)
        (tmp_path / "years" / "1.yaml").write_text("".join((text, *besides)), encoding="utf-8")
        return load_catalog(tmp_path, default_policy_id="years")

    return load


def outage(start: int, end: int, **more: object) -> Outage:
    return replace(Outage("o-1", start, end, "POWER_SUPPLY", "LOSS", responsible_party="grid"), **more)  # type: ignore[arg-type]


def request(*outages: Outage) -> Request:
    return Request(Subscriber("s-1"), outages, "AUTOMATIC", max(each.ended_at or 0 for each in outages) + 3600)


def warned(policies: PolicySet, *requests: Request) -> list[list[str]]:
    """The clauses that each of the requests is warned of, whichever evaluator decides it."""
    decisions = [policies.decide(each) for each in requests]
    assert [as_it_stands(policies.named("years", "1")).decide(each) for each in requests] == decisions
    assert all(each.grants for each in decisions)
    return [[each.clause for each in decision.warnings if each.code == "CALENDAR_NOT_PUBLISHED"] for decision in decisions]


@pytest.mark.parametrize("word", WORDS)
def test_a_time_that_ends_with_the_last_published_year_rests_on_it_alone(word: str, loaded: Loaded) -> None:
    instead, clause = WORDS[word]
    policies = loaded(instead, DAYS if "working day" in word else BUSY)
    published, further = request(outage(START, YEAR_END)), request(outage(START, YEAR_END + 1))
    assert warned(policies, published, further, published) == [[], [clause], []]


def test_the_days_that_are_walked_over_until_counting_starts_are_asked_for(loaded: Loaded) -> None:
    """Reported on Tuesday, the second working day is Thursday 31 December; a second later it is in the year that follows."""
    policies = loaded((CLOCK, f"{CLOCK}, starts: 2 working days after reported_at"), DAYS)
    last_of_tuesday = at("2026-12-29T23:59:59")
    requests = [
        request(outage(last_of_tuesday - 60, YEAR_END + 7 * 86_400, reported_at=last_of_tuesday + seconds))
        for seconds in (0, 1)
    ]
    assert warned(policies, *requests) == [[], ["clock"]]


def test_time_by_no_calendar_rests_on_none(loaded: Loaded) -> None:
    policies = loaded((COUNT, "count: {exact: 1 alike h}"), ALIKE)
    assert warned(policies, request(outage(YEAR_END, YEAR_END + 7200))) == [[]]


def test_time_that_is_left_out_was_not_asked_for(loaded: Loaded) -> None:
    policies = loaded((COUNT, "count: {started: working day}"), DAYS)
    excluded = outage(YEAR_END, YEAR_END + 7200, outage_id="o-2", cause="UNKNOWN")
    assert warned(policies, request(outage(START, YEAR_END), excluded)) == [[]]


def test_time_that_only_drops_was_asked_for(loaded: Loaded) -> None:
    policies = loaded((CLOCK, f"{CLOCK}, only: {{interruption: more than 1 busy h}}"), BUSY)
    dropped = outage(YEAR_END + 600, YEAR_END + 1200, outage_id="o-2")
    assert warned(policies, request(outage(START, YEAR_END), dropped)) == [["weights"]]


def test_a_refusal_before_any_amount_is_not_warned_of(loaded: Loaded) -> None:
    policies = loaded((CLOCK, f"{CLOCK}, only: {{total: more than 100 busy h}}"), BUSY)
    decision = policies.decide(request(outage(YEAR_END, YEAR_END + 7200)))
    assert (decision.outcome, decision.warnings) == ("NOT_ELIGIBLE", ())


def test_who_applies_needs_no_measure_to_be_granted_what_is_owed(loaded: Loaded) -> None:
    policies = loaded(WORDS["granting by a measure"][0], BUSY)
    lost = outage(YEAR_END, YEAR_END + 7200)
    claim = Claim("WEB", YEAR_END + 7200, YEAR_END, YEAR_END + 7200)
    assert warned(policies, request(lost), replace(request(lost), mode="APPLICATION", claim=claim)) == [["weights"], []]


def test_a_clause_is_cited_once_and_days_stand_before_measures(loaded: Loaded) -> None:
    policies = loaded((COUNT, "count: {started: working day}"), BUSY, benefits=WORDS["granting by a measure"][0][1])
    decision = policies.decide(request(outage(START, YEAR_END + 1), outage(YEAR_END + 7200, YEAR_END + 9000, outage_id="o-2")))
    assert decision.warnings == (Warn("CALENDAR_NOT_PUBLISHED", "pay"), Warn("CALENDAR_NOT_PUBLISHED", "weights"))


def test_a_calendar_that_is_not_known_and_does_not_matter_was_not_asked(loaded: Loaded) -> None:
    """The first of two conditions holds, so that nobody asks which of the calendars is meant."""
    policies = loaded(WORDS["only by a measure, among others"][0], CHOSEN)
    assert policies.decide(request(outage(YEAR_END, YEAR_END + 7200))).warnings == ()


def test_a_calendar_that_is_not_known_is_not_asked_for_outages_that_nobody_answers_for(loaded: Loaded) -> None:
    """What is granted for a number needs no calendar, though a clock that was refused starts some working days later."""
    instead = (CLOCK, "where: {cause: EQUIPMENT_FAILURE}, starts: 2 working days after reported_at")
    flat = """granted: automatically
  flat: {clause: pay, kind: CREDIT, count: {number: calls}, pay: 1.00 CNY, round: {up: 0.01 CNY}, granted: automatically}"""
    facts = """
calendar: {by: nation, CHINA: CN, SINGAPORE: SG}
facts:
  nation: {of: subscriber, type: CHINA or SINGAPORE}
  calls: {of: subscriber, type: number, at most: 10, if absent: 1}
"""
    policies = loaded(instead, facts, benefits=flat)
    decision = policies.decide(request(outage(YEAR_END, YEAR_END + 7200)))
    assert ([grant.benefit for grant in decision.grants], decision.warnings) == (["flat"], ())
