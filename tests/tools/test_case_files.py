"""Files of cases: how facts are written, and what is wrong with a file is located."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from policy import CatalogError, Claim, GrantedBefore, Instant, Interval, Money, NoticeRequest
from policy.tools.suite import load_suite
from tests.language.small import SMALL
from tests.tools.suites import CASES, read_every_word, suite

# -------------------------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (("policy: small", "policy: smal"), "1:9: the policy beside these cases is small, not smal (write policy: small)"),
        (("people:", "peeple:"), "3:1: a file of cases knows no word 'peeple' (did you mean people?)"),
        (("as_of: 2026-06-01 00:00+02:00\n", ""), "7:5: the case lacks as_of: (the instant at which it is looked at; here, or"),
        (("{fee: 10.00 EUR}", "{fe: 10.00 EUR}"), "4:10: a subscriber has no fact fe (did you mean fee?)"),
        (("{fee: 10.00 EUR}", "{fee: 10.0 EUR}"), "4:15: fee: 10.0 EUR: amounts in EUR have 2 decimals (write 10.00 EUR)"),
        (("{fee: 10.00 EUR}", "{fee: 10.00}"), "4:15: fee: 10.00 lacks its unit; an amount of money is needed here"),
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
                 months: {2026-04: {data: 2 GB}}, billing: 2026-05-01 00:00+01:00 to 2026-06-01 00:00+01:00}
    outages: {id: o-1, from: 2026-05-01 12:00+01:00, to: 2026-05-02 12:00:30+01:00, cause: UNKNOWN, impact: LOSS,
              services: DATA, party: p, reported: 2026-05-01 12:05+01:00, announced: 2026-04-30 12:00+01:00,
              areas: [N1, N2], source: MANUAL}
    claim: {channel: WEB, at: 2026-05-03 12:00+01:00, from: 2026-05-01 12:00+01:00, to: 2026-05-02 12:00+01:00,
            earlier: 2026-05-01 10:00+01:00 to 2026-05-01 11:00+01:00}
    already: {credit: 1.50 GBP}
    before: {o-1: {credit: {2026-05: 2.50 GBP}, data: 1 GB}}
    expect: {outcome: GRANTED}
""",
        """\
  - id: contract
    why: The same facts twice.
    subscriber: {subscriber_id: s-2, plan_type: DATA, monthly_fee: 30.00 GBP, data_allowance: 20 GiB,
                 data_remaining: 512 MiB, value_added_services: [MUSIC, NEWS], customer_type: CONSUMER, payment: PREPAID,
                 time_zone: Europe/London, billing_cycle: 2026-05-01 00:00+01:00 to 2026-06-01 00:00+01:00,
                 granted_this_cycle: {data: 1 GB}, granted_by_month: {2026-04: {data: 2 GB}}}
    outages: [{outage_id: o-1, started_at: 2026-05-01 12:00+01:00, ended_at: 2026-05-02 12:00:30+01:00, cause: UNKNOWN,
               impact: LOSS, services: [DATA], responsible_party: p, reported_at: 2026-05-01 12:05+01:00,
               announced_at: 2026-04-30 12:00+01:00, areas: [N1, N2], time_source: MANUAL}]
    claim: {channel: WEB, claimed_at: 2026-05-03 12:00+01:00,
            started_at: 2026-05-01 12:00+01:00, ended_at: 2026-05-02 12:00+01:00,
            earlier: [2026-05-01 10:00+01:00 to 2026-05-01 11:00+01:00]}
    already: {credit: 1.50 GBP}
    before: {o-1: {credit: {2026-05: 2.50 GBP}, data: 1 GB}}
    expect: {outcome: GRANTED}
""",
    )
    assert short.request == contract.request
    assert short.request.claim == Claim("WEB", 1777806000, 1777633200, 1777719600, (Interval(1777626000, 1777629600),))
    assert short.request.mode == "APPLICATION"
    assert short.request.outages[0].ended_at == 1777719630
    assert short.request.already_granted == {"credit": 150}
    assert short.request.granted_before == (
        GrantedBefore("o-1", "credit", 250, "2026-05"), GrantedBefore("o-1", "data", 10**9)
    )  # fmt: skip
    assert short.request.subscriber is not None
    assert short.request.subscriber.billing_cycle == Interval(1777590000, 1780268400)
    assert short.request.subscriber.granted_this_cycle == {"data": 10**9}
    assert short.request.subscriber.granted_by_month == {"2026-04": {"data": 2 * 10**9}}


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
