"""Moving a fact of a request to the bound of a choice or of a comparison."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from policy.calculator import rules
from policy.calculator.facts import RATIO_DENOMINATOR
from policy.calculator.request import Claim, Interval, Money, Outage, Request
from policy.language.proofs.walk import figure_value
from policy.tools.boundaries import Boundary
from policy.tools.boundary_cases.context import STAMP, Base, Context, Row, Rows, beside
from policy.tools.proving.witnesses import DENOMINATOR_VALUE


def rows_of_fact(context: Context, boundary: Boundary, base: Base) -> list[Rows]:
    """The subject a unit below, at and above the bound; none where the bound is no number that is known."""
    choice, bound = boundary.parents[-1], boundary.holder
    assert isinstance(bound, rules.Bound) and isinstance(choice, rules.Ladder | rules.Compare)
    subject, limit = figure_value(choice.subject), limit_of(bound.value, base.request)
    if limit is None:
        return []
    if isinstance(subject, rules.Quotient):
        return _quotient(context, subject, limit, base)
    if not isinstance(subject, rules.Fact):
        return []
    unit = context.say.unit(subject)
    if unit in ("instant", "date"):
        return beside(lambda by: _on_date(context, subject, int(limit), by, base.request))
    step = Fraction(1, RATIO_DENOMINATOR) if subject.type == "ratio" else Fraction(1)

    def make(by: int) -> Row | None:
        value = limit + by * step
        if value < 0:
            return None
        return Row(f"{subject.name} {context.say.amount(value, unit)}", given(context, base.request, subject, value))

    return beside(make)


def given(context: Context, request: Request, fact: rules.Fact, value: Any) -> Request:
    """The request with another value of a fact, in its base unit; of a fact of an outage, in every outage."""
    builder = context.builder
    if fact.of == "outage":
        return replace(request, outages=tuple(builder.outage(outage, {fact.name: value}) for outage in request.outages))
    assert request.subscriber is not None  # INVARIANT: a base is decided
    return replace(request, subscriber=builder.with_fact(request.subscriber, fact, value))


def limit_of(value: rules.Value, request: Request) -> Fraction | None:
    """What a bound comes to: a constant, or a fact of the subscriber."""
    value = figure_value(value)
    if isinstance(value, rules.Constant):
        return value.value
    subscriber = request.subscriber
    if not isinstance(value, rules.Fact) or value.of != "subscriber" or subscriber is None:
        return None
    known = subscriber.attributes.get(value.name) if value.attribute else getattr(subscriber, value.name, None)
    match known:
        case Money(amount_minor=minor):
            return Fraction(minor)
        case date():
            return Fraction(known.toordinal())
        case int() | Fraction() if not isinstance(known, bool):
            return Fraction(known)
    return None


def _quotient(context: Context, subject: rules.Quotient, limit: Fraction, base: Base) -> list[Rows]:
    above, below = subject.numerator, subject.denominator
    if not isinstance(above, rules.Fact) or not isinstance(below, rules.Fact):
        return []
    whole = DENOMINATOR_VALUE * limit.denominator
    request = given(context, base.request, below, whole)

    def make(by: int) -> Row:
        part = int(whole * limit) + by
        said = (
            f"{fact.name} {context.say.amount(value, context.say.unit(fact))}"
            for fact, value in ((above, part), (below, whole))
        )
        return Row(", ".join(said), given(context, request, above, part))

    return beside(make)


def _on_date(context: Context, fact: rules.Fact, day: int, by: int, request: Request) -> Row | None:
    """A date a day apart; an instant a second from the first instant of a local day."""
    if fact.type == "date":
        return Row(f"{fact.name} {date.fromordinal(day + by)}", given(context, request, fact, day + by))
    instant = context.local.starts_at(day) + by
    moved = _at_instant(context, request, fact, instant)
    return None if moved is None else Row(f"{fact.name} {context.local.format(instant, STAMP)}", moved)


def _at_instant(context: Context, request: Request, fact: rules.Fact, instant: int) -> Request | None:
    """The request at whose instant ``fact`` it is ``instant``; what lies around it moves with it."""
    first: Outage = request.outages[0]
    claim = request.claim
    claimed_at = None if claim is None else claim.claimed_at
    known = {"started_at": first.started_at, "ended_at": first.ended_at, "claimed_at": claimed_at}
    if fact.attribute or fact.name in ("reported_at", "announced_at"):
        return given(context, request, fact, instant)
    at = known.get(fact.name)
    if at is None:
        return None
    by = instant - at
    outages = tuple(
        replace(each, started_at=(each.started_at or 0) + by, ended_at=None if each.ended_at is None else each.ended_at + by)
        for each in request.outages
    )
    if claim is not None:
        made, since, until = ((at or 0) + by for at in (claim.claimed_at, claim.started_at, claim.ended_at))
        claim = Claim(claim.channel, made, since, until)
    subscriber = request.subscriber
    assert subscriber is not None  # INVARIANT: a base is decided
    if subscriber.billing_cycle is not None:
        subscriber = replace(subscriber, billing_cycle=_moved(context, subscriber.billing_cycle, by))
    as_of = max(request.as_of, request.as_of + by)
    return replace(request, subscriber=subscriber, outages=outages, claim=claim, as_of=as_of)


def _moved(context: Context, cycle: Interval, by: int) -> Interval:
    """A billing cycle moved with the outages in it, to whole local days."""
    day_of, starts_at = context.local.day_of, context.local.starts_at
    first, last = day_of(cycle.started_at), day_of(cycle.ended_at)
    days = day_of(cycle.started_at + by) - first
    return Interval(starts_at(first + days), starts_at(last + days))
