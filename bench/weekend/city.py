"""The city: who lives in it, and what its register hears of six outages on the first day and on the second.

Every run has the same city: areas, plans and fees in every combination, the rest by arithmetic on the row. The week is one
without a holiday. A tenth of the city has a billing cycle that ends in the middle of it: an extract names the cycle of its
day, so that on the first day what begins in the next one has to wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

AREAS: Final = 40
PLANS: Final = np.array(["DATA", "CONVERGED", "VOICE"])
GIB: Final = 2**30
WITHDRAWN: Final = "o3-withdrawn"
PARTY: Final = "contractor-7"
_FEES: Final = np.array([3900, 5899, 5900, 9900, 12899, 12900, 19900])
_ALLOWANCES: Final = np.array([10, 20, 30, 100]) * GIB
_MONTH: Final = ("2026-07-01T00:00:00+08:00", "2026-08-01T00:00:00+08:00")
_UNTIL_11TH: Final = ("2026-06-11T00:00:00+08:00", "2026-07-11T00:00:00+08:00")
_FROM_11TH: Final = ("2026-07-11T00:00:00+08:00", "2026-08-11T00:00:00+08:00")


@dataclass(frozen=True, slots=True)
class Day:
    """A day's work: when it looks at the record, and the records that it hears. Every day hears those that changed."""

    number: int
    as_of: str
    outages: "Sequence[Outage]"
    withdrawn: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outage:
    """A row of the file of outages; "": it goes on, of any service, or nobody is responsible."""

    outage_id: str
    started_at: str
    ended_at: str
    cause: str
    areas: range
    impact: str = "LOSS"
    services: str = ""
    responsible_party: str = ""


def _at(day: int, hour: int) -> str:
    return f"2026-07-{day:02}T{hour:02}:00:00+08:00"


_PLAIN: Final = Outage("o1-plain", _at(6, 6), _at(7, 12), "EQUIPMENT_FAILURE", range(30))
_LONGER: Final = Outage("o2-longer", _at(8, 6), _at(9, 2), "SOFTWARE_FAULT", range(5, 35))
_NONE: Final = Outage(WITHDRAWN, _at(9, 20), _at(10, 16), "CONFIGURATION_ERROR", range(8, 24))
_SHORTER: Final = Outage("o4-shorter", _at(10, 14), _at(11, 12), "EXTREME_WEATHER", range(15, 38), services="VOICE;SMS")
_THIRD: Final = Outage("o5-third-party", _at(11, 2), _at(11, 19), "CONSTRUCTION_DAMAGE", range(10, 38), responsible_party=PARTY)
_ONGOING: Final = Outage("o6-ongoing", _at(11, 10), "", "CONGESTION", range(20, 38), impact="DEGRADED", services="DATA")

DAYS: Final = (
    Day(1, _at(11, 20), (_PLAIN, _LONGER, _NONE, _SHORTER, _THIRD, _ONGOING)),
    Day(
        2,
        _at(12, 20),
        (
            replace(_LONGER, ended_at=_at(10, 12)),
            replace(_SHORTER, ended_at=_at(10, 22)),
            # By now it has ended in some areas, and goes on in others.
            replace(_ONGOING, ended_at=_at(12, 8), areas=range(20, 32)),
            replace(_ONGOING, areas=range(32, 38)),
        ),
        (WITHDRAWN,),
    ),
)


def area(number: int) -> str:
    """Code of an area."""
    return f"A{number:02}"


def write_outages(path: Path, outages: Sequence[Outage]) -> None:
    """The file of outages, CSV."""
    names = ("outage_id", "started_at", "ended_at", "cause", "impact", "services", "responsible_party")
    columns = {name: [getattr(each, name) for each in outages] for name in names}
    columns["areas"] = [";".join(map(area, each.areas)) for each in outages]
    pa_csv.write_csv(pa.table(columns), path)


def write_subscribers(path: Path, number: int, day: int) -> None:
    """The extract of a day, Parquet. On the second day they have used more of their data; one in 499 lacks it on the first."""
    row = np.arange(number)
    plan = PLANS[row // AREAS % 3]
    allowance = np.where(plan == "VOICE", 0, _ALLOWANCES[row // 840 % 4])
    # Half of them have little left; some have more than a month's, rolled over.
    left = allowance // 1000 * np.where(row // 7 % 2 == 0, row * 7_919 % 100, row * 7_919 % 1100)
    left = left if day == 1 else left // 3
    unknown = (row % 499 == 7) & (plan != "VOICE") if day == 1 else np.zeros(number, dtype=bool)
    late = row // 11 % 10 == 3
    start, end = _UNTIL_11TH if day == 1 else _FROM_11TH
    columns = {
        "subscriber_id": pa.array([f"139{each:08}" for each in row]),
        "area": pa.array([area(each) for each in (row % AREAS).tolist()]),
        "plan_type": pa.array(plan),
        "monthly_fee_minor": pa.array(_FEES[row // 120 % len(_FEES)]),
        "currency_code": pa.array(["CNY"] * number),
        "data_allowance_bytes": pa.array(allowance),
        "data_remaining_bytes": pa.array(left, mask=unknown),
        "value_added_services": pa.array(np.where(row // 13 % 2, "MUSIC", "")),
        "billing_cycle_started_at": pa.array(np.where(late, start, _MONTH[0])),
        "billing_cycle_ended_at": pa.array(np.where(late, end, _MONTH[1])),
    }
    pq.write_table(pa.table(columns), path, row_group_size=10_000)
