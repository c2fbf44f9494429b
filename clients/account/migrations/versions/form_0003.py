"""The third form: bookings, decisions and what waits by outage; areas for which something waits."""

from alembic import op

from clients.account.tables import BOOKING, KEPT, METADATA, PERSON_WAITING, WAITING

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Rows stay as they are. For which areas something waits that waited before is not known."""
    METADATA.create_all(op.get_bind(), [PERSON_WAITING])
    for table in (BOOKING, KEPT, WAITING):
        (by_outage,) = (each for each in table.indexes if each.name == f"{table.name}_by_outage")
        by_outage.create(op.get_bind())
