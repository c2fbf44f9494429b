"""How a command of this package fails: one exit code per kind, and what is printed.

ClientError            printed as one line, with lines below it where there is more to say
├── BadInput           the command line or a file has to be mended
│   ├── OutputFailed   standard output takes nothing
│   ├── CannotWrite    a file that is written takes nothing
│   └── BeginAnew      and then a run has to begin anew: what it decided so far answers another question
├── CallFailed         the server was asked and did not answer with a decision
├── WrongAnswer        the server's answer is not one to the question
├── Interrupted        the user stopped it
└── LedgerUnusable     the ledger's file cannot be used
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from clients.status import Refusal


class ExitCode(IntEnum):
    """What a command's exit code says; every command's --help lists the ones that it uses."""

    DONE = 0
    """All was done; a decision was reached, whatever it says."""
    ROWS_FAILED = 1
    """The run is complete; some rows carry an error."""
    BAD_INPUT = 2
    """The command line or a file has to be mended; nothing was asked, or what was done before is kept."""
    REFUSED = 3
    """The server refuses the question as it is; asking again will not help."""
    UNREACHABLE = 4
    """The server cannot be reached, or gave no answer in time; asking again later may help."""
    OVERLOADED = 5
    """The server has too much to do; asking again later will help."""
    SERVER_FAULT = 6
    """The server has a fault of its own."""
    LEDGER_UNUSABLE = 7
    """The ledger cannot be read or written."""
    WANTS_APPROVAL = 8
    """A run would book more than one person may; nothing of it is booked until a second one approves it."""
    UNEXPECTED = 70
    """What happened was not expected: a fault of this program. What was done is kept."""
    INTERRUPTED = 130
    """Stopped by the user; what was done is kept."""
    READER_GONE = 141
    """Whoever read standard output has ended (head, less), so not all of it was said; what was done is kept."""


class ClientError(Exception):
    """Base: a message for one line, more lines below it, and the exit code."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, message: str, lines: Sequence[str] = ()) -> None:
        self.message, self.lines = message, tuple(lines)
        super().__init__("\n".join((message, *self.lines)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Kinds differ in what they are made from; between processes they go as they are."""
        return (type(self).__new__, (type(self), *self.args), self.__dict__)


class BadInput(ClientError):
    """The command line or a file has to be mended."""


class BeginAnew(BadInput):
    """A file or a flag of a run has to be mended, after which what the run decided so far answers another question."""


class WrongAnswer(ClientError):
    """The server's answer is not one to the question; nothing of it is used."""

    exit_code = ExitCode.SERVER_FAULT


class Interrupted(ClientError):
    """Stopped by the user; the lines say what is kept."""

    exit_code = ExitCode.INTERRUPTED

    def __init__(self, lines: Sequence[str] = ()) -> None:
        super().__init__("interrupted", lines)


class LedgerUnusable(ClientError):
    """The ledger's file cannot be read or written."""

    exit_code = ExitCode.LEDGER_UNUSABLE


EXIT_BY_CODE = {
    "CANCELLED": ExitCode.UNREACHABLE,
    "DEADLINE_EXCEEDED": ExitCode.UNREACHABLE,
    "UNAVAILABLE": ExitCode.UNREACHABLE,
    "INTERNAL": ExitCode.SERVER_FAULT,
    "UNKNOWN": ExitCode.SERVER_FAULT,
    "DATA_LOSS": ExitCode.SERVER_FAULT,
}
"""Status codes that are not a refusal of the question; RESOURCE_EXHAUSTED is one only where it says when to come back."""
_OVER_A_LIMIT = (
    "  it does not say when to come back, so it may be a limit on size: send fewer rows in a message (billing's --batch),"
    " or raise the limit here (--max-message) or at the server"
)


class CallFailed(ClientError):
    """The server was asked and did not answer with a decision; ``refusal`` is what it said."""

    def __init__(self, refusal: Refusal, address: str, hint: str = "") -> None:
        self.refusal = refusal
        exhausted = refusal.code == "RESOURCE_EXHAUSTED"
        overloaded = exhausted and refusal.retry_after_seconds is not None
        self.exit_code = ExitCode.OVERLOADED if overloaded else EXIT_BY_CODE.get(refusal.code, ExitCode.REFUSED)
        said = "mend these fields" if refusal.violations else refusal.message or "no text"
        message = {
            ExitCode.UNREACHABLE: f"cannot reach {address}: {said}",
            ExitCode.OVERLOADED: f"{address} has too much to do, try again{_after(refusal)}: {said}",
            ExitCode.SERVER_FAULT: f"{address} has a fault of its own, tell its operator: {refusal.code}: {said}",
        }.get(self.exit_code, f"refused by {address}: {refusal.code}: {said}")
        lines = [f"  {v.field}: {v.message}" for v in refusal.violations]
        if self.exit_code is ExitCode.UNREACHABLE and hint:
            lines.append(f"  {hint}")
        if exhausted and not overloaded:
            lines.append(_OVER_A_LIMIT)
        super().__init__(message, lines)


def _after(refusal: Refusal) -> str:
    """The server's own word on when to come back, if it gave one."""
    return "" if refusal.retry_after_seconds is None else f" in {refusal.retry_after_seconds:g} s"
