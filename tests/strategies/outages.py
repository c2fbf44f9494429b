"""Outages in sets: overlapping, touching, nested, repeated, around one place in the calendar."""

from dataclasses import replace
from typing import Final

from hypothesis import strategies as st

from policy.calculator.codes import CAUSES, IMPACTS, SERVICES
from policy.calculator.request import Outage
from tests.strategies.moments import DAY, FIRST_INSTANT, HOUR, NEAR, instants, lengths, near

IDS: Final = ("a", "b", "B", "o-10", "o-9", "é", "停电")
PARTIES: Final = ("", "grid", "a", "contractor-7", "供电局")
NOTICE: Final = 72 * HOUR
OFTEN_PAID: Final = (*CAUSES, *("POWER_SUPPLY", "VANDALISM", "EQUIPMENT_FAILURE", "EXTREME_WEATHER") * 3)


@st.composite
def one_outage(draw: st.DrawFn, outage_id: str, started_at: int) -> Outage:
    """An outage that began at a given instant."""
    ended_at = None if draw(st.integers(0, 9)) == 0 else started_at + draw(lengths())
    announced_at = draw(st.sampled_from((None, *(started_at - NOTICE + by for by in NEAR), started_at - 2 * NOTICE)))
    return Outage(
        outage_id=outage_id,
        started_at=started_at,
        ended_at=ended_at,
        cause=draw(st.sampled_from(OFTEN_PAID)),
        impact=draw(st.sampled_from(IMPACTS)),
        services=draw(services()),
        responsible_party=draw(st.sampled_from(PARTIES)),
        reported_at=draw(st.sampled_from((None, started_at))),
        announced_at=announced_at,
        areas=draw(st.sampled_from(((), ("021", "010")))),
        time_source=draw(st.sampled_from(("", "NETWORK_ALARM"))),
    )


def services() -> st.SearchStrategy[tuple[str, ...]]:
    """Mostly all or covered ones, sometimes one alone."""
    single = tuple((service,) for service in SERVICES)
    return st.sampled_from((*((),) * 9, *(("DATA", "VOICE"),) * 4, ("SMS", "DATA", "FIXED_DATA"), *single))


def turned(outage: Outage) -> Outage:
    """The same record with its lists the other way round, which is still the same record."""
    return replace(outage, services=outage.services[::-1], areas=outage.areas[::-1])


@st.composite
def starts(draw: st.DrawFn, before: list[Outage]) -> int:
    """Where the next outage begins: near an earlier one's start or end, or somewhere around."""
    if not before:
        return draw(instants())
    other = draw(st.sampled_from(before))
    start = other.started_at or 0
    end = other.ended_at or start + HOUR
    at = draw(st.one_of(st.sampled_from((start, end, (start + end) // 2)), st.integers(start - DAY, start + DAY)))
    return max(at + draw(near()) * draw(st.sampled_from((0, 1, 600))), FIRST_INSTANT)


@st.composite
def outage_sets(draw: st.DrawFn) -> tuple[Outage, ...]:
    """One to four outages under ids of their own, some of them repeated, in any order."""
    ids = draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=4, unique=True))
    outages: list[Outage] = []
    for outage_id in ids:
        if outages and draw(st.integers(0, 5)) == 0:  # the same span and facts under another id, so that ids decide
            twin = replace(
                draw(st.sampled_from(outages)), outage_id=outage_id, responsible_party=draw(st.sampled_from(PARTIES))
            )
            outages.append(replace(twin, cause=draw(st.sampled_from((twin.cause, "POWER_SUPPLY")))))
        else:
            outages.append(draw(one_outage(outage_id, draw(starts(outages)))))
    repeats = [turned(each) for each in draw(st.lists(st.sampled_from(outages), max_size=1))]
    return tuple(draw(st.permutations([*outages, *repeats])))
