"""Every word that can break a property is named by the structure, and shown to break it; every other is proved."""

from typing import Final, NamedTuple

import pytest

from policy.language.load import compile_versions
from policy.language.proofs.names import APART, EXCLUDING, MORE, SPLITTING
from policy.tools.proving.search import Counterexample, Search
from tests.proofs.small_schemes import by_name, doubted, scheme, version_of

EACH: Final = "of each: interruption"
WEATHER: Final = "liable: {by: cause, EXTREME_WEATHER: 0, otherwise: 1}"
GROSS: Final = "gross: {of: outage, type: yes or no}"


class Suspect(NamedTuple):
    """A scheme with a word that breaks a property: the word as it is named, and what the two requests are paid."""

    name: str
    text: str
    broken: str
    word: str
    paid: tuple[int, int]


STARTED: Final = scheme(f"{{started: 24 h, {EACH}}}", clock="only: {interruption: more than 12 h}")
SUSPECTS: Final = (
    Suspect("started of each interruption", STARTED, MORE, "started, of each interruption", (600, 400)),
    Suspect(
        "started local days of each interruption",
        scheme(f"{{started: local day, {EACH}}}"),
        MORE, "started, of each interruption", (400, 200),
    ),
    Suspect(
        "rest of each interruption",
        scheme(f"{{full: 24 h, rest: more than 6 h, {EACH}}}"),
        MORE, "rest, of each interruption", (400, 200),
    ),
    Suspect(
        "first units of each interruption paid better",
        scheme(f"{{full: 24 h, {EACH}}}", "{by: nth, at most 1: 10.00 EUR, otherwise: 1.00 EUR}"),
        MORE, "nth, of each interruption", (2000, 1100),
    ),
    Suspect(
        "a bracket that pays less for more",
        scheme("{started: 24 h}", "{by: count, at most 2: 10.00 EUR, otherwise: 1.00 EUR}"),
        MORE, "count", (2000, 300),
    ),
    Suspect(
        "a bracket of exact units that pays less for more",
        scheme("{exact: 24 h}", "{by: count, at most 2: 10.00 EUR, otherwise: 1.00 EUR}"),
        MORE, "count", (2000, 200),
    ),
    Suspect(
        "days_in_month of the whole",
        scheme("{started: 24 h}", "1/days_in_month of monthly_fee"),
        MORE, "days_in_month", (214, 194),
    ),
    Suspect("days_in_month once", scheme("once", "2/days_in_month of monthly_fee"), MORE, "days_in_month", (429, 387)),
    Suspect(
        "time that must not last", scheme("{exact: 24 h}", clock="only: {interruption: at most 24 h}"),
        MORE, "at most", (200, 0),
    ),
    Suspect(
        "time of a month that must stay below a limit",
        scheme("{exact: 24 h}", clock="only: {month: less than 24 h}"),
        MORE, "less than", (200, 0),
    ),
    Suspect(
        "a fact of one outage under only",
        scheme("{exact: 1 h}", clock="only: {any of: [{interruption: more than 48 h}, {gross: yes}]}", facts=GROSS),
        MORE, "gross", (200, 0),
    ),
    Suspect(
        "a cause in the middle that is left out",
        scheme(f"{{started: 24 h, {EACH}}}", clock=WEATHER),
        EXCLUDING, "started, of each interruption", (400, 200),
    ),
    Suspect(
        "a degraded service in the middle that is left out",
        scheme(f"{{started: 24 h, {EACH}}}", clock="where: {impact: LOSS}"),
        EXCLUDING, "started, of each interruption", (400, 200),
    ),
    Suspect(
        "a cause left out of a month that must stay below a limit",
        scheme("{exact: 24 h}", clock=f"{WEATHER}\nonly: {{month: less than 24 h}}"),
        EXCLUDING, "less than", (200, 0),
    ),
    Suspect(
        "whose outage it was, cut in two",
        scheme("{exact: 1 h}", clock="only: {any of: [{interruption: more than 48 h}, {gross: yes}]}", facts=GROSS),
        SPLITTING, "gross", (100, 0),
    ),
    Suspect(
        "work that counts if it was announced",
        scheme("{exact: 1 h}", clock="where: {notice: at least 72 h}"),
        SPLITTING, "notice", (200, 0),
    ),
    Suspect(
        "outages that end before a date", scheme("{exact: 1 h}", clock="where: {ended_at: before 2026-07-01}"),
        SPLITTING, "ended_at", (2400, 0),
    ),
    Suspect(
        "outages that begin from a date on", scheme("{exact: 1 h}", clock="where: {started_at: from 2026-07-01}"),
        SPLITTING, "started_at", (4800, 0),
    ),
    Suspect(
        "work announced in time that would have joined two interruptions",
        scheme(f"{{started: 24 h, {EACH}}}", clock="liable: {by: notice, less than 72 h: 1, otherwise: 0}"),
        SPLITTING, "notice", (400, 200),
    ),
    Suspect(
        "a wait that begins anew with each part",
        scheme("{exact: 24 h}", clock="starts: 4 h after started_at\nonly: {total: at most 24 h}"),
        SPLITTING, "started_at", (200, 0),
    ),
    Suspect(
        "a longer occasion that is worth less",
        scheme("once", "{by: length, at most 24 h: 10.00 EUR, otherwise: 5.00 EUR}", each="interruption"),
        MORE, "length", (1000, 500),
    ),
    Suspect(
        "an occasion that must not be long",
        scheme("once", "10.00 EUR", more="    when: {length: at most 24 h}", each="interruption"),
        MORE, "length", (1000, 0),
    ),
    Suspect(
        "an outage that lasts too long",
        scheme("{exact: 1 h}", "{by: ended_at, before 2026-07-01: 1.00 EUR, otherwise: 0.10 EUR}", each="outage"),
        MORE, "ended_at", (2400, 240),
    ),
    Suspect(
        "what has to hold of every outage",
        scheme("{exact: 1 h}", "1.00 EUR", facts=GROSS, more="    when: {every outage: {gross: yes}}"),
        MORE, "every outage", (100, 0),
    ),
    Suspect(
        "an outage that began on a date, told as two",
        scheme("{exact: 1 h}", "1.00 EUR", more="    when: {any outage: {started_at: from 2026-07-01}}"),
        SPLITTING, "started_at", (2400, 0),
    ),
    Suspect(
        "a cap of the month before",
        scheme("{started: 24 h}", each="interruption", more="    at most per month: monthly_fee"),
        MORE, "at most per month", (6200, 6000),
    ),
)  # fmt: skip


def searched(text: str, name: str) -> tuple[Search, Counterexample | None]:
    """The search for a counterexample to one property of a scheme."""
    version = version_of(text)
    search = Search(version, compile_versions([version], "small"), {})
    return search, search.counterexample(name, by_name(version)[name].doubts)


@pytest.mark.parametrize("suspect", SUSPECTS, ids=lambda suspect: suspect.name)
def test_a_word_that_breaks_a_property_is_named_and_a_counterexample_is_found(suspect: Suspect) -> None:
    assert suspect.word in doubted(version_of(suspect.text))[suspect.broken]
    search, found = searched(suspect.text, suspect.broken)
    assert found is not None, f"{search.tried} pairs tried"
    assert (found.paid_less, found.paid_more) == suspect.paid


PROVED: Final = {
    "exact": scheme("{exact: 1 h}", clock="only: {interruption: more than 12 h}"),
    "exact, of each interruption": scheme(f"{{exact: 1 h, {EACH}}}"),
    "started, of all time together": scheme("{started: 24 h}"),
    "started, of each month": scheme("{started: 24 h, of each: month}", "1/days_in_month of monthly_fee"),
    "started local days": scheme("{started: local day}"),
    "full, of each interruption": scheme(f"{{full: 24 h, {EACH}}}"),
    "full local days, of each interruption": scheme(f"{{full: local day, {EACH}}}"),
    "rest of all time together": scheme("{full: 24 h, rest: more than 6 h}"),
    "once": scheme("once"),
    "later units paid better": scheme(f"{{full: 24 h, {EACH}}}", "{by: nth, at most 2: 1.00 EUR, otherwise: 10.00 EUR}"),
    "first units paid better, of all time together": scheme(
        "{started: 24 h}", "{by: nth, at most 2: 10.00 EUR, otherwise: 1.00 EUR}"
    ),
    "started, of each interruption, whose first unit is free": scheme(
        f"{{started: 4 h, {EACH}}}", "{by: nth, at most 2: 0.00 EUR, otherwise: 20.00 EUR}"
    ),
    "brackets that pay more for more": scheme(
        "{exact: 1 h}", "{by: count, at most 5: 5/864 of monthly_fee, otherwise: 6/864 of monthly_fee}"
    ),
    "a bracket that pays less for each unit and no less for all": scheme(
        "{started: 24 h}", "{by: count, at most 2: 3.00 EUR, otherwise: 2.00 EUR}"
    ),
    "the larger of two rates, twice": scheme(
        f"{{full: local day, {EACH}}}",
        "{by: nth, at most 2: {larger of: [5.00 EUR, 10 % of monthly_fee]}, "
        "otherwise: {larger of: [10.00 EUR, 20 % of monthly_fee]}}",
    ),
    "days with more than twelve hours of long interruptions": scheme(
        "{started: local day}", clock="only: [{interruption: more than 24 h}, {local day: more than 12 h}]"
    ),
    "any of two scopes": scheme("{exact: 1 h}", clock="only: {any of: [{interruption: at least 3 h}, {month: at least 6 h}]}"),
    "causes left out, and waits": scheme("{started: local day}", clock=f"{WEATHER}\nstarts: 2 local days after started_at"),
    "planned work left out if announced": scheme(
        "{exact: 1 h}",
        clock="liable: {by: cause, PLANNED_MAINTENANCE: {by: notice, less than 72 h: 1, otherwise: 0}, otherwise: 1}",
    ),
    "outages that begin before a date": scheme("{exact: 1 h}", clock="where: {started_at: before 2026-07-01}"),
    "started, for each interruption": scheme(
        "{started: 24 h}", clock="only: {interruption: more than 12 h}", each="interruption"
    ),
    "started of each interruption, for each interruption": scheme(f"{{started: 24 h, {EACH}}}", each="interruption"),
    "first units paid better, for each interruption": scheme(
        "{started: 24 h}", "{by: nth, at most 2: 10.00 EUR, otherwise: 1.00 EUR}", each="interruption"
    ),
    "once, and at most, for each interruption": scheme(
        "once", "10.00 EUR", more="    at least: 12.00 EUR", each="interruption"
    ),
    "a share by the days of the month, for each month": scheme("{exact: 24 h}", "1/days_in_month of monthly_fee", each="month"),
    "a longer occasion that is worth more": scheme(
        "once", "{by: length, at most 24 h: 5.00 EUR, otherwise: 10.00 EUR}", each="interruption"
    ),
    "caps of the cycle, and of the month for each month": scheme(
        "{exact: 1 h}", "1.00 EUR", each="month", more="    at most per cycle: 30.00 EUR\n    at most per month: 20.00 EUR"
    ),
    "any outage that is so": scheme("{exact: 1 h}", "1.00 EUR", facts=GROSS, more="    when: {any outage: {gross: yes}}"),
    "bounds, and what is set off": scheme(
        "{exact: 1 h}", more="    minus: 1.00 EUR\n    at least: 2.00 EUR\n    at most: monthly_fee"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROVED)
def test_a_word_that_keeps_the_order_is_proved_and_no_pair_speaks_against_it(name: str) -> None:
    version = version_of(PROVED[name])
    assert doubted(version) == {}
    search = Search(version, compile_versions([version], "small"), {}, most_pairs=600)
    for each in (MORE, EXCLUDING, SPLITTING):
        assert search.counterexample(each) is None
        assert search.tried > 0 or each == EXCLUDING  # not every scheme has a kind of outage that it leaves out


def test_an_outage_told_as_two_is_two_where_the_policy_is_for_each_outage() -> None:
    version = version_of(scheme("once", "5.00 EUR", each="outage"))
    told = by_name(version)[SPLITTING]
    assert (told.proved, told.doubts) == (False, ())
    assert told.because == "credit is for each outage, and one that is told as two is two"
    assert by_name(version)[APART].because == (
        "each outage is decided by itself, as long as whole ones are asked about, and outages that overlap in one request"
    )


def test_all_that_one_request_asks_about_is_one_where_the_policy_is_for_all_together() -> None:
    told = by_name(version_of(scheme("once", "5.00 EUR")))[APART]
    assert (told.proved, told.doubts) == (False, ())
    assert told.because == "credit is for all together: what one request asks about is one"


@pytest.mark.parametrize("each", ["interruption", "month", "billing cycle"])
def test_asking_apart_pays_the_same_for_whole_occasions(each: str) -> None:
    assert by_name(version_of(scheme("once", "5.00 EUR", each=each)))[APART].proved
