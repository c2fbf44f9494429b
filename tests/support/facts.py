"""A request from the short words of a case file. :mod:`tests.support.cases` lists the words."""

from collections.abc import Callable, Mapping
from typing import Any

from policy.calculator.request import Claim, Interval, Money, NoticeRequest, Outage, Request, Subscriber
from tests.support.units import instant, money_minor, quantity

Facts = Mapping[str, Any]


def request_from(facts: Facts, as_of: str) -> Request:
    """The request of one case; ``as_of`` is the file's, for a case that names none."""
    _only(facts, {"subscriber", "outages", "mode", "as_of", "claim", "notice", "already", "policy", "version", "explain"})
    return Request(
        subscriber=_maybe(facts.get("subscriber"), subscriber_from),
        outages=tuple(outage_from(each) for each in facts.get("outages", ())),
        mode=facts.get("mode", "AUTOMATIC"),
        as_of=instant(facts.get("as_of", as_of)),
        policy_id=facts.get("policy", ""),
        version=facts.get("version", ""),
        claim=_maybe(facts.get("claim"), claim_from),
        notice=_maybe(facts.get("notice"), notice_from),
        already_granted=quantities_from(facts.get("already", {})),
        explain=facts.get("explain", "NONE"),
    )


def subscriber_from(facts: Facts) -> Subscriber:
    """The subscriber of a case."""
    _only(
        facts,
        {"id", "plan", "fee", "allowance", "remaining", "vas", "customer", "payment", "zone", "billing", "cycle", "attributes"},
    )
    return Subscriber(
        subscriber_id=facts.get("id", "s-1"),
        plan_type=facts.get("plan", ""),
        monthly_fee=_maybe(facts.get("fee"), _money),
        data_allowance_bytes=_maybe(facts.get("allowance"), quantity),
        data_remaining_bytes=_maybe(facts.get("remaining"), quantity),
        value_added_services=tuple(facts.get("vas", ())),
        customer_type=facts.get("customer", ""),
        payment=facts.get("payment", ""),
        time_zone=facts.get("zone", ""),
        billing_cycle=_maybe(facts.get("billing"), _interval),
        granted_this_cycle=_maybe(facts.get("cycle"), quantities_from),
        attributes=facts.get("attributes", {}),
    )


def outage_from(facts: Facts) -> Outage:
    """One outage of a case."""
    _only(
        facts,
        {"id", "from", "to", "cause", "impact", "services", "party", "announced", "reported", "areas", "source", "attributes"},
    )
    return Outage(
        outage_id=facts["id"],
        started_at=_maybe(facts.get("from"), instant),
        ended_at=_maybe(facts.get("to"), instant),
        cause=facts.get("cause", ""),
        impact=facts.get("impact", "LOSS"),
        services=tuple(facts.get("services", ())),
        responsible_party=facts.get("party", ""),
        reported_at=_maybe(facts.get("reported"), instant),
        announced_at=_maybe(facts.get("announced"), instant),
        areas=tuple(facts.get("areas", ())),
        time_source=facts.get("source", ""),
        attributes=facts.get("attributes", {}),
    )


def claim_from(facts: Facts) -> Claim:
    """The claim of a case."""
    _only(facts, {"channel", "at", "from", "to"})
    return Claim(
        channel=facts.get("channel", ""),
        claimed_at=_maybe(facts.get("at"), instant),
        started_at=_maybe(facts.get("from"), instant),
        ended_at=_maybe(facts.get("to"), instant),
    )


def notice_from(facts: Facts) -> NoticeRequest:
    """Which messages a case asks for."""
    _only(facts, {"channel", "languages"})
    return NoticeRequest(channel=facts.get("channel", ""), languages=tuple(facts.get("languages", ())))


def quantities_from(facts: Facts) -> dict[str, int]:
    """Quantities by benefit name, in base units."""
    return {name: quantity(text) for name, text in facts.items()}


def _money(text: str) -> Money:
    minor, code = money_minor(text)
    return Money(currency_code=code, amount_minor=minor)


def _interval(ends: list[str]) -> Interval:
    started_at, ended_at = ends
    return Interval(instant(started_at), instant(ended_at))


def _maybe(value: Any, read: Callable[[Any], Any]) -> Any:
    return None if value is None else read(value)


def _only(facts: Facts, known: set[str]) -> None:
    """A word that nobody reads would be a case that does not say what it seems to."""
    if unknown := set(facts) - known:
        raise KeyError(f"unknown words {sorted(unknown)}; known are {sorted(known)}")
