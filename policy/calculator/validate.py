"""Malformed requests: every field that cannot be right, all of them at once, with what to change.

Here is what any policy asks of a request; what one version asks besides (its attributes, currency, benefit names, channels)
is in :mod:`policy.calculator.validate_for`. A violation never repeats a value that could identify a subscriber.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sized
from functools import partial
from typing import Any, Final

from policy.calculator import codes, identity
from policy.calculator.contract import OUTAGE, SUBSCRIBER, Field, FieldKind
from policy.calculator.errors import Violation
from policy.calculator.request import Claim, Interval, Money, Outage, Request, Subscriber

MAX_TEXT_LENGTH: Final = 256
MAX_ITEMS: Final = 1_000
"""Outages of a request, services of a subscriber or an outage, areas of an outage, attributes, names of quantities.

A list over this limit is one violation; what is in it is not looked at.
"""
MAX_INSTANT: Final = 4_102_444_800
"""2100-01-01T00:00:00Z. Time zone rules further out are a guess."""
MAX_QUANTITY: Final = 2**56
"""Bytes, seconds, days or minor units: more than a subscriber has, and a hundred times it stays within 64 bits."""

_DIGEST: Final = re.compile("[0-9a-f]{64}")

Report = Callable[[str, str], None]
"""Takes the path of an offending field, and what to change."""


def violations_of(request: Request, zone_names: Collection[str]) -> list[Violation]:
    """Every violation that no policy needs to be known for. ``zone_names``: the IANA names that there are."""
    found: list[Violation] = []

    def report(field: str, message: str) -> None:
        found.append(Violation(field, message))

    if request.subscriber is None:
        report("subscriber", "is required")
    else:
        _subscriber(request.subscriber, zone_names, report)
    _instant("as_of", request.as_of, report)
    _outages(request, report)
    _mode(request, report)
    quantities("already_granted", request.already_granted, report)
    if request.explain not in codes.EXPLAINS:
        _code("explain", request.explain, codes.EXPLAINS, report)
    if request.expected_sha256 and not _DIGEST.fullmatch(request.expected_sha256):
        report("policy.expected_sha256", "is no digest: 64 digits, 0 to 9 and a to f, as the service tells of each version")
    return found


def _subscriber(subscriber: Subscriber, zone_names: Collection[str], report: Report) -> None:
    for field in SUBSCRIBER:
        if field.kind == "zone":
            if subscriber.time_zone and subscriber.time_zone not in zone_names:
                report("subscriber.time_zone", "is not an IANA time zone name such as Asia/Shanghai")
        else:
            _field(f"subscriber.{field.name}", field, getattr(subscriber, field.name), report)


def _field(path: str, field: Field, value: Any, report: Report) -> None:
    """A field by its kind; what was not given is right, but an id."""
    if field.kind == "id":
        _id(path, value, report)
    elif value is None or value in ("", ()):
        return
    else:
        _CHECKS[field.kind](path, field, value, report)


def _outages(request: Request, report: Report) -> None:
    if not request.outages and request.mode != codes.APPLICATION:
        report("outages", "at least one is required, unless the mode is APPLICATION")
    if not _few("outages", request.outages, report):
        return
    first_by_id: dict[str, Outage] = {}
    for index, outage in enumerate(request.outages):
        _outage(outage, request.as_of, partial(_report_of_outage, report, index))
        first = first_by_id.setdefault(outage.outage_id, outage)
        if first is not outage and not same_record(first, outage):
            report(
                f"outages[{index}].outage_id",
                "names another outage of this request with other content; give each outage its own id",
            )


def _report_of_outage(report: Report, index: int, field: str, message: str) -> None:
    """The path of an outage is spelled only where something in it is wrong."""
    report(f"outages[{index}].{field}", message)


def same_record(one: Outage, other: Outage) -> bool:
    """Whether two outages say the same; services and areas are sets."""
    if one == other:
        return True
    fields = ("outage_id", "started_at", "ended_at", "cause", "impact", "responsible_party", "reported_at", "announced_at")
    return (
        all(getattr(one, field) == getattr(other, field) for field in (*fields, "time_source", "attributes"))
        and set(one.services) == set(other.services)
        and set(one.areas) == set(other.areas)
    )


def _outage(outage: Outage, as_of: int, report: Report) -> None:
    for field in OUTAGE:
        if field.name == "started_at":
            _times(outage, as_of, report)
        elif field.name != "ended_at":
            _field(field.name, field, getattr(outage, field.name), report)


def _times(outage: Outage, as_of: int, report: Report) -> None:
    start, end = outage.started_at, outage.ended_at
    if start is None:
        report("started_at", "is required")
    elif _instant("started_at", start, report) and start >= as_of:
        report("started_at", "must be before as_of")
    if end is not None and _instant("ended_at", end, report):
        if start is not None and end <= start:
            report("ended_at", "must be after started_at")
        if end > as_of:
            report("ended_at", "must not be after as_of; leave it out while the outage goes on")


def _mode(request: Request, report: Report) -> None:
    _code("mode", request.mode, codes.MODES, report)
    if request.mode == codes.APPLICATION and request.claim is None:
        report("claim", "is required in mode APPLICATION")
    if request.claim is not None:
        if request.mode in codes.MODES and request.mode != codes.APPLICATION:
            report("claim", "is only for mode APPLICATION")
        _claim(request.claim, request.as_of, report)
    if request.notice is not None:
        if request.mode in codes.MODES and request.mode != codes.PROACTIVE_NOTICE:
            report("notice", "is only for mode PROACTIVE_NOTICE")
        if request.notice.channel:
            _code("notice.channel", request.notice.channel, codes.NOTICE_CHANNELS, report)
        _list("notice.languages", request.notice.languages, report)


def _claim(claim: Claim, as_of: int, report: Report) -> None:
    _code("claim.channel", claim.channel, codes.CLAIM_CHANNELS, report)
    if claim.claimed_at is None:
        report("claim.claimed_at", "is required")
    elif _instant("claim.claimed_at", claim.claimed_at, report) and claim.claimed_at > as_of:
        report("claim.claimed_at", "must not be after as_of")
    if claim.started_at is None:
        report("claim.started_at", "is required")
    elif _instant("claim.started_at", claim.started_at, report) and claim.started_at >= as_of:
        report("claim.started_at", "must be before as_of")
    if claim.ended_at is None:
        report("claim.ended_at", "is required")
    elif _instant("claim.ended_at", claim.ended_at, report):
        if claim.started_at is not None and claim.ended_at <= claim.started_at:
            report("claim.ended_at", "must be after started_at")
        if claim.ended_at > as_of:
            report("claim.ended_at", "must not be after as_of")


def _instant(field: str, seconds: int, report: Report) -> bool:
    if 0 <= seconds <= MAX_INSTANT:
        return True
    report(field, "must be between 1970-01-01T00:00:00Z and 2100-01-01T00:00:00Z")
    return False


def interval(field: str, span: Interval, report: Report) -> None:
    """A half-open span whose end is after its start."""
    start = _instant(f"{field}.started_at", span.started_at, report)
    end = _instant(f"{field}.ended_at", span.ended_at, report)
    if start and end and span.ended_at <= span.started_at:
        report(f"{field}.ended_at", "must be after started_at")


def is_interval(span: Interval) -> bool:
    """Whether :func:`interval` finds nothing wrong."""
    return 0 <= span.started_at < span.ended_at <= MAX_INSTANT


def money(field: str, amount: Money, report: Report) -> None:
    """An amount that is not negative, in a currency whose code looks like one."""
    code = amount.currency_code
    if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
        report(f"{field}.currency_code", "must be an ISO 4217 code, three capital letters such as CNY")
    _quantity(f"{field}.amount_minor", amount.amount_minor, report)


def quantities(field: str, given: Mapping[str, int], report: Report) -> None:
    """Quantities by benefit name, none negative."""
    if not _few(field, given, report):
        return
    for name, quantity in given.items():
        if not 0 <= quantity <= MAX_QUANTITY:
            _quantity(f'{field}.quantities["{name}"]', quantity, report)


def _quantity(field: str, quantity: int, report: Report) -> None:
    if not 0 <= quantity <= MAX_QUANTITY:
        report(field, "must not be negative" if quantity < 0 else f"must be at most {MAX_QUANTITY}")


def _code(field: str, code: str, known: Collection[str], report: Report) -> None:
    if code not in known:
        report(field, f"{'is not specified' if not code else 'is not a known value'}; it is one of {', '.join(known)}")


def _id(field: str, text: str, report: Report) -> None:
    if not text:
        report(field, "is required")
    else:
        _text(field, text, report)


def _text(field: str, text: str, report: Report) -> None:
    if len(text) > MAX_TEXT_LENGTH:
        report(field, f"has {len(text)} characters; at most {MAX_TEXT_LENGTH} are taken")
    elif problem := identity.problem(text):
        report(field, problem)


def _list(field: str, texts: tuple[str, ...], report: Report) -> None:
    if _few(field, texts, report):
        for number, text in enumerate(texts):
            _id(f"{field}[{number}]", text, report)


def _few(field: str, items: Sized, report: Report) -> bool:
    if len(items) <= MAX_ITEMS:
        return True
    report(field, f"has {len(items)} items; at most {MAX_ITEMS} are taken")
    return False


def _codes(path: str, field: Field, given: tuple[str, ...], report: Report) -> None:
    if _few(path, given, report):
        for number, code in enumerate(given):
            _code(f"{path}[{number}]", code, field.codes, report)


_CHECKS: Final[Mapping[FieldKind, Callable[[str, Field, Any, Report], object]]] = {
    "text": lambda path, _, value, report: _text(path, value, report),
    "texts": lambda path, _, value, report: _list(path, value, report),
    "code": lambda path, field, value, report: _code(path, value, field.codes, report),
    "codes": _codes,
    "money": lambda path, _, value, report: money(path, value, report),
    "quantity": lambda path, _, value, report: _quantity(path, value, report),
    "instant": lambda path, _, value, report: _instant(path, value, report),
    "interval": lambda path, _, value, report: interval(path, value, report),
    "quantities": lambda path, _, value, report: quantities(path, value, report),
    "attributes": lambda path, _, value, report: _few(path, value, report),
}
"""How each kind of field is checked."""
