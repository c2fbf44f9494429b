"""Errors that are alike are told once, and no error is hidden by others."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients import alike
from tests.clients.conftest import Run
from tests.clients.files import billing, result_rows, subscriber, write_inputs


@pytest.mark.parametrize(
    ("first", "second", "are_alike"),
    [
        ("fee: '129.00' is not whole", "fee: '12.5' is not whole", True),
        ('fee: "it\'s" is not whole', "fee: 'a' is not whole", True),
        ("it has 3 columns and the header has 7", "it has 8 columns and the header has 7", True),
        ("grant e1864d2b of data is booked", "grant df0a2e3f of data is booked", True),
        ("OVERLAPS: booked for out-1, out-2", "OVERLAPS: booked for out-3, out-4", True),
        ("fee: '129.00' is not whole", "remaining: '129.00' is not whole", False),
        ("fee: '129.00' is not whole", "fee: '129.00' is negative", False),
        ("the server's policy A isn't there", "the server's policy B isn't there", False),
        ("grant e1864d2b of data is booked", "grant e1864d2b of voice is booked", False),
    ],
)
def test_errors_are_alike_where_only_values_differ(first: str, second: str, are_alike: bool) -> None:
    assert (len(alike.of([(1, first), (2, second)]).kinds) == 1) == are_alike


def test_kind_is_told_with_its_rows_and_the_first_of_them() -> None:
    """One alone as a line of its own; many with their number; the most frequent first."""
    errors = [(9, "odd 'thing'"), *((line, f"fee: '{line}' is not whole") for line in range(20, 2020))]
    assert list(alike.of(errors).told()) == [
        "2000 rows alike, lines 20, 21, 22, …: fee: '20' is not whole",
        "line 9: odd 'thing'",
    ]
    assert list(alike.of(errors[1:4]).told()) == ["3 rows alike, lines 20, 21, 22: fee: '20' is not whole"]


@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from("abcdef")), max_size=40), st.integers(0, 40))
def test_parts_together_say_what_the_whole_says(errors: list[tuple[int, str]], cut: int) -> None:
    """However a run is cut into parts, and read again from its record."""
    parts = alike.of(errors[:cut]), alike.of(errors[cut:])
    read = [alike.from_document(json.loads(json.dumps(part.document()))) for part in parts]
    assert read[0].plus(read[1]) == alike.of(errors)


def test_what_is_kept_is_bounded_and_the_rest_is_counted() -> None:
    """Ten thousand errors that are all different: a hundred are shown, and it is said how many more there are."""
    words = [chr(97 + a) + chr(97 + b) + chr(97 + c) for a in range(26) for b in range(26) for c in range(15)]
    found = alike.of(enumerate([word + "y" * 10**4 for word in words]))
    found = found.plus(alike.of(enumerate(words)))
    assert len(found.kinds) == alike.KINDS
    assert max(len(kind.example) for kind in found.kinds.values()) <= alike.LONGEST_EXAMPLE
    assert list(found.told())[-1] == f"{2 * len(words) - alike.KINDS} errors of other kinds"


def test_run_tells_like_errors_once_and_a_distinct_one_beside_them(run: Run, tmp_path: Path) -> None:
    """In its summary and in its totals; each row still carries its own in the result."""
    lines = [subscriber(1).replace("5901", f"{number} fen") for number in range(300)]
    lines[123] = subscriber(2).replace("CONVERGED", "CONVERGE")
    write_inputs(tmp_path, lines)
    done = run("billing", *billing("r.csv", "--part", "20", "--totals", "t.json"))
    told = [line.strip() for line in done.stdout.splitlines() if "BAD_ROW: " in line]
    assert [line.partition(": ")[0] for line in told] == ["299 rows alike, lines 2, 3, 4, …", "line 125"]
    assert "BAD_ROW: monthly_fee_minor: '0 fen'" in told[0]
    assert "did you mean CONVERGED?" in told[1]
    totals = json.loads((tmp_path / "t.json").read_text())
    assert [(each["rows"], each["first_lines"]) for each in totals["errors_alike"]] == [(299, [2, 3, 4]), (1, [125])]
    assert totals["errors_of_other_kinds"] == 0
    assert sum(1 for row in result_rows(tmp_path / "r.csv") if row["status"] == "ERROR") == 300
