"""A clock over columns: the outages that count, narrowed word by word to the time that is paid for."""

from collections.abc import Callable

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.almanac import ColumnAlmanac
from policy.calculator.columns.column import fits, on
from policy.calculator.columns.conditions import condition
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.intervals import Pauses, pauses_of, without
from policy.calculator.columns.only import ColumnOnly
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.spans import LONGEST_SECONDS, Spans, by_row, laid
from policy.calculator.columns.unknown import UNKNOWN, Unknown, add, at, kept, somewhere
from policy.calculator.columns.values import ColumnValues
from policy.calculator.columns.working_days import MOST_DAYS
from policy.calculator.stages import Stage


class ColumnClockRun:
    """What a clock came to for each row that needs it (``ran``).

    ``refusal``: the stage at which nothing was left, -1 where time is left, UNKNOWN where a fact is missing. ``zero``: of a row
    refused at LIABLE, which factor of the first outage is 0. ``counted``, ``liable``: by view. ``merged_seconds``: before
    ``only``, 0 where that was not reached. ``unpublished``: what touches a year whose working days are not published, as bits:
    1 the days that were walked over for ``starts``, 2 the time before ``only``, 4 the time that is left.
    """

    def __init__(self, name: str, frame: Frame, ran: Mask) -> None:
        self.name, self.frame, self.ran = name, frame, ran
        self.refusal: Ints = np.full(frame.count, -1, np.int64)
        self.zero: Ints = np.zeros(frame.count, np.int64)
        self.counted: Mask = np.zeros(frame.size("view"), np.bool_)
        self.liable: Mask = self.counted
        self.merged_seconds: Ints = np.zeros(frame.count, np.int64)
        self.seconds: Ints = self.merged_seconds
        self.spans: Spans | None = None
        self.unpublished: Ints = np.zeros(frame.count, np.int64)
        self._measured: dict[str, Ints] = {}

    def measured(self, almanac: ColumnAlmanac, measure: rules.Measure) -> Ints:
        """All the time that is left of each row, by ``measure`` and by level."""
        total = self._measured.get(measure.name)
        if total is None:
            assert self.spans is not None
            weighed = almanac.weighed(self.frame, measure, self.spans)
            total = self._measured[measure.name] = by_row(self.frame.count, self.spans.row, weighed)
        return total


class ColumnClock:
    """A compiled clock. ``level_denominator`` as in the reading for one request; levels go up to ``level_bound``."""

    def __init__(self, rule: rules.Clock, claims: rules.Claims | None, values: ColumnValues, almanac: ColumnAlmanac) -> None:
        self.rule = rule
        self._claims, self._almanac = claims, almanac
        self._claims_end = (
            None if claims is None or claims.before is None else almanac.time.local.starts_at(claims.before.toordinal())
        )
        self._services = None
        if rule.services is not None:
            self._services = values.column(rule.services).read
            self._values = values
        self._where = None if rule.where is None else condition(rule.where, values, "view")
        factors = [values.column(value) for value in rule.liable]
        self._factors = [on("view", factor, factor.read) for factor in factors]
        self.level_denominator, self.level_bound = 1, 1
        for factor in factors:
            self.level_denominator *= factor.denominator
            self.level_bound *= factor.bound
        fits(self.level_bound * LONGEST_SECONDS)
        after = None if rule.starts is None else values.column(rule.starts.after)
        self._start_after = None if after is None else on("view", after, after.read)
        self._only = None
        if rule.only:
            self._only = ColumnOnly(rule.only, values, almanac, self.level_denominator, self.level_bound)

    def run(self, frame: Frame, needed: Mask) -> ColumnClockRun:
        """Narrows the outages of the rows that need it."""
        run = ColumnClockRun(self.rule.name, frame, needed)
        views, rows = self._counted(frame, run)
        run.counted = views
        views, start, end = self._meet_claim(frame, views)
        rows = self._left(run, rows, frame.any_view(views), Stage.MATCH)
        late = rows & self._too_late(frame, views)
        _refuse(run, late, Stage.WITHIN)
        rows = rows & ~late
        views = views & rows[frame.view_row]
        if self._where is not None:
            found, unknown = frame.apart(self._where, views)
            rows = self._known(run, rows, unknown)
            views = views & found & ~somewhere(unknown) if unknown else views & found
            rows = self._left(run, rows, frame.any_view(views), Stage.WHERE)
        level, unknown = self._levels(frame, views, run)
        rows = self._known(run, rows, unknown)
        run.liable = views = views & (level != 0) & ~somewhere(unknown) if unknown else views & (level != 0)
        rows = self._left(run, rows, frame.any_view(views), Stage.LIABLE)
        (view, start, end), unknown = frame.apart(lambda frame, live: self._open(frame, live, start, end, run), views)
        rows = self._known(run, rows, unknown)
        if self._start_after is not None or self.rule.minus:
            left = np.zeros(frame.count, np.bool_)
            left[frame.view_row[view]] = True
            rows = self._left(run, rows, left, Stage.STARTS)
        if frame.lacks:
            view, start, end = (column[rows[frame.view_row[view]]] for column in (view, start, end))
        spans = laid(frame.view_row[view], start, end, view, level[view], frame.view_start[view], frame.id_rank()[view])
        run.merged_seconds = by_row(frame.count, spans.row, spans.lengths())
        run.spans, run.seconds = spans, run.merged_seconds
        self._note_unpublished(run, spans, 2)
        if self._only is not None:
            run.spans, rows = self._only.keep(frame, spans, rows, run.refusal)
            run.seconds = by_row(frame.count, run.spans.row, run.spans.lengths())
            self._left(run, rows, run.seconds > 0, Stage.ONLY)
        self._note_unpublished(run, run.spans, 4)
        if frame.lacks:
            run.liable = run.liable & (run.refusal != UNKNOWN)[frame.view_row]
        return run

    @staticmethod
    def _known(run: ColumnClockRun, rows: Mask, unknown: Unknown) -> Mask:
        """The rows that a word can be decided for. What the next words do not know of the others is missing as well."""
        if not unknown:
            return rows
        lacking = run.frame.lack(unknown, run.frame.view_row)
        run.refusal[lacking] = UNKNOWN
        return rows & ~lacking

    @staticmethod
    def _left(run: ColumnClockRun, rows: Mask, left: Mask, stage: Stage) -> Mask:
        """The rows of which something is left; the others are refused at ``stage``."""
        _refuse(run, rows & ~left, stage)
        return rows & left

    def _counted(self, frame: Frame, run: ColumnClockRun) -> tuple[Mask, Mask]:
        """An outage that names no service names all; else it has to name a covered one. And the rows that any counts of."""
        views = run.ran[frame.view_row]
        if self._services is None:
            return views, run.ran
        covered, rows = frame.needed(self._services, run.ran, run.refusal)
        named = frame.questions.outages.services[frame.view_outage]
        services = self._values.services_of[covered][frame.view_row]
        hit = rows[frame.view_row] & ((named == 0) | (named & services != 0))
        return hit, self._left(run, rows, frame.any_view(hit) | ~frame.any_view(views), Stage.SERVICES)

    def _meet_claim(self, frame: Frame, views: Mask) -> tuple[Mask, Ints, Ints]:
        """The views with their time, cut to the claimed interval and the margin on each side."""
        start, end = frame.view_start, frame.view_end
        claims, rule = frame.questions.claims, self._claims
        if claims is None or rule is None or rule.widen_seconds is None:
            return views, start, end
        given = claims.given[frame.view_row]
        first = (claims.started_at - rule.widen_seconds)[frame.view_row]
        last = (claims.ended_at + rule.widen_seconds)[frame.view_row]
        start = np.where(given, np.maximum(start, first), start)
        end = np.where(given, np.minimum(end, last), end)
        return views & (start < end), start, end

    def _too_late(self, frame: Frame, met: Mask) -> Mask:
        """Later than a fixed date, or than the deadline after the latest recorded end; an outage that goes on has none yet."""
        claims, rule = frame.questions.claims, self._claims
        if claims is None or rule is None:
            return np.zeros(frame.count, np.bool_)
        late = np.zeros(frame.count, np.bool_)
        if self._claims_end is not None:
            late |= claims.claimed_at >= self._claims_end
        if rule.within_seconds is not None:
            latest = np.zeros(frame.count, np.int64)
            np.maximum.at(latest, frame.view_row[met], frame.view_end[met])
            ongoing = frame.any_view(met & frame.view_ongoing)
            late |= ~ongoing & (claims.claimed_at > latest + rule.within_seconds)
        return late & claims.given

    def _levels(self, frame: Frame, views: Mask, run: ColumnClockRun) -> tuple[Ints, Unknown]:
        """The product of the factors that are known, and where another one is not; 0 drops an outage, whatever they are.

        And, in ``run``, for each row, which factor of its first view is 0.
        """
        missed = Unknown()
        level = np.ones(len(views), np.int64)
        zero = np.zeros(len(views), np.int64)
        for number, factor in enumerate(self._factors):
            found, unknown = frame.apart(factor, views)
            read = np.where(views & ~somewhere(unknown) if unknown else views, found, 1)
            add(missed, unknown)
            zero = np.where((zero == 0) & (read == 0), number + 1, zero)
            level = level * read
        first = np.flatnonzero(views)[::-1]
        run.zero[frame.view_row[first]] = zero[first]  # the last to be written is the first view of the row
        missed = {field: clause for field, clause in kept(missed, level != 0).items() if clause.any()}
        return level, missed

    def _open(self, frame: Frame, live: Mask, start: Ints, end: Ints, run: ColumnClockRun) -> tuple[Ints, Ints, Ints]:
        """(view, start, end): the time of each view from where counting starts, less the pauses."""
        pauses = pauses_of(frame, self.rule.minus, live) if self.rule.minus else None
        if self._start_after is not None:
            start = np.maximum(start, self._counts_from(frame, self._start_after(frame, live), live, pauses, run))
            live = live & (start < end)
        of = np.flatnonzero(live & ~frame.hard[frame.view_row])
        return (of, start[of], end[of]) if pauses is None else without(of, start[of], end[of], pauses)

    def _counts_from(self, frame: Frame, after: Ints, live: Mask, pauses: Pauses | None, run: ColumnClockRun) -> Ints:
        """The earliest instant of each view that counts."""
        starts, time = self.rule.starts, self._almanac.time
        assert starts is not None
        if starts.unit == "seconds":
            return after + min(starts.amount, LONGEST_SECONDS)
        days = time.day_of(np.where(live, after, 0))
        if starts.unit == "local days":
            return time.starts_at(days + min(starts.amount, MOST_DAYS) + 1)
        _, unknown = frame.apart(self._almanac.ask, frame.any_view(live))
        frame.note(kept(at(unknown, frame.view_row), live))
        of, paused = np.flatnonzero(live), None
        rows = frame.view_row[of]
        if pauses is not None:
            paused = np.searchsorted(of, pauses.view), time.day_of(pauses.start), time.day_of(pauses.end - 1)
        ends = self._almanac.end_of_nth_working_day(frame, rows, days[of], min(starts.amount, MOST_DAYS), paused)
        lacking = self._almanac.lacks_a_year(frame, rows, time.starts_at(days[of] + 1), ends)
        run.unpublished[rows[lacking]] |= 1
        counts_from = np.zeros(len(live), np.int64)
        counts_from[of] = ends
        return counts_from

    def _note_unpublished(self, run: ColumnClockRun, spans: Spans, bit: int) -> None:
        run.unpublished[spans.row[self._almanac.lacks_a_year(run.frame, spans.row, spans.start, spans.end)]] |= bit


def _refuse(run: ColumnClockRun, rows: Mask, stage: Stage) -> None:
    run.refusal[rows] = stage


Runs = Callable[[ColumnClock, Mask], ColumnClockRun]
"""Gives the run of a clock for the rows that need it."""
