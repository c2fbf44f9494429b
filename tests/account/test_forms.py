"""Forms of the account's tables: a ledger of each is brought to that of today."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert

from clients.account import database as of_account
from clients.account import reading, tables
from clients.account.database import opened
from clients.errors import LedgerUnusable


def test_a_ledger_of_the_first_form_is_brought_to_today_s_by_what_writes(ledger: str) -> None:
    """What was booked stays, and what only looks says what to do first."""
    url = of_account._url(ledger)
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(of_account._MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA application_id = {of_account.APPLICATION_ID}")
        row = {"subscriber_id": "1", "revision": 3, "policy_id": "p", "claws_back": False}
        connection.execute(insert(tables.ACCOUNT), row)
    engine.dispose()
    with pytest.raises(LedgerUnusable, match=r"older form \(0001\)"), opened(ledger, create=False):
        pass
    for create in (True, False):
        with opened(ledger, create=create) as database:
            assert database.read(lambda c: reading.account(c, "1")).revision == 3
            assert database.read(lambda c: compare_metadata(MigrationContext.configure(c), tables.METADATA)) == []
