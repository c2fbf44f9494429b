"""A frame: rows being decided together, with their outages laid out as *views*, and the rows that turn out to be hard."""

from collections.abc import Callable
from typing import Final, Literal, TypeVar

import numpy as np

from policy.calculator.columns.questions import Given, Ints, Mask, Questions
from policy.calculator.columns.ragged import lines_of
from policy.calculator.columns.unknown import UNKNOWN, Unknown, add, is_of_outage
from policy.calculator.values import MONTH_LENGTHS

Axis = Literal["row", "view"]
Where = TypeVar("Where")
Result = TypeVar("Result")
VIEWS_TOLD_APART: Final = 60
"""The views of a row of which can be said, in one number, which of them something is about."""


class Frame:
    """Rows and views of ``questions``. ``hard`` grows while the rows are worked on.

    ``lacks``: all that is needed and not known, place by place of the policy; ``undecided``: the rows that lack any of it.
    ``view_row`` and ``view_outage``: the row of each view, and its line among the outages; a row's views stand together, in the
    order of the request. ``view_index``: its place in the request. ``days_in_month``: of the parts that are being paid.
    ``calendar``: the number of each row's calendar, once one was looked up.
    """

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self.count = questions.count
        self.hard: Mask = questions.hard.copy()
        self.view_row: Ints
        self.view_outage: Ints
        lengths = questions.last_outage - questions.first_outage
        self.view_row, self.view_outage = lines_of(questions.first_outage, lengths)
        self.view_index: Ints = questions.outages.place[self.view_outage]
        outages, ongoing = questions.outages, ~questions.outages.ended_at.given[self.view_outage]
        self.view_ongoing: Mask = ongoing
        self.view_start: Ints = outages.started_at[self.view_outage]
        self.view_end: Ints = np.where(ongoing, questions.as_of[self.view_row], outages.ended_at.numbers[self.view_outage])
        self.read_live: dict[str, Mask] = {}
        self.days_in_month = MONTH_LENGTHS.start
        self.calendar: Ints | None = None
        self.lacks: list[Unknown] = []
        self.undecided: Mask = np.zeros(self.count, np.bool_)
        self._unknown: Unknown = {}

    def size(self, axis: Axis) -> int:
        """How many there are."""
        return self.count if axis == "row" else len(self.view_row)

    def fact(self, name: str, axis: Axis) -> Given:
        """A fact that the questions hold."""
        if axis == "row":
            if name == "as_of":
                return Given(self.questions.as_of, np.ones(self.count, np.bool_))
            return self.questions.facts[name]
        given = self.questions.outages.ended_at if name == "ended_at" else self.questions.outages.facts[name]
        return Given(given.numbers[self.view_outage], given.given[self.view_outage])

    def mark_hard(self, where: Mask, axis: Axis) -> None:
        """These rows, or the rows of these views, are to be decided alone."""
        if where.any():
            if axis == "row":
                self.hard |= where
            else:
                self.hard[self.view_row[where]] = True

    def note(self, unknown: Unknown) -> None:
        """What was read and is not known; whoever reads this part :meth:`apart` is told of it."""
        add(self._unknown, {field: clause for field, clause in unknown.items() if clause.any()})

    def apart(self, read: Callable[["Frame", Where], Result], where: Where) -> tuple[Result, Unknown]:
        """Reads a part by itself: (what it says, what it does not know). Where that is, what it says means nothing."""
        around, self._unknown = self._unknown, {}
        result = read(self, where)
        unknown, self._unknown = self._unknown, around
        return result, unknown

    def needed(self, read: Callable[["Frame", Mask], Result], rows: Mask, stage: Ints) -> tuple[Result, Mask]:
        """Reads what ``rows`` need, come what may: (what it says, the rows of which it is known). The others are UNKNOWN."""
        result, unknown = self.apart(read, rows)
        if not unknown:
            return result, rows
        lacking = self.lack(unknown)
        stage[lacking] = UNKNOWN
        return result, rows & ~lacking

    def lack(self, unknown: Unknown, row: Ints | None = None, view: Ints | None = None) -> Mask:
        """The rows that need what is unknown: they cannot be decided.

        What is told by view or by span comes with the ``row`` and the ``view`` of each. A fact of the row is then told by row,
        one of an outage by view, as the last says.
        """
        if row is not None:
            view = np.arange(len(row)) if view is None else view
            unknown = {
                field: _last(clause, view, self.size("view")) if is_of_outage(field) else _last(clause, row, self.count)
                for field, clause in unknown.items()
            }
        lacking = np.zeros(self.count, np.bool_)
        for field, clause in unknown.items():
            if is_of_outage(field):
                lacking |= self.any_view(clause != 0)
                self.mark_hard((clause != 0) & (self.view_index >= VIEWS_TOLD_APART), "view")
            else:
                lacking |= clause != 0
        self.lacks.append(unknown)
        self.undecided |= lacking
        return lacking

    def bits(self, views: Mask) -> Ints:
        """Which of its views, for each row: bit n for the n-th. A row with more than can be told apart is hard by then."""
        bits = np.zeros(self.count, np.int64)
        of = np.flatnonzero(views & (self.view_index < VIEWS_TOLD_APART))
        np.bitwise_or.at(bits, self.view_row[of], 1 << self.view_index[of])
        return bits

    def id_rank(self) -> Ints:
        """For each view, the place of its outage's id among all, compared as text; 0 where no row has several."""
        if (self.questions.last_outage - self.questions.first_outage <= 1).all():
            return self.view_index
        ids = self.questions.outages.ids
        rank = np.empty(len(ids), np.int64)
        rank[sorted(range(len(ids)), key=lambda outage: ids[outage])] = np.arange(len(ids))
        return rank[self.view_outage]

    def any_view(self, where: Mask) -> Mask:
        """The rows of which some view is in ``where``."""
        rows = np.zeros(self.count, np.bool_)
        rows[self.view_row[where]] = True
        return rows


def _last(clause: Ints, owner: Ints, count: int) -> Ints:
    """For each of ``count`` owners the last clause that is not 0."""
    told = np.zeros(count, np.int64)
    said = np.flatnonzero(clause)
    told[owner[said]] = clause[said]  # the last to be written stays
    return told
