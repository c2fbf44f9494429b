"""A ledger that holds many bookings already: the accounts of a settled one once more, for many others who live in between."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

COPIED: Final = (
    *("account", "account_cycle", "kept", "kept_cycle", "person_fact", "person_question"),
    *("decision", "booking", "recourse", "outbox"),
)
OF_NO_RUN: Final = "0"


def fill(ledger: Path, settled: Path, times: int) -> int:
    """Copy the accounts of ``settled`` into ``ledger`` so many times. Returns how many bookings it holds then.

    Every copy of a subscriber has an id that sorts behind the subscriber's own, so that what is booked for the subscribers
    themselves comes to lie in between, everywhere in the ledger. Rows go in in order of these ids.
    """
    with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        connection.execute("pragma synchronous = off")
        connection.execute("attach ? as settled", [str(settled)])
        connection.execute("create temp table copy(subscriber_id text, id text)")
        connection.execute(_IDS, [times])
        for table in COPIED:
            names = [name for _, name, *_ in connection.execute(f"pragma table_info({table})") if name != "sequence"]
            values = {"subscriber_id": "copy.id", "run_id": OF_NO_RUN}
            columns = ", ".join(values.get(name, f"of.{name}") for name in names)
            copies = f"select {columns} from copy cross join settled.{table} as of"  # noqa: S608 -- names of its own tables
            in_order = "on of.subscriber_id = copy.subscriber_id order by copy.rowid"
            connection.execute(f"insert into main.{table}({', '.join(names)}) {copies} {in_order}")
        connection.execute("pragma wal_checkpoint(truncate)")
        return int(connection.execute("select count(*) from booking").fetchone()[0])


_IDS: Final = """
insert into copy with recursive number(n) as (select 1 union all select n + 1 from number where n < ?)
select subscriber_id, printf('%s-%06d', subscriber_id, n) from settled.account cross join number order by subscriber_id, n
"""
