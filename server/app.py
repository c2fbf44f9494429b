"""From the command line to a served port. It fails closed: no valid policies, no port."""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from prometheus_client import disable_created_metrics

from native.choice import NotCompiled, choose, for_process
from server import traces
from server.about import version_line
from server.cannot_start import CannotStartError
from server.loading import command
from server.loading.files import stamps
from server.loading.load import NotLoaded, load
from server.log import LAST_LINES_SECONDS, Log, LogFormat
from server.settings import Address, Settings, SettingsError, asks_for_version, read_settings
from server.standard_streams import STDOUT, Output, say
from server.stray import log_what_native_parts_print, log_what_python_prints, own_stderr, raised
from server.workers import supervisor

CHECK_ACCESS: Final = "check-access"
REPLAY: Final = "replay"
PACK: Final = "pack"
UNUSABLE: Final = 2
"""Exit status: the settings or the policies cannot be used, a port is taken, or a worker does not come up."""
FAULT: Final = 1
"""Exit status: a defect of the server."""


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs the server until SIGTERM or SIGINT; the exit status."""
    if arguments[:1] == [CHECK_ACCESS]:
        from server.access.check import main as check_access  # noqa: PLC0415  # what it needs no server needs that has no such file

        return check_access(arguments[1:])
    if arguments[:1] == [command.NAME]:
        return command.main(arguments[1:], environment)
    if arguments[:1] == [REPLAY]:
        from server.decision_log.command import main as replay  # noqa: PLC0415  # a parent of workers does without what it needs

        return replay(arguments[1:])
    if arguments[:1] == [PACK]:
        from server.decision_log.parquet import main as pack  # noqa: PLC0415

        return pack(arguments[1:])
    stderr = own_stderr()  # the number of stderr may come to stand for something else
    try:
        settings = read_settings(arguments, environment)
    except SettingsError as error:
        return _refuse(error.problems, error.log_format, stderr)
    try:
        return _run(settings, arguments, stderr)
    except (CannotStartError, NotLoaded) as error:
        return _refuse([str(problem) for problem in error.problems], settings.log_format, stderr)
    except NotCompiled as error:
        return _refuse([str(error)], settings.log_format, stderr)
    except Exception as error:  # noqa: BLE001  # a defect of ours: a line like all others, and no traceback beside them
        return _fail(error, settings.log_format, stderr)


def _run(settings: Settings, arguments: Sequence[str], stderr: int) -> int:
    if asks_for_version(arguments):
        version = version_line(choose("forbid" if settings.compiled == "forbid" else "auto"))
        say(STDOUT, version + "\n").join(LAST_LINES_SECONDS)
        return 0
    traces.check(settings)
    choice = for_process(settings.compiled)
    seen = stamps(settings.catalog)
    policies = [load(settings.catalog, settings.default_policy)]  # handed on, so that they go when others take their place
    tell_ready = partial(_tell_ready, settings)
    disable_created_metrics()  # type: ignore[no-untyped-call]  # their creation times would double the list
    if settings.workers > 1:
        return supervisor.run(settings, policies.pop(), choice, tell_ready, seen)
    log = Log(Output(stderr), settings.log_format, settings.log_level)
    try:
        log_what_python_prints(log)
        log_what_native_parts_print(log)
        # Not at the top: some of it starts threads, and the parent of workers does without 60 MB and half a second.
        from server import single_process  # noqa: PLC0415

        return single_process.run(settings, policies.pop(), choice, log, tell_ready, seen)
    finally:
        log.close()


def _refuse(problems: Sequence[str], log_format: LogFormat, stderr: int) -> int:
    """Says why it does not start: to people line by line, else as a log line."""
    if log_format == "text" or os.isatty(stderr):
        say(stderr, "\n  ".join(["makegood does not start:", *problems]) + "\n").join(LAST_LINES_SECONDS)
    else:
        log = Log(Output(stderr), log_format, "error")
        log.error("makegood does not start", problems=list(problems))
        log.close()
    return UNUSABLE


def _fail(error: Exception, log_format: LogFormat, stderr: int) -> int:
    log = Log(Output(stderr), log_format, "error")
    log.error("fault", **raised(error))
    log.close()
    return FAULT


def _tell_ready(settings: Settings, address: Address, metrics_address: Address) -> None:
    scheme = "https" if settings.tls_cert else "http"
    ready = f"makegood is ready: gRPC on {address}, metrics on {scheme}://{metrics_address}/metrics\n"
    client = "" if address == Settings().listen else f"MAKEGOOD_ADDRESS={address} "
    # Who calls a server that wants TLS or to know its callers has files of its own for that.
    hints = (
        "  ask it something, in a second terminal:\n"
        f"    {client}.venv/bin/python -m clients.crm quote examples/rogers-2022-07-08.json\n"
        "  see that it was a quote, and granted nothing:\n"
        f"    curl -s http://{metrics_address}/metrics | grep -E '^makegood_(quotes|granted).* [1-9]'\n"
    )
    say(STDOUT, ready if settings.secured else ready + hints)
