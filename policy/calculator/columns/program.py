"""A version of a policy, compiled for columns: many rows decided at once, as the program for one request decides each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from policy.calculator import codes, rules
from policy.calculator.columns.almanac import ColumnAlmanac
from policy.calculator.columns.answers import Answers
from policy.calculator.columns.benefit import NONE, ColumnBenefit, ColumnBenefitRun
from policy.calculator.columns.clock import ColumnClock, ColumnClockRun
from policy.calculator.columns.counting import LONGEST_SECONDS
from policy.calculator.columns.frame import VIEWS_TOLD_APART, Frame
from policy.calculator.columns.keys import KEY_TEXT, ColumnKeys, KeyTexts, Runs
from policy.calculator.columns.notice import ColumnNotice
from policy.calculator.columns.questions import Ints, Mask, Questions
from policy.calculator.columns.recourse import ColumnRecourse, ColumnRecourseRun, ColumnShares
from policy.calculator.columns.shapes import told_apart
from policy.calculator.columns.spans import by_row, laid
from policy.calculator.columns.unknown import is_of_outage
from policy.calculator.columns.values import ColumnValues
from policy.calculator.decision import Decision, NoticeMessage
from policy.calculator.program import Program
from policy.calculator.request import Request
from policy.calculator.stages import Stage

RequestOf = Callable[[int], Request]
"""A row of the questions as a request."""


@dataclass(slots=True)
class _Working:
    """Rows under way."""

    frame: Frame
    clocks: dict[str, ColumnClockRun] = field(default_factory=dict)
    benefits: list[ColumnBenefitRun] = field(default_factory=list)
    shares: ColumnShares | None = None
    has_shares: Mask | None = None


class ColumnProgram:
    """A version that has a column reading."""

    def __init__(self, program: Program) -> None:
        """Raises NoColumns, naming the word that has no column reading."""
        self._program, version = program, program.version
        self._almanac = ColumnAlmanac(version, program.local, program.calendars)
        values = ColumnValues()
        self._clocks = {each.name: ColumnClock(each, version.claims, values, self._almanac) for each in version.clocks}
        self._benefits = [ColumnBenefit(each, self._clocks, values, program.values, self._almanac) for each in version.benefits]
        self._recourse = None
        if program.recourse is not None:
            self._recourse = ColumnRecourse(program.recourse, self._clocks, values, self._almanac, version.currency_code)
        self._keys = ColumnKeys(program.keys, tuple(program.reads.values()))
        self._notice = None if version.notice is None else ColumnNotice(version.notice, program.local)
        self._axis = values.figure_axis
        self._figures = [figure.name for figure in version.figures if figure.name in program.values.slots]
        self._first = self._clocks[version.clocks[0].name] if version.clocks else None
        self._first_measure = program.first_measure

    def decide(self, questions: Questions, request_of: RequestOf) -> Answers:
        """Decides every row that is not hard."""
        frame = Frame(questions)
        work = _Working(frame)
        for benefit in self._benefits:
            work.benefits.append(benefit.run(frame, lambda clock, rows: self._clock(work, clock, rows)))
        self._share(work)
        for run in work.clocks.values():
            frame.mark_hard(run.seconds > LONGEST_SECONDS, "row")
        frame.mark_hard(frame.view_ongoing & (frame.view_index >= VIEWS_TOLD_APART), "view")
        return self._answers(work, request_of)

    def _clock(self, work: _Working, clock: ColumnClock, rows: Mask) -> ColumnClockRun:
        """The run of a clock. One that more rows need later is run again for all of them."""
        name, known = clock.rule.name, work.clocks.get(clock.rule.name)
        if known is None or (rows & ~known.ran).any():
            known = work.clocks[name] = clock.run(work.frame, rows if known is None else rows | known.ran)
        return known

    def _share(self, work: _Working) -> None:
        reached = self._reached(work)
        work.has_shares = np.zeros(work.frame.count, np.bool_)
        if self._recourse is not None and reached.any():
            clock = self._clock(work, self._recourse.clock, reached)
            work.has_shares = reached & (clock.seconds > 0)
            work.shares = self._recourse.shares(work.frame, clock, work.has_shares)

    @staticmethod
    def _reached(work: _Working) -> Mask:
        """The rows of which amounts were reached: none that lacks a fact."""
        reached = [(run.stage == NONE) | (run.stage >= Stage.COUNT) for run in work.benefits]
        some: Mask = np.logical_or.reduce(reached)
        return some & ~work.frame.hard & ~work.frame.undecided

    def _answers(self, work: _Working, request_of: RequestOf) -> Answers:
        frame = work.frame
        rows = np.flatnonzero(~frame.hard)
        shape, shapes, representatives = self._shapes(work, rows, request_of)
        books = _books(shape, shapes)
        quantities = {each.rule.name: run.quantity for each, run in zip(self._benefits, work.benefits, strict=True)}
        bookable = {
            each.rule.name: books & (run.stage == NONE) & ~run.claim_required
            for each, run in zip(self._benefits, work.benefits, strict=True)
        }
        ids, keys = self._all_keys(frame, rows, books, bookable)
        seconds, weighted, denominator = self._time(work)
        told = {f"benefits.{name}": quantity for name, quantity in quantities.items()}
        told |= {f"clocks.{name}": run.seconds for name, run in work.clocks.items()}
        answers = Answers(
            hard=frame.hard,
            shape=shape,
            shapes=shapes,
            decision_ids=ids,
            quantities=quantities,
            grant_keys=keys,
            clock_seconds=seconds,
            weighted=weighted,
            weighted_denominator=denominator,
            recourse=self._third_parties(work, books, quantities, bookable),
            notices=self._notices(work, books, seconds, shapes, shape, quantities),
            as_of=frame.questions.as_of,
            told=told,
        )
        self._check(answers, representatives, frame.undecided)
        return answers

    def _shapes(self, work: _Working, rows: Ints, request_of: RequestOf) -> tuple[Ints, list[Decision], Ints]:
        """(the shape of each row, -1 where it is hard; the decision of each shape; the row that stands for it)."""
        shape = np.full(work.frame.count, -1, np.int64)
        if not len(rows):
            return shape, [], rows
        first, shape[rows] = told_apart([column[rows] for column in self._tell(work)], len(rows))
        representatives = rows[first]
        levels = np.where(work.frame.questions.summary, codes.SUMMARY, codes.NONE)
        shapes = [self._program.decide(replace(request_of(row), explain=str(levels[row]))) for row in representatives.tolist()]
        return shape, shapes, representatives

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
        self, work: _Working, books: Mask, quantities: Mapping[str, Ints], bookable: Mapping[str, Mask]
    ) -> ColumnRecourseRun | None:
        """What third parties owe, of the rows that book something."""
        if self._recourse is None or work.shares is None:
            return None
        return self._recourse.owed(work.frame, work.shares.of_rows(books), quantities, bookable)

    def _notices(
        self,
        work: _Working,
        books: Mask,
        seconds: Ints,
        shapes: list[Decision],
        shape: Ints,
        quantities: Mapping[str, Ints],
    ) -> dict[int, tuple[NoticeMessage, ...]]:
        """The messages of the rows that are to give notice of what they book."""
        told = books & (work.frame.questions.mode == codes.MODES.index(codes.PROACTIVE_NOTICE))
        if self._notice is None or not told.any():
            return {}
        return self._notice.messages(work.frame, told, work.clocks, seconds, shapes, shape, quantities)

    @staticmethod
    def _check(answers: Answers, representatives: Ints, undecided: Mask) -> None:
        """INVARIANT: columns say of the row that stands for a shape what the reading for one request says."""
        for row, decided in zip(representatives.tolist(), answers.shapes, strict=True):
            if answers.decision(row) != decided or (decided.outcome == codes.CANNOT_DECIDE) != undecided[row]:
                answers.hard[answers.shape == answers.shape[row]] = True

    def _tell(self, work: _Working) -> list[Ints]:
        """All that outcome, reasons, warnings and grants hang on, but for the numbers."""
        frame, questions = work.frame, work.frame.questions
        columns: list[Ints] = [questions.mode, questions.cycle_known.astype(np.int64), questions.summary.astype(np.int64)]
        if questions.claims is not None:
            columns.append(questions.claims.given.astype(np.int64))
        liable = np.zeros(frame.size("view"), np.bool_)
        for run in work.clocks.values():
            columns += [run.ran.astype(np.int64), run.refusal, np.where(run.refusal == Stage.LIABLE, run.zero, 0)]
            columns.append(frame.bits(run.counted & frame.view_ongoing))
            liable = liable | run.liable
            if questions.claims is not None:
                columns.append(self._exceeds(frame, run).astype(np.int64))
        columns.append(frame.any_view(liable & frame.view_ongoing).astype(np.int64))
        for benefit, worked in zip(self._benefits, work.benefits, strict=True):
            columns += [worked.stage, worked.capped.astype(np.int64), worked.claim_required.astype(np.int64)]
            columns += [worked.reached_cycle.astype(np.int64), *worked.components]
            columns += self._unpublished(work, benefit)
        assert work.has_shares is not None
        columns.append(work.has_shares.astype(np.int64))
        if work.shares is not None:
            columns.append(work.shares.unnamed(frame.count).astype(np.int64))
        if self._program.version.unsettled:
            for name in self._figures:
                live = frame.read_live.get(name)
                if live is not None:
                    columns.append((frame.any_view(live) if self._axis[name] == "view" else live).astype(np.int64))
        return columns + _lacking(frame)

    def _unpublished(self, work: _Working, benefit: ColumnBenefit) -> list[Ints]:
        columns = []
        for component in benefit.components:
            count = component.rule.count
            measure = count.measure if isinstance(count, rules.Units) else None
            run = None if component.clock is None else work.clocks.get(component.clock.rule.name)
            if measure is None or run is None or run.spans is None:
                continue
            found = self._almanac.unpublished(measure, run.spans.start, run.spans.end)
            rows = np.zeros(work.frame.count, np.int64)
            rows[run.spans.row[found]] = 1
            columns.append(rows)
        return columns

    def _exceeds(self, frame: Frame, run: ColumnClockRun) -> Mask:
        """Whether less of the claimed interval is on record than the policy asks."""
        claims, rule = frame.questions.claims, self._program.version.claims
        none = np.zeros(frame.count, np.bool_)
        if claims is None or rule is None or rule.warn_below is None:
            return none
        start = np.maximum(frame.view_start, claims.started_at[frame.view_row])
        end = np.minimum(frame.view_end, claims.ended_at[frame.view_row])
        of = np.flatnonzero(run.counted & claims.given[frame.view_row] & (start < end) & ~frame.hard[frame.view_row])
        zero = np.zeros(len(of), np.int64)
        spans = laid(frame.view_row[of], start[of], end[of], of, zero, zero, zero)
        recorded = by_row(frame.count, spans.row, spans.lengths())
        claimed = claims.ended_at - claims.started_at
        below: Mask = recorded * rule.warn_below.denominator < rule.warn_below.numerator * claimed
        return below & claims.given

    def _time(self, work: _Working) -> tuple[Ints, Ints, int]:
        """Counted and weighted seconds of the first clock, and the denominator of the latter."""
        zero = np.zeros(work.frame.count, np.int64)
        run = None if self._first is None else work.clocks.get(self._first.rule.name)
        if self._first is None or run is None or run.spans is None:
            return zero, zero, 1
        seconds = np.where(run.refusal == NONE, run.seconds, run.merged_seconds)
        if self._first_measure is None:
            weighted = by_row(work.frame.count, run.spans.row, run.spans.level * run.spans.lengths())
            return seconds, weighted, self._first.level_denominator
        density = self._almanac.density(self._first_measure)
        return seconds, run.measured(self._almanac, self._first_measure), self._first.level_denominator * density.scale


def _books(shape: Ints, shapes: list[Decision]) -> Mask:
    """The rows whose decision is granted; what is quoted, refused or hard books nothing here."""
    granted = np.array([*(each.outcome == codes.GRANTED for each in shapes), False], np.bool_)
    books: Mask = granted[shape]  # -1 is the last, which is no shape
    return books


def _lacking(frame: Frame) -> list[Ints]:
    """Which facts each row needs and lacks, and the clauses that need them."""
    columns = []
    for name, clause in (each for unknown in frame.lacks for each in unknown.items()):
        if is_of_outage(name):
            columns += [frame.bits(clause == number) for number in np.unique(clause).tolist() if number]
        else:
            columns.append(clause)
    return columns
