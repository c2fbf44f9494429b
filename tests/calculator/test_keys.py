"""Keys are frozen: what is booked under a key today must be found under it in ten years."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Final

import pytest

from policy import AttributeValue, Claim, Instant, Interval, Money, NoticeRequest, Outage, Request, Subscriber
from policy.calculator import rules
from policy.calculator.facts import Row, row_of
from policy.calculator.keys import Keys
from policy.calculator.policies import PolicySet
from policy.calculator.reads import facts_of

SUBSCRIBER: Final = Subscriber(
    "s-1", "CONVERGED", Money("CNY", 15900), 30 << 30, 10 << 30, ("MUSIC",), granted_this_cycle={"data": 5}
)
OUTAGES: Final = (
    Outage("o-1", 1_780_000_000, 1_780_010_000, "POWER_SUPPLY", "LOSS", ("DATA",), "grid", announced_at=1_779_000_000),
    Outage("o-2", 1_780_020_000, None, "CONGESTION", "DEGRADED"),
)
REQUEST: Final = Request(SUBSCRIBER, OUTAGES, mode="AUTOMATIC", as_of=1_780_030_000, already_granted={"voice": 60})


@pytest.fixture(scope="module")
def version(policies: PolicySet) -> rules.Version:
    """The default policy, its digest and attributes replaced by fixed ones: keys must not change with its wording."""
    found = policies.versions("cn-standard")[-1]
    return replace(found, sha256="0" * 64)


@pytest.fixture(scope="module")
def keys(version: rules.Version) -> Keys:
    """The keys of that version under a fixed engine."""
    return Keys(version, "1", facts_of(version))


def row(request: Request) -> Row:
    """A row about which keys can be made."""
    return row_of(request, 0, 0)


def test_the_keys_of_a_known_request_are_these_for_ever(keys: Keys) -> None:
    assert keys.decision_id(row(REQUEST)) == "128150717b733fe2ae42256cb7359b14"
    stem = keys.grant_stem(row(REQUEST))
    assert keys.grant_key(stem, "data", 0) == "cdd0d5865f47170c2ff72ed2df393250"


def test_another_order_of_outages_services_and_quantities_has_the_same_keys(keys: Keys) -> None:
    turned = replace(REQUEST, outages=OUTAGES[::-1], already_granted={"data": 0, "voice": 60})
    assert keys.decision_id(row(turned)) == keys.decision_id(row(REQUEST))
    assert keys.grant_stem(row(turned)) == keys.grant_stem(row(REQUEST))


CHANGES: Final[dict[str, Callable[[Request], Request]]] = {
    "subscriber": lambda r: replace(r, subscriber=replace(SUBSCRIBER, subscriber_id="s-2")),
    "plan type": lambda r: replace(r, subscriber=replace(SUBSCRIBER, plan_type="DATA")),
    "fee": lambda r: replace(r, subscriber=replace(SUBSCRIBER, monthly_fee=Money("CNY", 15901))),
    "fee not given": lambda r: replace(r, subscriber=replace(SUBSCRIBER, monthly_fee=None)),
    "fee of nothing": lambda r: replace(r, subscriber=replace(SUBSCRIBER, monthly_fee=Money("CNY", 0))),
    "allowance": lambda r: replace(r, subscriber=replace(SUBSCRIBER, data_allowance_bytes=0)),
    "remaining": lambda r: replace(r, subscriber=replace(SUBSCRIBER, data_remaining_bytes=0)),
    "value-added services": lambda r: replace(r, subscriber=replace(SUBSCRIBER, value_added_services=())),
    "cycle": lambda r: replace(r, subscriber=replace(SUBSCRIBER, granted_this_cycle={"data": 6})),
    "cycle of another benefit": lambda r: replace(r, subscriber=replace(SUBSCRIBER, granted_this_cycle={"voice": 5})),
    "cycle not known": lambda r: replace(r, subscriber=replace(SUBSCRIBER, granted_this_cycle=None)),
    "already granted": lambda r: replace(r, already_granted={"data": 60}),
    "mode": lambda r: replace(r, mode="PROACTIVE_NOTICE"),
    "notice": lambda r: replace(r, mode="PROACTIVE_NOTICE", notice=NoticeRequest("SMS", ("en",))),
    "notice in another language": lambda r: replace(r, mode="PROACTIVE_NOTICE", notice=NoticeRequest("SMS", ("zh-CN",))),
    "claim": lambda r: replace(r, mode="APPLICATION", claim=Claim("WEB", 1_780_029_000, 1_780_000_000, 1_780_001_000)),
    "claim elsewhere": lambda r: replace(
        r, mode="APPLICATION", claim=Claim("APP", 1_780_029_000, 1_780_000_000, 1_780_001_000)
    ),
    "claim at another time": lambda r: replace(
        r, mode="APPLICATION", claim=Claim("APP", 1_780_029_001, 1_780_000_000, 1_780_001_000)
    ),
    "as of, while an outage goes on": lambda r: replace(r, as_of=1_780_030_001),
    "one outage less": lambda r: replace(r, outages=OUTAGES[:1]),
    "no outage": lambda r: replace(r, outages=()),
    "outage id": lambda r: replace(r, outages=(replace(OUTAGES[0], outage_id="o-3"), OUTAGES[1])),
    "start": lambda r: replace(r, outages=(replace(OUTAGES[0], started_at=1_780_000_001), OUTAGES[1])),
    "end": lambda r: replace(r, outages=(replace(OUTAGES[0], ended_at=1_780_010_001), OUTAGES[1])),
    "cause": lambda r: replace(r, outages=(replace(OUTAGES[0], cause="VANDALISM"), OUTAGES[1])),
    "impact": lambda r: replace(r, outages=(replace(OUTAGES[0], impact="DEGRADED"), OUTAGES[1])),
    "services": lambda r: replace(r, outages=(replace(OUTAGES[0], services=("VOICE",)), OUTAGES[1])),
    "party": lambda r: replace(r, outages=(replace(OUTAGES[0], responsible_party="contractor"), OUTAGES[1])),
    "announcement": lambda r: replace(r, outages=(replace(OUTAGES[0], announced_at=None), OUTAGES[1])),
}


def test_every_fact_that_is_read_has_a_part_in_the_id_of_a_decision(keys: Keys) -> None:
    ids = {what: keys.decision_id(row(change(REQUEST))) for what, change in CHANGES.items()}
    ids["nothing"] = keys.decision_id(row(REQUEST))
    assert len(set(ids.values())) == len(ids)


def test_a_grant_is_another_one_for_another_subscriber_benefit_outage_or_amount_before(keys: Keys) -> None:
    def key(request: Request = REQUEST, benefit: str = "data", before: int = 0) -> str:
        return keys.grant_key(keys.grant_stem(row(request)), benefit, before)

    different = [
        key(),
        key(benefit="voice"),
        key(before=1),
        key(CHANGES["subscriber"](REQUEST)),
        key(CHANGES["one outage less"](REQUEST)),
        key(CHANGES["outage id"](REQUEST)),
    ]
    assert len(set(different)) == len(different)


@pytest.mark.parametrize("what", ["end", "cause", "fee", "cycle", "mode", "already granted", "as of, while an outage goes on"])
def test_a_grant_for_the_same_outages_has_the_same_key_whatever_else_is_corrected(keys: Keys, what: str) -> None:
    """The ledger must find that it was booked, though the record has changed since."""
    corrected = CHANGES[what](REQUEST)
    assert keys.grant_stem(row(corrected)) == keys.grant_stem(row(REQUEST))


def test_as_of_has_no_part_once_all_has_ended(keys: Keys) -> None:
    ended = replace(REQUEST, outages=OUTAGES[:1])
    assert keys.decision_id(row(replace(ended, as_of=1_790_000_000))) == keys.decision_id(row(ended))


def attribute(name: str, kind: rules.FactType, *codes: str) -> rules.Fact:
    """An attribute of subscribers that a version reads."""
    return rules.Fact(name, "subscriber", kind, f'subscriber.attributes["{name}"]', attribute=True, codes=codes)


FACTS: Final = (
    attribute("average_bill", "money"),
    attribute("line", "codes", "COPPER", "FIBRE"),
    attribute("factor", "ratio"),
    attribute("joined", "yes or no"),
    attribute("known_at", "instant"),
    attribute("pauses", "intervals"),
)


def test_every_attribute_has_a_part_whatever_its_type(version: rules.Version) -> None:
    keys = Keys(version, "1", facts_of(version) | {fact.field: fact for fact in FACTS})
    values: list[dict[str, AttributeValue]] = [
        {},
        {"average_bill": Money("CNY", 0)},
        {"average_bill": Money("CNY", 1)},
        {"line": "COPPER"},
        {"line": "FIBRE"},
        {"factor": Fraction(1, 2)},
        {"factor": Fraction(1)},
        {"joined": False},
        {"joined": True},
        {"known_at": Instant(0)},
        {"pauses": ()},
        {"pauses": (Interval(1, 2),)},
        {"pauses": (Interval(1, 2), Interval(3, 4))},
    ]
    ids = [keys.decision_id(row(replace(REQUEST, subscriber=replace(SUBSCRIBER, attributes=given)))) for given in values]
    assert len(set(ids)) == len(ids)


def test_a_whole_ratio_and_the_order_of_intervals_change_nothing(version: rules.Version) -> None:
    keys = Keys(version, "1", facts_of(version) | {fact.field: fact for fact in FACTS})

    def key(**attributes: object) -> str:
        return keys.decision_id(row(replace(REQUEST, subscriber=replace(SUBSCRIBER, attributes=attributes))))  # type: ignore[arg-type]

    assert key(factor=Fraction(2)) == key(factor=2)
    assert key(pauses=(Interval(3, 4), Interval(1, 2))) == key(pauses=(Interval(1, 2), Interval(3, 4)))
    assert key(pauses=()) != key(), "no pauses is another thing to say than nothing of them"
