"""A version of a policy, compiled: the frozen object that every decision runs, single or batch, explained or not."""

from collections.abc import Mapping
from fractions import Fraction

from policy.calculator import codes, rules
from policy.calculator.almanac import Almanac
from policy.calculator.benefit import Benefit
from policy.calculator.cautions import Warnings
from policy.calculator.clock import Clock, ClockRun
from policy.calculator.decision import Decision, Grant, NoticeMessage, Recourse, Stamp
from policy.calculator.errors import Violation
from policy.calculator.explain import Explainer
from policy.calculator.facts import Missing, Row, distinct
from policy.calculator.keys import Keys
from policy.calculator.local_time import LocalTime
from policy.calculator.notice import NoticeFacts, write
from policy.calculator.outcome import outcome_of
from policy.calculator.readings import Readings
from policy.calculator.reads import facts_of
from policy.calculator.recourse import Recourse as RecourseProgram
from policy.calculator.request import Request
from policy.calculator.run import Run
from policy.calculator.unsettled import Unsettled
from policy.calculator.validate_for import RequestRules
from policy.calculator.values import Values
from policy.calculator.working_days import WorkingDays


class Program:
    """A compiled version. It holds no state between decisions and is safe to share between threads."""

    def __init__(
        self, version: rules.Version, local: LocalTime, calendars: Mapping[str, WorkingDays], engine_version: str
    ) -> None:
        """``local`` is the version's zone; ``calendars`` the working days that it names."""
        self.version = version
        self.local = local
        self.calendars = calendars
        self.reads = facts_of(version)
        self._stamp = Stamp(version.policy_id, version.version, version.sha256, engine_version)
        self._request_rules = RequestRules(version, self.reads, local)
        self.keys = Keys(version, engine_version, self.reads)
        self.values = values = Values(local.day_of)
        self._almanac = Almanac(version, local, calendars, values)
        self._clocks = {each.name: Clock(each, version.claims, values, self._almanac) for each in version.clocks}
        self._benefits = [Benefit(each, self._clocks, values, self._almanac) for each in version.benefits]
        self.recourse = RecourseProgram(version.recourse, values, self._almanac) if version.recourse else None
        readings = Readings(version, self._clocks, self._almanac)
        unsettled = Unsettled(version, values, readings)
        self._warnings = Warnings(version, readings, unsettled)
        self._explainer = Explainer(version, values, self._clocks, self._almanac, unsettled)
        self._figures = len(values.slots)
        self._first_clock = next(iter(self._clocks.values()), None)
        self.first_measure = _measure_of_first_clock(version)

    def violations_of(self, request: Request) -> list[Violation]:
        """What this version finds malformed in a request."""
        return self._request_rules.violations_of(request)

    def decide(self, request: Request) -> Decision:
        """Decides a request in which neither the contract nor this version finds a violation."""
        run = self.work(request)
        outcome, reasons = outcome_of(run)
        grants = self._grants(run, bookable=outcome == codes.GRANTED)
        clock_seconds, weighted_seconds = self._time(run)
        decision = Decision(
            self.keys.decision_id(run.row),
            outcome,
            reasons,
            self._warnings.of(run),
            grants,
            self._third_parties(run, grants) if outcome == codes.GRANTED else (),
            self._notice(run, grants, clock_seconds or 0) if outcome == codes.GRANTED else (),
            None if request.explain == codes.NONE else self._explainer.explain(run, request.explain),
            self._stamp,
            request.as_of,
            clock_seconds,
            weighted_seconds,
        )
        run.row.views.clear()  # each knows its row: the circle would wait for the garbage collector, and hold the request
        return decision

    def work(self, request: Request) -> Run:
        """The working of a request, from which its answer is told; for a request as :meth:`decide` takes it."""
        assert request.subscriber is not None  # INVARIANT: validated by the policy set
        row = Row(request, request.subscriber, distinct(request.outages), self._figures)
        run = Run(row)
        run.work(self._benefits)
        if self.recourse is not None and run.reached_amounts:
            try:
                clock = run.clock(self._clocks[self.recourse.rule.clock.name])
                shares = self.recourse.shares(row, clock) if clock.spans else None
                if shares is not None and shares.total:  # else what is owed is owed for no time, and nobody answers for it
                    run.shares = shares
            except Missing as missing:
                run.misses(missing.cited(self.recourse.rule.clause.id))
        return run

    def _grants(self, run: Run, *, bookable: bool) -> tuple[Grant, ...]:
        """What is owed; only what may be booked has a key."""
        if not run.owed:
            return ()
        before = run.row.request.already_granted
        stem = self.keys.grant_stem(run.row) if bookable else None
        grants = []
        for each in run.owed:
            rule = each.benefit.rule
            name = rule.name
            key = "" if stem is None or each.claim_required else self.keys.grant_key(stem, name, before.get(name, 0))
            valid, clause = rule.valid_for_seconds, each.benefit.clause
            grants.append(Grant(key, name, rule.kind, each.quantity, rule.currency_code, valid, each.benefit.window, clause))
        return tuple(grants)

    def _third_parties(self, run: Run, grants: tuple[Grant, ...]) -> tuple[Recourse, ...]:
        if self.recourse is None or run.shares is None:
            return ()
        run.recourse = self.recourse.run(run.shares, {grant.benefit: grant.quantity for grant in grants if grant.grant_key})
        currency = self.version.currency_code
        return tuple([Recourse(party, amount, currency) for party, amount in run.recourse.by_party_minor.items()])

    def _notice(self, run: Run, grants: tuple[Grant, ...], clock_seconds: int) -> tuple[NoticeMessage, ...]:
        request, rule = run.row.request, self.version.notice
        if rule is None or request.mode != codes.PROACTIVE_NOTICE:
            return ()
        counted = [(span.start, span.end, span.view) for _, clock in run.clock_runs() for span in clock.spans]
        # What is granted by number rests on no time: the message tells of the outages themselves.
        lost = sorted(counted or [(view.start, view.end, view) for view in run.row.views], key=lambda span: span[:2])
        causes = tuple(dict.fromkeys(view.outage.cause for _, _, view in lost))
        booked = tuple(grant for grant in grants if grant.grant_key)
        facts = NoticeFacts(lost[0][0], max(end for _, end, _ in lost), clock_seconds, causes, booked)
        return write(rule, request.notice, facts, self.local)

    def _time(self, run: Run) -> tuple[int | None, Fraction | None]:
        """Counted and weighted seconds of the first clock, as far as the decision came."""
        if self._first_clock is None:
            return None, None
        clock = run.clocks.get(self._first_clock.rule.name)
        if not isinstance(clock, ClockRun) or not clock.merged:
            return None, None
        if clock.refusal is not None:
            return sum(span.end - span.start for span in clock.merged), None
        if run.missing:
            return clock.seconds, None
        scale = self._first_clock.level_denominator
        if self.first_measure is None:
            return clock.seconds, Fraction(sum(span.level * (span.end - span.start) for span in clock.spans), scale)
        try:
            density = self._almanac.density(run.row, self.first_measure)
        except Missing:  # nothing that the answer rests on was weighed by it
            return clock.seconds, None
        return clock.seconds, Fraction(clock.measured(density, self.first_measure), scale * density.scale)


def _measure_of_first_clock(version: rules.Version) -> rules.Measure | None:
    """The measure that the first clock's time is paid by; None: plain clock time."""
    for benefit in version.benefits:
        for component in benefit.components:
            if isinstance(component.count, rules.Units) and component.clock is version.clocks[0]:
                return component.count.measure
    return None
