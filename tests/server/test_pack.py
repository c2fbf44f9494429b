"""A decision log as a Parquet file has what stands in clear in columns, and is decided again as the log is."""

import json
import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import PolicySet
from server.decision_log.command import SAME, UNUSABLE
from server.decision_log.command import main as replay
from server.decision_log.parquet import PACKED, PARTLY, main
from server.decision_log.parquet import UNUSABLE as NOT_WRITTEN
from tests.server.decision_logs import KEY, files, recording
from tests.server.running import refused
from tests.server.samples import question

ROWS = 5


def recorded(policies: PolicySet, directory: Path) -> Path:
    """A log of a batch, a question and a refusal."""
    with recording(policies, directory) as server:
        server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=[question()] * ROWS))
        server.compensation.ComputeCompensation(question())
        refused(lambda: server.compensation.ComputeCompensation(question(subscriber_id="")))
    return directory / "log"


def test_a_packed_log_is_decided_again_as_the_log_is(
    policies: PolicySet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, out = recorded(policies, tmp_path), tmp_path / "all.parquet"
    assert main([str(log), "--out", str(out)]) == PACKED
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    capsys.readouterr()
    assert replay([str(log), "--key-file", str(tmp_path / "keys"), "--json"]) == SAME
    of_the_log = json.loads(capsys.readouterr().out)
    assert replay([str(out), "--key-file", str(tmp_path / "keys"), "--json"]) == SAME
    assert json.loads(capsys.readouterr().out) == of_the_log
    assert of_the_log["same"] == ROWS + 2


def test_what_stands_in_clear_is_in_columns_and_what_is_sealed_is_not(policies: PolicySet, tmp_path: Path) -> None:
    out = tmp_path / "all.parquet"
    main([str(recorded(policies, tmp_path)), "--out", str(out)])
    rows = pq.read_table(out).to_pylist()
    assert [row["row"] for row in rows] == [*range(ROWS), 0, 0]
    assert [row["outcome"] for row in rows] == ["GRANTED"] * (ROWS + 1) + [None]
    assert rows[-1]["refused"] == "INVALID_ARGUMENT"
    assert {row["key"] for row in rows} == {KEY}
    assert rows[0]["policy_id"] == "cn-standard"
    assert rows[0]["at"].tzinfo is not None
    assert all(question().subscriber.subscriber_id not in str(row) for row in rows)


def test_lines_that_are_no_records_are_told_and_left_out(
    policies: PolicySet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, out = recorded(policies, tmp_path), tmp_path / "all.parquet"
    (file,) = files(tmp_path)
    file.write_bytes(file.read_bytes()[:-40])
    assert main([str(log), "--out", str(out)]) == PARTLY
    assert f"{file}:{ROWS + 2}: the file ends within it" in capsys.readouterr().err
    assert pq.read_metadata(out).num_rows == ROWS + 1


@pytest.mark.parametrize("content", [b"", b"PAR1 nonsense PAR1", b"a,b\n1,2\n"])
def test_a_file_that_is_none_of_ours_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (tmp_path / "x.parquet").write_bytes(content)
    assert replay([str(tmp_path / "x.parquet")]) == UNUSABLE
    assert capsys.readouterr().out.count("it is no Parquet file of a decision log") == 1


def test_a_parquet_file_of_something_else_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(pa.table({"record": [1, None], "b": ["x", "y"]}), tmp_path / "numbers.parquet")
    pq.write_table(pa.table({"b": ["x", "y"]}), tmp_path / "others.parquet")
    assert replay([str(tmp_path / "numbers.parquet"), str(tmp_path / "others.parquet")]) == UNUSABLE
    said = capsys.readouterr().out
    assert "numbers.parquet:1: " in said
    assert "others.parquet: " in said


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    assert main([str(tmp_path / "empty.jsonl"), "--out", str(tmp_path / "nowhere" / "x.parquet")]) == NOT_WRITTEN
    assert "cannot be written: No such file" in capsys.readouterr().err
