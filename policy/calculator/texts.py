"""Instants as text, and units."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def instant_text(seconds: int) -> str:
    """An instant as RFC 3339 in UTC."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def unit_of(kind: str, currency_code: str) -> str:
    """The base unit of a benefit's kind."""
    return {
        "DATA_BYTES": "B",
        "VOICE_SECONDS": "s",
        "VALUE_ADDED_DAYS": "days",
        "VALIDITY_DAYS": "days",
        "CREDIT": f"minor units of {currency_code}",
        "UNLIMITED_DATA": "s",
        "TOP_UP_BONUS": "basis points",
    }[kind]
