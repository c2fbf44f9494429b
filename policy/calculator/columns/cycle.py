"""The billing cycle over columns: which cycle time lies in, and shares by its days or by those of a month."""

import numpy as np

from policy.calculator.columns.calendar import ColumnTime
from policy.calculator.columns.column import Column, fits
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.spans import Spans
from policy.calculator.columns.unknown import UNCLAIMED
from policy.calculator.cycle import BILLING_CYCLE
from policy.calculator.values import DAYS_IN_MONTH_DENOMINATOR, MONTH_LENGTHS


def note_cycle(frame: Frame, live: Mask) -> None:
    """Notes where the cycle is needed and was not given."""
    frame.note({BILLING_CYCLE.field: (live & ~frame.questions.cycles.given) * np.int64(UNCLAIMED)})


def split_at_cycles(frame: Frame, spans: Spans) -> Spans:
    """Spans cut so that each lies in the cycle of its row, before it or after it. One that was not given cuts nothing."""
    cycles = frame.questions.cycles
    for edges in (cycles.started_at, cycles.ended_at):
        edge = edges[spans.row]
        crossed = (spans.start < edge) & (edge < spans.end)
        if crossed.any():
            of = np.repeat(np.arange(len(spans)), 1 + crossed)
            later = np.zeros(len(of), np.bool_)
            later[1:] = of[1:] == of[:-1]
            start = np.where(later, edge[of], spans.start[of])
            end = np.where(crossed[of] & ~later, edge[of], spans.end[of])
            spans = spans.pieces(of, start, end)
    return spans


def number_of_cycles(frame: Frame, spans: Spans) -> Ints:
    """0 before the cycle, 1 in it, 2 after it."""
    cycles = frame.questions.cycles
    started, ended = (spans.start >= edges[spans.row] for edges in (cycles.started_at, cycles.ended_at))
    return started.astype(np.int64) + ended


def cycle_share(numerator: int, of: Column, time: ColumnTime) -> Column:
    """``1/days_in_cycle of fee``."""
    read, axis, scale = of.read, of.axis, numerator * DAYS_IN_MONTH_DENOMINATOR

    def shared(frame: Frame, live: Mask) -> Ints:
        cycles = frame.questions.cycles
        days = time.day_of(cycles.ended_at) - time.day_of(cycles.started_at)
        days = np.clip(days, MONTH_LENGTHS.start, MONTH_LENGTHS.stop - 1)  # INVARIANT: a row with any other number is hard
        given = cycles.given
        if axis == "view":
            days, given = days[frame.view_row], given[frame.view_row]
        frame.note({BILLING_CYCLE.field: (live & ~given) * np.int64(UNCLAIMED)})
        shares: Ints = scale // days
        return shares * read(frame, live)

    bound = fits(of.bound * (scale // MONTH_LENGTHS.start))
    return Column(shared, axis, of.denominator * DAYS_IN_MONTH_DENOMINATOR, bound)


def month_share(numerator: int, of: Column) -> Column:
    """``1/days_in_month of fee``, of the month whose length the frame holds."""
    read, scale = of.read, numerator * DAYS_IN_MONTH_DENOMINATOR
    bound = fits(of.bound * (scale // MONTH_LENGTHS.start))
    denominator = of.denominator * DAYS_IN_MONTH_DENOMINATOR
    return Column(lambda frame, live: scale // frame.days_in_month * read(frame, live), of.axis, denominator, bound)
