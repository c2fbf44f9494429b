"""A frame: rows being decided together, with their outages laid out as *views*, and the rows that turn out to be hard."""

from typing import Literal

import numpy as np

from policy.calculator.columns.questions import Given, Ints, Mask, Questions

Axis = Literal["row", "view"]


class Frame:
    """Rows and views of ``questions``. ``hard`` grows while the rows are worked on.

    ``view_row`` and ``view_outage``: the row of each view, and its line among the outages; a row's views stand together, in the
    order of the request.
    """

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self.count = questions.count
        self.hard: Mask = questions.hard.copy()
        lengths = questions.last_outage - questions.first_outage
        self.first_view: Ints = np.cumsum(lengths) - lengths
        self.view_row: Ints = np.repeat(np.arange(self.count), lengths)
        within = np.arange(len(self.view_row)) - self.first_view[self.view_row]
        self.view_outage: Ints = questions.first_outage[self.view_row] + within
        self.view_index: Ints = within
        outages, ongoing = questions.outages, ~questions.outages.ended_at.given[self.view_outage]
        self.view_ongoing: Mask = ongoing
        self.view_start: Ints = outages.started_at[self.view_outage]
        self.view_end: Ints = np.where(ongoing, questions.as_of[self.view_row], outages.ended_at.numbers[self.view_outage])
        self.read_live: dict[str, Mask] = {}

    def size(self, axis: Axis) -> int:
        """How many there are."""
        return self.count if axis == "row" else len(self.view_row)

    def fact(self, name: str, axis: Axis) -> Given:
        """A fact that the questions hold."""
        if axis == "row":
            return self.questions.facts[name]
        given = self.questions.outages.facts[name]
        return Given(given.numbers[self.view_outage], given.given[self.view_outage])

    def mark_hard(self, where: Mask, axis: Axis) -> None:
        """These rows, or the rows of these views, are to be decided alone."""
        if where.any():
            if axis == "row":
                self.hard |= where
            else:
                self.hard[self.view_row[where]] = True

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
