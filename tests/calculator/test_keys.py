"""Keys are frozen: what is booked under a key today must be found under it in ten years."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from struct import pack
from typing import Final

import pytest

from policy import AttributeValue, Claim, GrantedBefore, Instant, Interval, Money, NoticeRequest, Outage, Request, Subscriber
from policy.calculator import rules
from policy.calculator.facts import Row, row_of
from policy.calculator.keys import Keys, cycle_mark
from policy.calculator.reads import facts_of
from policy.language.catalog import load_policy
from tests.support.library import CATALOG, DEFAULT_POLICY_ID

SUBSCRIBER: Final = Subscriber(
    "s-1", "CONVERGED", Money("CNY", 15900), 30 << 30, 10 << 30, ("MUSIC",), granted_this_cycle={"data": 5}
)
OUTAGES: Final = (
    Outage("o-1", 1_780_000_000, 1_780_010_000, "POWER_SUPPLY", "LOSS", ("DATA",), "grid", announced_at=1_779_000_000),
    Outage("o-2", 1_780_020_000, None, "CONGESTION", "DEGRADED"),
)
BEFORE: Final = (GrantedBefore("o-1", "voice", 60), GrantedBefore("o-2", "voice", 6))
REQUEST: Final = Request(SUBSCRIBER, OUTAGES, mode="AUTOMATIC", as_of=1_780_030_000, granted_before=BEFORE)
CLAIM: Final = Claim("WEB", 1_780_029_000, 1_780_000_000, 1_780_001_000)
EARLIER: Final = (Interval(1_780_002_000, 1_780_003_000), Interval(1_780_004_000, 1_780_005_000))


@pytest.fixture(scope="module")
def version() -> rules.Version:
    """The default policy, its digest and attributes replaced by fixed ones: keys must not change with its wording."""
    return replace(load_policy(CATALOG / DEFAULT_POLICY_ID)[-1], sha256="0" * 64)


@pytest.fixture(scope="module")
def keys(version: rules.Version) -> Keys:
    """The keys of that version under a fixed engine."""
    return Keys(version, "1", facts_of(version))


def row(request: Request) -> Row:
    """A row about which keys can be made."""
    return row_of(request, 0, 0)


def digest(*parts: str) -> bytes:
    """The recipe of the contract: half of SHA-256 over the parts with U+001F between them."""
    return sha256("\x1f".join(parts).encode()).digest()[:16]


def xor(one: bytes, other: bytes) -> str:
    return bytes(a ^ b for a, b in zip(one, other, strict=True)).hex()


def test_the_id_of_a_known_decision_is_made_of_these_bytes_for_ever(keys: Keys) -> None:
    """Written out by hand: a place that moves here is an id that changes everywhere."""
    version = sha256(b"makegood-decision-2\x1f" + b"0" * 64 + b"\x1f1").digest()
    subscriber = (
        2,
        15900,
        30 << 30,
        10 << 30,
        1,
    )  # CONVERGED; the fee in fen; allowance and remaining; one value-added service
    cycle, before, as_of = (-1, -1, 5, 0), (0, 0, 0), 1_780_030_000  # no billing cycle; data and voice; all three benefits
    claim, outages, lists = (-1, -1, -1, -1), 2, (2, 0, 0)  # two entries of granted_before, no earlier claim, no month
    integers = (0, *subscriber, *cycle, *before, as_of, *claim, outages, *lists)
    first = (1_780_000_000, 1_780_010_000, 7, 0, 1_779_000_000, 0b1)  # start, end, cause, impact, announced, services
    second = (1_780_020_000, -1, 4, 1, -1, 0)
    of_outages = pack("<12q", *first, *second) + b"o-1\x1fgrid\x1fo-2\x1f\x1f"
    of_before = pack("<4q", 1, 60, 1, 6) + b"o-1\x1f\x1fo-2\x1f\x1f"
    form = version + pack(f"<{len(integers)}q", *integers) + sha256(of_outages).digest() + sha256(of_before).digest() + b"s-1"
    assert keys.decision_id(row(REQUEST)) == sha256(form).digest()[:16].hex()


@pytest.mark.parametrize(
    ("benefit", "before", "where", "rank", "mark"),
    [
        ("data", 0, "", 1, ("data", "0")),
        ("voice", 60, "", 1, ("voice", "60")),
        ("data", 0, "", 2, ("data", "0", "#2")),
        ("data", 7, "2026-03", 1, ("data", "7", "2026-03")),
        ("data", 0, "2026-03", 12, ("data", "0", "2026-03", "#12")),
    ],
)
def test_the_key_of_a_grant_follows_the_recipe_of_the_contract(
    keys: Keys, benefit: str, before: int, where: str, rank: int, mark: tuple[str, ...]
) -> None:
    stem = digest("makegood-grant-1", "cn-standard", "s-1", "o-1", "o-2")
    assert keys.grant_stem("s-1", ["o-2", "o-1", "o-2"]) == stem
    assert keys.grant_key(stem, benefit, before, where, rank) == xor(stem, digest("makegood-mark-1", *mark))


def test_a_key_that_was_booked_before_there_were_occasions_is_still_that(keys: Keys) -> None:
    assert keys.grant_key(keys.grant_stem("s-1", ["o-1", "o-2"]), "data", 0) == "cdd0d5865f47170c2ff72ed2df393250"


def test_what_lies_before_and_after_the_cycle_of_the_question_has_a_mark_of_its_own() -> None:
    cycle = Interval(100, 200)
    marks = [cycle_mark(cycle, at) for at in (99, 100, 199, 200)]
    assert marks == ["before/100", "100/200", "100/200", "200/after"]


def test_another_order_of_outages_and_of_what_was_granted_before_has_the_same_id(keys: Keys) -> None:
    nothing = GrantedBefore("o-1", "data", 0)
    turned = replace(REQUEST, outages=OUTAGES[::-1], granted_before=(*BEFORE[::-1], nothing))
    assert keys.decision_id(row(turned)) == keys.decision_id(row(REQUEST))


def test_what_was_granted_before_for_the_only_outage_has_one_id_however_it_is_told(keys: Keys) -> None:
    alone = replace(REQUEST, outages=OUTAGES[:1], granted_before=BEFORE[:1])
    short = replace(alone, granted_before=(), already_granted={"voice": 60, "data": 0})
    assert keys.decision_id(row(short)) == keys.decision_id(row(alone))


def test_earlier_claims_are_a_set(keys: Keys) -> None:
    one, other = (
        replace(REQUEST, mode="APPLICATION", claim=replace(CLAIM, earlier=earlier))
        for earlier in (EARLIER, (*EARLIER[::-1], EARLIER[0]))
    )
    assert keys.decision_id(row(one)) == keys.decision_id(row(other))


def test_months_have_a_part_where_a_benefit_has_a_cap_of_the_month(version: rules.Version) -> None:
    data, *others = version.benefits
    capped = replace(version, benefits=(replace(data, at_most_per_month=rules.Constant(Fraction(5))), *others))
    asked: list[Mapping[str, Mapping[str, int]]] = [
        {},
        {"2026-05": {}},
        {"2026-06": {}},
        {"2026-06": {data.name: 1}},
        {"2026-05": {}, "2026-06": {data.name: 1}},
    ]
    requests = [replace(REQUEST, subscriber=replace(SUBSCRIBER, granted_by_month=each)) for each in asked]
    for made, ids in ((Keys(capped, "1", facts_of(capped)), len(asked)), (Keys(version, "1", facts_of(version)), 1)):
        assert len({made.decision_id(row(request)) for request in requests}) == ids


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
    "granted before": lambda r: replace(r, granted_before=(GrantedBefore("o-1", "voice", 61), BEFORE[1])),
    "granted before for one of them": lambda r: replace(r, granted_before=BEFORE[:1]),
    "granted before of another benefit": lambda r: replace(r, granted_before=(GrantedBefore("o-1", "data", 60), BEFORE[1])),
    "granted before for the other": lambda r: replace(
        r, granted_before=(GrantedBefore("o-1", "voice", 6), GrantedBefore("o-2", "voice", 60))
    ),
    "granted before in a month": lambda r: replace(r, granted_before=(replace(BEFORE[0], month="2026-06"), BEFORE[1])),
    "billing cycle": lambda r: replace(r, subscriber=replace(SUBSCRIBER, billing_cycle=Interval(5, 6))),
    "another billing cycle": lambda r: replace(r, subscriber=replace(SUBSCRIBER, billing_cycle=Interval(5, 7))),
    "claim and an earlier one": lambda r: replace(r, mode="APPLICATION", claim=replace(CLAIM, earlier=EARLIER[:1])),
    "claim and two earlier ones": lambda r: replace(r, mode="APPLICATION", claim=replace(CLAIM, earlier=EARLIER)),
    "mode": lambda r: replace(r, mode="PROACTIVE_NOTICE"),
    "notice": lambda r: replace(r, mode="PROACTIVE_NOTICE", notice=NoticeRequest("SMS", ("en",))),
    "notice in another language": lambda r: replace(r, mode="PROACTIVE_NOTICE", notice=NoticeRequest("SMS", ("zh-CN",))),
    "claim": lambda r: replace(r, mode="APPLICATION", claim=CLAIM),
    "claim elsewhere": lambda r: replace(r, mode="APPLICATION", claim=replace(CLAIM, channel="APP")),
    "claim at another time": lambda r: replace(r, mode="APPLICATION", claim=replace(CLAIM, claimed_at=1_780_029_001)),
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


def test_a_grant_is_another_one_for_another_subscriber_benefit_outage_amount_before_month_or_rank(keys: Keys) -> None:
    def key(subscriber_id: str, outages: tuple[str, ...], benefit: str, before: int, where: str = "", rank: int = 1) -> str:
        return keys.grant_key(keys.grant_stem(subscriber_id, outages), benefit, before, where, rank)

    different = [
        key("s-1", ("o-1", "o-2"), "data", 0),
        key("s-1", ("o-1", "o-2"), "voice", 0),
        key("s-1", ("o-1", "o-2"), "data", 1),
        key("s-2", ("o-1", "o-2"), "data", 0),
        key("s-1", ("o-1",), "data", 0),
        key("s-1", ("o-1", "o-3"), "data", 0),
        key("s-1", ("o-1", "o-2"), "data", 0, "2026-03"),
        key("s-1", ("o-1", "o-2"), "data", 0, "2026-04"),
        key("s-1", ("o-1", "o-2"), "data", 0, "2026-03", 2),
        key("s-1", ("o-1", "o-2"), "data", 0, rank=2),
        key("s-1", ("o-1", "o-2"), "data", 0, rank=3),
    ]
    assert len(set(different)) == len(different)


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
