"""A fixed grid of requests: the values one unit below, at and above each limit of cn-standard, in combination.

It is the same on every run; chance adds what nobody thought of, the grid makes sure of what everybody should.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import Final

from policy.calculator.codes import CAUSES, IMPACTS, SERVICES
from policy.calculator.request import Claim, GrantedBefore, Interval, Money, Outage, Request, Subscriber
from tests.strategies.moments import DAY, DAYS, EDGE_HOURS, FIRST_INSTANT, HOUR, NEAR, local
from tests.strategies.people import FEES_FEN, GIB, MIB, MINUTE, PLANS

NOON: Final = local(2026, 6, 10, 12)
AS_OF: Final = local(2026, 8, 1)
RECORD: Final = Outage("o-1", NOON, NOON + 2 * HOUR, "EQUIPMENT_FAILURE", "LOSS")
"""Two hours that weigh three: 600 MiB for PLAIN, 180 MiB and 30 min for a VOICE plan."""
PLAIN: Final = Subscriber("s-1", "DATA", Money("CNY", 3900), 20 * GIB, 20 * GIB, granted_this_cycle={})
CONVERGED: Final = replace(PLAIN, plan_type="CONVERGED", value_added_services=("MUSIC",))
VOICE: Final = Subscriber("s-1", "VOICE", value_added_services=("MUSIC",), granted_this_cycle={})
REQUEST: Final = Request(PLAIN, (RECORD,), "AUTOMATIC", AS_OF)


def table() -> Iterator[Request]:
    """Plan × fee × allowance and what is left of it, each around its limits or not known."""
    twenty = [limit + by for limit in (2 * GIB, 10 * GIB, 20 * GIB) for by in NEAR]
    left: tuple[tuple[int | None, list[int | None]], ...] = (
        (None, [None, 0, GIB]),
        (0, [None, 0, GIB]),
        (3, [None, 0, 1, 2, 3, 4]),
        (10, [0, 1, 4, 5, 6]),
        (20 * GIB, [None, 0, *twenty]),
    )
    for plan, fee, (allowance, remainders) in product(PLANS, (None, *FEES_FEN), left):
        money = None if fee is None else Money("CNY", fee)
        subscriber = replace(CONVERGED, plan_type=plan, monthly_fee=money, data_allowance_bytes=allowance)
        for remaining in remainders:
            yield replace(REQUEST, subscriber=replace(subscriber, data_remaining_bytes=remaining))


def clock() -> Iterator[Request]:
    """Kind of day × band edge × length, each around its limits."""
    lengths = [length + by for length in (1800, HOUR, 9 * HOUR, DAY) for by in NEAR]
    for day, hour, by, length in product(DAYS, EDGE_HOURS, NEAR, lengths):
        started_at = max(local(*day, hour) + by, FIRST_INSTANT)
        outage = replace(RECORD, started_at=started_at, ended_at=started_at + length)
        yield replace(REQUEST, subscriber=CONVERGED, outages=(outage,), as_of=started_at + 40 * DAY)


def liability() -> Iterator[Request]:
    """Cause × impact × announcement around 72 h."""
    for cause, impact, notice in product(CAUSES, IMPACTS, (None, *(72 * HOUR + by for by in NEAR))):
        announced_at = None if notice is None else NOON - notice
        yield replace(REQUEST, outages=(replace(RECORD, cause=cause, impact=impact, announced_at=announced_at),))


def services() -> Iterator[Request]:
    """Plan × services lost."""
    lost = [(), *combinations(SERVICES, 1), *combinations(SERVICES, 2), SERVICES]
    for plan, each in product(PLANS, lost):
        yield replace(REQUEST, subscriber=replace(CONVERGED, plan_type=plan), outages=(replace(RECORD, services=each),))


def owners() -> Iterator[Request]:
    """Two outages: liability × impact of each × which begins first × which id is smaller."""
    causes = ("EQUIPMENT_FAILURE", "POWER_SUPPLY", "VANDALISM", "EXTREME_WEATHER", "CUSTOMER_EQUIPMENT")
    impacts = product(IMPACTS, IMPACTS)
    for (first, second), (mine, other), by, other_id in product(product(causes, causes), list(impacts), NEAR, ("o-0", "o-2")):
        start = NOON + HOUR + by
        one = replace(RECORD, cause=first, impact=mine, responsible_party="grid", started_at=NOON + HOUR)
        two = Outage(other_id, start, NOON + 3 * HOUR, second, other, responsible_party="a")
        yield replace(REQUEST, outages=(one, two))


def recourse() -> Iterator[Request]:
    """Seconds of two third parties within two hours, one by one, so that every remainder of a fen comes up."""
    for grid, carrier in product(range(40), range(20)):
        spans = ((NOON, NOON + grid), (NOON + grid, NOON + grid + carrier), (NOON + grid + carrier, NOON + 2 * HOUR))
        liable = (("POWER_SUPPLY", "grid"), ("UPSTREAM_CARRIER", "a"), ("EQUIPMENT_FAILURE", ""))
        outages = [
            Outage(cause, start, end, cause, "LOSS", responsible_party=party)
            for (start, end), (cause, party) in zip(spans, liable, strict=True)
            if start < end
        ]
        yield replace(REQUEST, subscriber=VOICE, outages=tuple(outages))


def caps() -> Iterator[Request]:
    """What was granted before × what else the cycle was granted, each around what is owed, in data and in minutes."""
    before_data = (0, 180 * MIB - 1, 180 * MIB, 180 * MIB + 1, 179 * MIB)
    before_voice = (0, 30 * MINUTE - 1, 30 * MINUTE, 29 * MINUTE)
    cycle_data = (0, *(30 * GIB - 180 * MIB + by for by in NEAR), 30 * GIB - 1, 30 * GIB, 31 * GIB)
    cycle_voice = (0, *(570 * MINUTE + by for by in NEAR), 599 * MINUTE, 600 * MINUTE)
    for data, voice, in_cycle, minutes in product(before_data, before_voice, cycle_data, cycle_voice):
        cycle = {"data": max(in_cycle, data), "voice": max(minutes, voice)}
        subscriber = replace(VOICE, granted_this_cycle=cycle, value_added_services=())
        yield replace(REQUEST, subscriber=subscriber, already_granted={"data": data, "voice": voice})


def caps_of_a_decision() -> Iterator[Request]:
    """Ends around those where a cap of a decision is reached × what was granted before around the cap."""
    start = local(2026, 6, 8)
    ends = (local(2026, 6, 9, 22, 20), local(2026, 6, 9, 22, 19, 45), local(2026, 6, 9, 6, 30), local(2026, 7, 9))
    before: tuple[Mapping[str, int], ...] = (
        {},
        *({"data": 10 * GIB + by, "voice": 300 * MINUTE + by, "value_added": 31 + by} for by in NEAR),
    )
    for end, by, subscriber, granted in product(ends, NEAR, (PLAIN, VOICE, CONVERGED), before):
        outage = replace(RECORD, started_at=start, ended_at=end + by)
        for cycle in (None, granted, {"data": 25 * GIB, "voice": 500 * MINUTE, "value_added": 60}):
            who = replace(subscriber, granted_this_cycle=cycle)
            yield replace(REQUEST, subscriber=who, outages=(outage,), already_granted=granted)


def claims() -> Iterator[Request]:
    """Ends of the claim around the record's and the margins × the day it was made, around 30 days."""
    beside = (-901, -900, -899, -1, 0, 1, 899, 900, 901)
    made = [30 * DAY + by for by in NEAR]
    end = NOON + 2 * HOUR
    spans = [*product((NOON + by for by in beside), (end + by for by in beside)), *((end + by, end + DAY) for by in beside)]
    spans += [(NOON - DAY, NOON + by) for by in beside]
    for (claimed_from, claimed_to), later in product(spans, made):
        claim = Claim("HOTLINE", end + later, claimed_from, claimed_to)
        yield replace(REQUEST, mode="APPLICATION", claim=claim)


def covered_claims() -> Iterator[Request]:
    """How much of the claim is on record, around 90 % × by which cause × whether it counts for the plan."""
    for covered, claimed, cause, lost in product(
        (5400 + by for by in NEAR), [6000 + by for by in NEAR], ("UNKNOWN", "CUSTOMER_EQUIPMENT"), ((), ("VOICE",))
    ):
        half = replace(RECORD, ended_at=NOON + 2700)
        rest = Outage("o-2", NOON + 2000, NOON + covered, cause, "LOSS", lost)
        claim = Claim("APP", NOON + DAY, NOON, NOON + claimed)
        yield replace(REQUEST, mode="APPLICATION", outages=(half, rest), claim=claim)


def ongoing() -> Iterator[Request]:
    """An outage without an end × as_of around 30 min and a day × cause × another one that has ended, in and without a claim."""
    for age, cause, other, plan in product(
        [age + by for age in (1800, 2 * HOUR, DAY) for by in NEAR],
        ("EQUIPMENT_FAILURE", "POWER_SUPPLY", "CUSTOMER_EQUIPMENT", "GOVERNMENT_ORDER"),
        (None, ("VOICE",), ()),
        PLANS,
    ):
        open_ended = Outage("o-2", NOON, None, cause, "DEGRADED", (), "grid")
        ended = [replace(RECORD, started_at=NOON - DAY, ended_at=NOON + 1200, services=other)] if other is not None else []
        request = replace(
            REQUEST, subscriber=replace(CONVERGED, plan_type=plan), outages=(*ended, open_ended), as_of=NOON + age
        )
        yield request
        claim = Claim("WEB", NOON + age, NOON - 600, NOON + min(age, 2700))
        yield replace(request, mode="APPLICATION", claim=claim)


def interruptions() -> Iterator[Request]:
    """Two outages that touch, overlap or stand apart, around 30 min each × an excluded one over both × a cycle's edge."""
    lengths = [1800 + by for by in NEAR]
    for first, second, apart, between, edge in product(lengths, lengths, (-60, *NEAR, HOUR), (False, True), (None, *NEAR)):
        start = NOON + first + apart
        one, two = (
            replace(RECORD, ended_at=NOON + first),
            replace(RECORD, outage_id="o-2", started_at=start, ended_at=start + second),
        )
        joining = Outage("o-3", NOON, start + second, "CUSTOMER_EQUIPMENT", "LOSS")
        cycle = None if edge is None else Interval(start + edge, start + 30 * DAY)
        outages = (one, two, joining) if between else (one, two)
        yield replace(REQUEST, subscriber=replace(CONVERGED, billing_cycle=cycle), outages=outages)


def granted_before() -> Iterator[Request]:
    """Two outages of one or two interruptions, either of which ends first × what was granted before for each."""
    told = (0, 1, 300 * MIB - 1, 300 * MIB, 301 * MIB)
    for apart, ids, one, other in product((-HOUR, -600, 0, 1), (("o-1", "o-2"), ("o-2", "o-1")), told, told):
        start = NOON + HOUR + apart
        outages = (
            replace(RECORD, outage_id=ids[0], ended_at=NOON + HOUR),
            replace(RECORD, outage_id=ids[1], started_at=start, ended_at=start + HOUR),
        )
        before = (GrantedBefore("o-1", "data", one), GrantedBefore("o-2", "data", other))
        yield replace(REQUEST, outages=outages, granted_before=before, subscriber=replace(PLAIN, granted_this_cycle=None))


def earlier_claims() -> Iterator[Request]:
    """An hour claimed before and one claimed now, so near that their margins touch, or apart × how long each is."""
    for length, between, other in product((0, 60, 1800), [1800 + by for by in NEAR] + [HOUR, 2 * HOUR], (1, 60, 1800)):
        first = Interval(NOON, NOON + 1 + length)
        now = first.ended_at + between
        claim = Claim("WEB", NOON + DAY, now, now + other, (first,))
        record = replace(RECORD, started_at=NOON - HOUR, ended_at=NOON + 6 * HOUR)
        for before in (0, 50 * MIB, 400 * MIB):
            told = (GrantedBefore("o-1", "data", before),)
            who = replace(PLAIN, granted_this_cycle=None)
            yield replace(REQUEST, subscriber=who, mode="APPLICATION", outages=(record,), claim=claim, granted_before=told)


GRID: Final[tuple[Callable[[], Iterator[Request]], ...]] = (
    table,
    clock,
    liability,
    services,
    owners,
    recourse,
    caps,
    caps_of_a_decision,
    claims,
    covered_claims,
    ongoing,
    interruptions,
    granted_before,
    earlier_claims,
)
"""Every axis of the grid."""
