"""Results to apply, and what a ledger then holds."""

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from clients.billing import totals
from clients.billing.result_schema import SCHEMA
from clients.billing.spool import format_of
from clients.provisioning.grant_keys import grant_key

Result = dict[str, Any]
"""A row by column, its lists as lists of dicts."""
NOW = 1_790_000_000
BOOKED = "SELECT grant_key, subscriber_id, benefit, kind, quantity, currency_code, outage_ids FROM booking ORDER BY grant_key"
MESSAGES = "SELECT subscriber_id, channel, language, body FROM outbox ORDER BY subscriber_id, channel, language"


def grant(quantity: int = 2**20, benefit: str = "data", kind: str = "DATA_BYTES", **more: Any) -> dict[str, Any]:
    """A grant, whose key is made where it is put into a row."""
    texts = {"currency_code": "", "window_started_at": "", "window_ended_at": "", "clause": "3.1.2"}
    return {"grant_key": None, "benefit": benefit, "kind": kind, "quantity": quantity, "valid_for_seconds": 60, **texts} | more


def notice(body: str = "sorry", language: str = "en") -> dict[str, Any]:
    return {"channel": "SMS", "language": language, "title": "", "body": body, "segments": 1, "encoding": "GSM_7"}


def row(
    line: int,
    who: str,
    *grants: dict[str, Any],
    status: str = "GRANTED",
    notices: Sequence[object] = (),
    outages: Sequence[str] = ("out-1",),
    told: dict[str, int] | None = None,
    quotes: Sequence[dict[str, Any]] = (),
) -> Result:
    """A row of a billing result, of one occasion with all of its outages. ``told``: by benefit, of the first of them."""
    lists: dict[str, list[Any]] = {name: [] for name in ("reasons", "warnings", "recourse", "error_fields")}
    known = {"line": line, "subscriber_id": who, "outage_ids": list(outages), "status": status, "decision_id": "d"}
    before = [
        {"outage_id": outages[0], "benefit": benefit, "quantity": quantity, "month": ""}
        for benefit, quantity in (told or {}).items()
    ]
    known |= {"policy_id": "cn-standard", "granted_before": before, "corrections": "SET_OFF"}
    return (
        dict.fromkeys(SCHEMA.names, "")
        | lists
        | known
        | {
            "occasions": [occasion(outages, [each["benefit"] for each in (*grants, *quotes)])] if grants or quotes else [],
            "grants": [keyed(each, who, outages, told) for each in grants],
            "quotes": list(quotes),
            "notices": list(notices),
        }
    )


def occasion(outages: Sequence[str], benefits: Sequence[str], **more: str) -> dict[str, Any]:
    """What some benefits were worked out for."""
    texts = dict.fromkeys(("month", "billing_cycle_started_at", "billing_cycle_ended_at"), "")
    span = {"started_at": "2026-03-04T00:00:00Z", "ended_at": "2026-03-04T03:30:00Z"}
    lists = {"outage_ids": sorted(set(outages)), "reasons": [], "benefits": list(dict.fromkeys(benefits))}
    return {**span, **texts, "outcome": "GRANTED", **lists} | more


def keyed(each: dict[str, Any], who: str, outages: Sequence[str], told: dict[str, int] | None) -> dict[str, Any]:
    """A grant with its key and parts, where it has none: all of it is the first outage's."""
    key = key_of(who, outages, each["benefit"], told) if each["grant_key"] is None else each["grant_key"]
    parts = [
        {"outage_id": outage_id, "quantity": each["quantity"] if place == 0 else 0}
        for place, outage_id in enumerate(sorted(set(outages)))
    ]
    before = (told or {}).get(each["benefit"], 0)
    return {"occasion": 0, "parts": parts, "granted_before": before} | each | {"grant_key": key}


def quote(quantity: int = 2**20, benefit: str = "data", kind: str = "DATA_BYTES") -> dict[str, Any]:
    """What cannot be booked."""
    return {name: value for name, value in grant(quantity, benefit, kind).items() if name != "grant_key"} | {"occasion": 0}


def key_of(who: str, outages: Sequence[str], benefit: str, told: dict[str, int] | None = None) -> str:
    return grant_key("cn-standard", who, outages, benefit, (told or {}).get(benefit, 0))


def keys(*rows: Result) -> list[str]:
    """All keys of some rows, in order."""
    return sorted(each["grant_key"] for result in rows for each in result["grants"])


def granted(number: int) -> Result:
    """Two grants and a notice of subscriber ``number``."""
    grants = grant(number * 2**20 + 2**20), grant(60, "voice", "VOICE_SECONDS")
    return row(number + 2, f"s-{number}", *grants, notices=[notice()])


def write_result(file: Path, rows: Sequence[Result]) -> Path:
    layout = format_of(file)
    spool = file.with_name(file.name + ".partial")
    written = pa.RecordBatch.from_pylist([_of_type(pa.struct(list(SCHEMA)), each) for each in rows], SCHEMA)
    spool.write_bytes(layout.head() + layout.encoded(written))
    with layout.finishing(spool, file) as result:
        result.follow(spool.stat().st_size)
        result.finish(totals.in_last_row(totals.count(written)))
    return file


def _of_type(type_: pa.DataType, value: Any) -> Any:
    """A value that stands in a row; what is not said of an object is empty."""
    if pa.types.is_list(type_):
        return [_of_type(type_.value_type, each) for each in value or ()]
    if pa.types.is_struct(type_):
        return {field.name: _of_type(field.type, value.get(field.name)) for field in type_}
    return value if value is not None else "" if pa.types.is_string(type_) else 0


def held(file: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(file)) as opened:
        return opened.execute(query).fetchall()
