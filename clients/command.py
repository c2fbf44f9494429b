"""What every command line of this package does around its own work: errors on one line, exit codes, interruption."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import NoReturn

from clients.errors import ClientError, ExitCode, Interrupted

EXIT_CODES = {
    ExitCode.DONE: "done",
    ExitCode.ROWS_FAILED: "done, some rows carry an error",
    ExitCode.BAD_INPUT: "the command line or a file has to be mended",
    ExitCode.REFUSED: "the server refuses the question as it is",
    ExitCode.UNREACHABLE: "the server cannot be reached, or gave no answer in time",
    ExitCode.OVERLOADED: "the server has too much to do; try later",
    ExitCode.SERVER_FAULT: "the server has a fault of its own",
    ExitCode.LEDGER_UNUSABLE: "the ledger cannot be read or written",
    ExitCode.INTERRUPTED: "interrupted",
}


def exit_codes(codes: Iterable[ExitCode]) -> str:
    """The exit codes of a command, for the end of its --help."""
    return "exit codes:\n" + "\n".join(f"  {code.value:<3} {EXIT_CODES[code]}" for code in codes)


def run(name: str, command: Callable[[], ExitCode]) -> NoReturn:
    """Run a command and exit with its code; what it raises for a person is printed to standard error under its name."""
    try:
        code = command()
        sys.stdout.flush()
    except ClientError as error:
        code = _failed(name, error)
    except KeyboardInterrupt:
        code = _failed(name, Interrupted())
    except BrokenPipeError:
        # The reader (head, less) has gone. What is still buffered must not raise again when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.DONE
    sys.exit(code)


def _failed(name: str, error: ClientError) -> ExitCode:
    """Print what a person has to know."""
    sys.stderr.write("\n".join((f"{name}: {error.message}", *error.lines, "")))
    return error.exit_code
