"""Reads a request from a file: the JSON form of the contract's request message, or the same in YAML.

Field names in snake_case or camelCase, enum values with or without their prefix, instants in RFC 3339. Every scalar is read as
text and typed by its field, so nothing is a float. All problems are reported together, by their place in the document.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from re import sub
from typing import Any

import yaml

from policy.calculator.request import (
    AttributeValue,
    Claim,
    Instant,
    Interval,
    Money,
    NoticeRequest,
    Outage,
    Request,
    Subscriber,
)

MAX_FILE_BYTES = 16 << 20


class BadRequestFile(Exception):
    """The file does not hold a request; ``problems`` says what is wrong, each with its place."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))


Read = Callable[[Any, str], Any]


@dataclass(slots=True)
class _Reader:
    """Reads one document; ``problems`` gathers what is wrong with it."""

    problems: list[str] = field(default_factory=list)

    def bad(self, at: str, what: str) -> None:
        self.problems.append(f"{at}: {what}" if at else what)

    def text(self, node: Any, at: str) -> str:
        if not isinstance(node, str):
            self.bad(at, "a text is needed")
            return ""
        return node

    def integer(self, node: Any, at: str) -> int:
        try:
            return int(self.text(node, at))
        except ValueError:
            self.bad(at, f"a whole number is needed, not {node!r}")
            return 0

    def instant(self, node: Any, at: str) -> int:
        try:
            when = datetime.fromisoformat(self.text(node, at))
        except ValueError:
            when = None
        if when is None or when.tzinfo is None:
            self.bad(at, f"an instant with its offset is needed, such as 2026-03-04T08:00:00+08:00, not {node!r}")
            return 0
        if when.microsecond:
            self.bad(at, "instants are whole seconds")
        return int(when.replace(microsecond=0).timestamp())

    def code(self, prefix: str) -> Read:
        return lambda node, at: self.text(node, at).removeprefix(prefix).removeprefix("UNSPECIFIED")

    def list_of(self, read: Read) -> Read:
        def items(node: Any, at: str) -> tuple[Any, ...]:
            if not isinstance(node, list):
                self.bad(at, "a list is needed")
                return ()
            return tuple(read(item, f"{at}[{number}]") for number, item in enumerate(node))

        return items

    def fields(self, node: Any, at: str, reads: Mapping[str, Read]) -> dict[str, Any]:
        """The fields of an object that stand in it; an unknown one is a problem, with the name that was perhaps meant."""
        if not isinstance(node, dict):
            self.bad(at, "an object is needed")
            return {}
        found = {}
        for key, value in node.items():
            name, place = sub(r"([A-Z])", r"_\1", key).lower(), f"{at}.{key}" if at else key
            if name not in reads:
                close = get_close_matches(name, reads, n=1)
                self.bad(place, f"unknown field{f'; did you mean {close[0]}?' if close else ''}")
            elif name in found:
                self.bad(place, "stands twice")
            else:
                found[name] = reads[name](value, place)
        return found

    def message(self, make: Callable[..., Any], reads: Mapping[str, Read], required: tuple[str, ...] = ()) -> Read:
        def read(node: Any, at: str) -> Any:
            found = self.fields(node, at, reads)
            absent = [name for name in required if name not in found]
            for name in absent:
                self.bad(f"{at}.{name}" if at else name, "is needed")
            return None if absent else make(**found)

        return read

    def quantities(self, node: Any, at: str) -> dict[str, int]:
        inner = self.fields(node, at, {"quantities": lambda given, _: given}).get("quantities", {})
        return self.mapping(inner, f"{at}.quantities", self.integer)

    def mapping(self, node: Any, at: str, read: Read) -> dict[str, Any]:
        if not isinstance(node, dict):
            self.bad(at, "an object is needed")
            return {}
        return {key: read(value, f'{at}["{key}"]') for key, value in node.items()}

    def value(self, node: Any, at: str) -> AttributeValue | None:
        kinds: dict[str, Read] = {
            "integer": self.integer,
            "ratio": self.message(
                _ratio, {"numerator": self.integer, "denominator": self.integer}, ("numerator", "denominator")
            ),
            "text": self.text,
            "yes_or_no": self.yes_or_no,
            "money": self.money,
            "instant": lambda inner, place: Instant(self.instant(inner, place)),
            "date": self.message(_date, dict.fromkeys(("year", "month", "day"), self.integer), ("year", "month", "day")),
            "intervals": lambda inner, place: self.fields(inner, place, {"intervals": self.list_of(self.interval)}).get(
                "intervals", ()
            ),
        }
        found = self.fields(node, at, kinds)
        if len(found) != 1:
            self.bad(at, f"exactly one of {', '.join(kinds)} is needed")
            return None
        value: AttributeValue | None = next(iter(found.values()))
        if value is None:
            self.bad(at, "is not a value that exists")
        return value

    def yes_or_no(self, node: Any, at: str) -> bool:
        if node not in ("true", "false", "yes", "no"):
            self.bad(at, "true or false is needed")
        return node in ("true", "yes")

    def money(self, node: Any, at: str) -> Money | None:
        reads = {"currency_code": self.text, "amount_minor": self.integer}
        return self.message(Money, reads, ("currency_code", "amount_minor"))(node, at)  # type: ignore[no-any-return]

    def interval(self, node: Any, at: str) -> Interval | None:
        reads = {"started_at": self.instant, "ended_at": self.instant}
        return self.message(Interval, reads, ("started_at", "ended_at"))(node, at)  # type: ignore[no-any-return]

    def subscriber(self, node: Any, at: str) -> Subscriber:
        reads: dict[str, Read] = {
            "subscriber_id": self.text,
            "plan_type": self.code("PLAN_TYPE_"),
            "monthly_fee": self.money,
            "data_allowance_bytes": self.integer,
            "data_remaining_bytes": self.integer,
            "value_added_services": self.list_of(self.text),
            "customer_type": self.code("CUSTOMER_TYPE_"),
            "payment": self.code("PAYMENT_"),
            "time_zone": self.text,
            "billing_cycle": self.interval,
            "granted_this_cycle": self.quantities,
            "attributes": lambda inner, place: self.mapping(inner, place, self.value),
        }
        return Subscriber(**{"subscriber_id": ""} | self.fields(node, at, reads))

    def outage(self, node: Any, at: str) -> Outage:
        instants = dict.fromkeys(("started_at", "ended_at", "reported_at", "announced_at"), self.instant)
        reads: dict[str, Read] = {
            "outage_id": self.text,
            **instants,
            "cause": self.code("CAUSE_"),
            "impact": self.code("IMPACT_"),
            "services": self.list_of(self.code("SERVICE_")),
            "responsible_party": self.text,
            "areas": self.list_of(self.text),
            "time_source": self.code("TIME_SOURCE_"),
            "attributes": lambda inner, place: self.mapping(inner, place, self.value),
        }
        return Outage(**{"outage_id": "", "started_at": None} | self.fields(node, at, reads))

    def claim(self, node: Any, at: str) -> Claim:
        instants = dict.fromkeys(("claimed_at", "started_at", "ended_at"), self.instant)
        found = self.fields(node, at, {"channel": self.code("CLAIM_CHANNEL_"), **instants})
        return Claim(**{"channel": "", "claimed_at": None, "started_at": None, "ended_at": None} | found)

    def notice(self, node: Any, at: str) -> NoticeRequest:
        reads = {"channel": self.code("NOTICE_CHANNEL_"), "languages": self.list_of(self.text)}
        return NoticeRequest(**self.fields(node, at, reads))

    def request(self, node: Any, as_of: int) -> Request:
        reads: dict[str, Read] = {
            "request_id": self.text,
            "policy": lambda inner, at: self.fields(inner, at, {"policy_id": self.text, "version": self.text}),
            "subscriber": self.subscriber,
            "outages": self.list_of(self.outage),
            "mode": self.code("MODE_"),
            "claim": self.claim,
            "notice": self.notice,
            "already_granted": self.quantities,
            "as_of": self.instant,
            "explain": self.code("EXPLAIN_"),
        }
        found = self.fields(node, "", reads)
        found.pop("request_id", None)
        selector = found.pop("policy", {})
        absent: dict[str, Any] = {"subscriber": None, "outages": (), "mode": "", "as_of": as_of}
        return Request(**absent | found | selector)


def read_request(path: Path, as_of: int) -> Request:
    """The request in ``path``; ``as_of`` stands in where it names none. Raises BadRequestFile, OSError."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise BadRequestFile(path, [f"is larger than {MAX_FILE_BYTES} bytes"])
    try:
        # Every scalar as text: the fields know their types, YAML does not.
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  BaseLoader makes texts only
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadRequestFile(path, [f"is neither JSON nor YAML: {error}"]) from error
    reader = _Reader()
    request = reader.request(document, as_of)
    if reader.problems:
        raise BadRequestFile(path, reader.problems)
    return request


def _ratio(numerator: int, denominator: int) -> Fraction | None:
    return Fraction(numerator, denominator) if denominator > 0 else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
