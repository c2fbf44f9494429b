"""Servers that record what they decide, and the records."""

import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from policy import PolicySet
from server.decision_log.command import main
from server.decision_log.files import DONE
from server.decision_log.reader import Found, records
from server.decision_log.record import Record
from server.decision_log.sealing import KEY_BYTES, NO_KEYS, read_keys
from tests.server.running import Running, running

KEY: Final = "key-1"


def key_line(key_id: str = KEY) -> str:
    return f"{key_id} {b64encode(os.urandom(KEY_BYTES)).decode()}\n"


def key_file(directory: Path, *key_ids: str) -> Path:
    """With a key for each id, the one that seals first."""
    path = directory / "keys"
    path.write_text("".join(map(key_line, key_ids or (KEY,))))
    path.chmod(0o600)
    return path


@contextmanager
def recording(policies: PolicySet, directory: Path, **settings: Any) -> Iterator[Running]:
    """A server that records in ``directory``/log, whose files are done when the block is; sealed unless said otherwise."""
    if "decision_log_key_file" not in settings:
        settings["decision_log_key_file"] = str(key_file(directory))
    with running(policies, decision_log=str(directory / "log"), **settings) as server:
        yield server


def files(directory: Path) -> list[Path]:
    return sorted((directory / "log").glob(f"*{DONE}"))


def found(directory: Path, keys: Path | None = None) -> list[Found]:
    """Every line of the log."""
    there = keys or directory / "keys"
    return [*records([directory / "log"], read_keys(there) if there.exists() else NO_KEYS)]


def read(directory: Path) -> list[Record]:
    """Every line, all of which are records."""
    everything = [each.what for each in found(directory)]
    assert all(isinstance(each, Record) for each in everything), everything
    return [each for each in everything if isinstance(each, Record)]


def replay(directory: Path, *arguments: str) -> int:
    """The exit status of the command, with the key that sealed."""
    return main([str(directory / "log"), "--key-file", str(directory / "keys"), *arguments])
