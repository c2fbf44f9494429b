"""The second form: what a ledger of before booked; what became of what is delivered; what others granted."""

from typing import Final

from alembic import op

from clients.account.migrations import only_added_to
from clients.account.tables import METADATA

revision = "0002"
down_revision = "0001"

APPENDED: Final = ("former_booking", "former_place", "delivery", "granted_elsewhere")


def upgrade() -> None:
    """Nothing that is there changes."""
    METADATA.create_all(op.get_bind(), [METADATA.tables[name] for name in APPENDED])
    for table in APPENDED:
        only_added_to.hold(table)
