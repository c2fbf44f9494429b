"""A request made as small as it gets while it still shows the same."""

from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, replace
from typing import Any, TypeVar

from policy.calculator.request import Outage, Request, Subscriber

Told = TypeVar("Told", Subscriber, Outage)
ROUND = (86_400, 3600, 60)


def shrunk(request: Request, still_shows: Callable[[Request], bool]) -> Request:
    """The request after every simplification under which it still shows what it showed, tried again until none is left."""
    while True:
        smaller = next((each for each in _simpler(request) if each != request and still_shows(each)), None)
        if smaller is None:
            return request
        request = smaller


def said(part: object) -> str:
    """A request or a part of it, as code, without what it does not say."""
    if isinstance(part, tuple):
        return f"({''.join(f'{said(each)}, ' for each in part)})"
    if not hasattr(part, "__dataclass_fields__"):
        return repr(part)
    told: Any = part
    values = [(each, getattr(told, each.name)) for each in fields(told)]
    kept = [f"{each.name}={said(value)}" for each, value in values if value != _default(each)]
    return f"{type(part).__name__}({', '.join(kept)})"


def _default(field: Any) -> object:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _simpler(request: Request) -> Iterator[Request]:
    for number in range(len(request.outages)):
        left = request.outages[:number] + request.outages[number + 1 :]
        told = {each.outage_id for each in left}
        before = tuple(each for each in request.granted_before if each.outage_id in told)
        yield replace(request, outages=left, granted_before=before)
    yield replace(request, mode="AUTOMATIC", claim=None, notice=None)
    yield replace(request, notice=None)
    yield replace(request, already_granted={})
    for number in range(len(request.granted_before)):
        yield replace(request, granted_before=request.granted_before[:number] + request.granted_before[number + 1 :])
    if request.claim is not None:
        yield replace(request, claim=replace(request.claim, earlier=()))
    yield replace(request, as_of=max(each.ended_at or 0 for each in request.outages) if request.outages else request.as_of)
    if request.subscriber is not None:
        subscriber = request.subscriber
        yield from (replace(request, subscriber=each) for each in _plainer(subscriber))
        if subscriber.granted_this_cycle:
            yield replace(request, subscriber=replace(subscriber, granted_this_cycle={}))
        if subscriber.monthly_fee is not None:
            for amount in _smaller(subscriber.monthly_fee.amount_minor):
                fee = replace(subscriber.monthly_fee, amount_minor=amount)
                yield replace(request, subscriber=replace(subscriber, monthly_fee=fee))
    for number, outage in enumerate(request.outages):
        for each in (*_plainer(outage), *_shorter(outage)):
            yield replace(request, outages=(*request.outages[:number], each, *request.outages[number + 1 :]))


def _plainer(told: Told) -> Iterator[Told]:
    """Without one of the things that it need not say."""
    for each in fields(told):
        default = _default(each)
        if default is not MISSING and getattr(told, each.name) != default and each.name != "ended_at":
            changes: dict[str, Any] = {each.name: default}
            yield replace(told, **changes)
    for name in told.attributes:
        yield replace(told, attributes={other: value for other, value in told.attributes.items() if other != name})


def _shorter(outage: Outage) -> Iterator[Outage]:
    """Of half the length, or of round lengths and from round instants, as long as it moves forward to them."""
    start, end = outage.started_at or 0, outage.ended_at
    if end is None:
        return
    for length in _smaller(end - start):
        if length:
            yield replace(outage, ended_at=start + length)
    for unit in ROUND:
        if start % unit:
            yield replace(outage, started_at=start // unit * unit)


def _smaller(amount: int) -> Iterator[int]:
    yield from (each for each in (0, amount // 2, *(amount // unit * unit for unit in ROUND)) if each < amount)
