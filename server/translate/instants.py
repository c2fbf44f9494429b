"""Instants and spans: whole seconds since 1970 UTC, or a violation that says what cannot be carried."""

from typing import Final

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from makegood.v1 import facts_pb2 as facts_pb
from policy.calculator.errors import Violation
from policy.calculator.request import Interval

_FRACTION_OF_SECOND: Final = "has a fraction of a second; instants are whole seconds, leave nanos at 0"


def instant(message: Timestamp, wrong: list[Violation], path: str) -> int:
    """Seconds since 1970 UTC."""
    if message.nanos:
        wrong.append(Violation(path, _FRACTION_OF_SECOND))
    return message.seconds


def optional_instant(message: Message, field: str, wrong: list[Violation], owner: str, index: int | None = None) -> int | None:
    """The Timestamp ``field`` of ``message``; None where it is absent.

    ``owner`` and ``index`` say where the message stands ("outages", 2), and become a path only when something is wrong.
    """
    if not message.HasField(field):
        return None
    stamp: Timestamp = getattr(message, field)
    if stamp.nanos:
        place = owner if index is None else f"{owner}[{index}]"
        wrong.append(Violation(f"{place}.{field}" if place else field, _FRACTION_OF_SECOND))
    return stamp.seconds


INCOMPLETE: Final = Interval(0, 1)
"""Stands in a list for a span that lacks an end, which is told already: those after it keep their numbers."""


def interval(message: facts_pb.Interval, wrong: list[Violation], path: str) -> Interval | None:
    """A span with both ends, or None and a violation for each end that is missing."""
    started_at = optional_instant(message, "started_at", wrong, path)
    ended_at = optional_instant(message, "ended_at", wrong, path)
    if started_at is not None and ended_at is not None:
        return Interval(started_at, ended_at)
    given = {"started_at": started_at, "ended_at": ended_at}
    wrong.extend(Violation(f"{path}.{end}", "is missing; an interval has both ends") for end, at in given.items() if at is None)
    return None
