"""``test`` decides the cases beside a policy exactly, says where one differs, and lists what no case exercises."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from policy import CatalogError, Claim, Instant, Interval, Money, NoticeRequest
from policy.language.catalog import load_policy
from policy.tools.cases.case_file import Case, read_cases
from policy.tools.cli import main
from policy.tools.coverage.edges import Side, side_at
from policy.tools.coverage.report import Coverage, coverage_of
from policy.tools.coverage.version import version_items
from policy.tools.suite import load_suite
from tests.language.small import SMALL, policy_directory, small
from tests.support.library import CATALOG, DEFAULT_POLICY_ID

EVERY_WORD: Final = Path(__file__).parents[1] / "language" / "every-word"

CASES: Final = """\
policy: small
as_of: 2026-06-01 00:00+02:00
people:
  anna: {fee: 10.00 EUR}
outages:
  monday: {from: 2026-03-02 08:00+01:00, to: 2026-03-02 20:00+01:00, cause: CONGESTION}
cases:
  - id: exactly-12-h
    why: 12 h are not more than 12 h.
    subscriber: anna
    outages: monday
    expect: {outcome: NOT_ELIGIBLE, reasons: BELOW_MINIMUM_DURATION, clock: 12 h}
  - id: a-second-more
    why: One part of 24 h has begun; 10.00/30 = 0.333.
    subscriber: anna
    outages: {like: monday, to: 2026-03-02 20:00:01+01:00}
    expect: {outcome: GRANTED, grants: {credit: 0.33 EUR}, version: 2026, lines: {benefits.credit.count: 1}}
  - id: exactly-a-day
    why: The second part has not begun.
    subscriber: anna
    outages: {like: monday, to: 2026-03-03 08:00+01:00}
    expect: {outcome: GRANTED, grants: {credit: 0.33 EUR}, lines: {benefits.credit.round: 0.33 EUR}}
  - id: a-day-and-a-second
    why: Two parts have begun; 0.666.
    subscriber: anna
    outages: {like: monday, to: 2026-03-03 08:00:01+01:00}
    expect: {outcome: GRANTED, grants: {credit: 0.67 EUR}, clock: 24 h 1 s}
"""
"""Every rule of the small policy and both sides of its two boundaries; with no case to spare."""

FARTHER_OFF: Final = CASES.replace("20:00:01", "20:00:02").replace("08:00:01", "09:00").replace("24 h 1 s", "25 h")
"""The same, two seconds and an hour beyond the boundaries."""


def suite(catalog: Path, cases: str = CASES, policy: str = SMALL) -> Path:
    """A directory of a policy with its cases."""
    return policy_directory(catalog, {"2026.yaml": policy, "cases.yaml": cases})


def read_every_word(tmp_path: Path, *cases: str) -> tuple[Case, ...]:
    """Cases about the policy that uses every word of the language."""
    path = tmp_path / "cases.yaml"
    path.write_text("policy: every-word\nas_of: 2026-06-01 00:00+01:00\ncases:\n" + "".join(cases), encoding="utf-8")
    return read_cases(path, load_policy(EVERY_WORD))


def covered(directory: Path) -> Coverage:
    """What the cases of a policy exercise."""
    loaded = load_suite(directory)
    return coverage_of(loaded, list(loaded.run()))


# ------------------------------------------------------------------------------------------------------------- deciding


def test_cases_that_agree_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(suite(tmp_path))]) == 0
    assert capsys.readouterr().out == "policies: 1; cases: 4 pass, 0 differ\n"


@pytest.mark.parametrize(
    ("stated", "otherwise", "said"),
    [
        ("outcome: NOT_ELIGIBLE", "outcome: CANNOT_DECIDE", "outcome: expected CANNOT_DECIDE, given NOT_ELIGIBLE"),
        ("outcome: GRANTED", "outcome: PROVISIONAL", "outcome: expected PROVISIONAL, given GRANTED"),
        (", reasons: BELOW_MINIMUM_DURATION", "", "reasons: expected none, given BELOW_MINIMUM_DURATION"),
        ("_DURATION", "_DURATION, warnings: [OUTAGE_ONGOING]", "warnings: expected OUTAGE_ONGOING, given none"),
        ("grants: {credit: 0.67 EUR}, ", "", "grants.credit: expected none, given 0.67 EUR"),
        ("credit: 0.67 EUR", "credit: 0.66 EUR", "grants.credit: expected 0.66 EUR, given 0.67 EUR"),
        ("clock: 24 h 1 s", "clock: 24 h 2 s", "clock: expected 24 h 2 s, given 24 h 1 s"),
        ("clock: 24 h 1 s", "weighted: 24.5 h", "weighted: expected 24 h 30 min, given 24 h 1 s"),
        ("clock: 24 h 1 s", "recourse: {grid: 1.00 EUR}", "recourse.grid: expected 1.00 EUR, given none"),
        ("count: 1}", "count: 2}", "lines.benefits.credit.count: expected 2, given 1 units"),
        ("count: 1}", "count: [1, 1]}", "lines.benefits.credit.count: expected 1, 1, given 1 units"),
        (
            "count: 1}",
            "cuont: 1}",
            "lines.benefits.credit.cuont: expected 1, given no such line; did you mean benefits.credit.c",
        ),
        ("round: 0.33 EUR", "round: not applied", "lines.benefits.credit.round: expected not applied, given 0.33 EUR"),
        ("round: 0.33 EUR", "round: 33", "lines.benefits.credit.round: expected 33, given 0.33 EUR"),
        ("{outcome: NOT_ELIGIBLE", "{outcome: NOT_ELIGIBLE, version: 2026", ""),
        (
            "expect: {outcome: NOT_ELIGIBLE, reasons: BELOW_MINIMUM_DURATION, clock: 12 h}",
            "expect: {malformed: [subscriber]}",
            "answer: expected malformed subscriber, given the decision NOT_ELIGIBLE",
        ),
        (
            "expect: {outcome: NOT_ELIGIBLE, reasons: BELOW_MINIMUM_DURATION, clock: 12 h}",
            "expect: {refused: NOT_IN_FORCE}",
            "answer: expected refused NOT_IN_FORCE, given the decision NOT_ELIGIBLE",
        ),
        (
            "fee: 10.00 EUR",
            "fee: 10.00 USD",
            "answer: expected the decision GRANTED, given malformed subscriber.monthly_fee.currency_code",
        ),
    ],
)
def test_each_field_that_differs_is_said(
    stated: str, otherwise: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stated in CASES
    status = main(["test", str(suite(tmp_path, CASES.replace(stated, otherwise)))])
    told = capsys.readouterr().err
    assert status == (1 if said else 0)
    assert (f"  {said}" in told) if said else (told == "")


def test_a_case_that_differs_is_located_with_its_arithmetic_and_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = suite(tmp_path, CASES.replace("0.67", "0.66"))
    assert main(["test", str(directory)]) == 1
    place, difference, why, following, _ = capsys.readouterr().err.splitlines()
    assert place == f"{directory}/cases.yaml:23:5: a-day-and-a-second differs"
    assert difference == "  grants.credit: expected 0.66 EUR, given 0.67 EUR"
    assert why == "  why: Two parts have begun; 0.666."
    assert f"python -m policy test {directory}/cases.yaml --case a-day-and-a-second --explain" in following


def test_the_next_step_shows_every_step_of_that_case_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = suite(tmp_path)
    assert main(["test", str(directory / "cases.yaml"), "--case", "exactly-a-day", "--explain"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("GRANTED by small 2026")
    assert "benefits.credit.round" in told
    assert told.endswith("policies: 1; cases: 1 pass, 0 differ\n")


def test_a_case_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(suite(tmp_path)), "--case", "exactly-a-year"]) == 1
    assert "there is no case exactly-a-year" in capsys.readouterr().err


def test_no_version_in_force_can_be_expected(tmp_path: Path) -> None:
    cases = CASES.replace("2026-03", "2025-03").replace(
        "expect: {outcome: NOT_ELIGIBLE, reasons: BELOW_MINIMUM_DURATION, clock: 12 h}", "expect: {refused: NOT_IN_FORCE}"
    )
    first, *others = load_suite(suite(tmp_path, cases)).run()
    assert first.differences == ()
    assert all(outcome.differences for outcome in others)


def test_a_policy_without_cases_does_not_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy_directory(tmp_path, {"2026.yaml": SMALL})
    assert main(["test", str(tmp_path)]) == 1
    assert f"{tmp_path}/small:1:1: the policy has no cases" in capsys.readouterr().err


def test_a_policy_that_cannot_be_loaded_fails_beside_those_that_can(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite(tmp_path)
    policy_directory(tmp_path, {"2026.yaml": small("x", "other")}, name="other")
    assert main(["test", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert "other/2026.yaml:6:5: a version is a map" in told.err
    assert told.out == "policies: 1; cases: 4 pass, 0 differ\n"


def test_what_is_no_place_of_cases_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(tmp_path / "gone")]) == 1
    assert "gone:1:1: there are no cases here" in capsys.readouterr().err


def test_ci_gets_the_results_as_junit(tmp_path: Path) -> None:
    policy_directory(tmp_path, {"2026.yaml": SMALL}, name="small-without")
    suite(tmp_path, CASES.replace("0.67", "0.66"))
    assert main(["test", str(tmp_path), "--junit", str(tmp_path / "junit.xml")]) == 1
    tests, problems = ET.parse(tmp_path / "junit.xml").getroot()
    assert (tests.get("name"), tests.get("tests"), tests.get("failures")) == ("small", "4", "1")
    assert [case.get("name") for case in tests if len(case)] == ["a-day-and-a-second"]
    (failure,) = tests.findall("testcase/failure")
    assert failure.get("message") == "grants.credit: expected 0.66 EUR, given 0.67 EUR"
    assert problems.get("errors") == "1"


# -------------------------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (("policy: small", "policy: smal"), "1:9: the policy beside these cases is small, not smal (write policy: small)"),
        (("people:", "peeple:"), "3:1: a file of cases knows no word 'peeple' (did you mean people?)"),
        (("as_of: 2026-06-01 00:00+02:00\n", ""), "7:5: the case lacks as_of: (the instant at which it is looked at; here, or"),
        (("{fee: 10.00 EUR}", "{fe: 10.00 EUR}"), "4:10: a subscriber has no fact fe (did you mean fee?)"),
        (("{fee: 10.00 EUR}", "{fee: 10.0 EUR}"), "4:15: fee: 10.0 EUR: amounts in EUR have 2 decimals (write 10.00 EUR)"),
        (("{fee: 10.00 EUR}", "{fee: 10.00}"), "4:15: fee: 10.00 is a bare decimal number"),
        (("{fee: 10.00 EUR}", "{fee: 10 GiB}"), "4:15: fee: 10 GiB is an amount of data; an amount of money is needed here"),
        (("{fee: 10.00 EUR}", "{fee: -1.00 EUR}"), "4:15: fee: -1.00 EUR is negative"),
        (("10.00 EUR}", "10.00 EUR, fee: 1.00 EUR}"), "4:26: fee stands here again; it stands first in line 4"),
        (("10.00 EUR}", "10.00 EUR, monthly_fee: 1.00 EUR}"), "4:26: fee and monthly_fee are one fact (keep one of them)"),
        (("10.00 EUR}", "10.00 EUR, plan: DATTA}"), "4:32: plan: it is never 'DATTA' (did you mean DATA?)"),
        (("08:00+01:00, to", "08:00, to"), "6:18: from: '2026-03-02 08:00' lacks its offset from UTC"),
        (("2026-03-02 08:00+01:00, to", "soon, to"), "6:18: from: 'soon' is no instant"),
        (("cause: CONGESTION", "cause: CONGESTED"), "6:77: cause: it is never 'CONGESTED' (did you mean CONGESTION?)"),
        (
            ("subscriber: anna\n    outages: monday", "subscriber: ana\n    outages: monday"),
            "10:17: people: has no ana (did you mean anna?)",
        ),
        (("outages: monday", "outages: munday"), "11:14: outages: has no munday (did you mean monday?)"),
        (("outages: monday", "outages: {to: 2026-03-02 20:00+01:00}"), "11:14: an outage lacks from:"),
        (("people:\n", "people:\n  zoe: {}\n"), "4:3: no case uses zoe (remove it)"),
        (("anna: {fee", "anna: {like: anna, fee"), "4:16: anna is like itself"),
        (("anna: {fee", "anna: &a {fee"), "4:9: an anchor (&) is not taken (name it under people:, outages: or claims:"),
        (("id: exactly-a-day", "id: exactly-12-h"), "18:5: exactly-12-h is the id of the case in line 8 too"),
        (("id: exactly-a-day", "id: exactly a day"), "18:9: 'exactly a day' is no id of a case"),
        (("    why: The second part has not begun.\n", ""), "18:5: a case lacks why:"),
        (("    subscriber: anna\n    outages: monday", "    outages: monday"), "8:5: exactly-12-h lacks subscriber:"),
        (("outages: monday", "outage: monday"), "11:5: a case knows no word 'outage' (did you mean outages?)"),
        (("version: 2026", "version: 2027"), "17:69: the policy has no version 2027 (did you mean 2026?)"),
        (
            ("BELOW_MINIMUM_DURATION", "BELOW_MINIMUM"),
            "12:46: a reason: it is never 'BELOW_MINIMUM' (did you mean BELOW_MINIMUM_D",
        ),
        (("BELOW_MINIMUM_DURATION", "CAPPED"), "12:46: CAPPED lacks what it is about (write {CAPPED: the benefit})"),
        (("grants: {credit: 0.67", "grants: {kredit: 0.67"), "27:41: the policy has no benefit kredit (did you mean credit?)"),
        (("clock: 12 h", "clock: 12 hours"), "12:77: clock: hours is no unit (write 12 h)"),
        (("clock: 12 h", "clock: 12.5 s"), "12:77: clock: 12.5 s is no whole number of base units"),
        (("clock: 12 h", "clock: 12 h 3 MiB"), "12:77: clock: '12 h 3 MiB' mixes units"),
        (
            ("outcome: NOT_ELIGIBLE, ", ""),
            "12:13: expect holds an outcome with what goes with it, or malformed: or refused: alone",
        ),
        (("outcome: NOT_ELIGIBLE", "refused: NOT_IN_FORCE"), "12:13: expect holds an outcome with what goes with it, or malf"),
        ((CASES[CASES.index("  - id") :], "  []\n"), "8:3: there is no case"),
    ],
)
def test_what_is_wrong_with_a_file_of_cases_is_located_with_what_to_write(
    spoil: tuple[str, str], problem: str, tmp_path: Path
) -> None:
    written, instead = spoil
    assert written in CASES
    directory = suite(tmp_path, CASES.replace(written, instead, 1))
    with pytest.raises(CatalogError) as refused:
        load_suite(directory)
    problems = [str(each).removeprefix(f"{directory}/cases.yaml:") for each in refused.value.problems]
    assert [each for each in problems if each.startswith(problem)], problems


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    spoilt = CASES.replace("CONGESTION", "CONGESTED").replace("fee:", "fe:").replace("0.67 EUR", "0.6 EUR")
    with pytest.raises(CatalogError) as refused:
        load_suite(suite(tmp_path, spoilt))
    assert [(each.line, each.column) for each in refused.value.problems] == [(4, 10), (6, 77), (27, 49)]


def test_facts_go_by_short_names_and_by_the_contracts(tmp_path: Path) -> None:
    short, contract = read_every_word(
        tmp_path,
        """\
  - id: short
    why: The same facts twice.
    subscriber: {id: s-2, plan: DATA, fee: 30.00 GBP, allowance: 20 GiB, remaining: 512 MiB, vas: [MUSIC, NEWS],
                 customer: CONSUMER, payment: PREPAID, zone: Europe/London, cycle: {data: 1 GB},
                 billing: 2026-05-01 00:00+01:00 to 2026-06-01 00:00+01:00}
    outages: {id: o-1, from: 2026-05-01 12:00+01:00, to: 2026-05-02 12:00:30+01:00, cause: UNKNOWN, impact: LOSS,
              services: DATA, party: p, reported: 2026-05-01 12:05+01:00, announced: 2026-04-30 12:00+01:00,
              areas: [N1, N2], source: MANUAL}
    claim: {channel: WEB, at: 2026-05-03 12:00+01:00, from: 2026-05-01 12:00+01:00, to: 2026-05-02 12:00+01:00}
    already: {credit: 1.50 GBP}
    expect: {outcome: GRANTED}
""",
        """\
  - id: contract
    why: The same facts twice.
    subscriber: {subscriber_id: s-2, plan_type: DATA, monthly_fee: 30.00 GBP, data_allowance: 20 GiB,
                 data_remaining: 512 MiB, value_added_services: [MUSIC, NEWS], customer_type: CONSUMER, payment: PREPAID,
                 time_zone: Europe/London, billing_cycle: 2026-05-01 00:00+01:00 to 2026-06-01 00:00+01:00,
                 granted_this_cycle: {data: 1 GB}}
    outages: [{outage_id: o-1, started_at: 2026-05-01 12:00+01:00, ended_at: 2026-05-02 12:00:30+01:00, cause: UNKNOWN,
               impact: LOSS, services: [DATA], responsible_party: p, reported_at: 2026-05-01 12:05+01:00,
               announced_at: 2026-04-30 12:00+01:00, areas: [N1, N2], time_source: MANUAL}]
    claim: {channel: WEB, claimed_at: 2026-05-03 12:00+01:00,
            started_at: 2026-05-01 12:00+01:00, ended_at: 2026-05-02 12:00+01:00}
    already: {credit: 1.50 GBP}
    expect: {outcome: GRANTED}
""",
    )
    assert short.request == contract.request
    assert short.request.claim == Claim("WEB", 1777806000, 1777633200, 1777719600)
    assert short.request.mode == "APPLICATION"
    assert short.request.outages[0].ended_at == 1777719630
    assert short.request.already_granted == {"credit": 150}
    assert short.request.subscriber is not None
    assert short.request.subscriber.billing_cycle == Interval(1777590000, 1780268400)
    assert short.request.subscriber.granted_this_cycle == {"data": 10**9}


def test_attributes_are_read_by_the_types_that_the_policy_declares(tmp_path: Path) -> None:
    (case,) = read_every_word(
        tmp_path,
        """\
  - id: attributes
    why: One of every type.
    subscriber: {nation: SCOTLAND, average_bill: 12.34 GBP, joined_on: 2024-02-29, dropped_calls: 7, use_factor: 6/5,
                 spare_data: 1 GB, waited: 1 h 30 min, has_gateway: yes}
    outages: {from: 2026-05-01 12:00+01:00, towers_out: 12, in_district: no, negligence: GROSS,
              known_at: 2026-05-01 13:00+01:00,
              delays: [2026-05-01 12:00+01:00 to 2026-05-01 13:00+01:00, 2026-05-02 12:00+01:00 to 2026-05-02 13:00+01:00]}
    notice: {channel: SMS}
    expect: {outcome: GRANTED}
""",
    )
    assert case.request.subscriber is not None
    assert case.request.subscriber.attributes == {
        "nation": "SCOTLAND",
        "average_bill": Money("GBP", 1234),
        "joined_on": date(2024, 2, 29),
        "dropped_calls": 7,
        "use_factor": Fraction(6, 5),
        "spare_data": 10**9,
        "waited": 5400,
        "has_gateway": True,
    }
    assert case.request.outages[0].attributes == {
        "towers_out": 12,
        "in_district": False,
        "negligence": "GROSS",
        "known_at": Instant(1777636800),
        "delays": (Interval(1777633200, 1777636800), Interval(1777719600, 1777723200)),
    }
    assert (case.request.mode, case.request.notice) == ("PROACTIVE_NOTICE", NoticeRequest("SMS"))


@pytest.mark.parametrize(
    ("fact", "problem"),
    [
        ("average_bill: 12 GiB", "average_bill: 12 GiB is an amount of data; an amount of money is needed here"),
        ("joined_on: 2024-02-30", "joined_on: '2024-02-30' is no date"),
        ("dropped_calls: 1/2", "dropped_calls: 1/2 is no whole number of base units"),
        ("use_factor: 1.5", "use_factor: 1.5 is a bare decimal number"),
        ("has_gateway: true", "has_gateway: 'true' is neither yes nor no (write yes or no)"),
        ("nation: SCOTTLAND", "nation: it is never 'SCOTTLAND' (did you mean SCOTLAND?)"),
        ("towers_out: 3", "a subscriber has no fact towers_out (it is a fact of the outage)"),
        ("nations: WALES", "a subscriber has no fact nations (did you mean nation?)"),
    ],
)
def test_an_attribute_of_another_type_is_located(fact: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"cases\.yaml:6:") as refused:
        read_every_word(tmp_path, f"  - id: x\n    why: x\n    subscriber: {{{fact}}}\n    expect: {{outcome: GRANTED}}\n")
    assert problem in str(refused.value)


def test_like_takes_what_is_named_and_changes_it(tmp_path: Path) -> None:
    cases = CASES.replace(
        "    subscriber: anna\n    outages: monday", "    subscriber: {like: anna, fee: not given}\n    outages: monday"
    )
    first, second, *_ = load_suite(suite(tmp_path, cases)).cases
    assert first.request.subscriber is not None and second.request.subscriber is not None
    assert first.request.subscriber == replace(second.request.subscriber, monthly_fee=None)
    assert second.request.outages[0] == replace(first.request.outages[0], ended_at=1772478001)


def test_money_has_the_decimals_of_its_currency(tmp_path: Path) -> None:
    policy = SMALL.replace("EUR", "KRW").replace("0.01 KRW", "1 KRW").replace("10000.00 KRW", "1000000 KRW")
    cases = CASES.replace("10.00 EUR", "30000 KRW").replace("0.33 EUR", "1000 KRW").replace("0.67 EUR", "2000 KRW")
    assert all(outcome.differences == () for outcome in load_suite(suite(tmp_path, cases, policy)).run())


def test_what_is_expected_to_be_malformed_is_taken_as_it_stands(tmp_path: Path) -> None:
    malformed = """\
  - id: malformed
    why: Everything that a mistaken caller could send.
    subscriber: {id: "", fee: -0.01 EUR, plan: "99", color: GREEN, height: 3 MiB}
    outages: {cause: "98"}
    already: {minutes: -5 min}
    expect:
      malformed:
        - subscriber.subscriber_id
        - subscriber.monthly_fee.amount_minor
        - subscriber.plan_type
        - subscriber.attributes["color"]
        - subscriber.attributes["height"]
        - outages[0].started_at
        - outages[0].cause
        - already_granted.quantities["minutes"]
"""
    *_, last = load_suite(suite(tmp_path, CASES + malformed)).run()
    assert last.differences == ()


# ------------------------------------------------------------------------------------------------------------- coverage


def test_cases_on_both_sides_of_every_boundary_cover_a_policy(tmp_path: Path) -> None:
    assert str(covered(suite(tmp_path))) == "small: 4 of 4 rules and 4 of 4 sides of boundaries, 100 %"


@pytest.mark.parametrize("dropped", ["exactly-12-h", "a-second-more", "exactly-a-day", "a-day-and-a-second"])
def test_without_any_one_of_its_cases_a_side_of_a_boundary_is_missed(dropped: str, tmp_path: Path) -> None:
    head, *cases = CASES.split("  - id: ")
    kept = "  - id: ".join([head, *(case for case in cases if not case.startswith(f"{dropped}\n"))])
    coverage = covered(suite(tmp_path, kept))
    assert [missed.item.kind for missed in coverage.missed] == ["boundary"]
    assert coverage.percent == 87


def test_what_no_case_exercises_is_listed_with_its_line_and_clause(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = suite(tmp_path, FARTHER_OFF)
    assert main(["test", str(directory), "--coverage"]) == 0
    total, only, count, _ = capsys.readouterr().out.splitlines()
    assert total == "small: 4 of 4 rules and 2 of 4 sides of boundaries, 75 %"
    place, case = f"  {directory}/2026.yaml:10: clocks.outage.only.interruption, clause 1: ", "time in the interruption"
    assert only == f"{place}no case is one whose {case} is a second over 12 h"
    place = f"  {directory}/2026.yaml:15: benefits.credit.count.started, clause 2: "
    assert count == f"{place}no case is one whose time is a second over a multiple of 24 h"


@pytest.mark.parametrize(("threshold", "status"), [(75, 0), (76, 1)])
def test_coverage_below_the_threshold_fails(
    threshold: int, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = suite(tmp_path, FARTHER_OFF)
    assert main(["test", str(directory), "--threshold", str(threshold)]) == status
    assert ("75 % is below the threshold of 76 %" in capsys.readouterr().err) == bool(status)


@pytest.mark.parametrize(
    ("op", "threshold", "below", "above"),
    [("less than", 59, 58, 59), ("at least", 59, 58, 59), ("at most", 59, 59, 60), ("more than", 59, 59, 60)],
)
def test_only_the_last_unit_and_the_first_beyond_stand_at_a_boundary(op: str, threshold: int, below: int, above: int) -> None:
    at: Callable[[int], Side | None] = lambda value: side_at(op, value, threshold, 1)  # type: ignore[arg-type]  # noqa: E731
    assert [value for value in range(50, 70) if at(value) is Side.BELOW] == [below]
    assert [value for value in range(50, 70) if at(value) is Side.ABOVE] == [above]


def test_versions_of_one_file_share_their_rules_but_each_has_to_decide_a_case(tmp_path: Path) -> None:
    versions = '{version: "2025", from: 2025-01-01, to: 2026-01-01}\n  - {version: "2026", from: 2026-01-01, to: open}'
    coverage = covered(suite(tmp_path, policy=small(versions)))
    assert [missed.item.case for missed in coverage.missed] == ["one that version 2025 decides"]


def test_a_cycle_that_is_not_known_and_not_needed_exercises_no_boundary_of_it(tmp_path: Path) -> None:
    """The interruption alone decides; a case that gives the cycle stands at its boundary too."""
    either = SMALL.replace(
        "{interruption: more than 12 h}", "{any of: [{interruption: more than 12 h}, {billing cycle: more than 12 h}]}"
    )
    unknown = CASES.replace("{fee: 10.00 EUR}", "{fee: 10.00 EUR, billing: 2026-03-01 00:00+01:00 to 2026-04-01 00:00+02:00}")
    unknown = unknown.replace(
        "subscriber: anna\n    outages: {like: monday, to: 2026-03-02",
        "subscriber: {like: anna, billing: not given}\n    outages: {like: monday, to: 2026-03-02",
    )
    missed = covered(suite(tmp_path, unknown, either)).missed
    assert [each.item.case for each in missed] == ["one whose time in the billing cycle is a second over 12 h"]


def test_every_word_of_the_language_has_something_to_exercise() -> None:
    version = load_policy(EVERY_WORD)[0]
    items = list(version_items(version))
    places = {".".join(item.path) for item in items}
    credit = ("when.payment", "sum of.repair", "sum of.repair.count.of each", "sum of.repair.pay.at most 5", "minus", "round")
    rests = ("sum of.outage.count.full", "sum of.outage.count.rest", "at least", "at most", "at most per cycle", "granted")
    for place in (
        "versions", "figures.class.otherwise", "figures.class.PLANNED_MAINTENANCE.less than 72 h", "figures.day_rate",
        "figures.busy.less than 10 %", "figures.gateway_factor.yes", "calendar.SCOTLAND", "measures.daytime.08:00 to 22:00",
        "clocks.repair.services", "clocks.repair.where.impact", "clocks.repair.liable.LOSS", "clocks.repair.starts",
        "clocks.repair.minus", "clocks.outage.only.local day", "clocks.outage.where.any of.towers_out",
        *(f"benefits.credit.{word}" for word in (*credit, *rests)), "benefits.data.larger of.weighed",
        "benefits.data.granted.total", "benefits.bonus.granted", "claims.within", "claims.widen", "claims.warn below",
        "recourse", "recourse.from.class", "notice.sms.en", "unsettled.b.1",
    ):  # fmt: skip
        assert place in places
    assert len({(item.mark, item.case) for item in items}) == len(items)
    assert [item for item in items if item.kind == "boundary" and not item.clause] == []


@pytest.mark.parametrize(
    ("without", "missed"),
    [
        ({"claimed_a_second_after_thirty_days"}, ("claims", "within")),
        ({"ninety_percent_on_record_below", "time_in_the_margin_does_not_support_the_claim"}, ("claims", "warn below")),
        (
            {"fee_59_at_under_a_tenth"},
            ("figures", "headroom", "DATA or CONVERGED", "otherwise", "less than 10 %", "less than 59.00 CNY"),
        ),
        ({"a_notice_of_everything"}, ("notice", "push", "zh-CN")),
    ],
)
def test_a_boundary_of_the_default_policy_is_missed_without_its_case(without: set[str], missed: tuple[str, ...]) -> None:
    loaded = load_suite(CATALOG / DEFAULT_POLICY_ID)
    assert without <= {case.id for case in loaded.cases}
    coverage = coverage_of(loaded, [outcome for outcome in loaded.run() if outcome.case.id not in without])
    assert missed in {each.item.path for each in coverage.missed}


def test_the_default_policy_is_exercised_whole_but_for_what_it_never_reads() -> None:
    coverage = covered(CATALOG / DEFAULT_POLICY_ID)
    assert [missed.item.path for missed in coverage.missed] == [("figures", "minutes_per_hour", "DATA")]
