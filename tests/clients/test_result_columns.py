"""Decisions become columns of the result whole: exact, in order, and as somebody would write them row by row."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from google.rpc.status_pb2 import Status

from clients.billing import answers, json_columns, parquet_spool, read_rows, results, totals
from clients.billing.result_schema import SCHEMA
from clients.billing.subscribers import Asked
from clients.errors import WrongAnswer
from clients.status import Refusal, Violation
from clients.writing import CannotWrite
from makegood.v1 import decision_pb2
from makegood.v1.compensation_service_pb2 import BatchResult, StreamComputeResponse
from makegood.v1.decision_pb2 import Decision

LARGEST = 2**63 - 1


def rows_of(*decisions: Decision | None, refusals: dict[int, Refusal] | None = None) -> pa.RecordBatch:
    """The result of rows with these decisions; None: it was not sent."""
    sent = [decision for decision in decisions if decision is not None]
    answer = StreamComputeResponse(results=[BatchResult(decision=decision) for decision in sent])
    found = answers.results([len(sent)], pa.array([""] * len(sent), pa.string()), [answer.SerializeToString()])
    places = [
        None if decision is None else sum(each is not None for each in decisions[:at]) for at, decision in enumerate(decisions)
    ]
    asked = [Asked(line, f"s-{line}") for line in range(2, len(decisions) + 2)]
    columns = read_rows.first_columns(asked, [["out-1"]] * len(asked))
    rows = results.batch(columns, found.field("decision").take(pa.array(places, pa.int64())), refusals or {})
    rows.validate(full=True)
    return rows


def granted(*quantities: int) -> Decision:
    grants = [
        decision_pb2.Grant(benefit="data", kind=decision_pb2.BENEFIT_KIND_DATA_BYTES, quantity=each) for each in quantities
    ]
    return Decision(outcome=decision_pb2.OUTCOME_GRANTED, grants=grants)


@pytest.mark.parametrize(
    "quantities", [(LARGEST, LARGEST), (LARGEST, 1), (-LARGEST - 1, -1), (-1, 1, -1), (2**32 - 1, 1), (2**32, -1), (0,)]
)
def test_a_total_is_exact_also_beyond_64_bits(quantities: tuple[int, ...]) -> None:
    counts = totals.count(rows_of(granted(*quantities[:1]), granted(*quantities[1:])))
    assert counts["grants", "data", "DATA_BYTES", "", "quantity"] == sum(quantities)
    assert counts["grants", "data", "DATA_BYTES", "", "count"] == len(quantities)


def test_rows_stand_in_the_order_of_the_input_whatever_was_sent() -> None:
    refusal = Refusal("BAD_ROW", "it is bad", (Violation("area", "is empty"),))
    rows = rows_of(granted(7), None, granted(8), None, refusals={3: refusal}).to_pylist()
    assert [row["status"] for row in rows] == ["GRANTED", "NO_OUTAGE", "GRANTED", "ERROR"]
    assert [[grant["quantity"] for grant in row["grants"]] for row in rows] == [[7], [], [8], []]
    assert [row["error_fields"] for row in rows] == [[], [], [], [{"field": "area", "message": "is empty"}]]
    assert rows[3]["policy_id"] == rows[1]["decision_id"] == rows[0]["error"] == ""


def test_a_part_of_no_row_has_every_column() -> None:
    assert rows_of().schema == SCHEMA


def test_a_code_that_is_newer_than_the_client_is_shown_by_its_number() -> None:
    decision = Decision()
    decision.ParseFromString(b"\x10\x63")  # outcome 99
    (row,) = rows_of(decision).to_pylist()
    assert row["status"] == "99"


def test_an_occasion_names_each_of_its_reasons_once_in_order() -> None:
    capped, excluded = (
        decision_pb2.Reason(code=code) for code in (decision_pb2.REASON_CODE_CAPPED, decision_pb2.REASON_CODE_EXCLUDED_CAUSE)
    )
    occasions = [decision_pb2.Occasion(reasons=reasons) for reasons in ([capped, excluded, capped], [], [excluded, excluded])]
    (row,) = rows_of(Decision(occasions=occasions)).to_pylist()
    assert [each["reasons"] for each in row["occasions"]] == [["CAPPED", "EXCLUDED_CAUSE"], [], ["EXCLUDED_CAUSE"]]
    assert [each["billing_cycle_started_at"] for each in row["occasions"]] == [""] * 3


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"\x0a\xff", "cannot be read"),
        (StreamComputeResponse(results=[BatchResult(request_id="2")]).SerializeToString(), "not either a decision or an error"),
        (
            StreamComputeResponse(results=[BatchResult(request_id="3", error=Status(code=3))]).SerializeToString(),
            "not those of the rows",
        ),
        (StreamComputeResponse().SerializeToString(), "not those of the rows"),
    ],
)
def test_an_answer_that_is_none_is_not_used(answer: bytes, why: str) -> None:
    with pytest.raises(WrongAnswer, match=why):
        answers.results([1], pa.array(["2"]), [answer])


TEXTS = ("", "plain", 'a "quote"', "back\\slash", "tab\tline\nend", "您好", "\x7f", "\x1f", "é, ;")


def lean(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: lean(each) for name, each in value.items() if each not in ("", [])}
    return [lean(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("texts", [TEXTS, TEXTS[:2]])
def test_a_list_in_a_csv_is_what_json_writes_of_it(texts: tuple[str, ...]) -> None:
    """Whether or not a text of the column has to be escaped; what is empty is left out."""
    numbers = (0, LARGEST, -1)
    objects = [
        {"name": text, "number": number, "texts": [each for each in texts if each != text] if number else [], "parts": []}
        for text in texts
        for number in numbers
    ]
    objects += [{"name": "", "number": 1, "texts": [], "parts": [{"of": text} for text in texts]}]
    lists = [[], objects[:1], objects, [], objects[3:]]
    part = pa.struct([("of", pa.string())])
    of = pa.struct([("name", pa.string()), ("number", pa.int64()), ("texts", pa.list_(pa.string())), ("parts", pa.list_(part))])
    expected = [json.dumps(lean(each), ensure_ascii=False, separators=(",", ":")) if each else "" for each in lists]
    assert json_columns.lists(pa.array(lists, pa.list_(of))).to_pylist() == expected
    assert json_columns.lists(pa.array([list(texts), []], pa.list_(pa.string()))).to_pylist() == [
        json.dumps(list(texts), ensure_ascii=False, separators=(",", ":")),
        "",
    ]


def test_a_spool_that_is_shorter_than_it_should_be_makes_no_result(tmp_path: Path) -> None:
    layout, spool = parquet_spool.ParquetFormat(), tmp_path / "r.parquet.partial"
    spool.write_bytes(layout.head() + layout.encoded(rows_of(granted(1))))
    with layout.finishing(spool, tmp_path / "r.parquet") as result:
        result.follow(spool.stat().st_size + 1)
        with pytest.raises((pa.ArrowException, EOFError)):
            result.finish("")
    assert list(tmp_path.iterdir()) == [spool]


def test_a_parquet_result_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.parquet.whole").mkdir()
    with pytest.raises(CannotWrite, match=r"r\.parquet cannot be written"):
        parquet_spool.ParquetFormat().finishing(tmp_path / "s", tmp_path / "r.parquet").__enter__()


def test_a_spool_of_parquet_is_one_stream_whatever_the_number_of_its_parts() -> None:
    layout, rows = parquet_spool.ParquetFormat(), rows_of(granted(1), None)
    data = layout.head() + layout.encoded(rows) + layout.encoded(rows_of()) + layout.encoded(rows)
    with pa.ipc.open_stream(data) as parts:
        assert [part.equals(rows) for part in parts] == [True, True]
