"""The runs of an account, as its database keeps them: what each reads, how far it is, what was proposed, who approved it.

How far a run is stands in the same transaction as what it booked until there, so that a kill at any instant loses nothing.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from clients import alike
from clients.account import amounts
from clients.account.amounts import Amount
from clients.account.tables import RUN, THRESHOLD
from clients.alike import Alike
from clients.errors import BadInput
from clients.tables.rows import Position

BEGUN: Final = "begun"
WAITS: Final = "waits"
"""For a second person's word."""
APPROVED: Final = "approved"
FINISHED: Final = "finished"
DROPPED: Final = "dropped"
"""Another was begun anew in its place."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a run met: ``total`` rows, how many by what became of them, and their errors. ``booked``: until its position."""

    rows: Mapping[str, int] = field(default_factory=dict)
    errors: Alike = alike.NONE
    booked: amounts.Amounts = field(default_factory=dict)
    total: int = 0

    def plus(self, other: "Counted") -> "Counted":
        """These and those of later rows."""
        rows = dict(Counter(self.rows) + Counter(other.rows))
        return Counted(
            rows, self.errors.plus(other.errors), amounts.summed((self.booked, other.booked)), self.total + other.total
        )

    def text(self) -> str:
        """For the database."""
        document = {
            "rows": self.rows,
            "errors": self.errors.document(),
            "booked": amounts.document(self.booked),
            "total": self.total,
        }
        return json.dumps(document, ensure_ascii=False, sort_keys=True)

    @staticmethod
    def from_text(text: str) -> "Counted":
        """What :meth:`text` wrote."""
        document = json.loads(text)
        booked = amounts.from_document(document["booked"])
        return Counted(document["rows"], alike.from_document(document["errors"]), booked, document["total"])


@dataclass(frozen=True, slots=True)
class Question:
    """What a run reads and how: the same question goes on with a run that was stopped."""

    what: Mapping[str, Any]

    @property
    def text(self) -> str:
        """For a person."""
        return json.dumps(self.what, ensure_ascii=False, sort_keys=True)

    @property
    def sha256(self) -> str:
        """By which it is found again."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Run:
    """One run. ``policies``: SHA-256 of each version that may decide in it. ``proposed`` None: not worked out before.

    ``engine``: that decides in it; "": nothing was decided yet.
    """

    run_id: int
    what: Mapping[str, Any]
    policies: tuple[str, ...]
    as_of: int
    state: str
    position: Position
    counted: Counted
    proposed: amounts.Amounts | None
    by: str
    reason: str
    begun_at: int
    approved_by: str = ""
    approved_because: str = ""
    engine: str = ""


def unfinished(connection: Connection, question: Question) -> Run | None:
    """The run of a question that was begun and not finished."""
    states = (BEGUN, WAITS, APPROVED)
    of_question = (RUN.c.question_sha256 == question.sha256) & RUN.c.state.in_(states)
    row = connection.execute(select(RUN).where(of_question).order_by(RUN.c.run_id.desc())).first()
    return None if row is None else _run(row)


def found(connection: Connection, run_id: int) -> Run:
    """A run by its number. Raises BadInput."""
    row = connection.execute(select(RUN).where(RUN.c.run_id == run_id)).one_or_none()
    if row is None:
        raise BadInput(f"there is no run {run_id} in this account; runs lists those that there are")
    return _run(row)


def everything(connection: Connection) -> list[Run]:
    """All runs, the latest first."""
    return [_run(row) for row in connection.execute(select(RUN).order_by(RUN.c.run_id.desc()))]


def begin(connection: Connection, question: Question, run: Run) -> Run:
    """A new run, which takes the place of one of the same question that was not finished. ``run.run_id`` is not looked at."""
    of_question = (RUN.c.question_sha256 == question.sha256) & (RUN.c.state != FINISHED)
    connection.execute(update(RUN).where(of_question).values(state=DROPPED))
    run = replace(run, run_id=(connection.execute(select(func.max(RUN.c.run_id))).scalar_one() or 0) + 1)
    row = {
        "run_id": run.run_id,
        "question_sha256": question.sha256,
        "what": question.text,
        "policies": json.dumps(run.policies),
        "engine_version": "",
        "as_of": run.as_of,
        "state": run.state,
        "line": run.position.line,
        "offset": run.position.offset,
        "counted": run.counted.text(),
        "proposed": "",
        "said_by": run.by,
        "reason": run.reason,
        "begun_at": run.begun_at,
        "approved_by": "",
        "approved_because": "",
    }
    connection.execute(insert(RUN), row)
    return run


def advance(connection: Connection, before: Run, after: Run) -> None:
    """Note how far a run is. Raises BadInput where it is no longer where this program left it: another goes on with it."""
    where = (RUN.c.run_id == before.run_id) & (RUN.c.offset == before.position.offset) & (RUN.c.state == before.state)
    where &= RUN.c.counted == before.counted.text()
    values = {
        "state": after.state,
        "engine_version": after.engine,
        "line": after.position.line,
        "offset": after.position.offset,
        "counted": after.counted.text(),
        "proposed": "" if after.proposed is None else json.dumps(amounts.document(after.proposed)),
        "approved_by": after.approved_by,
        "approved_because": after.approved_because,
    }
    if connection.execute(update(RUN).where(where).values(values)).rowcount != 1:
        raise BadInput(
            f"run {before.run_id} is gone on with by another program, or was begun anew",
            ["  nothing is booked twice; wait for that one, or run the same command again when it has ended"],
        )


def thresholds(connection: Connection) -> dict[str, int]:
    """The thresholds that hold, by benefit and by recourse.CURRENCY."""
    last = {row.benefit: row.quantity for row in connection.execute(select(THRESHOLD).order_by(THRESHOLD.c.number))}
    return {name: quantity for name, quantity in last.items() if quantity is not None}


def set_threshold(connection: Connection, name: str, quantity: int | None, by: str, reason: str, at: int) -> None:
    """From now on; ``quantity`` None: none holds any more."""
    number = (connection.execute(select(func.max(THRESHOLD.c.number))).scalar_one() or 0) + 1
    row = {"number": number, "benefit": name, "quantity": quantity, "said_by": by, "reason": reason, "said_at": at}
    connection.execute(insert(THRESHOLD), row)


def largest_allowed(run: Run, held: Mapping[str, int]) -> dict[str, int]:
    """What may be booked of each name that a threshold holds of: as much as it says, or as was approved."""
    approved = amounts.by_threshold(run.proposed or {}) if run.state == APPROVED else {}
    return {name: max(most, *approved.get(name, Amount())[:2]) for name, most in held.items()}


def _run(row: Any) -> Run:
    return Run(
        row.run_id,
        json.loads(row.what),
        tuple(json.loads(row.policies)),
        row.as_of,
        row.state,
        Position(row.line, row.offset),
        Counted.from_text(row.counted),
        amounts.from_document(json.loads(row.proposed)) if row.proposed else None,
        row.said_by,
        row.reason,
        row.begun_at,
        row.approved_by,
        row.approved_because,
        row.engine_version,
    )
