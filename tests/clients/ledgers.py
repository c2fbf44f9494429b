"""Results to apply, and what a ledger then holds."""

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clients.billing import totals
from clients.billing.results import Result
from clients.billing.spool import SCHEMA, format_of
from clients.provisioning.grant_keys import grant_key

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
) -> Result:
    """A row of a billing result."""
    lists: dict[str, list[Any]] = {name: [] for name in ("reasons", "warnings", "recourse", "error_fields")}
    known = {"line": line, "subscriber_id": who, "outage_ids": list(outages), "status": status, "decision_id": "d"}
    before = [{"benefit": benefit, "quantity": quantity} for benefit, quantity in (told or {}).items()]
    known |= {"policy_id": "cn-standard", "already_granted": before}
    keyed = [
        each | {"grant_key": key_of(who, outages, each["benefit"], told)} if each["grant_key"] is None else each
        for each in grants
    ]
    return dict.fromkeys(SCHEMA.names, "") | lists | known | {"grants": keyed, "notices": list(notices)}


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
    spool.write_bytes(layout.head() + layout.encoded(rows))
    layout.finish(spool, spool.stat().st_size, file, totals.in_last_row(totals.count(rows)))
    return file


def held(file: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(file)) as opened:
        return opened.execute(query).fetchall()
