"""The table as it is written to a file."""

import pytest

from bench.figures import Figure, Section, left_out, number
from bench.stats import Spread
from bench.table import HEAD, to_markdown

SECTION = Section(
    "calls",
    "how it was measured.",
    [
        Figure("empty call", "200 µs, 5,000/s", cpu="210 µs"),
        Figure(
            "a decision", "300 µs, 3,333/s", Spread(1.5, 1.4, 1.6), "280 µs", Spread(1.333, 1.3, 1.4), "empty call", "≤ 2 ×"
        ),
    ],
)


def rows_of(page: str) -> list[list[str]]:
    """The cells of every row of the table."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]


def test_the_page_holds_machine_table_and_notes_in_this_order() -> None:
    page = to_markdown([SECTION], {"date": "2026-01-01", "processor": "a processor"})
    assert page.startswith(HEAD)
    places = [
        page.index(text) for text in ("- date: 2026-01-01", "- processor: a processor", "| empty call", "- a  calls: how")
    ]
    assert places == sorted(places)
    assert page.endswith("\n")
    assert not page.endswith("\n\n")


def test_every_row_of_the_page_has_the_same_columns() -> None:
    head, rule, title, *rows = rows_of(to_markdown([SECTION], {}))
    assert head == ["", "measured", "ratio", "middle half", "server CPU", "ratio", "to", "target"]
    assert {len(row) for row in (head, rule, title, *rows)} == {8}
    assert title[0] == "**a  calls**"
    assert rows == [
        ["empty call", "200 µs, 5,000/s", "", "", "210 µs", "", "", ""],
        ["a decision", "300 µs, 3,333/s", "1.50 ×", "1.40 – 1.60", "280 µs", "1.33 ×", "empty call", "≤ 2 ×"],
    ]


def test_a_long_name_is_written_in_full() -> None:
    name = "a decision for a plan with a name that goes on and on"
    page = to_markdown([Section("calls", "", [Figure(name, "1 µs", to=name)])], {})
    assert rows_of(page)[-1] == [name, "1 µs", "", "", "", "", name, ""]


def test_sections_are_lettered_in_their_order_and_so_are_their_notes() -> None:
    page = to_markdown([SECTION, Section("batches", "otherwise.", [])], {})
    assert [row[0] for row in rows_of(page) if row[0].startswith("**")] == ["**a  calls**", "**b  batches**"]
    assert page.endswith("- a  calls: how it was measured.\n- b  batches: otherwise.\n")


def test_what_is_left_out_says_why() -> None:
    page = to_markdown([Section("peers", "", [left_out("Cerbos", "not installed: make bench-peers")])], {})
    assert rows_of(page)[-1][:2] == ["Cerbos", "left out: not installed: make bench-peers"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.12345, "0.123 ms"), (1.2345, "1.23 ms"), (12.345, "12.3 ms"), (123.45, "123 ms"), (12_345.6, "12,350 ms")],
)
def test_a_number_shows_the_digits_that_mean_something(value: float, text: str) -> None:
    assert number(value, "ms") == text
