"""The first form: tables, and the refusal to change what is only added to."""

from typing import Final

from alembic import op

from clients.account.migrations import only_added_to
from clients.account.tables import METADATA

revision = "0001"
down_revision = None

APPENDED: Final = (
    *("booking", "recourse", "decision", "over_granted", "outage_revision", "outage_area", "outage_before"),
    *("threshold", "closed_period", "tombstone", "desk_claim", "verdict", "verdict_amount"),
)
OTHERS: Final = (
    *("account", "account_cycle", "kept", "kept_cycle", "waiting", "person_claim", "claim", "person_fact", "person_question"),
    *("policy_text", "outbox", "run"),
)


def upgrade() -> None:
    """Set up an empty database. A form that changes one of these tables writes here what it was before."""
    METADATA.create_all(op.get_bind(), [METADATA.tables[name] for name in (*APPENDED, *OTHERS)])
    only_added_to.begin()
    for table in APPENDED:
        only_added_to.hold(table)
