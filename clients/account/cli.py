"""The account's command line: which command does what."""

import signal
from collections.abc import Sequence
from typing import NoReturn

from clients import command
from clients.account import delivery_commands as of_delivery
from clients.account import elsewhere_commands as of_elsewhere
from clients.account import finance_commands as of_finance
from clients.account import former_commands as of_former
from clients.account import register_commands as of_register
from clients.account import review_commands as of_review
from clients.account import run_commands as of_runs
from clients.account.flags import parser
from clients.errors import ExitCode
from clients.processes import collect_seldom, hold_less

KEPT = "what was entered and booked before is kept, and the same command goes on from there"
OUTAGES = {
    "import": of_register.enter,
    "replace": of_register.replace,
    "withdraw": of_register.withdraw,
    "show": of_register.show,
}
COMMANDS = {
    "audit": of_register.audit,
    "queue": of_review.queue,
    "decide": of_review.decide,
    "elsewhere": of_elsewhere.enter,
    "apply": of_delivery.apply,
    "migrate": of_former.migrate,
    "verify": of_register.verify,
    "erase": of_register.erase,
    "run": of_runs.run,
    "reverse": of_runs.reverse,
    "runs": of_runs.runs,
    "report": of_runs.report,
    "approve": of_runs.approve,
    "threshold": of_runs.threshold,
    "recourse": of_finance.recourse,
    "close": of_finance.close,
    "export": of_finance.export,
}


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Entry point of python -m clients.account."""
    # kill stops a run as Ctrl-C does, with the connection closed and the progress bar cleared.
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    collect_seldom()
    hold_less()

    def run() -> ExitCode:
        arguments = parser().parse_args(argv)
        if arguments.command == "outages":
            return OUTAGES[arguments.action](arguments)
        return COMMANDS[arguments.command](arguments)

    command.run("account", run, KEPT)
