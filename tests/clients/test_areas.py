"""Areas that match nothing are told both ways, and amounts are counted by steps, in memory that does not grow."""

import json
import signal
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.billing import areas, distribution
from clients.billing.areas import KEPT_AREAS, AreaCounts
from clients.billing.distribution import Distribution
from tests.clients.billing_runs import stop_in_the_middle
from tests.clients.conftest import Run
from tests.clients.fakes import FakeServer
from tests.clients.files import OUTAGES, ROWS, billing, subscriber

SOME_ROWS = st.lists(st.lists(st.sampled_from("ABCDEF"), max_size=2), max_size=30)


def counted(rows: Sequence[Sequence[str]]) -> Counter[tuple[str, ...]]:
    return Counter(map(tuple, rows))


def test_areas_that_match_nothing_are_told_both_ways() -> None:
    """Of outages and of subscribers, these with their rows, the most frequent first."""
    rows = [["A"], ["a"], ["a", "PUDNG"], ["B"], []]
    assert list(areas.count(counted(rows), {"A", "B", "PUDONG"}).told({"A", "B", "PUDONG"})) == [
        "1 area of outages that no subscriber of the file is in: PUDONG",
        "2 areas of subscribers that no outage names: a (2 rows), PUDNG (1 row)",
    ]


def test_nothing_is_told_where_all_areas_match_or_outages_name_none() -> None:
    assert list(areas.count(counted([["A"], ["B"]]), {"A", "B"}).told({"A", "B"})) == []
    assert list(areas.count(counted([["A"], ["B"]]), set()).told(set())) == []


@given(SOME_ROWS, SOME_ROWS)
def test_parts_together_count_what_the_whole_counts(first: list[list[str]], second: list[list[str]]) -> None:
    """However a run is cut into parts, and read again from its record."""
    known = {"A", "B", "X"}
    parts = [
        areas.from_document(json.loads(json.dumps(areas.count(counted(rows), known).document()))) for rows in (first, second)
    ]
    assert parts[0].plus(parts[1]) == areas.count(counted([*first, *second]), known)


def test_a_new_area_in_every_row_does_not_fill_memory_and_frequent_ones_stay() -> None:
    """The rare ones are counted together; the most frequent keep their numbers."""
    found = AreaCounts()
    for part in range(20):
        rows = [["TYPO"]] * 50 + [[f"area {part} {number}"] for number in range(1000)]
        found = found.plus(areas.count(counted(rows), {"A"}))
    assert len(found.missed) == KEPT_AREAS
    assert found.without_outage()[0] == ("TYPO", 1000)
    assert sum(found.missed.values()) + found.others == 20 * 1050
    assert next(iter(areas.count({}, {"A"}).told({"A"}))) == "1 area of outages that no subscriber of the file is in: A"
    assert list(found.told({"A"}))[1].endswith("rows in rarer ones")


@pytest.mark.parametrize(
    ("amount", "decimal", "binary"),
    [(0, 0, 0), (1, 1, 1), (4, 2, 4), (5, 5, 4), (9, 5, 8), (10, 10, 8), (12900, 10000, 8192), (2**63 - 1, 5 * 10**18, 2**62)],
)
def test_step_is_the_largest_that_is_not_above_the_amount(amount: int, decimal: int, binary: int) -> None:
    assert (distribution.decimal_step(amount), distribution.binary_step(amount)) == (decimal, binary)


def test_distribution_shows_where_amounts_lie() -> None:
    """Each step with its number and a bar; one amount among a million is still seen."""
    amounts = Distribution()
    for amount, rows in ((129, 1), (12900, 999)):
        for _ in range(rows):
            amounts.add(amount, distribution.decimal_step(amount))
    assert list(amounts.steps()) == [(100, 1, "█"), (10000, 999, "█" * distribution.BAR)]
    assert amounts.document() == {
        "lowest": 129,
        "highest": 12900,
        "steps": [{"from": 100, "rows": 1}, {"from": 10000, "rows": 999}],
    }
    assert list(Distribution().steps()) == []


def test_run_tells_areas_that_match_nothing_also_where_it_was_killed(run: Run, inputs: Path, fake: FakeServer) -> None:
    """At its end and in its totals, of all its rows."""
    (inputs / "outages.csv").write_text(OUTAGES + "out-3,2026-03-04T08:00Z,2026-03-04T09:00Z,UNKNOWN,a;b,\n")
    stop_in_the_middle(fake, inputs, "r.csv", signal.SIGKILL)
    done = run("billing", *billing("r.csv", "--part", "20", "--batch", "10", "--totals", "t.json"))
    nowhere = sum(1 for number in range(ROWS) if subscriber(number).split(",")[1] == "C")
    assert "2 areas of outages that no subscriber of the file is in: a, b\n" in done.stdout
    assert f"1 area of subscribers that no outage names: C ({nowhere} rows)\n" in done.stdout
    assert json.loads((inputs / "t.json").read_text())["areas"] == {
        "of_outages_without_subscriber": ["a", "b"],
        "of_subscribers_without_outage": {"C": nowhere},
        "rows_of_rarer_ones_without_outage": 0,
    }
