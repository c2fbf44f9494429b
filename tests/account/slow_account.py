"""An account kept from the records as they stand, hour by hour, for the settled one to be compared with. It asks no service.

It shares no code with clients.account or with the service of these tests: it walks over quarters of an hour, and works out each
interruption of each cycle from nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

QUARTER: Final = 900
PER_HOUR: Final = 4


@dataclass(frozen=True)
class Fact:
    """An outage on record. ``weight`` in halves; ``rate`` is that of its own facts; ``end`` None: it goes on."""

    id: str
    start: int
    end: int | None
    weight: int
    party: str
    rate: int


@dataclass
class Stands:
    """By (outage, benefit, number of the cycle); recourse by (party, outage)."""

    grants: dict[tuple[str, str, int], int]
    recourse: dict[tuple[str, str], int]


def stands(
    facts: list[Fact],
    edges: list[int],
    now: int,
    windows: list[tuple[int, int]] | None = None,
    elsewhere: Mapping[int, int] | None = None,
    months: list[int] | None = None,
) -> Stands:
    """What a first run over these records books. ``edges``: where cycles begin; ``windows``: of claims, None: all was lost.

    ``elsewhere``: data that others granted, by number of the cycle. ``months``: where they begin; each has 63 of voice.
    """
    owner, present = _quarters(facts, now, windows)
    by_id = {f.id: f for f in facts}
    result = Stands({}, {})
    cycle_left: dict[int, int] = {}
    month_left: dict[int, int] = {}
    owed: dict[tuple[str, str], Fraction] = {}
    for run in _runs(sorted(owner)):
        ids = {each for quarter in run for each in present[quarter]}
        if len(run) < 2 * PER_HOUR or any(by_id[each].end is None for each in ids):
            continue
        first = min(ids, key=lambda each: (by_id[each].start, each))
        cycle = max(number for number, edge in enumerate(edges) if edge <= run[0])
        left = cycle_left.get(cycle, max(150 - (elsewhere or {}).get(cycle, 0), 0))
        data = min(10 * ceil(len(run) / PER_HOUR) * by_id[first].rate, 100, left - left % 10)
        cycle_left[cycle] = left - data
        weights = {each: Fraction(0) for each in ids}
        for quarter in run:
            weights[owner[quarter].id] += Fraction(owner[quarter].weight, 2)
        voice = floor(sum(weights.values()) * 7 / PER_HOUR + Fraction(1, 2))
        if months is not None:
            month = max(number for number, edge in enumerate(months) if edge <= run[0])
            left = month_left.get(month, 63)
            voice = min(voice, left - left % 7)
            month_left[month] = left - voice
        for benefit, whole in (("data", data), ("voice", voice)):
            for each, part in _split(whole, weights).items():
                if part:
                    result.grants[each, benefit, cycle] = result.grants.get((each, benefit, cycle), 0) + part
                    if by_id[each].party:
                        key = (by_id[each].party, each)
                        owed[key] = owed.get(key, Fraction(0)) + Fraction(part, 3)
    for key, amount in owed.items():
        if rounded := floor(amount + Fraction(1, 2)):
            result.recourse[key] = rounded
    return result


def _quarters(
    facts: list[Fact], now: int, windows: list[tuple[int, int]] | None
) -> tuple[dict[int, Fact], dict[int, set[str]]]:
    """Of each quarter of an hour that counts, whose it is and which outages are there."""
    owner: dict[int, Fact] = {}
    present: dict[int, set[str]] = {}
    for quarter in range(0, now, QUARTER):
        if windows is not None and not any(start <= quarter < end for start, end in windows):
            continue
        here = [f for f in facts if f.weight and f.start <= quarter < (now if f.end is None else f.end)]
        if here:
            owner[quarter] = min(here, key=lambda f: (-f.weight, f.start, f.id))
            present[quarter] = {f.id for f in here}
    return owner, present


def _runs(quarters: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for quarter in quarters:
        if runs and runs[-1][-1] + QUARTER == quarter:
            runs[-1].append(quarter)
        else:
            runs.append([quarter])
    return runs


def _split(whole: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    total = sum(weights.values())
    floors = {each: floor(whole * weight / total) for each, weight in weights.items()}
    remainders = sorted(weights, key=lambda each: (-(whole * weights[each] / total - floors[each]), each))
    for each in remainders[: whole - sum(floors.values())]:
        floors[each] += 1
    return floors
