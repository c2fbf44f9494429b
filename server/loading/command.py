"""``python -m server reload``: has a server of this machine load its policies anew, and says how that went."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from time import monotonic, sleep
from typing import Any, Final

from server.loading.asking import Asking, CannotAskError
from server.loading.page import process_of
from server.settings import ENVIRONMENT_PREFIX, Settings
from server.signals import RELOAD_SIGNAL

NAME: Final = "reload"
LOADED, NOT_LOADED, UNUSABLE = 0, 1, 2
_LOOK_EVERY_SECONDS: Final = 0.1
_DESCRIPTION: Final = """\
Has a server of this machine load its policies anew: the same as SIGHUP to its process, or to the parent of its workers. Then it
waits until every worker answers by them, and says how that went. No call is made over gRPC. The server is found by the address
at which it serves /metrics, and is sent nothing unless it runs on this machine, as a process that you may signal. Where that
address speaks TLS or is for those alone whom an authorisation file knows, say how: --tls-cert, --client-cert, --token-file.

exit status:
  0   loaded; every worker answers by what the files hold
  1   not loaded: the policies from before are in use, and what is wrong with the files is told with file and line
  2   no such server was found, or it may not be signalled, or it did not come to an end in time
"""


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit status."""
    options = _parser(environment).parse_args(arguments)
    asking = Asking(options.metrics_listen, options.tls_cert, options.client_cert, options.client_key, options.token_file)
    try:
        before = asking.page()
        _signal(before["process"], options.metrics_listen)
        after = _attempted(asking, before, options.wait_seconds)
    except CannotAskError as error:
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
    for flag, variable, default, metavar, text in (
        ("--metrics-listen", "METRICS_LISTEN", str(Settings().metrics_listen), "ADDRESS", "where it serves /metrics"),
        ("--tls-cert", "TLS_CERT", "", "FILE", "the server's own certificate, PEM, where it speaks TLS; no other is taken"),
        ("--client-cert", "TLS_CLIENT_CERT", "", "FILE", "a certificate that its authorisation file knows, PEM"),
        ("--client-key", "TLS_CLIENT_KEY", "", "FILE", "its private key, PEM"),
        (
            "--token-file",
            "TOKEN_FILE",
            "",
            "FILE",
            "a token (JWT) that its authorisation file knows; it needs the method metrics",
        ),
    ):
        given = environment.get(ENVIRONMENT_PREFIX + variable) or default
        help_ = f"{text} ({ENVIRONMENT_PREFIX}{variable}{f', {given}'.replace('%', '%%') if given else ''})"
        parser.add_argument(flag, metavar=metavar, default=given, help=help_)
    parser.add_argument(
        "--wait-seconds", metavar="SECONDS", type=int, default=120, help="how long to wait for the outcome (default: 120)"
    )
    return parser


def _signal(process: Mapping[str, Any], address: str) -> None:
    """Raises CannotAskError where the process is not the one that answers there: its number may be another one's here."""
    pid = int(process["pid"])
    try:
        is_here = process_of(pid) == process
    except (OSError, ValueError):
        is_here = False
    if not is_here:
        raise CannotAskError(
            f"the server at {address} does not run on this machine, or not in this container; send SIGHUP where it does"
        )
    try:
        os.kill(pid, RELOAD_SIGNAL)
    except OSError as error:
        raise CannotAskError(f"process {pid} cannot be signalled: {error.strerror}; be its user, or root") from error


def _attempted(asking: Asking, before: Mapping[str, Any], wait_seconds: int) -> Mapping[str, Any]:
    deadline = monotonic() + wait_seconds
    while monotonic() < deadline:
        now = asking.page()
        if now["process"] != before["process"]:
            raise CannotAskError("the server was replaced meanwhile; look at its log")
        if now["attempts"] > before["attempts"]:
            return now
        sleep(_LOOK_EVERY_SECONDS)
    raise CannotAskError(f"there was no outcome within {wait_seconds} seconds; look at the log of the server")
