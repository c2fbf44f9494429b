"""A city's weekend in small: the account, and what DuckDB makes of the policy's text, come to the same on both days."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.errors import NoFiguresError
from bench.servers import MAKEGOOD, serving
from bench.weekend import city
from bench.weekend.checked import Checking
from bench.weekend.living import City, live

SUBSCRIBERS = 1_300
"""Enough for each of these: a cap that binds, an outage that moves to another cycle, a credit note."""
CAPPED = """
select count(*) from (
    select sum(quantity) as held from booking where benefit = 'data' group by subscriber_id, cycle_started_at
) where held = 30 * 1024 * 1024 * 1024
"""
MOVED = "select count(*) from booking where quantity < 0"
CREDITED = "select count(*) from recourse where amount_minor < 0"


def test_the_ledger_holds_on_both_days_what_the_text_of_the_policy_says(tmp_path: Path) -> None:
    checking, told = Checking(), list[str]()
    with serving(MAKEGOOD) as (server,):
        lived = City(tmp_path, server, SUBSCRIBERS)
        assert [live(lived, day, checking, told.append) for day in city.DAYS] == [[], []]
    assert told.count("  the ledger holds just that") == 2
    assert checking.figures()["over_granted data"] > 0
    with closing(sqlite3.connect(lived.ledger)) as ledger:
        assert all(ledger.execute(query).fetchone()[0] for query in (CAPPED, MOVED, CREDITED))
        # Something else than what the text says is seen, be it a second of voice.
        ledger.execute("drop trigger booking_no_UPDATE")
        (who,) = ledger.execute("select min(subscriber_id) from booking where benefit = 'voice'").fetchone()
        change = "update booking set quantity = quantity + 1 where benefit = 'voice' and subscriber_id = ? and outage_id = ?"
        assert ledger.execute(change, (who, "o1-plain")).rowcount == 1
        ledger.commit()
    (difference,) = checking.differences(lived.ledger)
    assert who in difference
    assert "o1-plain" in difference


def test_a_command_that_fails_ends_the_weekend_with_what_it_said(tmp_path: Path) -> None:
    with serving(MAKEGOOD) as (server,), pytest.raises(NoFiguresError, match="cannot be read: No such file"):
        City(tmp_path, server, 1).settle(city.DAYS[0], tmp_path / "lost.parquet")
