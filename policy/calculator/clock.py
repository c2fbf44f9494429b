"""A clock for one request: the outages that count, narrowed word by word to the time that is paid for.

The order is fixed and the file cannot change it: services, cut to the claim, claim deadline, where, liable, starts and
minus, overlay, only. Whichever word leaves nothing refuses, and owns the reason.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from policy.calculator import rules
from policy.calculator.almanac import Almanac
from policy.calculator.compiled import Compiled, on_axis
from policy.calculator.conditions import as_set, compile_condition
from policy.calculator.facts import Missing, Row, View, gather
from policy.calculator.measure import Density
from policy.calculator.only import Only, compile_only
from policy.calculator.overlay import Span, cut, overlay, union, union_length, without
from policy.calculator.stages import Refusal, Stage
from policy.calculator.values import Values


class ClockRun:
    """What a clock came to for one request, kept for the explanation.

    ``counted``: outages that hit a covered service; ``met``: those of them that something is left of after the cut to the
    claim; ``liable``: those that the operator answers for. ``dropped``: the word that dropped an outage, by its index.
    ``spans``: the time that is left, disjoint and in order; ``merged``: the same before ``only``.
    """

    __slots__ = ("_measured", "counted", "dropped", "levels", "liable", "merged", "met", "refusal", "seconds", "spans")

    def __init__(self) -> None:
        self.counted: list[View] = []
        self.met: list[View] = []
        self.liable: list[View] = []
        self.levels: dict[int, int] = {}
        self.dropped: dict[int, str] = {}
        self.merged: list[Span] = []
        self.spans: list[Span] = []
        self.seconds: int = 0
        self.refusal: Refusal | None = None
        self._measured: dict[str, int] = {}

    def measured(self, density: Density, measure: rules.Measure) -> int:
        """All the time that is left, by ``measure`` and by how far the operator answers for it.

        A numerator over the density's scale times the clock's level denominator; looked up once, however many benefits ask.
        """
        total = self._measured.get(measure.name)
        if total is None:
            total = self._measured[measure.name] = measured_time(density, self.spans)
        return total


def measured_time(density: Density, spans: Iterable[Span]) -> int:
    """Time weighted by ``density`` and by the level at which the operator answers for it."""
    between = density.between
    total = 0
    for start, end, _, level, _ in spans:
        total += level * between(start, end)
    return total


class Clock:
    """A compiled clock. ``level_denominator``: levels are numerators over it."""

    def __init__(self, rule: rules.Clock, claims: rules.Claims | None, values: Values, almanac: Almanac) -> None:
        self.rule = rule
        self.almanac = almanac
        self._claims = claims
        self.claims_clause = claims.clause.id if claims is not None else ""
        self._claims_end = (
            None if claims is None or claims.before is None else almanac.local.starts_at(claims.before.toordinal())
        )
        self._services = None if rule.services is None else values.compiled(rule.services).read
        self._where = None if rule.where is None else compile_condition(rule.where, values, of_outage=True)
        factors: list[Compiled] = [values.compiled(value) for value in rule.liable]
        self.level_denominator = 1
        for factor in factors:
            self.level_denominator *= factor.denominator
        self._factors: list[Callable[[View], int]] = [on_axis(factor, True, factor.read) for factor in factors]
        self._start_after = None if rule.starts is None else _view_read(values, rule.starts.after)
        self._minus = [_view_read(values, fact) for fact in rule.minus]
        self._only: Only | None = compile_only(rule.only, values, almanac, self.level_denominator) if rule.only else None

    def run(self, row: Row) -> ClockRun:
        """Narrows the outages of ``row``. Raises Missing where a word cannot be decided."""
        run = ClockRun()
        try:
            run.refusal = self._narrow(row, run)
        except Missing as missing:
            raise missing.cited(self.rule.clause.id) from None
        return run

    def counted(self, row: Row) -> list[View]:
        """The outages that hit a covered service, whether or not more of the clock can be decided. Raises Missing."""
        run = ClockRun()
        self._count(row, run)
        return run.counted

    def _narrow(self, row: Row, run: ClockRun) -> Refusal | None:
        clause = self.rule.clause.id
        self._count(row, run)
        if row.views and not run.counted:
            return Refusal(Stage.SERVICES, clause_of(self.rule.services) or clause)
        times = self._meet_claim(row, run)
        if not times:
            return Refusal(Stage.MATCH, self.claims_clause or clause)
        if self._too_late(row, run):
            return Refusal(Stage.WITHIN, self.claims_clause)
        missing: dict[str, str] = {}  # of all outages, for what one lacks does not hide what another does
        views = self._kept_where(run, missing)
        if not views and not missing:
            return Refusal(Stage.WHERE, clause)
        self._weigh(views, run, missing)
        if not run.liable and not missing:
            return Refusal(Stage.LIABLE, self._zero_clause(views[0]) or clause)
        spans = self._open(row, run, times, missing)
        if missing:
            raise Missing(missing)
        if not spans:
            return Refusal(Stage.STARTS, clause)
        run.merged = run.spans = overlay(spans)
        if self._only is not None:
            run.spans = self._only.keep(row, run.merged)
            if not run.spans:
                return Refusal(Stage.ONLY, clause)
        run.seconds = sum([span.end - span.start for span in run.spans])
        return None

    def _count(self, row: Row, run: ClockRun) -> None:
        """An outage that names no service names all; else it has to name a covered one."""
        covered = None if self._services is None else as_set(self._services(row))
        for view in row.views:
            if covered is None or not view.outage.services or not covered.isdisjoint(view.outage.services):
                run.counted.append(view)
            else:
                run.dropped[view.index] = "services"

    def _meet_claim(self, row: Row, run: ClockRun) -> list[tuple[View, list[tuple[int, int]]]]:
        """Each counted outage with its time, cut to the claimed interval and the margin on each side."""
        claim, claims = row.request.claim, self._claims
        if claim is None or claims is None or claims.widen_seconds is None:
            run.met = run.counted
            return [(view, [(view.start, view.end)]) for view in run.counted]
        assert claim.started_at is not None and claim.ended_at is not None  # INVARIANT: validated before a row is made
        first, last = claim.started_at - claims.widen_seconds, claim.ended_at + claims.widen_seconds
        times = []
        for view in run.counted:
            left = cut([(view.start, view.end)], first, last)
            if left:
                run.met.append(view)
                times.append((view, left))
            else:
                run.dropped[view.index] = "widen"
        return times

    def _too_late(self, row: Row, run: ClockRun) -> bool:
        """Later than a fixed date, or than the deadline after the latest recorded end; an outage that goes on has none yet."""
        claim, claims = row.request.claim, self._claims
        if claim is None or claims is None:
            return False
        assert claim.claimed_at is not None  # INVARIANT: validated before a row is made
        if self._claims_end is not None and claim.claimed_at >= self._claims_end:
            return True
        if claims.within_seconds is None:
            return False
        if any(view.outage.ended_at is None for view in run.met):
            return False
        return claim.claimed_at > max(view.end for view in run.met) + claims.within_seconds

    def _kept_where(self, run: ClockRun, missing: dict[str, str]) -> list[View]:
        if self._where is None:
            return run.met
        views = []
        for view in run.met:
            try:
                if self._where(view):
                    views.append(view)
                else:
                    run.dropped[view.index] = "where"
            except Missing as unknown:
                missing |= unknown.fields
        return views

    def _weigh(self, views: list[View], run: ClockRun, missing: dict[str, str]) -> None:
        """The level of each outage is the product of the factors; 0 drops it, whatever the other factors miss."""
        for view in views:
            level = 1
            unknown_factors: dict[str, str] = {}
            for factor in self._factors:
                try:
                    level *= factor(view)
                except Missing as unknown:
                    unknown_factors |= unknown.fields
            if not level:
                run.dropped[view.index] = "liable"
            elif unknown_factors:
                missing |= unknown_factors
            else:
                run.liable.append(view)
                run.levels[view.index] = level

    def _zero_clause(self, view: View) -> str:
        """The clause of the factor that is 0 for ``view``."""
        for value, factor in zip(self.rule.liable, self._factors, strict=True):
            with suppress(Missing):
                if factor(view) == 0:
                    return clause_of(value)
        return ""

    def _open(
        self, row: Row, run: ClockRun, times: list[tuple[View, list[tuple[int, int]]]], missing: dict[str, str]
    ) -> list[Span]:
        """The time of each liable outage from where counting starts, less the pauses."""
        spans: list[Span] = []
        for view, met in times:
            level = run.levels.get(view.index)
            if level is None:
                continue
            left = met
            if self._start_after is not None or self._minus:
                try:
                    left = without(met, self.pauses(view))
                    if self._start_after is not None:
                        left = cut(left, self.counts_from(row, view), view.end)
                except Missing:
                    missing |= gather(self._opened_by(row, view))
                if not left:
                    run.dropped[view.index] = "starts"
            spans.extend([Span(a, b, view, level) for a, b in left])
        return spans

    def _opened_by(self, row: Row, view: View) -> list[Callable[[], object]]:
        """All that ``starts`` and ``minus`` read of an outage."""
        reads: list[Callable[[], object]] = [partial(read, view) for read in self._minus]
        if self._start_after is not None:
            reads.append(partial(self._start_after, view))
        if self.rule.starts is not None and self.rule.starts.unit == "working days":
            reads.append(partial(self.almanac.working_days, row))
        return reads

    def pauses(self, view: View) -> tuple[tuple[int, int], ...]:
        """The intervals that are cut out of an outage. Raises Missing where they are not known."""
        return tuple(pause for read in self._minus for pause in read(view))

    def counts_from(self, row: Row, view: View) -> int:
        """The earliest instant of an outage that counts, in a clock that has ``starts``. Raises Missing if it is not known."""
        start, local = self.rule.starts, self.almanac.local
        assert start is not None and self._start_after is not None
        after: int = self._start_after(view)
        if start.unit == "seconds":
            return after + start.amount
        day = local.day_of(after)
        if start.unit == "local days":
            return local.starts_at(day + start.amount + 1)
        pauses = union(self.pauses(view))  # a day is told by each pause that touches it: let those be few
        paused = frozenset(touched for a, b in pauses for touched in range(local.day_of(a), local.day_of(b - 1) + 1))
        return self.almanac.working_days(row).end_of_nth_working_day(day, start.amount, local, paused)

    def days_walked(self, row: Row, view: View) -> tuple[int, int]:
        """The days that were looked at for ``starts: 2 working days after``, as a span of time. Raises Missing."""
        assert self._start_after is not None
        local = self.almanac.local
        return local.starts_at(local.day_of(self._start_after(view)) + 1), self.counts_from(row, view)

    def recorded_share(self, row: Row, run: ClockRun) -> tuple[int, int]:
        """(seconds, of seconds): how much of the claimed interval itself the counted outages of any cause cover."""
        claim = row.request.claim
        assert claim is not None and claim.started_at is not None and claim.ended_at is not None
        on_record = cut([(view.start, view.end) for view in run.counted], claim.started_at, claim.ended_at)
        return union_length(on_record), claim.ended_at - claim.started_at

    def claim_exceeds_record(self, row: Row, run: ClockRun) -> bool:
        """Whether less of the claimed interval is on record than the policy asks."""
        if self._claims is None or self._claims.warn_below is None:
            return False
        recorded, claimed = self.recorded_share(row, run)
        return recorded * self._claims.warn_below.denominator < self._claims.warn_below.numerator * claimed


def clause_of(value: rules.Value | None) -> str:
    """The clause of a named figure; "" for a value that has none of its own."""
    return value.figure.clause.id if isinstance(value, rules.Named) and value.figure.clause else ""


def _view_read(values: Values, fact: rules.Fact) -> Callable[[View], Any]:
    compiled = values.compiled(fact)
    return on_axis(compiled, True, compiled.read)
