"""``python -m server reload``: has a server of this machine load its policies anew, and says how that went."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from time import monotonic, sleep
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

import orjson

from server.loading.page import process_of
from server.settings import ENVIRONMENT_PREFIX, Settings
from server.signals import RELOAD_SIGNAL

NAME: Final = "reload"
LOADED, NOT_LOADED, UNUSABLE = 0, 1, 2
_LOOK_EVERY_SECONDS: Final = 0.1
_PAGE_SECONDS: Final = 5
_DESCRIPTION: Final = """\
Has a server of this machine load its policies anew: the same as SIGHUP to its process, or to the parent of its workers. Then it
waits until every worker answers by them, and says how that went. No call is made over gRPC. The server is found by the address
at which it serves /metrics, and is sent nothing unless it runs on this machine, as a process that you may signal.

exit status:
  0   loaded; every worker answers by what the files hold
  1   not loaded: the policies from before are in use, and what is wrong with the files is told with file and line
  2   no such server was found, or it may not be signalled, or it did not come to an end in time
"""


class _Cannot(Exception):
    """Why nothing is known of the outcome."""


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit status."""
    options = _parser(environment).parse_args(arguments)
    try:
        before = _page(options.metrics_listen)
        _signal(before["process"], options.metrics_listen)
        after = _attempted(options.metrics_listen, before, options.wait_seconds)
    except _Cannot as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    if after["problem_count"]:
        lines = [
            *after["problems"],
            f"{after['problem_count']} problems; the policies from before are in use, {after['sha256']}",
        ]
        sys.stderr.write("\n".join([*lines, ""]))
        return NOT_LOADED
    changed = "loaded" if after["sha256"] != before["sha256"] else "loaded, with the digest from before"
    sys.stdout.write(f"{changed}: {len(after['policies'])} versions, {after['sha256']}\n")
    return LOADED


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m server {NAME}",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    default = environment.get(f"{ENVIRONMENT_PREFIX}METRICS_LISTEN") or str(Settings().metrics_listen)
    parser.add_argument(
        "--metrics-listen", metavar="ADDRESS", default=default, help=f"where it serves /metrics (default: {default})"
    )
    parser.add_argument(
        "--wait-seconds", metavar="SECONDS", type=int, default=120, help="how long to wait for the outcome (default: 120)"
    )
    return parser


def _page(address: str) -> dict[str, Any]:
    reachable = address.replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:")  # nothing is bound
    try:
        with urlopen(f"http://{reachable}/policies", timeout=_PAGE_SECONDS) as answer:  # http is what it says
            told: dict[str, Any] = orjson.loads(answer.read())
    except (OSError, ValueError, URLError) as error:
        why = getattr(error, "reason", error)
        raise _Cannot(
            f"http://{reachable}/policies cannot be read: {why}; name the address of /metrics with --metrics-listen,"
            " or send SIGHUP to the process yourself"
        ) from error
    if not {"process", "attempts", "problem_count", "problems", "sha256", "policies"} <= told.keys():
        raise _Cannot(f"what answers on http://{reachable}/policies is no makegood")
    return told


def _signal(process: Mapping[str, Any], address: str) -> None:
    """Raises _Cannot where the process is not the one that answers there: its number may be another one's here."""
    pid = int(process["pid"])
    try:
        is_here = process_of(pid) == process
    except (OSError, ValueError):
        is_here = False
    if not is_here:
        raise _Cannot(
            f"the server at {address} does not run on this machine, or not in this container; send SIGHUP where it does"
        )
    try:
        os.kill(pid, RELOAD_SIGNAL)
    except OSError as error:
        raise _Cannot(f"process {pid} cannot be signalled: {error.strerror}; be its user, or root") from error


def _attempted(address: str, before: Mapping[str, Any], wait_seconds: int) -> dict[str, Any]:
    deadline = monotonic() + wait_seconds
    while monotonic() < deadline:
        now = _page(address)
        if now["process"] != before["process"]:
            raise _Cannot("the server was replaced meanwhile; look at its log")
        if now["attempts"] > before["attempts"]:
            return now
        sleep(_LOOK_EVERY_SECONDS)
    raise _Cannot(f"there was no outcome within {wait_seconds} seconds; look at the log of the server")
