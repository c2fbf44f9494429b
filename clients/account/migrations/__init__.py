"""The forms that the account's database had, and how each becomes the next."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def config(connection: Connection | None = None) -> Config:
    """Alembic's, of these forms."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent))
    found.attributes["connection"] = connection
    return found


def upgrade(connection: Connection, form: str = "head") -> None:
    """Bring a database to a form, from whichever it has, in the transaction of the connection."""
    command.upgrade(config(connection), form)
