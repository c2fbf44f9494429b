"""Requests gathered into columns, for callers that hold requests one by one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from policy.calculator import codes, rules
from policy.calculator.columns.questions import Claims, Cycles, Given, Intervals, Ints, Outages, Questions
from policy.calculator.columns.values import CORE_CODES
from policy.calculator.facts import RATIO_DENOMINATOR, distinct, plain
from policy.calculator.request import Interval, NoticeRequest, Outage, Request, Subscriber

_SERVICE_BIT = {service: 1 << number for number, service in enumerate(codes.SERVICES)}


def gathered(requests: Sequence[Request], facts: Mapping[str, rules.Fact], benefits: Iterable[str]) -> Questions:
    """Columns of valid requests with a subscriber, for a version that reads ``facts`` (by field) and grants ``benefits``."""
    subscribers = [request.subscriber or Subscriber("") for request in requests]
    places: dict[tuple[int, ...], tuple[int, int]] = {}
    outages: list[tuple[int, Outage]] = []
    first, last, hard = [], [], []
    for request in requests:
        hard.append(request.subscriber is None or request.explain == codes.FULL)
        key = tuple(map(id, request.outages))
        if key not in places:
            once = distinct(request.outages)
            places[key] = len(outages), len(outages) + len(once)
            outages += once
        first.append(places[key][0])
        last.append(places[key][1])
    notices: list[NoticeRequest | None] = [None]
    notice = []
    for request in requests:
        if request.notice not in notices:
            notices.append(request.notice)
        notice.append(notices.index(request.notice))
    benefits = list(benefits)
    return Questions(
        len(requests),
        [subscriber.subscriber_id.encode() for subscriber in subscribers],
        _ints(codes.MODES.index(request.mode) for request in requests),
        _ints(request.as_of for request in requests),
        _ints(first),
        _ints(last),
        _outages(outages, facts),
        _facts(subscribers, requests, facts),
        _cycles([subscriber.billing_cycle for subscriber in subscribers]),
        np.array([subscriber.granted_this_cycle is not None for subscriber in subscribers], np.bool_),
        {name: _ints((subscriber.granted_this_cycle or {}).get(name, 0) for subscriber in subscribers) for name in benefits},
        {name: _ints(request.already_granted.get(name, 0) for request in requests) for name in benefits},
        _claims(requests),
        notices,
        _ints(notice),
        np.array([request.explain == codes.SUMMARY for request in requests], np.bool_),
        np.array(hard, np.bool_),
    )


def _ints(numbers: Iterable[int]) -> Ints:
    return np.array(list(numbers), np.int64)


def _given(values: Iterable[int | None]) -> Given:
    held = list(values)
    return Given(
        _ints(0 if value is None else value for value in held), np.array([value is not None for value in held], np.bool_)
    )


def _facts(subscribers: Sequence[Subscriber], requests: Sequence[Request], facts: Mapping[str, rules.Fact]) -> dict[str, Given]:
    columns = {}
    for fact in facts.values():
        if fact.type == "intervals":
            continue
        if fact.of == "subscriber" and fact.attribute:
            columns[fact.name] = _attribute(fact, [subscriber.attributes for subscriber in subscribers])
        elif fact.field.startswith("subscriber.") and hasattr(Subscriber, fact.field.removeprefix("subscriber.")):
            field = fact.field.removeprefix("subscriber.")
            columns[fact.name] = _core(fact.name, [getattr(subscriber, field) for subscriber in subscribers])
        elif fact.name == "claim":
            columns[fact.name] = _given(0 if request.claim is None else 1 for request in requests)
        elif fact.name == "claimed_at":
            columns[fact.name] = _given(None if request.claim is None else request.claim.claimed_at for request in requests)
    return columns


def _outages(placed: Sequence[tuple[int, Outage]], facts: Mapping[str, rules.Fact]) -> Outages:
    outages = [outage for _, outage in placed]
    intervals: dict[str, Intervals] = {}
    columns = {"cause": _core("cause", [outage.cause for outage in outages])}
    for name in ("impact", "reported_at", "announced_at", "started_at"):
        columns[name] = _core(name, [getattr(outage, name) for outage in outages])
    columns["notice"] = _given(
        0 if outage.announced_at is None else (outage.started_at or 0) - outage.announced_at for outage in outages
    )
    for fact in facts.values():
        if fact.of == "outage" and fact.type == "intervals":
            intervals[fact.name] = _intervals([outage.attributes.get(fact.name) for outage in outages])
        elif fact.of == "outage" and fact.attribute:
            columns[fact.name] = _attribute(fact, [outage.attributes for outage in outages])
    return Outages(
        _ints(outage.started_at or 0 for outage in outages),
        _given(outage.ended_at for outage in outages),
        _ints(sum({_SERVICE_BIT[service] for service in outage.services}) for outage in outages),
        [outage.outage_id.encode() for outage in outages],
        [outage.responsible_party.encode() for outage in outages],
        columns,
        intervals,
        _ints(place for place, _ in placed),
    )


def _intervals(values: Sequence[Any]) -> Intervals:
    spans = [span for value in values for span in value or ()]
    offsets = np.cumsum([0, *(len(value or ()) for value in values)])
    starts, ends = _ints(span.started_at for span in spans), _ints(span.ended_at for span in spans)
    return Intervals(np.array([value is not None for value in values], np.bool_), offsets, starts, ends)


def _cycles(cycles: Sequence[Interval | None]) -> Cycles:
    return Cycles(
        np.array([cycle is not None for cycle in cycles], np.bool_),
        _ints(0 if cycle is None else cycle.started_at for cycle in cycles),
        _ints(0 if cycle is None else cycle.ended_at for cycle in cycles),
    )


def _core(name: str, values: Sequence[Any]) -> Given:
    if name in CORE_CODES:
        number = {code: place for place, code in enumerate(CORE_CODES[name])}
        return _given(number.get(value) for value in values)
    if name == "value_added_services":
        return _given(len(value) for value in values)
    return _given(plain(value) for value in values)


def _attribute(fact: rules.Fact, attributes: Sequence[Mapping[str, Any]]) -> Given:
    values = [plain(each.get(fact.name)) for each in attributes]
    if fact.type == "codes":
        number = {code: place for place, code in enumerate(fact.codes)}
        return _given(number.get(value) for value in values)
    scale = RATIO_DENOMINATOR if fact.type == "ratio" else 1
    return _given(None if value is None else int(value * scale) for value in values)


def _claims(requests: Sequence[Request]) -> Claims | None:
    if all(request.claim is None for request in requests):
        return None
    claims = [request.claim for request in requests]
    channel = {code: place for place, code in enumerate(codes.CLAIM_CHANNELS)}
    return Claims(
        np.array([claim is not None for claim in claims], np.bool_),
        _ints(0 if claim is None else channel.get(claim.channel, 0) for claim in claims),
        _ints(0 if claim is None else claim.claimed_at or 0 for claim in claims),
        _ints(0 if claim is None else claim.started_at or 0 for claim in claims),
        _ints(0 if claim is None else claim.ended_at or 0 for claim in claims),
    )
