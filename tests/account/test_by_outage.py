"""What is asked of one outage, or of one party, looks at its rows and not at the whole ledger, on either database."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from sqlalchemy import Connection, event

from clients.account import finance, register, sources, telling
from clients.account.database import Database
from clients.account.register import Said
from clients.account.words import Words
from tests.account.test_database import enter, outage

SAID: Final = Said("a test", "to see", 1)
LARGE: Final = ("booking", "recourse", "kept", "waiting", "person_waiting", "verdict", "decision", "outbox")
"""Tables that grow with what is booked, decided, or waits."""
ASKS: Final[dict[str, tuple[set[str], Callable[[Database], object]]]] = {
    "outages show": ({"booking"}, lambda database: database.read(lambda c: list(telling.outage(c, "o1", Words("en"))))),
    "reverse and run --known, whom they settle": ({"booking", "kept"}, lambda database: sources.Known(database, ["o1"])),
    "reverse and withdraw": (
        {"kept", "waiting", "person_waiting"},
        lambda database: database.write(lambda c: register.withdraw(c, "o1", SAID)),
    ),
    "recourse": ({"recourse"}, lambda database: database.read(lambda c: finance.statement(c, "grid", finance.days("UTC")))),
}


def plans(database: Database, ask: Callable[[Database], object]) -> list[str]:
    """How the database goes about each statement of it: a line for each step."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "DELETE", "UPDATE")):
            asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        ask(database)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)

    def explained(connection: Connection) -> list[str]:
        if connection.dialect.name == "sqlite":
            how = "EXPLAIN QUERY PLAN"
        else:
            how = "EXPLAIN"
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # which it prefers as long as tables are empty
        return [str(row[-1]) for text, values in asked for row in connection.exec_driver_sql(f"{how} {text}", values)]

    return database.read(explained)


@pytest.mark.parametrize("what", ASKS)
def test_what_is_of_one_outage_or_party_is_found_by_an_index(database: Database, what: str) -> None:
    enter(database, outage("o1", 1, 9))
    named, ask = ASKS[what]
    steps = plans(database, ask)
    for table in LARGE:
        assert not [each for each in steps if each.startswith(f"SCAN {table}") or f"Seq Scan on {table} " in each], steps
    for table in named:
        by = f"{table}_by_party" if table == "recourse" else f"{table}_by_outage"
        assert any(by in each for each in steps), steps


def test_the_plans_tell_of_a_scan(database: Database) -> None:
    """A question that no index answers is seen to go through the table."""
    scan = "SELECT count(*) FROM booking WHERE reason = 'x'"
    steps = plans(database, lambda it: it.read(lambda c: c.exec_driver_sql(scan).all()))
    assert [each for each in steps if each.startswith("SCAN booking") or "Seq Scan on booking " in each]
