"""``check`` finds what can never be and what never matters, at its place; and says nothing of what does matter."""

from pathlib import Path
from typing import Final

import pytest

from policy.language.catalog import load_versions
from policy.language.proofs.idle import idle_words, twice_paid
from policy.tools.check import files_of
from policy.tools.cli import main
from policy.tools.idle import idle_problems
from tests.language.small import SMALL, policy_directory
from tests.proofs.small_schemes import DAY, scheme, version_of
from tests.support.library import CATALOG

LUMP: Final = "5.00 EUR"
PAYS: Final = "    when: {monthly_fee: more than 0.00 EUR}\n"
FACTS: Final = "households: {type: number, of: subscriber, at most: 9}"

IDLE: Final = {
    "two codes of one fact": (
        scheme("once", clock="where:\n  - {cause: POWER_SUPPLY}\n  - {cause: CONSTRUCTION_DAMAGE}"),
        ("clocks.outage.where", "no request meets this"),
    ),
    "a length that is more and less": (
        scheme("once", LUMP, more="    when: [{length: more than 3 h}, {length: at most 3 h}]", each="interruption"),
        ("benefits.credit.when", "no request meets this"),
    ),
    "an alternative": (
        scheme("once", LUMP, more="    when: {any of: [{payment: PREPAID}, {monthly_fee: more than 10000.00 EUR}]}"),
        ("benefits.credit.when", "no request meets alternative 2"),
    ),
    "every code of a fact": (
        scheme("once", LUMP, more="    when: {payment: PREPAID or POSTPAID}"),
        ("benefits.credit.when", "every request meets this"),
    ),
    "what is never negative": (
        scheme("once", LUMP, more="    when: {monthly_fee: at least 0.00 EUR}"),
        ("benefits.credit.when", "every request meets this"),
    ),
    "a benefit against its clock": (
        scheme(
            "once",
            LUMP,
            clock="where: {cause: CONSTRUCTION_DAMAGE}",
            more="    when: {any outage: {cause: POWER_SUPPLY}}",
            each="interruption",
        ),
        ("benefits.credit", "exclude each other"),
    ),
    "a benefit for each outage against its clock": (
        scheme(
            "once", LUMP, clock="where: {cause: CONSTRUCTION_DAMAGE}", more="    when: {cause: POWER_SUPPLY}", each="outage"
        ),
        ("benefits.credit", "exclude each other"),
    ),
    "any outage against every one": (
        scheme(
            "once",
            LUMP,
            more="    when: [{any outage: {impact: DEGRADED}}, {every outage: {impact: LOSS}}]",
            each="interruption",
        ),
        ("benefits.credit.when", "no request meets this"),
    ),
    "steps of only": (
        scheme("once", clock="only:\n  - {total: more than 12 h}\n  - {total: less than 12 h}"),
        ("clocks.outage.only", "exclude each other"),
    ),
    "an amount of nothing": (scheme("once", "0.00 EUR"), ("benefits.credit.pay", "always 0")),
    "a factor of nothing": (scheme("once", LUMP, more="    times: 0 %"), ("benefits.credit.times.0", "always 0")),
    "nobody answers": (scheme("once", clock="liable: 0 %"), ("clocks.outage.liable.0", "always 0")),
    "all rounds to nothing": (
        scheme("once", "1/30 of credit_of_a_cent", facts="credit_of_a_cent: {type: money, of: subscriber, at most: 0.01 EUR}"),
        ("benefits.credit.round", "every amount rounds to 0"),
    ),
    "a cap above": (
        scheme("once", LUMP, more=PAYS + "    at most: 5.00 EUR"),
        ("benefits.credit.at most", "never less than what is owed"),
    ),
    "a cap of a step": (
        scheme("once", LUMP, more=PAYS + "    at most: {by: payment, PREPAID: 5.00 EUR, POSTPAID: 6.00 EUR}"),
        ("benefits.credit.at most", "never less than what is owed"),
    ),
    "a cap below a cent": (
        scheme(
            "once",
            more="    at most per cycle: 1/100 of small_change",
            facts="small_change: {type: money, of: subscriber, at most: 0.99 EUR}",
        ),
        ("benefits.credit.at most per cycle", "leaves nothing"),
    ),
    "a cap that another is below": (
        scheme("once", more="    at most: 9.00 EUR\n    at most per cycle: 9.00 EUR", each="interruption"),
        ("benefits.credit.at most", "which binds first"),
    ),
    "a minimum below": (
        scheme("once", LUMP, more="    at least: 5.00 EUR"),
        ("benefits.credit.at least", "never more than what is owed"),
    ),
    "a minimum of a cent": (
        scheme("{started: 24 h}", more="    at least: 0.01 EUR"),
        ("benefits.credit.at least", "never more than what is owed"),
    ),
    "a minimum at the cap": (
        scheme("{started: 24 h}", more="    at least: 9.00 EUR\n    at most: 9.00 EUR"),
        ("benefits.credit.at least", "every amount is the same"),
    ),
    "more set off than owed": (scheme("once", LUMP, more="    minus: 5.00 EUR"), ("benefits.credit.minus", "nothing is left")),
    "a step out of reach": (
        scheme("once", "{by: monthly_fee, more than 10000.00 EUR: 5.00 EUR, otherwise: 4.00 EUR}"),
        ("benefits.credit.pay", "never reached"),
    ),
}
"""A scheme, and the word of it that is idle with a part of what is said."""

MATTER: Final = {
    "two codes of one fact in turn": scheme("once", clock="where: {cause: POWER_SUPPLY or CONSTRUCTION_DAMAGE}"),
    "a length between": scheme(
        "once", LUMP, more="    when: [{length: more than 3 h}, {length: at most 4 h}]", each="interruption"
    ),
    "whole numbers with one between": scheme(
        "once", LUMP, facts=FACTS, more="    when: [{households: more than 3}, {households: less than 5}]"
    ),
    "a cap a cent below": scheme("once", LUMP, more=PAYS + "    at most: 4.99 EUR"),
    "a cap of a step below": scheme(
        "once", LUMP, more=PAYS + "    at most: {by: payment, PREPAID: 4.99 EUR, POSTPAID: 6.00 EUR}"
    ),
    "a cap of a cent": scheme("once", more="    at most per cycle: 0.01 EUR"),
    "a cap a cent below that of the cycle": scheme("once", more="    at most: 9.00 EUR\n    at most per cycle: 9.01 EUR"),
    "a minimum a cent above": scheme("once", LUMP, more="    at least: 5.01 EUR"),
    "a minimum of two cents": scheme("{started: 24 h}", more="    at least: 0.02 EUR"),
    "a minimum a cent below the cap": scheme("{started: 24 h}", more="    at least: 9.00 EUR\n    at most: 9.01 EUR"),
    "a cent less set off than owed": scheme("once", LUMP, more="    minus: 4.99 EUR"),
    "a step at the end of reach": scheme("once", "{by: monthly_fee, at least 10000.00 EUR: 5.00 EUR, otherwise: 4.00 EUR}"),
    "two outages of one interruption": scheme(
        "once",
        LUMP,
        more="    when: [{any outage: {cause: POWER_SUPPLY}}, {any outage: {cause: CONSTRUCTION_DAMAGE}}]",
        each="interruption",
    ),
    "a fee that is not small": scheme("once", LUMP, more="    when: {monthly_fee: at least 0.01 EUR}"),
    "a factor that can be nothing": scheme("once", LUMP, more="    times: {by: payment, PREPAID: 0 %, POSTPAID: 50 %}"),
}


@pytest.mark.parametrize("name", IDLE)
def test_a_word_that_changes_no_answer_is_named_at_its_place(name: str) -> None:
    text, (path, said) = IDLE[name]
    found = [(".".join(idle.path), idle.why) for idle in idle_words(version_of(text))]
    assert [place for place, why in found if place.startswith(path) and said in why], found


@pytest.mark.parametrize("name", MATTER)
def test_of_a_word_that_changes_an_answer_nothing_is_said(name: str) -> None:
    assert list(idle_words(version_of(MATTER[name]))) == []


def test_no_policy_of_the_catalog_holds_an_idle_word() -> None:
    versions = load_versions(CATALOG)
    assert list(map(str, idle_problems(versions, files_of(versions, [CATALOG])))) == []


def test_an_outage_without_services_that_two_clocks_pay_for_is_noted() -> None:
    """Telephone and internet, each with a credit of its own: one outage that names neither is both."""
    noted = {note for version in load_versions(CATALOG) if version.policy_id == "it-73-11" for note in twice_paid(version)}
    assert noted == {
        "an outage that names no service falls under the clocks phone and internet: internet and phone may each pay for it"
    }
    assert list(twice_paid(version_of(scheme("once", DAY)))) == []


def test_check_fails_on_an_idle_word_and_says_where_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoilt = SMALL.replace("    granted: automatically\n", "    granted: automatically\n    at least: 0.01 EUR\n")
    directory = policy_directory(tmp_path, {"2026.yaml": spoilt})
    assert main(["check", "--no-proofs", str(directory)]) == 1
    line = 1 + spoilt.splitlines().index("    at least: 0.01 EUR")
    assert f"2026.yaml:{line}:5: at least: is never more than what is owed anyway" in capsys.readouterr().err


def test_what_one_version_of_a_file_makes_idle_and_another_needs_is_no_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = '{version: "2026", from: 2026-01-01, to: 2027-01-01, lump: 5.00 EUR}\n'
    rows += '  - {version: "2027", from: 2027-01-01, to: open, lump: 6.00 EUR}'
    text = SMALL.replace('{version: "2026", from: 2026-01-01, to: open}', rows)
    text = text.replace(
        "    count: {started: 24 h}\n    pay: 1/30 of monthly_fee\n", "    count: once\n    pay: lump\n    at most: 5.00 EUR\n"
    )
    text = text[: text.index("facts:")]
    directory = policy_directory(tmp_path, {"2026.yaml": text})
    assert main(["check", "--no-proofs", str(directory)]) == 0, capsys.readouterr()
