"""Where the calculator once said something else than the words mean; the judge of all policies found each of these."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest

from policy import Claim, Decision, Instant, Outage, PolicySet, Request, Subscriber, load_catalog
from tests.language.small import ENGLISH_WORDS

POLICY: Final = (
    """
policy: corners
title: Corners of the language
source: made up for tests
language: en
versions: [{version: "1", from: 2026-01-01, to: open}]
zone: Europe/London
currency: GBP
for each: interruption
calendar: {by: nation, ENGLAND: GB-EAW, SCOTLAND: GB-SCT}
clauses: {"1": "A rule.", "2": "What third parties owe."}
facts:
  nation: {of: subscriber, type: ENGLAND or SCOTLAND}
  calls: {of: subscriber, type: number, at most: 1000, if absent: 0}
  event: {of: outage, type: FLOOD or OTHER}
  known_at: {of: outage, type: instant}
  grave: {of: outage, type: yes or no}
figures:
  cause_answers: {clause: "1", by: cause, CUSTOMER_EQUIPMENT: 0, otherwise: 1}
  event_answers: {clause: "1", by: event, FLOOD: 0, OTHER: 1}
measures:
  daytime: {clause: "1", by: time_of_day, 08:00 to 22:00: 1, otherwise: 0}
  busy: {clause: "1", by: day_kind, WORKING: 1, OTHER: 1/2}
clocks:
  data:
    clause: "1"
    services: DATA
    only: {any of: [{local day: more than 1 daytime h}, {interruption: more than 100 busy h}]}
  voice: {clause: "1", services: VOICE, liable: [cause_answers, event_answers], starts: known_at}
benefits:
  calls:
    clause: "1"
    kind: VOICE_SECONDS
    for each: all together
    when: {calls: at least 1}
    count: {number: calls}
    pay: 1 min
    round: {up: 1 min}
    granted: automatically
  data:
    {clause: "1", kind: DATA_BYTES, clock: data, count: {started: 1 h}, pay: 1 MB, round: {up: 1 MB}, granted: automatically}
  voice:
    kind: CREDIT
    sum of:
      by_hour: {clause: "1", clock: voice, count: {started: 1 h}, pay: 0.10 GBP}
      more: {clause: "1", clock: voice, count: once, pay: at discretion}
    round: {up: 0.01 GBP}
    granted: automatically
claims: {clause: "1", within: open, warn below: 90 %}
recourse:
  clause: "2"
  from: {grave: yes}
  share: 100 %
  value: {calls: 0.01 GBP per min, data: 0.01 GBP per MB}
  round: {half up: 0.01 GBP}
notice:
  clause: "1"
  quantities: {calls: 1 min, data: 1 MB, voice: 1.00 GBP}
  sms: {en: "From {start} to {end}, {cause}: {grants}."}
"""
    + ENGLISH_WORDS
    + """\
      grants: {calls: "{quantity} min", data: "{quantity} MB", voice: "{quantity} GBP"}
"""
)
START: Final = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())
END: Final = START + 3 * 3600
DATA: Final = Outage("o-1", START, END, "EQUIPMENT_FAILURE", "LOSS", ("DATA",), attributes={"grave": False})
VOICE: Final = Outage("o-2", START, END, "EQUIPMENT_FAILURE", "LOSS", ("VOICE",))


@pytest.fixture(scope="module")
def corners(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    directory = tmp_path_factory.mktemp("catalog") / "corners"
    directory.mkdir()
    (directory / "1.yaml").write_text(POLICY, encoding="utf-8")
    return load_catalog(directory.parent, default_policy_id="corners")


def request(*outages: Outage, calls: int = 0, mode: str = "AUTOMATIC") -> Request:
    return Request(Subscriber("s-1", attributes={"calls": calls}), outages, mode, END + 3600)


def granted(decision: Decision) -> dict[str, int]:
    return {grant.benefit: grant.quantity for grant in decision.grants}


def missing(decision: Decision) -> set[str]:
    assert decision.outcome == "CANNOT_DECIDE"
    return {reason.field for reason in decision.reasons}


def test_what_is_granted_for_no_time_is_told_with_the_outage_as_it_is_recorded(corners: PolicySet) -> None:
    customers_own = replace(VOICE, cause="CUSTOMER_EQUIPMENT")
    decision = corners.decide(request(customers_own, calls=3, mode="PROACTIVE_NOTICE"))
    assert [message.body for message in decision.notice] == ["From 2026-03-02 12:00 to 2026-03-02 15:00, an outage: 3 min."]


def test_the_calendar_is_missed_only_where_days_are_told_apart_and_it_matters(corners: PolicySet) -> None:
    assert granted(corners.decide(request(DATA))) == {"data": 3_000_000}


def test_a_factor_of_0_settles_who_answers_whatever_the_other_factors_miss(corners: PolicySet) -> None:
    decision = corners.decide(request(replace(VOICE, cause="CUSTOMER_EQUIPMENT")))
    assert [reason.code for reason in decision.reasons] == ["EXCLUDED_CAUSE"]


def test_what_one_outage_lacks_does_not_hide_what_another_lacks(corners: PolicySet) -> None:
    one, other = replace(VOICE, attributes={"event": "OTHER"}), replace(VOICE, outage_id="o-3")
    assert missing(corners.decide(request(one, other))) == {
        'outages[0].attributes["known_at"]',
        'outages[1].attributes["event"]',
    }


def test_a_decision_that_misses_a_fact_still_says_that_the_outage_goes_on(corners: PolicySet) -> None:
    decision = corners.decide(request(replace(VOICE, ended_at=None)))
    assert decision.outcome == "CANNOT_DECIDE"
    assert [warning.code for warning in decision.warnings] == ["OUTAGE_ONGOING"]


def test_a_fact_that_only_recourse_needs_is_missed_and_not_a_fault(corners: PolicySet) -> None:
    assert missing(corners.decide(request(replace(DATA, attributes={})))) == {'outages[0].attributes["grave"]'}


def test_what_a_person_has_to_set_stands_beside_a_formula_that_comes_to_nothing(corners: PolicySet) -> None:
    known = replace(VOICE, attributes={"event": "OTHER", "known_at": Instant(START), "grave": False})
    first = corners.decide(request(known))
    again = corners.decide(replace(request(known), already_granted=granted(first)))
    assert (first.outcome, granted(first)) == ("GRANTED", {"voice": 30})
    assert (again.outcome, [reason.code for reason in again.reasons]) == ("NEEDS_REVIEW", ["AMOUNT_AT_DISCRETION"])


def test_a_claim_is_held_to_the_record_that_its_grants_rest_on_alone(corners: PolicySet) -> None:
    claim = Claim("WEB", END, START, END)
    decision = corners.decide(replace(request(DATA, mode="APPLICATION"), claim=claim))
    assert (decision.outcome, decision.reasons) == ("GRANTED", ())


def test_an_explanation_says_that_a_claim_exceeds_the_record_where_the_decision_does(corners: PolicySet) -> None:
    """The clock of voice has nothing on record and grants nothing; that of data has half of what is claimed, and grants."""
    claim = Claim("WEB", END, START, END)
    half = replace(DATA, started_at=START + 5400)
    for outage, reasons in ((DATA, []), (half, ["CLAIM_EXCEEDS_RECORD"])):
        decision = corners.decide(replace(request(outage, mode="APPLICATION"), claim=claim, explain="FULL"))
        assert [reason.code for reason in decision.reasons] == reasons
        assert decision.explanation is not None
        lines = [line for line in decision.explanation.lines if line.rule == "claims.warn below"]
        notes = [*(reasons or [""]), "nothing is owed of this time"]
        assert [(line.applied, line.note) for line in lines] == list(zip((True, False), notes, strict=True))
