"""Claims about notices: exact quantities, local times, and words in every language of the policy."""

from dataclasses import replace
from datetime import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.calculator import notice
from policy.calculator.decision import Grant
from policy.calculator.notice import NoticeFacts, NoticeWriter, unknown_placeholders
from policy.calculator.request import NoticeRequest
from policy.calculator.rules import Clause, NoticeRule, NoticeWords, Phrase, Template
from policy.language import calendars

SHANGHAI = calendars.zone("Asia/Shanghai")
MIB = 2**20


def same(text: str) -> Phrase:
    return Phrase(text, text)


CHINESE = NoticeWords(
    time="%-m月%-d日%H:%M",
    days=same("{n}天"),
    hours=same("{n}小时"),
    minutes=same("{n}分钟"),
    seconds=same("{n}秒"),
    between="",
    comma="、",
    and_="和",
    causes={"EQUIPMENT_FAILURE": "设备故障", "SOFTWARE_FAULT": "设备故障", "POWER_SUPPLY": "电力故障", "VANDALISM": "人为破坏"},
    grants={
        "data": same("{quantity} MiB流量（{valid_for}内有效）"),
        "voice": same("{quantity}分钟通话（{valid_for}内有效）"),
        "value_added": same("{quantity}天增值业务"),
        "credit": same("{quantity}元"),
        "unlimited": same("{quantity}小时不限量"),
    },
)
ENGLISH = NoticeWords(
    time="%Y-%m-%d %H:%M",
    days=Phrase("{n} day", "{n} days"),
    hours=same("{n} h"),
    minutes=same("{n} min"),
    seconds=same("{n} s"),
    between=" ",
    comma=", ",
    and_=" and ",
    causes={"EQUIPMENT_FAILURE": "equipment", "SOFTWARE_FAULT": "software", "POWER_SUPPLY": "power", "VANDALISM": "vandalism"},
    grants={
        "data": same("{quantity} MiB of data (valid for {valid_for})"),
        "voice": same("{quantity} min of calls (valid for {valid_for})"),
        "value_added": Phrase("{quantity} extra day", "{quantity} extra days"),
        "credit": same("{quantity} CNY"),
        "unlimited": same("{quantity} h without limit"),
    },
)
RULE = NoticeRule(
    clause=Clause("3.2.3", {"zh-CN": "主动告知"}),
    templates=(
        Template("SMS", "zh-CN", "", "因{cause}，您{start}至{end}的服务中断{clock}。已赠送{grants}。"),
        Template("SMS", "en", "", "Down {start} to {end} ({clock}; {cause}). Added: {grants}."),
        Template("PUSH", "zh-CN", "服务中断补偿：{cause}", "已赠送{grants}。"),
        Template("PUSH", "en", "Compensation", "Added: {grants}."),
    ),
    words={"zh-CN": CHINESE, "en": ENGLISH},
    units={"data": MIB, "voice": 60, "value_added": 1, "credit": 100, "unlimited": 3600},
)


def shanghai(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp())


def grant(benefit: str, quantity: int, valid_for_seconds: int = 0, kind: str = "") -> Grant:
    return Grant("", benefit, kind, quantity, "", valid_for_seconds, None, "", 0, ())


FACTS = NoticeFacts(
    started_at=shanghai("2026-03-04T08:00"),
    ended_at=shanghai("2026-03-04T11:30"),
    clock_seconds=12600,
    causes=("EQUIPMENT_FAILURE",),
    grants=(grant("data", 1900 * MIB, 30 * 86400),),
)


def english(facts: NoticeFacts) -> str:
    """The English short message about facts."""
    (message,) = NoticeWriter(RULE, SHANGHAI).write(NoticeRequest("SMS", ("en",)), facts)
    return message.body


def added(*grants: Grant) -> str:
    return english(replace(FACTS, grants=grants)).partition("Added: ")[2]


def test_message_says_what_happened_when_what_is_granted_and_how_long_it_is_valid() -> None:
    messages = NoticeWriter(RULE, SHANGHAI).write(None, FACTS)
    assert [(each.channel, each.language, each.title, each.body) for each in messages] == [
        ("SMS", "zh-CN", "", "因设备故障，您3月4日08:00至3月4日11:30的服务中断3小时30分钟。已赠送1900 MiB流量（30天内有效）。"),
        (
            "SMS",
            "en",
            "",
            "Down 2026-03-04 08:00 to 2026-03-04 11:30 (3 h 30 min; equipment). Added: 1900 MiB of data (valid for 30 days).",
        ),
        ("PUSH", "zh-CN", "服务中断补偿：设备故障", "已赠送1900 MiB流量（30天内有效）。"),
        ("PUSH", "en", "Compensation", "Added: 1900 MiB of data (valid for 30 days)."),
    ]


def test_only_short_messages_have_segments() -> None:
    messages = NoticeWriter(RULE, SHANGHAI).write(None, FACTS)
    assert [(each.segments, each.encoding) for each in messages] == [(1, "UCS_2"), (1, "GSM_7"), (0, ""), (0, "")]


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        pytest.param(None, ["SMS zh-CN", "SMS en", "PUSH zh-CN", "PUSH en"], id="not asked: all"),
        pytest.param(NoticeRequest(), ["SMS zh-CN", "SMS en", "PUSH zh-CN", "PUSH en"], id="nothing named: all"),
        pytest.param(NoticeRequest("PUSH"), ["PUSH zh-CN", "PUSH en"], id="one channel"),
        pytest.param(NoticeRequest("", ("en",)), ["SMS en", "PUSH en"], id="one language"),
        pytest.param(NoticeRequest("SMS", ("en", "zh-CN")), ["SMS zh-CN", "SMS en"], id="the policy's order, not the asker's"),
        pytest.param(NoticeRequest("SMS", ("en", "en")), ["SMS en"], id="asked twice, written once"),
    ],
)
def test_messages_are_those_asked_for_in_the_order_of_the_policy(asked: NoticeRequest | None, written: list[str]) -> None:
    assert [f"{each.channel} {each.language}" for each in NoticeWriter(RULE, SHANGHAI).write(asked, FACTS)] == written


def test_times_are_the_wall_clock_of_the_policys_zone() -> None:
    """The same instants, told in London on the night when the clock goes back."""
    start = shanghai("2026-10-25T07:30")
    facts = replace(FACTS, started_at=start, ended_at=start + 2 * 3600)
    (message,) = NoticeWriter(RULE, calendars.zone("Europe/London")).write(NoticeRequest("SMS", ("en",)), facts)
    assert "2026-10-25 00:30 to 2026-10-25 01:30" in message.body


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "1 s"),
        (60, "1 min"),
        (3599, "59 min 59 s"),
        (3600, "1 h"),
        (3605, "1 h 5 s"),
        (86399, "23 h 59 min 59 s"),
        (86400, "1 day"),
        (90000, "25 h"),
        (2 * 86400, "2 days"),
        (0, "0 min"),
    ],
)
def test_duration_is_told_exactly(seconds: int, said: str) -> None:
    """Whole days as days; anything else in hours, minutes and seconds, of which those that are 0 are left out."""
    assert f"({said}; equipment)" in english(replace(FACTS, clock_seconds=seconds))


@pytest.mark.parametrize(
    ("causes", "said"),
    [
        pytest.param(("POWER_SUPPLY",), "power", id="one"),
        pytest.param(("POWER_SUPPLY", "EQUIPMENT_FAILURE"), "power and equipment", id="in the order of their beginning"),
        pytest.param(("VANDALISM", "POWER_SUPPLY", "SOFTWARE_FAULT"), "vandalism, power and software", id="three"),
        pytest.param(("POWER_SUPPLY", "VANDALISM", "POWER_SUPPLY"), "power and vandalism", id="a repeat is said once"),
    ],
)
def test_several_causes_are_joined_in_order(causes: tuple[str, ...], said: str) -> None:
    assert f"; {said})" in english(replace(FACTS, causes=causes))


def test_causes_with_the_same_words_are_said_once() -> None:
    facts = replace(FACTS, causes=("EQUIPMENT_FAILURE", "POWER_SUPPLY", "SOFTWARE_FAULT"))
    (message,) = NoticeWriter(RULE, SHANGHAI).write(NoticeRequest("SMS", ("zh-CN",)), facts)
    assert message.body.startswith("因设备故障和电力故障，")


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        pytest.param(grant("data", MIB // 2), "0.5 MiB of data", id="half a unit"),
        pytest.param(grant("data", 2 * MIB + 1), "2.00000095367431640625 MiB of data", id="one byte more, exact"),
        pytest.param(grant("voice", 90), "1.5 min of calls", id="a rest with an end"),
        pytest.param(grant("voice", 500), "8 1/3 min of calls", id="a rest without one is a fraction"),
        pytest.param(grant("voice", 20), "1/3 min of calls", id="less than one"),
        pytest.param(grant("value_added", 1), "1 extra day.", id="one"),
        pytest.param(grant("value_added", 2), "2 extra days.", id="two"),
        pytest.param(grant("credit", 840, kind="CREDIT"), "8.40 CNY", id="money has all its decimals"),
        pytest.param(grant("credit", 800, kind="CREDIT"), "8.00 CNY", id="also when they are nought"),
        pytest.param(grant("credit", 5, kind="CREDIT"), "0.05 CNY", id="and when they begin with nought"),
        pytest.param(grant("unlimited", 86400), "24 h without limit", id="time without limit"),
    ],
)
def test_quantity_is_exact(given_: Grant, said: str) -> None:
    assert added(given_).startswith(said)


def test_currency_without_decimals_is_told_without() -> None:
    """Yen: one major unit is one minor unit."""
    rule = replace(RULE, units={**RULE.units, "credit": 1})
    facts = replace(FACTS, grants=(grant("credit", 200, kind="CREDIT"),))
    assert NoticeWriter(rule, SHANGHAI).write(NoticeRequest("PUSH", ("en",)), facts)[0].body == "Added: 200 CNY."


def test_every_grant_is_told_with_its_own_validity_in_the_order_of_the_policy() -> None:
    several = (grant("data", 2556 * MIB, 30 * 86400), grant("voice", 71 * 60, 36 * 3600), grant("value_added", 2))
    assert added(*several) == "2556 MiB of data (valid for 30 days), 71 min of calls (valid for 36 h) and 2 extra days."


@given(st.integers(0, 10**15), st.integers(1, 10**6) | st.sampled_from([MIB, 2**30, 60, 3600, 100]))
def test_written_quantity_reads_back_to_the_same_number(base: int, unit: int) -> None:
    """As a whole number, a decimal, or a whole number and a fraction."""
    written = notice._quantity(base, unit)
    assert sum(Fraction(part) for part in written.split()) * unit == base
    assert not ("." in written and written.endswith("0"))


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("because of {cause}", ()),
        ("{{as written}} {cause}", ()),
        ("{reason} and {cause}", ("{reason}",)),
        ("{}", ("{}",)),
        ("{cause.__class__}", ("{cause.__class__}",)),
        ("{clock:>10}", ("{clock:>10}",)),
        ("{clock!r}", ("{clock!r}",)),
        ("{quantity} {n}", ("{quantity}", "{n}")),
        ("a } brace", ("}",)),
        ("a { brace", ("{",)),
        ("a {", ("{",)),
    ],
)
def test_placeholder_that_a_text_may_not_name_is_reported(text: str, unknown: tuple[str, ...]) -> None:
    assert unknown_placeholders(text, notice.MESSAGE_PLACEHOLDERS) == unknown


def test_words_with_braces_are_never_read_as_placeholders() -> None:
    words = replace(ENGLISH, causes={**ENGLISH.causes, "EQUIPMENT_FAILURE": "{grants}"})
    rule = replace(RULE, words={**RULE.words, "en": words})
    assert "; {grants})" in NoticeWriter(rule, SHANGHAI).write(NoticeRequest("SMS", ("en",)), FACTS)[0].body
