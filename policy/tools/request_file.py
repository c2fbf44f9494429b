"""Reads a request: the JSON form of the contract's ComputeCompensationRequest, or the same in YAML.

Field names in snake_case or camelCase, enum values with or without their prefix, instants in RFC 3339. As on the wire, a field
that is left out is empty, 0 or not known; only a request that does not say how much to explain is explained in full. What a
request cannot hold becomes a violation; the calculator finds the others.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from policy.calculator import codes
from policy.calculator.contract import CLAIM, GRANTED_BEFORE, OUTAGE, SUBSCRIBER, Field, FieldKind
from policy.calculator.errors import Violation
from policy.calculator.request import (
    AttributeValue,
    Claim,
    GrantedBefore,
    Instant,
    Interval,
    Money,
    NoticeRequest,
    Outage,
    Request,
    Subscriber,
)
from policy.language.yaml_tree import Kind
from policy.tools.document import read_document

REQUEST_FILE: Final = Kind("a request", "begin with subscriber: and its fields", "write the value out", 4 * 1024 * 1024)
"""As large as a message on the wire may be."""

_SELECTOR: Final = ("policy_id", "version", "expected_sha256")
_INTEGER: Final = re.compile(r"-?[0-9]{1,30}")
_INSTANT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})")

Read = Callable[[Any, str], Any]
"""Takes what stands under a field, and its path."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as far as it can be told, and what could not be carried into it."""

    request: Request
    violations: tuple[Violation, ...]


def read_request(path: Path, now: int) -> Asked:
    """The request in ``path``, looked at ``now`` (seconds since 1970 UTC) where it names no as_of. Raises Unreadable."""
    reader = _Reader()
    request = reader.request(read_document(path, REQUEST_FILE), now)
    return Asked(request, tuple(reader.violations))


class _Reader:
    """Reads one document; ``violations`` gathers what is wrong with it."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []

    def bad(self, at: str, what: str) -> None:
        self.violations.append(Violation(at, what))

    # -------------------------------------------------------------------------------------------------------- scalars

    def text(self, node: Any, at: str) -> str:
        if not isinstance(node, str):
            self.bad(at, "must be a text; quote it")
            return ""
        if any("\ud800" <= character <= "\udfff" for character in node):
            self.bad(at, "holds half a character (a lone surrogate), which no text does")
            return ""
        return node

    def integer(self, node: Any, at: str) -> int:
        if not isinstance(node, str) or not _INTEGER.fullmatch(node):
            self.bad(at, "must be a whole number")
            return 0
        return int(node)

    def yes_or_no(self, node: Any, at: str) -> bool:
        if not isinstance(node, bool):
            self.bad(at, "must be true or false")
        return node is True

    def instant(self, node: Any, at: str) -> int | None:
        """Seconds since 1970 UTC; None where they cannot be told."""
        match = _INSTANT.fullmatch(node) if isinstance(node, str) else None
        if match is None:
            self.bad(at, "must be an instant with its offset, such as 2026-03-04T08:00:00+08:00")
            return None
        day, time, fraction, offset = match.groups()
        if fraction is not None and fraction.strip("0"):
            self.bad(at, "has a fraction of a second; instants are whole seconds")
            return None
        try:
            return int(datetime.fromisoformat(f"{day}T{time}{offset.upper()}").timestamp())
        except ValueError:
            self.bad(at, "is no day, time or offset that exists")
            return None

    def code(self, prefix: str) -> Read:
        return lambda node, at: self.text(node, at).removeprefix(prefix).removeprefix("UNSPECIFIED")

    # ------------------------------------------------------------------------------------------------------ structure

    def list_of(self, read: Read) -> Read:
        def items(node: Any, at: str) -> tuple[Any, ...]:
            if not isinstance(node, list):
                self.bad(at, "must be a list")
                return ()
            return tuple(read(item, f"{at}[{number}]") for number, item in enumerate(node))

        return items

    def mapping(self, read: Read) -> Read:
        """A map whose keys are names."""

        def entries(node: Any, at: str) -> dict[str, Any]:
            if not isinstance(node, dict):
                self.bad(at, "must be an object")
                return {}
            return {self.text(key, at): read(value, f'{at}["{key}"]') for key, value in node.items()}

        return entries

    def fields(self, node: Any, at: str, reads: Mapping[str, Read]) -> dict[str, Any]:
        """The fields of an object that are given; an unknown one is a violation, with the name that was perhaps meant."""
        if not isinstance(node, dict):
            self.bad(at, "must be an object")
            return {}
        found: dict[str, Any] = {}
        for key, value in node.items():
            name = re.sub(r"([A-Z])", r"_\1", key).lower()
            place = f"{at}.{name}" if at else name
            if name not in reads:
                close = get_close_matches(name, reads, n=1)
                self.bad(f"{at}.{key}" if at else key, f"is no field{f'; did you mean {close[0]}?' if close else ''}")
            elif name in found:
                self.bad(place, "stands twice, in two spellings")
            elif value is not None:
                found[name] = reads[name](value, place)
        return found

    # --------------------------------------------------------------------------------------------------------- values

    def quantities(self, node: Any, at: str) -> dict[str, int]:
        found: dict[str, int] = self.fields(node, at, {"quantities": self.mapping(self.integer)}).get("quantities", {})
        return found

    def money(self, node: Any, at: str) -> Money:
        found = self.fields(node, at, {"currency_code": self.text, "amount_minor": self.integer})
        return Money(found.get("currency_code", ""), found.get("amount_minor", 0))

    def interval(self, node: Any, at: str) -> Interval | None:
        found = self.fields(node, at, dict.fromkeys(("started_at", "ended_at"), self.instant))
        for end in ("started_at", "ended_at"):
            if end not in found:
                self.bad(f"{at}.{end}", "is missing; an interval has both ends")
        started_at, ended_at = found.get("started_at"), found.get("ended_at")
        return None if started_at is None or ended_at is None else Interval(started_at, ended_at)

    def intervals(self, node: Any, at: str) -> tuple[Interval, ...]:
        found: tuple[Interval, ...] = self.fields(node, at, {"intervals": self.list_of(self.interval)}).get("intervals", ())
        return found

    def ratio(self, node: Any, at: str) -> Fraction | None:
        found = self.fields(node, f"{at}.ratio", dict.fromkeys(("numerator", "denominator"), self.integer))
        denominator = found.get("denominator", 0)
        if denominator <= 0:
            self.bad(f"{at}.ratio.denominator", f"is {denominator}; a denominator is above 0")
            return None
        return Fraction(found.get("numerator", 0), denominator)

    def date(self, node: Any, at: str) -> date | None:
        found = {"year": 0, "month": 0, "day": 0} | self.fields(node, at, dict.fromkeys(("year", "month", "day"), self.integer))
        try:
            return date(**found)
        except (ValueError, OverflowError):
            self.bad(at, f"{found['year']}-{found['month']}-{found['day']} is no date of the calendar")
            return None

    def value(self, node: Any, at: str) -> AttributeValue | None:
        """An attribute. None where it cannot be told; it is then a violation already."""
        kinds: dict[str, Read] = {
            "integer": self.integer,
            "ratio": self.ratio,
            "text": self.text,
            "yes_or_no": self.yes_or_no,
            "money": self.money,
            "instant": lambda inner, place: Instant(self.instant(inner, place) or 0),
            "date": self.date,
            "intervals": self.intervals,
        }
        before = len(self.violations)
        found = self.fields(node, at, {kind: _at(at, read) for kind, read in kinds.items()})
        if len(found) != 1 and len(self.violations) == before:
            self.bad(at, f"must hold exactly one of {', '.join(kinds)}")
        value: AttributeValue | None = next(iter(found.values()), None)
        return value if len(self.violations) == before else None

    # ------------------------------------------------------------------------------------------------------- messages

    def of_contract(self, fields: tuple[Field, ...]) -> dict[str, Read]:
        """How each field of a message is read."""
        return {field.name: self.kind(field) for field in fields}

    def kind(self, field: Field) -> Read:
        reads: dict[FieldKind, Callable[[], Read]] = {
            "texts": lambda: self.list_of(self.text),
            "code": lambda: self.code(f"{self.prefix(field)}_"),
            "codes": lambda: self.list_of(self.code("SERVICE_")),
            "money": lambda: self.money,
            "quantity": lambda: self.integer,
            "instant": lambda: self.instant,
            "interval": lambda: self.interval,
            "intervals": lambda: self.list_of(self.interval),
            "quantities": lambda: self.quantities,
            "quantities by month": lambda: self.mapping(self.quantities),
            "attributes": lambda: self.mapping(self.value),
        }
        read = reads.get(field.kind)
        return self.text if read is None else read()

    @staticmethod
    def prefix(field: Field) -> str:
        """What the contract's enum puts before its words."""
        return "CLAIM_CHANNEL" if field.codes is codes.CLAIM_CHANNELS else field.name.upper()

    def subscriber(self, node: Any, at: str) -> Subscriber:
        return Subscriber(**{"subscriber_id": ""} | self.fields(node, at, self.of_contract(SUBSCRIBER)))

    def outage(self, node: Any, at: str) -> Outage:
        return Outage(**{"outage_id": "", "started_at": None} | self.fields(node, at, self.of_contract(OUTAGE)))

    def claim(self, node: Any, at: str) -> Claim:
        absent: dict[str, Any] = {"channel": "", "claimed_at": None, "started_at": None, "ended_at": None}
        return Claim(**absent | self.fields(node, at, self.of_contract(CLAIM)))

    def granted_before(self, node: Any, at: str) -> GrantedBefore:
        absent: dict[str, Any] = {"outage_id": "", "benefit": "", "quantity": 0}
        return GrantedBefore(**absent | self.fields(node, at, self.of_contract(GRANTED_BEFORE)))

    def notice(self, node: Any, at: str) -> NoticeRequest:
        reads = {"channel": self.code("NOTICE_CHANNEL_"), "languages": self.list_of(self.text)}
        return NoticeRequest(**self.fields(node, at, reads))

    def request(self, document: dict[str, Any], now: int) -> Request:
        reads: dict[str, Read] = {
            "request_id": self.text,
            "policy": lambda node, at: self.fields(node, at, dict.fromkeys(_SELECTOR, self.text)),
            "subscriber": self.subscriber,
            "outages": self.list_of(self.outage),
            "mode": self.code("MODE_"),
            "claim": self.claim,
            "notice": self.notice,
            "already_granted": self.quantities,
            "granted_before": self.list_of(self.granted_before),
            "as_of": self.instant,
            "explain": self.code("EXPLAIN_"),
        }
        found = self.fields(document, "", reads)
        found.pop("request_id", None)  # it names the question and never changes the answer
        policy = found.pop("policy", {})
        known = {name: value for name, value in (found | policy).items() if value is not None and value != ""}
        return Request(**{"subscriber": None, "outages": (), "mode": "", "as_of": now, "explain": codes.FULL} | known)


def _at(place: str, read: Read) -> Read:
    """``read``, whose path is ``place``: the kind of a value is no part of its path, for it says how the value is written."""
    return lambda node, _: read(node, place)
