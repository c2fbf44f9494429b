"""The desk's command line, against a server of canned decisions."""

import io
import json
from typing import Any

import pytest
from google.rpc import code_pb2
from rich.console import Console

from clients import enums
from clients.crm import answer, cli, explanation
from clients.crm.words_en import ENGLISH
from clients.crm.words_zh import CHINESE
from clients.errors import ExitCode
from makegood.v1 import decision_pb2, facts_pb2
from tests.clients.conftest import Run
from tests.clients.desk import OUTAGE, WHO
from tests.clients.fakes import FakeServer, bad_request, failing


def test_decision_is_printed_in_words_and_units(run: Run) -> None:
    """Outcome, grants in units that a person says, validity, clause, policy stamp."""
    done = run("crm", "quote", *WHO, "--outage", OUTAGE)
    assert done.returncode == ExitCode.DONE, done.stderr
    assert done.stdout.startswith("Granted: the customer receives the following.")
    assert "MiB of data, usable for 30 days from booking, clause 3.1.1" in done.stdout
    assert "Decided by fake 2026-01" in done.stdout


def test_quote_shows_no_key_and_claim_does(run: Run) -> None:
    """A quote is not to be booked; a claim's decision is."""
    assert "grant key" not in run("crm", "quote", *WHO, "--outage", OUTAGE).stdout
    span = "2026-03-04T08:00+08:00/2026-03-04T11:30+08:00"
    assert "grant key" in run("crm", "claim", *WHO, "--outage", OUTAGE, "--channel", "APP", "--claimed", span).stdout


def test_a_quote_says_that_it_is_one_and_a_claim_does_not(run: Run, fake: FakeServer) -> None:
    """Else the server would count what the desk tells a customer among what it grants."""
    run("crm", "quote", *WHO, "--outage", OUTAGE)
    span = "2026-03-04T08:00+08:00/2026-03-04T11:30+08:00"
    run("crm", "claim", *WHO, "--outage", OUTAGE, "--channel", "APP", "--claimed", span)
    assert fake.purposes == ["quote", None]


def test_not_eligible_is_a_decision_with_a_way_on(run: Run) -> None:
    """Nothing owed is no error: the reason, its clause and what can be done are printed."""
    done = run("crm", "quote", "--subscriber", "short-1", "--plan-type", "DATA", "--outage", OUTAGE)
    assert done.returncode == ExitCode.DONE
    assert "shorter than the policy's threshold. (BELOW_MINIMUM_DURATION, clause 3.1.1)" in done.stdout
    assert "What can be done:" in done.stdout


def test_json_is_the_response(run: Run) -> None:
    """--json is the contract's own form, for other programs."""
    done = run("crm", "quote", *WHO, "--outage", OUTAGE, "--json")
    assert json.loads(done.stdout)["decision"]["outcome"] == "OUTCOME_GRANTED"


def test_refusal_names_every_field(run: Run, fake: FakeServer) -> None:
    """What the server refuses is one line for each field, and the exit code says whose turn it is."""
    details = bad_request(("outages[0].ended_at", "must be after started_at"), ("subscriber.subscriber_id", "must be given"))
    fake.failures.append(failing(code_pb2.INVALID_ARGUMENT, "2 fields are malformed", details))
    done = run("crm", "quote", *WHO, "--outage", OUTAGE)
    assert done.returncode == ExitCode.REFUSED
    assert done.stdout == ""
    assert done.stderr.splitlines()[1:] == [
        "  outages[0].ended_at: must be after started_at",
        "  subscriber.subscriber_id: must be given",
    ]


def test_unreachable_server_is_named_with_what_to_check(run: Run) -> None:
    """The address and what to look at, without a traceback."""
    done = run("crm", "quote", *WHO, "--outage", OUTAGE, "--address", "localhost:1")
    assert done.returncode == ExitCode.UNREACHABLE
    assert done.stderr.startswith("crm: cannot reach localhost:1:")
    assert "--address or MAKEGOOD_ADDRESS" in done.stderr
    assert "Traceback" not in done.stderr


def test_question_is_read_from_standard_input(run: Run) -> None:
    """- reads a pipe, and what is wrong with it is said about standard input."""
    outage = '{"outage_id": "o", "ended_at": "2026-01-01T00:00Z"}'
    good = f'{{"subscriber": {{"subscriber_id": "138", "plan_type": "DATA"}}, "outages": [{outage}]}}'
    assert run("crm", "quote", "-", given=good).returncode == ExitCode.DONE
    bad = run("crm", "quote", "-", given='{"subscribe": {}}')
    assert bad.returncode == ExitCode.BAD_INPUT
    assert "standard input" in bad.stderr
    assert "did you mean subscriber" in bad.stderr


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_code_of_the_contract_has_words(words: Any) -> None:
    """A code that is added to the contract has to be put into words, in every language."""
    assert set(words.outcomes) == set(enums.codes(decision_pb2.Outcome.DESCRIPTOR))
    assert set(words.reasons) == set(enums.codes(decision_pb2.ReasonCode.DESCRIPTOR))
    assert set(words.warnings) == set(enums.codes(decision_pb2.WarningCode.DESCRIPTOR))
    assert set(words.kinds) == set(enums.codes(decision_pb2.BenefitKind.DESCRIPTOR))
    assert set(words.labels) == set(ENGLISH.labels)


def whole_decision() -> decision_pb2.Decision:
    """A decision with something in every field."""
    decision = decision_pb2.Decision(decision_id="d1", outcome=decision_pb2.OUTCOME_GRANTED, clock_seconds=12600)
    decision.weighted_seconds.numerator, decision.weighted_seconds.denominator = 17100, 1
    decision.reasons.add(
        code=decision_pb2.REASON_CODE_CAPPED, clause="3.1.2", benefit="data", field="subscriber.granted_this_cycle"
    )
    decision.reasons.add(code=99)
    decision.warnings.add(code=decision_pb2.WARNING_CODE_CYCLE_TOTAL_UNKNOWN, field="subscriber.granted_this_cycle")
    for kind, quantity, currency in (
        (decision_pb2.BENEFIT_KIND_DATA_BYTES, 1900 * 2**20, ""),
        (decision_pb2.BENEFIT_KIND_VALUE_ADDED_DAYS, 2, ""),
        (decision_pb2.BENEFIT_KIND_CREDIT, 500, "CNY"),
    ):
        decision.grants.add(grant_key="ab" * 16, benefit="b", kind=kind, quantity=quantity, currency_code=currency, clause="1")
    decision.grants[1].window.started_at.seconds = 0
    decision.grants[1].window.ended_at.seconds = 86400
    decision.grants[2].valid_for_seconds = 3600
    decision.recourse.add(amount=facts_pb2.Money(currency_code="CNY", amount_minor=1860))
    decision.notice.messages.add(channel=decision_pb2.NOTICE_CHANNEL_PUSH, language="en", title="Sorry", body="Two\nlines")
    line = decision.explanation.lines.add(
        rule="clocks.outage", clause="3.1.1", applied=True, value="17100", unit="weighted s", note="all"
    )
    line.inputs.add(name="impact", value="LOSS")
    line.inputs.add(name="share", value="1/3")
    line.inputs.add(name="from", value="1970-01-01T00:00:00Z")
    decision.explanation.lines.add(rule="benefits.voice", applied=False, note="a data plan")
    decision.explanation.clauses.add(clause="3.1.1", texts={"zh-CN": "基于中断时长", "en": "By length"})
    decision.explanation.clauses.add(clause="3.1.2", texts={"zh-CN": "结合套餐"})
    return decision


def shown(words: Any, zone: str = "Asia/Shanghai", *, in_short: bool = False) -> str:
    console = Console(soft_wrap=True, highlight=False, width=200, record=True, file=io.StringIO())
    answer.write(console, whole_decision(), words, cli._zone(zone), with_keys=True, in_short=in_short)
    return console.export_text()


def test_everything_of_a_decision_is_shown() -> None:
    """Nothing that the server says is dropped on the way to the desk, also a code that is newer than this command."""
    text = shown(ENGLISH)
    for part in (
        "1900 MiB of data, no time limit",
        "2 days more of the value-added services, usable from 1970-01-01 08:00:00+08:00 until 1970-01-02 08:00:00+08:00",
        "5.00 CNY of credit, usable for 1 h from booking",
        "grant key abab",
        "CAPPED, data, clause 3.1.2, subscriber.granted_this_cycle",
        "(99)",
        "CYCLE_TOTAL_UNKNOWN",
        "(party not named) owes 18.60 CNY",
        "[PUSH, en]",
        "Sorry",
        "lines",
        "clocks.outage [3.1.1] = 4.75 weighted h  (all)",
        "impact LOSS, share 1/3",
        "benefits.voice: does not apply  (a data plan)",
        "3.1.1  By length",
        "3.1.2  结合套餐",
        "Counted 3 h 30 min of outage, weighted 4.75 h",
    ):
        assert part in text, part


def test_chinese_answer_is_chinese() -> None:
    """The desk's other language has its own words, units and clause texts."""
    text = shown(CHINESE)
    for part in ("予以补偿", "流量 1900 MiB", "增值业务延长 2 天", "3.1.1  基于中断时长", "（未具名） 应承担 18.60 CNY"):
        assert part in text, part


def test_chinese_derivation_is_chinese() -> None:
    """Units, notes and inputs of steps too; a policy's own names stay."""
    chinese = {
        "no claim was made": "客户未提出申请",
        "a quote: nothing can be booked on it": "仅供报价，不可入账",
        "in force from 2026-01-01 until 2027-01-01": "自 2026-01-01 起至 2027-01-01 前有效",
        "left out: o-1, o-2; nothing is left: EXCLUDED_CAUSE": (
            "未计入：o-1, o-2; 没有剩余: 该原因不由运营商负责 (EXCLUDED_CAUSE)"
        ),
        "BELOW_MINIMUM_DURATION": "中断时长未达到策略规定的下限 (BELOW_MINIMUM_DURATION)",
        "started 86400 s": "每开始 86400 秒计一个单位",
        "exact 3600 s of weighted time": "按 weighted 时间精确计，每 3600 秒一个单位",
        "a note of another day": "a note of another day",
    }
    for english, text in chinese.items():
        assert (ENGLISH.note(english), CHINESE.note(english)) == (english, text)
    assert explanation.exact("10800", "weighted s", CHINESE) == "加权 3 小时"
    assert explanation.exact("8175/2", "s", CHINESE) == "4087.5 秒"
    assert explanation.exact("1", "outages", CHINESE) == "1 次中断"
    assert (CHINESE.input("time at 3/2"), CHINESE.input("figures.class")) == ("权重 3/2 的时间", "figures.class")


def test_instants_of_steps_are_shown_in_the_zone() -> None:
    """As those of the answer are; where no zone is given, they are UTC, and that is said once."""
    assert "from 1970-01-01 08:00:00+08:00" in shown(ENGLISH)
    assert "UTC" not in shown(ENGLISH)
    text = shown(ENGLISH, "")
    assert "from 1970-01-01 00:00:00+00:00" in text
    assert text.count("UTC") == 1


def test_zone_that_does_not_exist_is_refused(run: Run) -> None:
    """Times would be shown in UTC without a word."""
    done = run("crm", "quote", *WHO, "--outage", OUTAGE, "--zone", "Asia/Nowhere")
    assert (done.returncode, "'Asia/Nowhere' is not a zone" in done.stderr) == (ExitCode.BAD_INPUT, True)


def test_summary_says_how_to_see_every_step() -> None:
    assert ("--explain full" in shown(ENGLISH, in_short=True), "--explain full" in shown(ENGLISH)) == (True, False)


def test_claim_that_is_not_handed_over_says_that_nothing_is_stored(run: Run) -> None:
    """The server keeps nothing; a desk that expects otherwise would leave the customer with nothing."""
    span = ("--channel", "APP", "--claimed", "2026-03-04T08:00+08:00/2026-03-04T11:30+08:00")
    said = run("crm", "claim", *WHO, "--outage", OUTAGE, *span).stdout.splitlines()
    assert said[-1].startswith("Nothing of this is stored or booked: file it with --out FILE")
    assert "stored" not in run("crm", "claim", *WHO, "--outage", OUTAGE, *span, "--out", "c.csv").stdout
    assert "stored" not in run("crm", "quote", *WHO, "--outage", OUTAGE).stdout


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("12600", "s", "3 h 30 min"),
        ("1", "s", "1 s"),
        ("1/2", "s", "0.5 s"),
        ("17100", "weighted s", "4.75 weighted h"),
        ("100", "weighted s", "100 weighted s"),
        ("1992294400", "B", "1900 MiB"),
        ("0", "B", "0 B"),
        ("2571632640", "B", "2452.5 MiB"),
        ("10737418240", "B", "10 GiB"),
        ("1025", "B", "1025 B"),
        ("1", "days", "1 day"),
        ("12900", "minor units of CNY", "129.00 CNY"),
        ("500", "minor units of JPY", "500 JPY"),
        ("1/3", "minor units of CNY", "1/3 minor units of CNY"),
        ("95/2", "", "47.5"),
        ("LOSS", "", "LOSS"),
        ("1/3", "CNY", "1/3 CNY"),
    ],
)
def test_value_of_a_step_is_shown_exactly(value: str, unit: str, text: str) -> None:
    """A step's value is put into a human unit only where nothing is lost."""
    assert explanation.exact(value, unit, ENGLISH) == text
