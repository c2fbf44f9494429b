"""What every command line of this package does around its own work: flags, errors on one line, exit codes, interruption.

No input ends a program with a traceback, or with the exit code of "done": what nobody expected has a code of its own.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from clients import enums, output
from clients.errors import ClientError, ExitCode, Interrupted
from clients.output import OutputFailed, ReaderGone

TRACEBACK = "MAKEGOOD_TRACEBACK"
"""Environment variable that asks for the traceback of what was not expected."""
LONGEST_ERROR = 200
_OTHER_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d")
EXIT_CODES = {
    ExitCode.DONE: "done",
    ExitCode.ROWS_FAILED: "done, some rows carry an error",
    ExitCode.BAD_INPUT: "the command line or a file has to be mended",
    ExitCode.REFUSED: "the server refuses the question as it is",
    ExitCode.UNREACHABLE: "the server cannot be reached, or gave no answer in time",
    ExitCode.OVERLOADED: "the server has too much to do; try later",
    ExitCode.SERVER_FAULT: "the server has a fault of its own",
    ExitCode.LEDGER_UNUSABLE: "the ledger cannot be read or written",
    ExitCode.WANTS_APPROVAL: "nothing was booked: a second person has to approve it",
    ExitCode.UNEXPECTED: f"not expected: a fault of this program; what was done is kept ({TRACEBACK}=1 shows where it is)",
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.READER_GONE: "the reader of standard output ended (head, less) before all was said",
}
ALWAYS = (ExitCode.DONE, ExitCode.BAD_INPUT, ExitCode.UNEXPECTED, ExitCode.INTERRUPTED, ExitCode.READER_GONE)
"""Codes with which every command can end."""


def exit_codes(codes: Iterable[ExitCode]) -> str:
    """The exit codes of a command, for the end of its --help."""
    return "exit codes:\n" + "\n".join(f"  {code.value:<3} {EXIT_CODES[code]}" for code in sorted(codes))


class Parser(argparse.ArgumentParser):
    """Flags without a guess: each once, none empty, none by a part of its name; one that is unknown names its nearest."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.register("action", None, _Once)
        self.register("action", "store", _Once)
        self.register("action", "append", _Each)

    def parse_args(self, args: Sequence[str] | None = None) -> argparse.Namespace:  # type: ignore[override]
        """The flags. Exits with BAD_INPUT where they are wrong."""
        given = sys.argv[1:] if args is None else args
        known = [flag for parser in (self, *self._commands()) for flag in parser._option_string_actions]  # noqa: SLF001
        for word in given:
            if word[:1] in _OTHER_DASHES:
                self.error(f"{word!r} begins with the dash of a word processor{enums.closest(word, known)}")
        arguments, unknown = self.parse_known_args(given)
        if unknown:
            self.error("; ".join(f"{word!r} is no flag or value here{enums.closest(word, known)}" for word in unknown))
        return arguments

    def error(self, message: str) -> NoReturn:
        """In a line, as any other error; all the flags together would hide it."""
        name = self.prog.removeprefix("python -m clients.").partition(" ")[0]
        self.exit(ExitCode.BAD_INPUT, f"{name}: {message}\n  see {self.prog} --help\n")

    def _commands(self) -> Iterable[argparse.ArgumentParser]:
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 -- argparse names them nowhere else
                yield from action.choices.values()


class _Once(argparse.Action):
    """Keeps the value of a flag. Of two values, which is meant is not guessed."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 -- as argparse calls it
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        if option_string is not None:
            given = vars(namespace).setdefault("given_flags", set())
            if self.dest in given:
                raise argparse.ArgumentError(self, "is given twice; give it once")
            given.add(self.dest)
            if isinstance(values, str) and not values.strip(" "):
                raise argparse.ArgumentError(self, "is empty; give a value, or leave the flag out")
        setattr(namespace, self.dest, values)


class _Each(argparse.Action):
    """Gathers the values of a flag that may be repeated. The same value once more is a slip: nothing is told by it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 -- as argparse calls it
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,  # noqa: ARG002 -- as argparse calls it
    ) -> None:
        before = getattr(namespace, self.dest)
        if values in before:
            raise argparse.ArgumentError(self, f"{values!r} is given twice; give it once")
        if not values.strip(" "):
            raise argparse.ArgumentError(self, "is empty; give a value, or leave the flag out")
        setattr(namespace, self.dest, [*before, values])


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """Reads the value of a flag, for argparse: a whole number in digits, between two."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not lowest <= int(text[:20]) <= highest:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {lowest} to {highest}")
        return int(text)

    return read


def run(name: str, command: Callable[[], ExitCode], kept: str = "") -> NoReturn:
    """Run a command and exit with its code; what it raises for a person is printed to standard error under its name.

    ``kept`` says what becomes of what was done, where something unexpected ends the command.
    """
    with output.named():
        code = _code(name, command, kept)
        try:
            sys.stdout.flush()
        except (OutputFailed, ReaderGone) as error:
            code = _stopped(name, error) if code in (ExitCode.DONE, ExitCode.ROWS_FAILED) else code
            output.give_up()
    sys.exit(code)


def _code(name: str, command: Callable[[], ExitCode], kept: str) -> ExitCode:
    try:
        return command()
    except SystemExit as error:  # of argparse: --help, or a wrong flag, of which it has told
        return ExitCode(int(error.code or 0))
    except (ClientError, ReaderGone) as error:
        return _stopped(name, error)
    except KeyboardInterrupt:
        return _stopped(name, Interrupted())
    except Exception as error:  # noqa: BLE001 -- whatever it is, it must not end in a traceback and the code of "rows failed"
        return _unexpected(name, error, kept)


def _stopped(name: str, error: ClientError | ReaderGone) -> ExitCode:
    """Print what a person has to know."""
    if isinstance(error, ReaderGone):
        return ExitCode.READER_GONE
    sys.stderr.write("\n".join((f"{name}: {error.message}", *error.lines, "")))
    return error.exit_code


def _unexpected(name: str, error: Exception, kept: str) -> ExitCode:
    """One line with what happened and where; all of it only where that is asked for."""
    if os.environ.get(TRACEBACK):
        sys.stderr.write("".join(traceback.format_exception(error)))
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = " ".join(f"{type(error).__name__}: {error}".split())[:LONGEST_ERROR]
    where = f"{Path(place.filename).name}:{place.lineno}"
    parts = (f"{name}: not expected, a fault of this program ({what}, at {where})", kept, f"{TRACEBACK}=1 shows all of it")
    sys.stderr.write("; ".join(filter(None, parts)) + "\n")
    return ExitCode.UNEXPECTED
