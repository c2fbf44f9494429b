"""A version of a policy, compiled for columns: many rows decided at once, as the program for one request decides each."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from policy.calculator import codes
from policy.calculator.columns.almanac import ColumnAlmanac
from policy.calculator.columns.answers import Answers
from policy.calculator.columns.benefit import NONE, ColumnBenefit
from policy.calculator.columns.calendar import ColumnTime
from policy.calculator.columns.clock import ColumnClock, ColumnClockRun
from policy.calculator.columns.column import NoColumns
from policy.calculator.columns.counting import LONGEST_COUNTED_SECONDS
from policy.calculator.columns.frame import VIEWS_TOLD_APART, Frame
from policy.calculator.columns.keys import KEY_TEXT, ColumnKeys, KeyTexts, Runs
from policy.calculator.columns.notice import ColumnNotice
from policy.calculator.columns.questions import Ints, Mask, Questions
from policy.calculator.columns.recourse import ColumnRecourse, ColumnRecourseRun
from policy.calculator.columns.shapes import KnownShapes, Shapes
from policy.calculator.columns.spans import by_row
from policy.calculator.columns.telling import Telling, lacking
from policy.calculator.columns.unknown import somewhere
from policy.calculator.columns.values import LARGEST_FACTS, ColumnValues
from policy.calculator.columns.working import Working
from policy.calculator.decision import Decision, NoticeMessage
from policy.calculator.program import Program
from policy.calculator.request import Request
from policy.calculator.stages import Stage

RequestOf = Callable[[int], Request]
"""A row of the questions as a request."""


class ColumnProgram:
    """A version that has a column reading. ``largest_fact``: what facts may come to in it; a row that holds more is hard."""

    def __init__(self, program: Program) -> None:
        """Raises NoColumns where numbers may come to more than fits a column."""
        self._program = program
        self._keys = ColumnKeys(program.keys)
        self._known = KnownShapes()
        for self.largest_fact in LARGEST_FACTS:
            try:
                self._compile()
                break
            except NoColumns:
                if self.largest_fact == LARGEST_FACTS[-1]:
                    raise

    def _compile(self) -> None:
        program, version = self._program, self._program.version
        time = ColumnTime(program.local)
        values = ColumnValues(time, self.largest_fact)
        self._almanac = ColumnAlmanac(version, time, program.calendars, values)
        self._clocks = {each.name: ColumnClock(each, version.claims, values, self._almanac) for each in version.clocks}
        self._benefits = [ColumnBenefit(each, self._clocks, values, program.values, self._almanac) for each in version.benefits]
        self._recourse = None
        if program.recourse is not None:
            self._recourse = ColumnRecourse(program.recourse, self._clocks, values, self._almanac, version.currency_code)
        self._notice = None if version.notice is None else ColumnNotice(version.notice, program.local)
        figures = {name: values.figure_axis[name] for name in program.values.slots if name in values.figure_axis}
        self._telling = Telling(version, figures)
        self._first = self._clocks[version.clocks[0].name] if version.clocks else None
        self._first_measure = program.first_measure

    def decide(self, questions: Questions, request_of: RequestOf) -> Answers:
        """Decides every row that is not hard."""
        frame = Frame(questions)
        # Before any is cut into days: seventy years of one outage, shared by ten thousand rows, would fill the memory.
        frame.mark_hard(frame.view_end - frame.view_start > LONGEST_COUNTED_SECONDS, "view")
        work = Working(frame)
        for benefit in self._benefits:
            work.benefits.append(benefit.run(frame, lambda clock, rows: self._clock(work, clock, rows)))
        self._share(work)
        for run in work.clocks.values():
            frame.mark_hard(run.seconds > LONGEST_COUNTED_SECONDS, "row")
        frame.mark_hard(frame.view_ongoing & (frame.view_index >= VIEWS_TOLD_APART), "view")
        return self._answers(work, self._time(work), request_of)

    def _clock(self, work: Working, clock: ColumnClock, rows: Mask) -> ColumnClockRun:
        """The run of a clock. One that more rows need later is run again for all of them."""
        name, known = clock.rule.name, work.clocks.get(clock.rule.name)
        if known is None or (rows & ~known.ran).any():
            known = work.clocks[name] = clock.run(work.frame, rows if known is None else rows | known.ran)
        return known

    def _share(self, work: Working) -> None:
        reached = self._reached(work)
        if self._recourse is not None and reached.any():
            clock = self._clock(work, self._recourse.clock, reached)
            work.shares = self._recourse.shares(work.frame, clock, reached)

    @staticmethod
    def _reached(work: Working) -> Mask:
        """The rows of which amounts were reached: none that lacks a fact."""
        reached = [(run.stage == NONE) | (run.stage >= Stage.COUNT) for run in work.benefits]
        some: Mask = np.logical_or.reduce(reached)
        return some & ~work.frame.hard & ~work.frame.undecided

    def _answers(self, work: Working, time: tuple[Ints, Ints, int], request_of: RequestOf) -> Answers:
        frame = work.frame
        rows = np.flatnonzero(~frame.hard)
        shapes = self._shapes(work, rows, request_of)
        books = _books(shapes)
        quantities = {each.rule.name: run.quantity for each, run in zip(self._benefits, work.benefits, strict=True)}
        bookable = {
            each.rule.name: books & (run.stage == NONE) & ~run.claim_required
            for each, run in zip(self._benefits, work.benefits, strict=True)
        }
        ids, keys = self._all_keys(frame, rows, books, bookable)
        seconds, weighted, denominator = time
        told = {f"benefits.{name}": quantity for name, quantity in quantities.items()}
        told |= {f"clocks.{name}": run.seconds for name, run in work.clocks.items()}
        answers = Answers(
            hard=frame.hard,
            shape=shapes.of_row,
            shapes=shapes.decisions,
            decision_ids=ids,
            quantities=quantities,
            grant_keys=keys,
            clock_seconds=seconds,
            weighted=weighted,
            weighted_denominator=denominator,
            recourse=self._third_parties(work, books, quantities, bookable),
            notices=self._notices(work, books, seconds, shapes, quantities),
            as_of=frame.questions.as_of,
            told=told,
        )
        self._check(answers, shapes, frame.undecided)
        return answers

    def _shapes(self, work: Working, rows: Ints, request_of: RequestOf) -> Shapes:
        """Of ``rows``; the others are of shape -1, which is none."""
        frame = work.frame
        if not len(rows):
            return Shapes(np.full(frame.count, -1, np.int64), [], [])

        def decide(row: int) -> Decision:
            level = codes.SUMMARY if frame.questions.summary[row] else codes.NONE
            return self._program.decide(replace(request_of(row), explain=level))

        shapes = self._known.of(rows, self._telling.told(work), lacking(frame), decide)
        shape = np.full(frame.count, -1, np.int64)
        shape[rows] = shapes.of_row
        return replace(shapes, of_row=shape)

    def _all_keys(
        self, frame: Frame, rows: Ints, books: Mask, bookable: Mapping[str, Mask]
    ) -> tuple[KeyTexts, dict[str, KeyTexts]]:
        """The ids of the decisions, and the keys of the grants by benefit name."""
        runs, booking = Runs.of(frame, rows), np.flatnonzero(books)
        stems = self._keys.stems(frame, booking, runs)
        keys = {name: np.zeros(frame.count, KEY_TEXT) for name in bookable}
        for name, where in bookable.items():
            of, before = where[booking], frame.questions.before.get(name)
            granted_before = np.zeros(len(booking), np.int64) if before is None else before[booking]
            keys[name][booking[of]] = self._keys.grant_keys(stems[of], name, granted_before[of])
        ids = np.zeros(frame.count, KEY_TEXT)
        ids[rows] = self._keys.decision_ids(frame, rows, runs)
        return ids, keys

    def _third_parties(
        self, work: Working, books: Mask, quantities: Mapping[str, Ints], bookable: Mapping[str, Mask]
    ) -> ColumnRecourseRun | None:
        """What third parties owe, of the rows that book something."""
        if self._recourse is None or work.shares is None:
            return None
        return self._recourse.owed(work.frame, work.shares.of_rows(books), quantities, bookable)

    def _notices(
        self,
        work: Working,
        books: Mask,
        seconds: Ints,
        shapes: Shapes,
        quantities: Mapping[str, Ints],
    ) -> dict[int, tuple[NoticeMessage, ...]]:
        """The messages of the rows that are to give notice of what they book."""
        told = books & (work.frame.questions.mode == codes.MODES.index(codes.PROACTIVE_NOTICE))
        if self._notice is None or not told.any():
            return {}
        return self._notice.messages(work.frame, told, work.clocks, seconds, shapes.decisions, shapes.of_row, quantities)

    @staticmethod
    def _check(answers: Answers, shapes: Shapes, undecided: Mask) -> None:
        """INVARIANT: columns say of a row that was decided by itself what the reading for one request says."""
        for number, row, decision in shapes.decided:
            if answers.decision(row) != decision or (decision.outcome == codes.CANNOT_DECIDE) != undecided[row]:
                answers.hard[answers.shape == number] = True

    def _time(self, work: Working) -> tuple[Ints, Ints, int]:
        """Counted and weighted seconds of the first clock, and the denominator of the latter."""
        zero = np.zeros(work.frame.count, np.int64)
        run = None if self._first is None else work.clocks.get(self._first.rule.name)
        if self._first is None or run is None or run.spans is None:
            return zero, zero, 1
        seconds = np.where(run.refusal == NONE, run.seconds, run.merged_seconds)
        if self._first_measure is None:
            weighted = by_row(work.frame.count, run.spans.row, run.spans.level * run.spans.lengths())
            return seconds, weighted, self._first.level_denominator
        measure, time_left = self._first_measure, run.ran & (run.refusal == NONE)
        _, unknown = work.frame.apart(lambda frame, live: self._almanac.ask(frame, live, measure), time_left)
        if unknown:
            work.not_weighed = somewhere(unknown)
        scale = self._almanac.scale(measure)
        return seconds, run.measured(self._almanac, measure), self._first.level_denominator * scale


def _books(shapes: Shapes) -> Mask:
    """The rows whose decision is granted; what is quoted, refused or hard books nothing here."""
    granted = np.array([*(each.outcome == codes.GRANTED for each in shapes.decisions), False], np.bool_)
    books: Mask = granted[shapes.of_row]  # -1 is the last, which is no shape
    return books
