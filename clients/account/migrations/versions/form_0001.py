"""The first form: the tables as they stand in clients/account/tables.py, and the refusal to change what is only added to."""

from alembic import op

from clients.account.tables import APPENDED, METADATA

revision = "0001"
down_revision = None

_REFUSES = (
    "CREATE FUNCTION is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'only added to'; END $$"
)
_ON_POSTGRESQL = (
    "CREATE TRIGGER {table}_is_only_added_to BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION is_only_added_to()"
)
_ON_SQLITE = "CREATE TRIGGER {table}_no_{what} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'only added to'); END"


def upgrade() -> None:
    """Set up an empty database. A second form writes its own statements, and this one then what is above as it was."""
    connection = op.get_bind()
    METADATA.create_all(connection)
    if connection.dialect.name == "postgresql":
        op.execute(_REFUSES)
        for table in APPENDED:
            op.execute(_ON_POSTGRESQL.format(table=table))
    else:
        for table in APPENDED:
            for what in ("UPDATE", "DELETE"):
                op.execute(_ON_SQLITE.format(table=table, what=what))
