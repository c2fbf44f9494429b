"""Puts together what may be one occasion: outages whose recorded times overlap or touch. Which are one, the service says."""

from collections.abc import Iterable, Iterator

from clients.account.records import Record


def clusters(records: Iterable[Record], as_of: int) -> Iterator[tuple[Record, ...]]:
    """Groups that neither overlap nor touch, in order of time. An outage that begins at ``as_of`` or later has no time."""
    group: list[Record] = []
    end = 0
    for record in sorted((each for each in records if each.started_at < as_of), key=lambda each: each.order):
        if group and record.started_at > end:
            yield tuple(group)
            group = []
        group.append(record)
        end = max(end, ended(record, as_of))
    if group:
        yield tuple(group)


def ended(record: Record, as_of: int) -> int:
    """End of the recorded time, so far."""
    return as_of if record.ended_at is None else min(record.ended_at, as_of)
