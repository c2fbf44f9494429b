"""The texts of tests/cases/identities.yaml."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

_FILE = Path(__file__).parents[1] / "cases" / "identities.yaml"
_CASES: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))


class Refused(NamedTuple):
    """A text, and what a message says of it."""

    text: str
    says: str


def taken() -> list[str]:
    return list(_CASES["taken"])


def refused() -> list[Refused]:
    """By every way in."""
    return [Refused(**case) for case in _CASES["refused"]]


def refused_in_tables() -> list[Refused]:
    """In tables besides."""
    return [Refused(**case) for case in _CASES["in_tables"]]
