"""What a row of text says, read in another way than the clients read it."""

import re
import unicodedata
from datetime import datetime
from typing import Any, Final

Facts = dict[str, Any]
"""By column; what is empty is left out."""

_NO_VALUE: Final = {"null", "\\n", "none", "nan", "n/a", "na", "-", "无", "[]", "nat", "<na>", "{}"}
_CODES: Final = {
    "plan_type": ("DATA", "VOICE", "CONVERGED"),
    "cause": ("EQUIPMENT_FAILURE", "CONSTRUCTION_DAMAGE", "UNKNOWN"),
}
_WHOLE: Final = ("monthly_fee_minor", "data_allowance_bytes", "data_remaining_bytes")
_TIMES: Final = ("billing_cycle_started_at", "billing_cycle_ended_at", "started_at", "ended_at")


class Unclear(Exception):
    """A text that says nothing, or that may say another thing than it seems to."""


def facts(cells: dict[str, str]) -> Facts:
    """The facts of a row. Raises Unclear where a cell must not be taken at its word."""
    return {name: _fact(name, cell) for name, cell in cells.items() if cell.strip(" ")}


def _fact(name: str, cell: str) -> Any:
    if name in ("area", "areas"):
        return [_identity(part.strip(" ") if ";" in cell else part) for part in cell.split(";") if part.strip(" ")]
    if name in ("subscriber_id", "outage_id"):
        return _identity(cell)
    if name in _WHOLE:
        return _matched(cell.strip(" "), r"-?[0-9]{1,19}", int)
    if name in _TIMES:
        return _time(cell.strip(" "))
    if name in _CODES:
        code = re.sub("[ -]", "_", cell.strip(" ").upper())
        return _matched(
            code, f"(?:PLAN_TYPE_|CAUSE_)?({'|'.join(_CODES[name])})", lambda text: re.sub("^(PLAN_TYPE|CAUSE)_", "", text)
        )
    assert name == "currency_code", name
    return _matched(cell.strip(" "), "[A-Z]{3}", str)


def _matched(text: str, pattern: str, read: Any) -> Any:
    if re.fullmatch(pattern, text, re.ASCII) is None:
        raise Unclear(text)
    return read(text)


def _time(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unclear(text) from None
    if moment.tzinfo is None or moment.timestamp() % 1 or not re.match("[0-9-]{10}[T ]", text):
        raise Unclear(text)
    return int(moment.timestamp())


def _identity(text: str) -> str:
    plain = all(
        unicodedata.category(character)[0] not in "CZ" or character == " " for character in text
    ) and text == unicodedata.normalize("NFKC", text) == text.strip(" ")
    made = (
        re.fullmatch(r"[0-9]+[.,][0-9]+[eE][+-]?[0-9]+|[0-9]+[eE][+-][0-9]+|[0-9]+\.0+|[='].*|#+|#[A-Z0-9/]*[!?]|#N/A", text)
        or text.casefold() in _NO_VALUE
        or text[:1] in "\"'"
        or text[-1:] == '"'
    )
    if not plain or made:
        raise Unclear(text)
    return text
