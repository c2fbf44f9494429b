"""Entry points: ways to put one request to makegood. Every case goes through each of them and must get the same decision.

To add one:

1. write an opener, a context manager without arguments that yields an :class:`Entry` and cleans up behind itself, in the
   folder of the room (``tests/server/…``, ``tests/clients/…``)::

       @contextmanager
       def open_unary() -> Iterator[Entry]:
           with running_server() as address:
               yield Entry("unary", lambda request: decision_from(stub.ComputeCompensation(message_from(request))))

   ``decide`` returns the calculator's :class:`~policy.calculator.decision.Decision`, complete, and raises the errors of
   :mod:`policy.calculator.errors`, with the same violations; whatever carries them on the way is translated back.
   A way that is slow to start, or carries many rows at once, also gives ``decide_all``: one result for each request, in order,
   an error in the place of a decision where there is none;

2. add a line to ``ENTRY_POINTS``: its name and where the opener is. It is imported when the entry is opened, so that rooms
   do not need each other to be collected.

Requests hold what a message can carry: an unknown code is the number of an undefined enum value, such as "99".
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Final, cast

from policy.calculator.decision import Decision
from policy.calculator.errors import CalculatorError
from policy.calculator.request import Request

Decide = Callable[[Request], Decision]
Result = Decision | CalculatorError


@dataclass(frozen=True, slots=True)
class Entry:
    """An open entry point: one request in, its decision out, or the calculator's error raised."""

    name: str
    decide: Decide
    decide_all: Callable[[Sequence[Request]], Sequence[Result]] | None = None

    def results(self, requests: Sequence[Request]) -> Sequence[Result]:
        """What becomes of each request, in order; errors are returned, not raised."""
        if self.decide_all is not None:
            return self.decide_all(requests)
        return [result_of(self.decide, request) for request in requests]


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """Where an entry is opened: ``opener`` is "module:function"."""

    name: str
    opener: str

    def open(self) -> AbstractContextManager[Entry]:
        """Imports the opener and calls it."""
        module, _, function = self.opener.partition(":")
        return cast(AbstractContextManager[Entry], getattr(import_module(module), function)())


ENTRY_POINTS: Final = (
    EntryPoint("library", "tests.support.library:open_library"),
    EntryPoint("unary", "tests.server.entries:open_unary"),
    EntryPoint("batch", "tests.server.entries:open_batch"),
    EntryPoint("stream", "tests.server.entries:open_stream"),
    EntryPoint("command line", "tests.support.command_line:open_command_line"),
)


def result_of(decide: Decide, request: Request) -> Result:
    """A decision, or the error in its place."""
    try:
        return decide(request)
    except CalculatorError as error:
        return error
