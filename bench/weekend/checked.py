"""The account of a day, worked out in DuckDB from the text of the policy, and held against the ledger."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

STANDS: Final = Path(__file__).with_name("stands.sql").read_text("utf-8")
ACCOUNT: Final = Path(__file__).with_name("account.sql").read_text("utf-8")
SHOWN: Final = 5
PLACE: Final = ("subscriber_id", "cycle", "outage_id", "benefit", "quantity")
_SET_UP: Final = """
create table register(outage_id text, area text, started bigint, ended bigint, as_of bigint, cause text, impact text,
    services text[], party text);
create table everything as from register;
create table subscriber(day int, subscriber_id text, area text, plan text, fee bigint, allowance bigint, remaining bigint,
    has_services bool, cycle bigint, cycle_end bigint);
create table decided(subscriber_id text, outage_id text, day int);
create temp table booked(subscriber_id text, cycle bigint, outage_id text, benefit text, quantity bigint);
"""
_HEAR: Final = """
create or replace temp table heard as
select outage_id, unnest(string_split(areas, ';')) as area, epoch(started_at)::bigint as started,
    epoch(ended_at)::bigint as ended, epoch(?::timestamptz)::bigint as as_of, cause, impact,
    string_split(services, ';') as services, responsible_party as party
from read_csv(?, nullstr = '', types = {'started_at': 'timestamptz', 'ended_at': 'timestamptz', 'services': 'text',
    'responsible_party': 'text'});
delete from register where outage_id in (select outage_id from heard) or outage_id in (select unnest(?::text[]));
insert into register from heard;
update register set as_of = epoch(?::timestamptz)::bigint;
insert into everything from register;
"""
_SUBSCRIBERS: Final = """
insert into subscriber
select ?, subscriber_id, area, plan_type, monthly_fee_minor, data_allowance_bytes, data_remaining_bytes,
    value_added_services <> '', epoch(billing_cycle_started_at::timestamptz)::bigint,
    epoch(billing_cycle_ended_at::timestamptz)::bigint
from read_parquet(?)
"""
_LEDGER: Final = {
    "booked": """
        select subscriber_id, cycle_started_at, outage_id, benefit, sum(quantity) from booking
        group by subscriber_id, cycle_started_at, outage_id, benefit having sum(quantity) <> 0""",
    "over_granted": """
        select subscriber_id, cycle_started_at, outage_id, benefit, quantity from over_granted as told
        where quantity <> 0 and account_revision = (
            select max(account_revision) from over_granted as other
            where (other.subscriber_id, other.outage_id, other.benefit, other.cycle_started_at)
                = (told.subscriber_id, told.outage_id, told.benefit, told.cycle_started_at))""",
    "claimed": """
        select subscriber_id, 0, outage_id, party, sum(amount_minor) from recourse
        group by subscriber_id, outage_id, party having sum(amount_minor) <> 0""",
}
"""What an account holds, by subscriber, cycle, outage and benefit; recourse by its party, of no cycle."""
_EXPECTED: Final = {
    "booked": "select subscriber_id, cycle, outage_id, benefit, quantity from booked",
    "over_granted": "select subscriber_id, cycle, outage_id, benefit, quantity from over_granted",
    "claimed": "select subscriber_id, 0 as cycle, outage_id, party as benefit, amount as quantity from claimed",
}
_DIFFERING: Final = """
select place, e.quantity, h.quantity
from (select (subscriber_id, cycle, outage_id, benefit) as place, quantity from expected) e
full join (select (subscriber_id, cycle, outage_id, benefit) as place, quantity from held_now) h using (place)
where e.quantity is distinct from h.quantity order by place limit ?
"""
_SUMS: Final = """
select benefit, count(distinct subscriber_id), sum(quantity)::bigint from expected group by benefit order by benefit
"""
_CAPS: Final = {"data": 30 * 2**30, "voice": 600 * 60}
"""§5 (c)."""


class Checking:
    """Keeps an account of its own from day to day, which knows nothing of the ledger."""

    def __init__(self) -> None:
        self._db = duckdb.connect()
        self._db.execute(_SET_UP)

    def hear(self, day: int, as_of: str, outages: Path, withdrawn: list[str], subscribers: Path) -> None:
        """A day's files: what its records come to stands from now on."""
        for statement, values in zip(
            duckdb.extract_statements(_HEAR), ([as_of, str(outages)], [withdrawn], [], [as_of], []), strict=True
        ):
            self._db.execute(statement, values)
        self._db.execute(_SUBSCRIBERS, [day, str(subscribers)])
        self._db.execute(STANDS)
        self._db.execute(ACCOUNT)

    def differences(self, ledger: Path) -> Iterator[str]:
        """Where the ledger holds something else, some of each kind; and what is above a cap of the policy."""
        with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection:
            for what, query in _LEDGER.items():
                columns = zip(*connection.execute(query), strict=True)
                held = pa.table(dict(zip(PLACE, map(pa.array, columns), strict=False)) or dict.fromkeys(PLACE, pa.array([])))
                self._db.register("ledger", held)
                self._db.execute(f"create or replace temp table ledger_{what} as from ledger")
                yield from self._differing(what)
        for benefit, cap in _CAPS.items():
            over = self._db.execute(
                "select subscriber_id, sum(quantity) from ledger_booked where benefit = ? group by subscriber_id, cycle"
                " having sum(quantity) > ? order by all limit ?",
                [benefit, cap, SHOWN],
            ).fetchall()
            yield from (f"{benefit} of {who} in a cycle: {quantity} is above the cap of {cap}" for who, quantity in over)

    def _differing(self, what: str) -> Iterator[str]:
        self._db.execute(f"create or replace temp view expected as {_EXPECTED[what]}")
        self._db.execute(f"create or replace temp view held_now as from ledger_{what}")
        yield from (
            f"{what} {place}: {expected} by the policy's text, {held} in the ledger"
            for place, expected, held in self._db.execute(_DIFFERING, [SHOWN]).fetchall()
        )

    def figures(self) -> dict[str, int]:
        """What it came to: subscribers and sums, by benefit or party."""
        found: dict[str, int] = {}
        for what, query in _EXPECTED.items():
            self._db.execute(f"create or replace temp view expected as {query}")
            for benefit, subscribers, quantity in self._db.execute(_SUMS).fetchall():
                found[f"{what} {benefit}, subscribers"] = subscribers
                found[f"{what} {benefit}"] = quantity
        return found
