"""Writes results so that a killed run loses nothing: an append-only file whose length after each part is on record.

What stands behind the recorded length is cut off when a run is resumed. A CSV is its own spool. A Parquet file cannot be
appended to, so its spool is an Arrow IPC stream, from which the Parquet file is written at the end.
"""

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from clients.billing.results import RUN_TOTALS, Result
from clients.writing import write_all

_TEXT, _WHOLE = pa.string(), pa.int64()


def _list(**fields: pa.DataType) -> pa.DataType:
    return pa.list_(pa.struct(list(fields.items())))


_TERMS: Final = {
    "benefit": _TEXT,
    "kind": _TEXT,
    "quantity": _WHOLE,
    "currency_code": _TEXT,
    "valid_for_seconds": _WHOLE,
    "window_started_at": _TEXT,
    "window_ended_at": _TEXT,
    "clause": _TEXT,
    "occasion": _WHOLE,
}
"""What a grant and a quote have alike."""
SCHEMA = pa.schema(
    {
        "line": _WHOLE,
        "subscriber_id": _TEXT,
        "outage_ids": pa.list_(_TEXT),
        "billing_cycle_started_at": _TEXT,
        "billing_cycle_ended_at": _TEXT,
        "granted_before": _list(outage_id=_TEXT, benefit=_TEXT, quantity=_WHOLE, month=_TEXT),
        "status": _TEXT,
        "reasons": _list(code=_TEXT, clause=_TEXT, field=_TEXT, benefit=_TEXT),
        "warnings": _list(code=_TEXT, clause=_TEXT, field=_TEXT),
        "occasions": _list(
            started_at=_TEXT,
            ended_at=_TEXT,
            outage_ids=pa.list_(_TEXT),
            month=_TEXT,
            billing_cycle_started_at=_TEXT,
            billing_cycle_ended_at=_TEXT,
            outcome=_TEXT,
            reasons=pa.list_(_TEXT),
            benefits=pa.list_(_TEXT),
        ),
        "grants": _list(grant_key=_TEXT, **_TERMS, parts=_list(outage_id=_TEXT, quantity=_WHOLE), granted_before=_WHOLE),
        "quotes": _list(**_TERMS),
        "recourse": _list(
            responsible_party=_TEXT,
            currency_code=_TEXT,
            amount_minor=_WHOLE,
            outages=_list(outage_id=_TEXT, amount_minor=_WHOLE),
        ),
        "notices": _list(channel=_TEXT, language=_TEXT, title=_TEXT, body=_TEXT, segments=_WHOLE, encoding=_TEXT),
        "corrections": _TEXT,
        "decision_id": _TEXT,
        "policy_id": _TEXT,
        "policy_version": _TEXT,
        "policy_sha256": _TEXT,
        "engine_version": _TEXT,
        "error_code": _TEXT,
        "error": _TEXT,
        "error_fields": _list(field=_TEXT, message=_TEXT),
        RUN_TOTALS: _TEXT,
    }
)
"""Of the Parquet result; the CSV has the same columns."""


class Format(Protocol):
    """How results become bytes."""

    def head(self) -> bytes:
        """What the spool begins with."""

    def encoded(self, results: Sequence[Result]) -> bytes:
        """The results of one part."""

    def finish(self, spool: Path, spool_bytes: int, out: Path, run_totals: str) -> None:
        """Put the whole result in place of ``out`` in one step, with the totals in its last row; the spool may be left."""


class CsvFormat:
    """Lists as JSON, empty lists as nothing."""

    def head(self) -> bytes:
        return _csv([SCHEMA.names])

    def encoded(self, results: Sequence[Result]) -> bytes:
        return _csv([[_json(value) if isinstance(value, list) else value for value in result.values()] for result in results])

    def finish(self, spool: Path, spool_bytes: int, out: Path, run_totals: str) -> None:
        if run_totals:
            # The last cell is empty, so the last byte is the end of its line. Once more after a kill, it is the same bytes.
            with spool.open("r+b", buffering=0) as file:
                file.seek(spool_bytes - 1)
                write_all(file, _csv([[run_totals]]))
        spool.replace(out)
        sync_folder(out)


class ParquetFormat:
    """One row group a part."""

    def head(self) -> bytes:
        return bytes(SCHEMA.serialize())

    def encoded(self, results: Sequence[Result]) -> bytes:
        return bytes(pa.RecordBatch.from_pylist(list(results), SCHEMA).serialize()) if results else b""

    def finish(self, spool: Path, spool_bytes: int, out: Path, run_totals: str) -> None:  # noqa: ARG002 -- of a CSV
        whole = out.with_name(out.name + ".whole")
        with (
            spool.open("rb") as file,
            pa.ipc.open_stream(file) as parts,
            pq.ParquetWriter(whole, SCHEMA, compression="zstd") as writer,
        ):
            last = None
            for part in parts:
                if last is not None:
                    writer.write_batch(last)
                last = part
            if last is not None:
                texts = pa.array([*[""] * (last.num_rows - 1), run_totals], _TEXT)
                writer.write_batch(last.set_column(SCHEMA.get_field_index(RUN_TOTALS), RUN_TOTALS, texts))
        with whole.open("rb") as file:
            os.fsync(file.fileno())
        whole.replace(out)
        sync_folder(out)


def format_of(out: Path) -> Format:
    """By the ending of the result's name."""
    return ParquetFormat() if out.suffix == ".parquet" else CsvFormat()


def sync_folder(path: Path) -> None:
    """Make a rename beside ``path`` survive a power cut."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def whole(result: Result, run_totals: str) -> bytes:
    """A CSV result of one row."""
    return CsvFormat().head() + CsvFormat().encoded([result | {RUN_TOTALS: run_totals}])


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _json(value: list[object]) -> str:
    """A list; in its objects, what is empty is left out."""
    return json.dumps([_lean(each) for each in value], ensure_ascii=False, separators=(",", ":")) if value else ""


def _lean(value: object) -> object:
    if isinstance(value, dict):
        return {name: _lean(each) for name, each in value.items() if each not in ("", [])}
    return [_lean(each) for each in value] if isinstance(value, list) else value
