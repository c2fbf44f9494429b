"""Coverage: which rules cases exercise, and on which sides of the boundaries they stand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policy.language.catalog import load_policy
from policy.tools.cli import main
from policy.tools.coverage.edges import Side, side_at
from policy.tools.coverage.report import coverage_of
from policy.tools.coverage.version import version_items
from policy.tools.suite import load_suite
from tests.language.small import SMALL, small
from tests.support.library import CATALOG, DEFAULT_POLICY_ID
from tests.tools.suites import CASES, EVERY_WORD, FARTHER_OFF, covered, suite

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
    place, case = f"  {directory}/2026.yaml:11: clocks.outage.only.interruption, clause 1: ", "time in the interruption"
    assert only == f"{place}no case is one whose {case} is a second over 12 h"
    place = f"  {directory}/2026.yaml:16: benefits.credit.count.started, clause 2: "
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
    either = SMALL.replace("for each: interruption", "for each: all together").replace(
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
