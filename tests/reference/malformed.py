"""Section 1, line 1: which fields are malformed or contradict each other. All of them are reported together."""

from collections.abc import Collection, Iterator, Mapping

from tests.reference.facts import Claim, Outage, Request, Subscriber
from tests.reference.liability import CLASS_OF_CAUSE

PLAN_TYPES = ("DATA", "VOICE", "CONVERGED")
CUSTOMER_TYPES = ("CONSUMER", "SMALL_BUSINESS", "BUSINESS")
PAYMENTS = ("POSTPAID", "PREPAID")
SERVICES = ("DATA", "VOICE", "SMS", "FIXED_VOICE", "FIXED_DATA")
IMPACTS = ("LOSS", "DEGRADED")
TIME_SOURCES = ("NETWORK_ALARM", "PROBLEM_RECORD", "CUSTOMER_REPORT", "MANUAL")
CLAIM_CHANNELS = ("HOTLINE", "WEB", "APP", "STORE")
NOTICE_CHANNELS = ("SMS", "PUSH")
MODES = ("AUTOMATIC", "APPLICATION", "PROACTIVE_NOTICE")
EXPLAINS = ("NONE", "SUMMARY", "FULL")
BENEFITS = ("data", "voice", "value_added")
CURRENCY = "CNY"


def malformed_fields(request: Request) -> frozenset[str]:
    """1 line 1: the paths of all fields that are malformed or contradict another."""
    return frozenset(_violations(request))


def _violations(request: Request) -> Iterator[str]:
    yield from _mode(request)
    yield from _unspecified_or_unknown(request.explain, EXPLAINS, "explain", needed=True)
    yield from _presence(request)
    yield from _subscriber(request.subscriber) if request.subscriber else ["subscriber"]
    for index, outage in enumerate(request.outages):
        yield from _outage(outage, f"outages[{index}]", request.as_of)
    yield from _two_outages_under_one_id(request.outages)
    if request.claim is not None:
        yield from _claim(request.claim, request.as_of)
    if request.notice is not None:
        yield from _unspecified_or_unknown(request.notice.channel, NOTICE_CHANNELS, "notice.channel", needed=False)
    yield from _quantities(request.already_granted, "already_granted")
    yield from _granted_before(request)


def _mode(request: Request) -> Iterator[str]:
    """1 line 1: an enum left unspecified."""
    yield from _unspecified_or_unknown(request.mode, MODES, "mode", needed=True)


def _presence(request: Request) -> Iterator[str]:
    """1 line 1: no outage at all, unless it is an application; an application without its claim, a claim without one.

    A mode left unspecified is no application, so outages are missed; which mode a claim or a message belongs to, it does not
    say. A message is asked for only where one is sent.
    """
    if not request.outages and request.mode != "APPLICATION":
        yield "outages"
    if request.mode not in MODES:
        return
    if (request.mode == "APPLICATION") != (request.claim is not None):
        yield "claim"
    if request.notice is not None and request.mode != "PROACTIVE_NOTICE":
        yield "notice"


def _subscriber(subscriber: Subscriber) -> Iterator[str]:
    """1 line 1, for the subscriber."""
    if not subscriber.subscriber_id:
        yield "subscriber.subscriber_id"
    yield from _unspecified_or_unknown(subscriber.plan_type, PLAN_TYPES, "subscriber.plan_type", needed=True)
    yield from _unspecified_or_unknown(subscriber.customer_type, CUSTOMER_TYPES, "subscriber.customer_type", needed=False)
    yield from _unspecified_or_unknown(subscriber.payment, PAYMENTS, "subscriber.payment", needed=False)
    if subscriber.monthly_fee is not None:
        if subscriber.monthly_fee.currency_code != CURRENCY:
            yield "subscriber.monthly_fee.currency_code"
        yield from _negative(subscriber.monthly_fee.amount_minor, "subscriber.monthly_fee.amount_minor")
    yield from _negative(subscriber.data_allowance_bytes, "subscriber.data_allowance_bytes")
    yield from _negative(subscriber.data_remaining_bytes, "subscriber.data_remaining_bytes")
    if subscriber.billing_cycle is not None:
        cycle = subscriber.billing_cycle
        yield from _end_not_after_start(cycle.started_at, cycle.ended_at, "subscriber.billing_cycle")
    yield from _quantities(subscriber.granted_this_cycle or {}, "subscriber.granted_this_cycle")
    for month, quantities in subscriber.granted_by_month.items():
        if not _is_month(month):
            yield f'subscriber.granted_by_month["{month}"]'
        yield from _quantities(quantities, f'subscriber.granted_by_month["{month}"]')
    yield from (f'subscriber.attributes["{name}"]' for name in subscriber.attributes)


def _outage(outage: Outage, path: str, as_of: int) -> Iterator[str]:
    """1 line 1, for one outage."""
    if not outage.outage_id:
        yield f"{path}.outage_id"
    yield from _span(outage.started_at, outage.ended_at, path, as_of)
    yield from _unspecified_or_unknown(outage.cause, CLASS_OF_CAUSE, f"{path}.cause", needed=True)
    yield from _unspecified_or_unknown(outage.impact, IMPACTS, f"{path}.impact", needed=True)
    for index, service in enumerate(outage.services):
        yield from _unspecified_or_unknown(service, SERVICES, f"{path}.services[{index}]", needed=True)
    yield from _unspecified_or_unknown(outage.time_source, TIME_SOURCES, f"{path}.time_source", needed=False)
    yield from (f'{path}.attributes["{name}"]' for name in outage.attributes)


def _claim(claim: Claim, as_of: int) -> Iterator[str]:
    """1 line 1, for the claim, all of whose fields are needed."""
    yield from _unspecified_or_unknown(claim.channel, CLAIM_CHANNELS, "claim.channel", needed=True)
    if claim.claimed_at is None or claim.claimed_at > as_of:
        yield "claim.claimed_at"
    if claim.ended_at is None:
        yield "claim.ended_at"
    yield from _span(claim.started_at, claim.ended_at, "claim", as_of)
    for index, each in enumerate(claim.earlier):
        yield from _span(each.started_at, each.ended_at, f"claim.earlier[{index}]", as_of)


def _granted_before(request: Request) -> Iterator[str]:
    """5 (b): told by outage, each outage and benefit once; all at once only where there is one outage to tell it of.

    1 line 1, "contradicts another": what the cycle was granted in all holds what was granted in it before.
    """
    ids = {outage.outage_id for outage in request.outages}
    if request.already_granted and (len(ids) > 1 or request.granted_before):
        yield "already_granted"
    told: set[tuple[str, str, str]] = set()
    in_all = {} if request.granted_before else dict(request.already_granted)
    for index, each in enumerate(request.granted_before):
        path = f"granted_before[{index}]"
        if not each.outage_id or each.outage_id not in ids:
            yield f"{path}.outage_id"
        if (each.outage_id, each.benefit, each.month) in told:
            yield path
        told.add((each.outage_id, each.benefit, each.month))
        if each.benefit not in BENEFITS:
            yield f"{path}.benefit"
        yield from _negative(each.quantity, f"{path}.quantity")
        if each.month:  # only where a benefit is for each month
            yield f"{path}.month"
        else:
            in_all[each.benefit] = in_all.get(each.benefit, 0) + max(each.quantity, 0)
    this_cycle = None if request.subscriber is None else request.subscriber.granted_this_cycle
    if this_cycle is not None:
        less = (name for name, before in in_all.items() if 0 <= this_cycle.get(name, 0) < before)
        yield from (f'subscriber.granted_this_cycle.quantities["{name}"]' for name in less)


def _is_month(text: str) -> bool:
    year, dash, month = text.partition("-")
    return (len(year), dash, len(month)) == (4, "-", 2) and text.replace("-", "").isdigit() and 1 <= int(month) <= 12


def _span(started_at: int | None, ended_at: int | None, path: str, as_of: int) -> Iterator[str]:
    """1 line 1: an end not after its start; a start at or after as_of, an end after as_of."""
    if started_at is None or started_at >= as_of:
        yield f"{path}.started_at"
    if ended_at is not None and ended_at > as_of:
        yield f"{path}.ended_at"
    if started_at is not None and ended_at is not None:
        yield from _end_not_after_start(started_at, ended_at, path)


def _end_not_after_start(started_at: int, ended_at: int, path: str) -> Iterator[str]:
    """1 line 1: an end not after its start."""
    if ended_at <= started_at:
        yield f"{path}.ended_at"


def _two_outages_under_one_id(outages: tuple[Outage, ...]) -> Iterator[str]:
    """1 line 1: two different outages under one id (identical repeats are one outage)."""
    first: dict[str, Outage] = {}
    for index, outage in enumerate(outages):
        if not identical(first.setdefault(outage.outage_id, outage), outage):
            yield f"outages[{index}].outage_id"


def identical(one: Outage, other: Outage) -> bool:
    """1 line 1: whether a record is a repeat: the same in every field, services and areas without regard to their order."""
    return _content(one) == _content(other)


def _content(outage: Outage) -> tuple[object, ...]:
    when = (outage.started_at, outage.ended_at, outage.reported_at, outage.announced_at)
    what = (outage.cause, outage.impact, frozenset(outage.services), frozenset(outage.areas))
    return (outage.outage_id, *when, *what, outage.responsible_party, outage.time_source, dict(outage.attributes))


def _quantities(quantities: Mapping[str, int], path: str) -> Iterator[str]:
    """1 line 1: a negative quantity, or one of a benefit that the policy has not."""
    for name, quantity in quantities.items():
        if name not in BENEFITS or quantity < 0:
            yield f'{path}.quantities["{name}"]'


def _negative(quantity: int | None, path: str) -> Iterator[str]:
    """1 line 1: a negative quantity."""
    if quantity is not None and quantity < 0:
        yield path


def _unspecified_or_unknown(code: str, words: Collection[str], path: str, *, needed: bool) -> Iterator[str]:
    """1 line 1: an enum left unspecified (where it is needed); 2: a word that is not listed is malformed."""
    if code not in words and (needed or code):
        yield path
