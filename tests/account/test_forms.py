"""Forms of the account's tables: a ledger of each is brought to that of today."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, inspect

from clients.account import database as of_account
from clients.account import migrations, reading, tables
from clients.account.database import opened
from clients.errors import LedgerUnusable


@pytest.mark.parametrize("form", ["0001", "0002"])
@pytest.mark.parametrize("creates", [True, False])
def test_a_ledger_of_an_older_form_is_brought_to_today_s_by_what_writes(ledger: str, form: str, creates: bool) -> None:
    """Whether or not it would create one; what was booked stays, and what only looks says what to do first."""
    url = of_account._url(ledger)
    engine = create_engine(url)
    with engine.begin() as connection:
        migrations.upgrade(connection, form)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA application_id = {of_account.APPLICATION_ID}")
        row = {"subscriber_id": "1", "revision": 3, "policy_id": "p", "claws_back": False}
        connection.execute(insert(tables.ACCOUNT), row)
        names = inspect(connection).get_indexes("booking")
        assert "booking_by_outage" not in {each["name"] for each in names}, "it is not what that form was"
    engine.dispose()
    with pytest.raises(LedgerUnusable, match=rf"older form \({form}\)"), opened(ledger, create=False):
        pass
    for how in ({"create": creates, "writes": not creates}, {"create": False}):
        with opened(ledger, **how) as database:
            assert database.read(lambda c: reading.account(c, "1")).revision == 3
            assert database.read(lambda c: compare_metadata(MigrationContext.configure(c), tables.METADATA)) == []


def test_the_forms_that_are_known_are_those_that_there_are() -> None:
    scripts = ScriptDirectory.from_config(migrations.config()).walk_revisions()
    assert tuple(reversed([each.revision for each in scripts])) == of_account.FORMS


def test_what_no_command_needs_to_book_is_not_loaded() -> None:
    """Each process of a run would load it, and each quote of the desk."""
    loaded = "import sys, clients.account.job; print(*{'alembic', 'psycopg'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True).stdout == "\n"


def test_what_writes_and_creates_nothing_refuses_an_empty_database(ledger: str) -> None:
    if "://" not in ledger:
        Path(ledger).touch()
    with pytest.raises(LedgerUnusable, match="is empty and no account yet"), opened(ledger, create=False, writes=True):
        pass
