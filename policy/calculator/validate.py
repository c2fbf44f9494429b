"""Malformed requests: every field that cannot be right, all of them at once, with what to change.

Here is what any policy asks of a request; what one version asks besides (its attributes, currency, benefit names, channels)
is in :mod:`policy.calculator.validate_for`. A violation never repeats a value that could identify a subscriber.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Final

from policy.calculator import codes
from policy.calculator.checks import (
    ENOUGH_VIOLATIONS,
    MAX_INSTANT,
    Report,
    check_by_month,
    check_code,
    check_codes,
    check_id,
    check_instant,
    check_interval,
    check_money,
    check_quantities,
    check_quantity,
    check_text,
    check_texts,
    found_by,
    is_few,
)
from policy.calculator.contract import OUTAGE, SUBSCRIBER, Field, FieldKind
from policy.calculator.errors import Violation
from policy.calculator.request import Claim, Interval, Outage, Request, Subscriber
from policy.calculator.validate_before import check_granted_before

_DIGEST: Final = re.compile("[0-9a-f]{64}")


def violations_of(request: Request, zone_names: Collection[str], most: int = ENOUGH_VIOLATIONS) -> list[Violation]:
    """The violations that no policy needs to be known for, ``most`` at the most. ``zone_names``: the IANA names there are."""
    return found_by(partial(_look, request, zone_names), most)


def _look(request: Request, zone_names: Collection[str], report: Report) -> None:
    if request.subscriber is None:
        report("subscriber", "is required")
    else:
        _subscriber(request.subscriber, zone_names, report)
    check_instant("as_of", request.as_of, report)
    _outages(request, report)
    _mode(request, report)
    check_granted_before(request, report)
    if request.explain not in codes.EXPLAINS:
        check_code("explain", request.explain, codes.EXPLAINS, report)
    if request.expected_sha256 and not _DIGEST.fullmatch(request.expected_sha256):
        report("policy.expected_sha256", "is no digest: 64 digits, 0 to 9 and a to f, as the service tells of each version")


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
        check_id(path, value, report)
    elif value is None or value in ("", ()):
        return
    else:
        _CHECKS[field.kind](path, field, value, report)


def _outages(request: Request, report: Report) -> None:
    if not request.outages and request.mode != codes.APPLICATION:
        report("outages", "at least one is required, unless the mode is APPLICATION")
    if not is_few("outages", request.outages, report):
        return
    first_by_id: dict[str, _Record] = {}
    for index, outage in enumerate(request.outages):
        _outage(outage, request.as_of, partial(_report_of_outage, report, index))
        first = first_by_id.get(outage.outage_id)
        if first is None:
            first_by_id[outage.outage_id] = _Record(outage)
        elif not first.is_of(outage):
            report(
                f"outages[{index}].outage_id",
                "names another outage of this request with other content; give each outage its own id",
            )


def _report_of_outage(report: Report, index: int, field: str, message: str) -> None:
    """The path of an outage is spelled only where something in it is wrong."""
    report(f"outages[{index}].{field}", message)


class _Record:
    """What the first outage of an id says; services and areas are sets, made once, for a thousand others may have its id."""

    def __init__(self, outage: Outage) -> None:
        self._outage = outage

    @cached_property
    def _said(self) -> Sequence[object]:
        return _said(self._outage)

    def is_of(self, other: Outage) -> bool:
        """Whether another outage says the same."""
        return other is self._outage or self._said == _said(other)


def _said(outage: Outage) -> Sequence[object]:
    return (
        outage.started_at,
        outage.ended_at,
        outage.cause,
        outage.impact,
        outage.responsible_party,
        outage.reported_at,
        outage.announced_at,
        outage.time_source,
        outage.attributes,
        frozenset(outage.services),
        frozenset(outage.areas),
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
    elif check_instant("started_at", start, report) and start >= as_of:
        report("started_at", "must be before as_of")
    if end is not None and check_instant("ended_at", end, report):
        if start is not None and end <= start:
            report("ended_at", "must be after started_at")
        if end > as_of:
            report("ended_at", "must not be after as_of; leave it out while the outage goes on")


def _mode(request: Request, report: Report) -> None:
    check_code("mode", request.mode, codes.MODES, report)
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
            check_code("notice.channel", request.notice.channel, codes.NOTICE_CHANNELS, report)
        check_texts("notice.languages", request.notice.languages, report)


def _claim(claim: Claim, as_of: int, report: Report) -> None:
    check_code("claim.channel", claim.channel, codes.CLAIM_CHANNELS, report)
    if claim.claimed_at is None:
        report("claim.claimed_at", "is required")
    elif check_instant("claim.claimed_at", claim.claimed_at, report) and claim.claimed_at > as_of:
        report("claim.claimed_at", "must not be after as_of")
    if claim.started_at is None:
        report("claim.started_at", "is required")
    elif check_instant("claim.started_at", claim.started_at, report) and claim.started_at >= as_of:
        report("claim.started_at", "must be before as_of")
    if claim.ended_at is None:
        report("claim.ended_at", "is required")
    elif check_instant("claim.ended_at", claim.ended_at, report):
        if claim.started_at is not None and claim.ended_at <= claim.started_at:
            report("claim.ended_at", "must be after started_at")
        if claim.ended_at > as_of:
            report("claim.ended_at", "must not be after as_of")
    if claim.earlier:
        _earlier("claim.earlier", claim.earlier, as_of, report)


def _earlier(field: str, spans: tuple[Interval, ...], as_of: int, report: Report) -> None:
    """Intervals of claims that were accepted before: as the new one's, each by itself."""
    if not is_few(field, spans, report):
        return
    for number, span in enumerate(spans):
        at = f"{field}[{number}]"
        check_interval(at, span, report)
        if as_of <= span.started_at <= MAX_INSTANT:
            report(f"{at}.started_at", "must be before as_of")
        if as_of < span.ended_at <= MAX_INSTANT and span.ended_at > span.started_at:
            report(f"{at}.ended_at", "must not be after as_of")


_CHECKS: Final[Mapping[FieldKind, Callable[[str, Field, Any, Report], object]]] = {
    "text": lambda path, _, value, report: check_text(path, value, report),
    "texts": lambda path, _, value, report: check_texts(path, value, report),
    "code": lambda path, field, value, report: check_code(path, value, field.codes, report),
    "codes": lambda path, field, value, report: check_codes(path, value, field.codes, report),
    "money": lambda path, _, value, report: check_money(path, value, report),
    "quantity": lambda path, _, value, report: check_quantity(path, value, report),
    "instant": lambda path, _, value, report: check_instant(path, value, report),
    "interval": lambda path, _, value, report: check_interval(path, value, report),
    "quantities": lambda path, _, value, report: check_quantities(path, value, report),
    "quantities by month": lambda path, _, value, report: check_by_month(path, value, report),
    "attributes": lambda path, _, value, report: is_few(path, value, report),
}
"""How each kind of field is checked."""
