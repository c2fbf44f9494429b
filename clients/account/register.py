"""The register of outages: each with its revisions, who said so, its ends by area, and what took the place of what.

INVARIANT: a revision is only ever added; an id that was retired (split, merged, renamed) never comes back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select

from clients.account.records import Record
from clients.account.tables import KEPT, OUTAGE_AREA, OUTAGE_BEFORE, OUTAGE_REVISION, PERSON_WAITING, WAITING
from clients.errors import BadInput
from makegood.v1 import facts_pb2

EVERYWHERE: Final = ""
CURRENT: Final = "current"
WITHDRAWN: Final = "withdrawn"
RETIRED: Final = "retired"


@dataclass(frozen=True, slots=True)
class Entry:
    """An outage as somebody says it is. ``message``: without areas and end. ``ends``: by area, None while it goes on there."""

    message: facts_pb2.Outage
    ends: Mapping[str, int | None]

    @property
    def outage_id(self) -> str:
        """Its id."""
        return self.message.outage_id


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of an outage in the register."""

    outage_id: str
    revision: int
    state: str
    what: str
    message: bytes
    ends: Mapping[str, int | None]
    said_by: str
    reason: str
    known_at: int


@dataclass(frozen=True, slots=True)
class Said:
    """Who changes the register, why, and when."""

    by: str
    reason: str
    at: int


def entry(outages: Sequence[facts_pb2.Outage]) -> Entry:
    """Rows of one outage as one. Raises ValueError where they differ in more than areas and ends."""
    ends: dict[str, int | None] = {}
    first: facts_pb2.Outage | None = None
    for each in outages:
        end = each.ended_at.seconds if each.HasField("ended_at") else None
        message = facts_pb2.Outage()
        message.CopyFrom(each)
        message.ClearField("areas")
        message.ClearField("ended_at")
        first = first or message
        if message != first:
            raise ValueError("differ in more than their areas and ends")
        for area in each.areas or (EVERYWHERE,):
            if ends.setdefault(area, end) != end:
                raise ValueError(f"say two ends for {area or 'everywhere'}")
    assert first is not None
    return Entry(first, ends)


def enter(connection: Connection, entries: Iterable[Entry], said: Said) -> list[Revision]:
    """Bring outages into the register: those that are new, and a revision of each that changed. Returns what was added."""
    return [added for each in entries if (added := _entered(connection, each, said))]


def withdraw(connection: Connection, outage_id: str, said: Said) -> Revision | None:
    """It was no outage after all. None where that was said before. Raises BadInput."""
    before = _present(connection, outage_id)
    if before.state == WITHDRAWN:
        return None
    return _add(connection, before, WITHDRAWN, "withdrawn", said)


def replace(connection: Connection, old: Sequence[str], new: Sequence[Entry], said: Said) -> list[Revision]:
    """New outages take the place of old ones: one by several (split), several by one (merged), one by one (renamed).

    Raises BadInput where one is not there, is gone, or stands on both sides.
    """
    befores = [_present(connection, outage_id) for outage_id in old]
    both = sorted(set(old) & {each.outage_id for each in new})
    known = sorted(each.outage_id for each in new if latest(connection, each.outage_id) is not None)
    if both or known:
        ids = ", ".join(both or known)
        raise BadInput(f"what takes the place of an outage has a new id, and {ids} is in the register already")
    if not old or not new:
        raise BadInput("at least one outage has to be replaced, by at least one")
    what = {(True, False): "split", (False, True): "merged", (True, True): "renamed"}.get(
        (len(old) == 1, len(new) == 1), "replaced"
    )
    added = [_add(connection, before, RETIRED, what, said) for before in befores]
    for each in new:
        connection.execute(insert(OUTAGE_BEFORE), [{"outage_id": each.outage_id, "before_id": before} for before in old])
        added.append(_write(connection, each, 1, CURRENT, f"entered, {what}", said))
    return added


def latest(connection: Connection, outage_id: str) -> Revision | None:
    """The state of an outage; None: the register does not know it."""
    return next(iter(reversed(history(connection, outage_id))), None)


def history(connection: Connection, outage_id: str) -> list[Revision]:
    """All its revisions, the first first."""
    ends: dict[int, dict[str, int | None]] = {}
    of_id = select(OUTAGE_AREA).where(OUTAGE_AREA.c.outage_id == outage_id)
    for row in connection.execute(of_id):
        ends.setdefault(row.revision, {})[row.area] = row.ended_at
    rows = connection.execute(
        select(OUTAGE_REVISION).where(OUTAGE_REVISION.c.outage_id == outage_id).order_by(OUTAGE_REVISION.c.revision)
    )
    return [_revision(row, ends.get(row.revision, {})) for row in rows]


def replaced(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Of each outage those that it took the place of, however long ago."""
    direct: dict[str, list[str]] = {}
    for row in connection.execute(select(OUTAGE_BEFORE)):
        direct.setdefault(row.outage_id, []).append(row.before_id)

    def all_before(outage_id: str) -> set[str]:
        return {each for before in direct.get(outage_id, ()) for each in (before, *all_before(before))}

    return {outage_id: tuple(sorted(all_before(outage_id))) for outage_id in direct}


def version(connection: Connection) -> int:
    """How many revisions there are: revisions are only added, so that the register moved where this did."""
    return int(connection.execute(select(func.count()).select_from(OUTAGE_REVISION)).scalar_one())


def everything(connection: Connection) -> list[Revision]:
    """The state of every outage, in order of ids."""
    newest = select(OUTAGE_REVISION.c.outage_id, func.max(OUTAGE_REVISION.c.revision).label("revision"))
    last = newest.group_by(OUTAGE_REVISION.c.outage_id).subquery()
    of_last = (OUTAGE_AREA.c.outage_id == last.c.outage_id) & (OUTAGE_AREA.c.revision == last.c.revision)
    ends: dict[str, dict[str, int | None]] = {}
    for row in connection.execute(select(OUTAGE_AREA).join(last, of_last)):
        ends.setdefault(row.outage_id, {})[row.area] = row.ended_at
    of_last = (OUTAGE_REVISION.c.outage_id == last.c.outage_id) & (OUTAGE_REVISION.c.revision == last.c.revision)
    rows = connection.execute(select(OUTAGE_REVISION).join(last, of_last).order_by(OUTAGE_REVISION.c.outage_id))
    return [_revision(row, ends.get(row.outage_id, {})) for row in rows]


def hits(revision: Revision, areas: Collection[str] | None) -> bool:
    """Whether an outage stands, and hits any of ``areas``; None: they are not known, and it may."""
    everywhere = areas is None or EVERYWHERE in revision.ends
    return revision.state == CURRENT and (everywhere or not revision.ends.keys().isdisjoint(areas or ()))


def hitting(revision: Revision, areas: Iterable[str], after: tuple[str, ...] = ()) -> Record:
    """An outage as it is for a subscriber in ``areas``: with the latest end of these. Not current where it hits none."""
    hit = [revision.ends[area] for area in (EVERYWHERE, *areas) if area in revision.ends]
    message = facts_pb2.Outage.FromString(revision.message)
    ended = [end for end in hit if end is not None]
    end = max(ended) if ended and len(ended) == len(hit) else None
    if end is not None:
        message.ended_at.seconds = end
    return Record(
        outage_id=revision.outage_id,
        revision=revision.revision,
        started_at=message.started_at.seconds,
        ended_at=end,
        message=message.SerializeToString(deterministic=True),
        current=bool(hit) and revision.state == CURRENT,
        after=after,
    )


def _entered(connection: Connection, each: Entry, said: Said) -> Revision | None:
    before = latest(connection, each.outage_id)
    if before is None:
        return _write(connection, each, 1, CURRENT, "entered", said)
    if before.state == RETIRED:
        raise BadInput(
            f"outage {each.outage_id} was retired ({before.what}) by {before.said_by}, and an id is never used again;"
            " give it the id that took its place, or a new one"
        )
    what = changes(before, each)
    return _write(connection, each, before.revision + 1, CURRENT, what, said) if what else None


def changes(before: Revision, after: Entry) -> str:
    """In words what an entry changes of what is registered; "": nothing."""
    old, new = facts_pb2.Outage.FromString(before.message), after.message
    found = ["entered again"] if before.state == WITHDRAWN else []
    lengths = [_length(old, before.ends), _length(new, after.ends)]
    if (old.started_at, before.ends) != (new.started_at, after.ends):
        if set(before.ends) != set(after.ends):
            found.append("areas")
        if lengths[0] != lengths[1]:
            found.append("grew" if lengths[0] < lengths[1] else "shrank")
        elif set(before.ends) == set(after.ends):
            found.append("times")
    was, will_be = ({field.name: value for field, value in message.ListFields()} for message in (old, new))
    found += sorted(name for name in {*was, *will_be} - {"started_at"} if was.get(name) != will_be.get(name))
    return ", ".join(found)


def _length(message: facts_pb2.Outage, ends: Mapping[str, int | None]) -> float:
    """Length where it is longest, seconds; without end where it goes on."""
    start = message.started_at.seconds
    return max((float("inf") if end is None else end - start for end in ends.values()), default=0)


def _present(connection: Connection, outage_id: str) -> Revision:
    found = latest(connection, outage_id)
    if found is None:
        raise BadInput(f"outage {outage_id} is not in the register; outages import brings it in")
    if found.state == RETIRED:
        raise BadInput(f"outage {outage_id} was retired ({found.what}) by {found.said_by}; change what took its place")
    return found


def _add(connection: Connection, before: Revision, state: str, what: str, said: Said) -> Revision:
    """It is none any more. Those for whom it was never decided have nothing to wait for, and no run looks at it for them."""
    decided = select(KEPT.c.subscriber_id).where(KEPT.c.outage_id == before.outage_id)
    for table in (WAITING, PERSON_WAITING):
        undecided = (table.c.outage_id == before.outage_id) & table.c.subscriber_id.not_in(decided)
        connection.execute(delete(table).where(undecided))
    entered = Entry(facts_pb2.Outage.FromString(before.message), before.ends)
    return _write(connection, entered, before.revision + 1, state, what, said)


def _write(connection: Connection, each: Entry, revision: int, state: str, what: str, said: Said) -> Revision:
    message = each.message.SerializeToString(deterministic=True)
    at = {"outage_id": each.outage_id, "revision": revision}
    rest = {"said_by": said.by, "reason": said.reason, "known_at": said.at}
    connection.execute(insert(OUTAGE_REVISION), {**at, "state": state, "what": what, "message": message, **rest})
    connection.execute(insert(OUTAGE_AREA), [{**at, "area": area, "ended_at": end} for area, end in sorted(each.ends.items())])
    return Revision(each.outage_id, revision, state, what, message, each.ends, said.by, said.reason, said.at)


def _revision(row: Any, ends: Mapping[str, int | None]) -> Revision:
    return Revision(row.outage_id, row.revision, row.state, row.what, row.message, ends, row.said_by, row.reason, row.known_at)
