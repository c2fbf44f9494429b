"""The same histories with the register and the account in a database: SQLite, and PostgreSQL where it can be started."""

from contextlib import ExitStack
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from clients.account import verifying
from clients.account.database import opened
from tests.account.conftest import NewLedger
from tests.account.kept_in import Stored
from tests.account.test_any_history import AnyHistory


def test_any_history_ends_as_the_records_stand(new_ledger: NewLedger) -> None:
    """Each history in a database of its own, which holds together at its end."""

    class InDatabase(AnyHistory):
        def open(self) -> Any:
            self.stack = ExitStack()
            self.database = self.stack.enter_context(opened(new_ledger(), create=True))
            return Stored(self.database)

        def teardown(self) -> None:
            if hasattr(self, "stack"):
                with self.stack:
                    super().teardown()
                    assert self.database.read(verifying.problems) == []

    few = settings(max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(InDatabase, settings=few)
