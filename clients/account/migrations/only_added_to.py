"""Has the database refuse to change a table, or to take rows from it."""

from typing import Final

from alembic import op

_REFUSES: Final = (
    "CREATE FUNCTION is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'only added to'; END $$"
)
_ON_POSTGRESQL: Final = (
    "CREATE TRIGGER {table}_is_only_added_to BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION is_only_added_to()"
)
_ON_SQLITE: Final = "CREATE TRIGGER {table}_no_{what} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'only added to'); END"


def begin() -> None:
    """Once, in the first form."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_REFUSES)


def hold(table: str) -> None:
    """A table that is there."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_ON_POSTGRESQL.format(table=table))
    else:
        for what in ("UPDATE", "DELETE"):
            op.execute(_ON_SQLITE.format(table=table, what=what))
