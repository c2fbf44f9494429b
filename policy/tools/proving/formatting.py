"""A counterexample in words: the facts, both tellings in local time, and what each is paid."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from policy.calculator import rules
from policy.calculator.local_time import LocalTime
from policy.calculator.reads import facts_of
from policy.calculator.request import Instant, Interval, Money, Request
from policy.language import calendars
from policy.language.problems import listed
from policy.tools.cases.formatting import bytes_text, granted_text, money_text, seconds_text
from policy.tools.proving.scenes import OutageSpan
from policy.tools.proving.search import Counterexample

_STAMP = "%Y-%m-%d %H:%M:%S"


def counterexample_lines(found: Counterexample) -> Iterator[str]:
    """For a report: the facts, then a line for each telling."""
    yield f"facts ({found.scene.source}): {facts_text(found)}"
    paid_less, paid_more = _paid(found)
    yield f"{told_text(found, found.less)}: {paid_less}"
    yield f"{told_text(found, found.more)}: {paid_more}"


def counterexample_text(found: Counterexample) -> str:
    """For a problem, in one line."""
    paid_less, paid_more = _paid(found)
    return f"{told_text(found, found.less)} pays {paid_less}; {told_text(found, found.more)} pays {paid_more}"


def _paid(found: Counterexample) -> tuple[str, str]:
    benefit = found.benefit
    less, more = (
        f"{benefit.name} {granted_text(amount, benefit.kind, benefit.currency_code)}"
        for amount in (found.paid_less, found.paid_more)
    )
    return less, f"{more}{', the rest at discretion' if found.at_discretion else ''}"


def told_text(found: Counterexample, told: tuple[OutageSpan, ...]) -> str:
    """The outages of one telling."""
    local = calendars.zone(found.scene.builder.version.zone)
    return listed([_outage_text(each, local) for each in sorted(told)])


def _outage_text(told: OutageSpan, local: LocalTime) -> str:
    start, end = local.format(told.start, _STAMP), local.format(told.end, _STAMP)
    end = end.removeprefix(start[:11]) if start[:10] == end[:10] else end
    facts = ", ".join(f"{name} {_fact_text(name, value, local)}" for name, value in told.facts)
    return f"{start} to {end}{f' ({facts})' if facts else ''}"


def _fact_text(name: str, value: Any, local: LocalTime) -> str:
    """A fact of an outage as it is told."""
    if name in ("announced_at", "reported_at"):
        return local.format(value, _STAMP)
    return seconds_text(value) if name == "notice" else _value_text(value, local)


def facts_text(found: Counterexample) -> str:
    """The facts of the request that the version reads, by name; what an outage is besides stands with the outage."""
    request = found.scene.request(found.less, max(each.end for each in (*found.less, *found.more)))
    differing = set.intersection(*({name for name, _ in each.facts} for each in (*found.less, *found.more)))
    request = replace(request, outages=(found.scene.outage,))
    alone = replace(found.scene.builder.version, benefits=(found.benefit,), clocks=(), recourse=None)
    facts = {fact.name: fact for fact in facts_of(alone).values()}
    return ", ".join(facts_of_request(request, found.scene.builder.version, facts, differing))


def facts_of_request(
    request: Request, version: rules.Version, facts: Mapping[str, rules.Fact], but: Collection[str] = ()
) -> Iterator[str]:
    """``monthly_fee 60.00 EUR``, for each fact of the request, and of its first outage, that is read."""
    local = calendars.zone(version.zone)
    for fact in facts.values():
        if fact.name in but or fact.name in ("started_at", "ended_at", "as_of", "notice", "claimed_at"):
            continue
        value = _given(request, fact)
        if value is not None and value not in ((), ""):
            yield f"{fact.name} {_value_text(value, local, fact)}"


def spans_text(request: Request, version: rules.Version) -> str:
    """When the outages of a request were, in local time."""
    local = calendars.zone(version.zone)
    told = (OutageSpan(each.started_at or 0, each.ended_at or request.as_of) for each in request.outages)
    return listed([_outage_text(each, local) for each in told])


def _given(request: Request, fact: rules.Fact) -> Any:
    match fact.of:
        case "claim":
            return "NONE" if request.claim is None else "MADE"
        case "request":
            return None
        case "outage":
            outage = request.outages[0]
            return outage.attributes.get(fact.name) if fact.attribute else getattr(outage, fact.name, None)
    subscriber = request.subscriber
    assert subscriber is not None  # INVARIANT: a scene has one
    if fact.attribute:
        return subscriber.attributes.get(fact.name)
    value = getattr(subscriber, fact.field.removeprefix("subscriber."))
    return len(value) if isinstance(value, tuple) else value


def _value_text(value: Any, local: LocalTime, fact: rules.Fact | None = None) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Money():
            return money_text(value.amount_minor, value.currency_code)
        case Instant(seconds=seconds):
            return local.format(seconds, _STAMP)
        case Interval():
            return _interval_text(value, local)
        case tuple():
            return listed([_interval_text(span, local) for span in value])
        case int() if fact is not None and fact.type == "instant":
            return local.format(value, _STAMP)
        case int() if fact is not None and fact.type == "bytes":
            return bytes_text(value)
        case int() | Fraction() if fact is not None and fact.type == "seconds":
            return seconds_text(value)
    return str(value)


def _interval_text(span: Any, local: LocalTime) -> str:
    assert isinstance(span, Interval)
    return f"{local.format(span.started_at, _STAMP)} to {local.format(span.ended_at, _STAMP)}"
