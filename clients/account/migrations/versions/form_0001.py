"""The first form: tables, and the refusal to change what is only added to."""

from typing import Final

from alembic import op
from sqlalchemy import MetaData

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
LATER: Final = ("booking_by_outage", "kept_by_outage", "waiting_by_outage")
"""Indexes that these tables have since the third form."""


def upgrade() -> None:
    """Set up an empty database. A form that changes one of these tables writes here what it was before."""
    first = MetaData()
    for name in (*APPENDED, *OTHERS):
        as_it_was = METADATA.tables[name].to_metadata(first)
        as_it_was.indexes = {each for each in as_it_was.indexes if each.name not in LATER}
    first.create_all(op.get_bind())
    only_added_to.begin()
    for table in APPENDED:
        only_added_to.hold(table)
