"""A version of a policy, compiled: the frozen object that every decision runs, single or batch, explained or not."""

from collections.abc import Mapping
from fractions import Fraction

from policy.calculator import codes, machine, rules
from policy.calculator.decision import Decision, Grant, NoticeMessage, Recourse, Stamp
from policy.calculator.errors import Violation
from policy.calculator.explain import Explainer
from policy.calculator.facts import row_of
from policy.calculator.keys import Keys
from policy.calculator.local_time import LocalTime
from policy.calculator.loading import Loader
from policy.calculator.trace import Run
from policy.calculator.lowering.version import lower_version, measure_of_first_clock
from policy.calculator.memory import HERE, Memory
from policy.calculator.notice import NoticeFacts, write
from policy.calculator.outcome import outcome_of
from policy.calculator.readings import Readings
from policy.calculator.reads import facts_of
from policy.calculator.recourse import Claims
from policy.calculator.request import Request
from policy.calculator.unsettled import Unsettled
from policy.calculator.validate_for import RequestRules
from policy.calculator.warnings import Warnings
from policy.calculator.working_days import WorkingDays

import os
EXT=None
if os.environ.get("EXT"):
    import importlib.util
    spec=importlib.util.spec_from_file_location("machine","/tmp/cy/machine.so"); EXT=importlib.util.module_from_spec(spec); spec.loader.exec_module(EXT)
from array import array

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
        self.lowered = lowered = lower_version(version, local, calendars)
        self._loader = Loader(lowered)
        self._code = array('q',lowered.code)
        self._tables = array('q',lowered.asm.tables)
        self._claims = Claims(version.recourse) if version.recourse else None
        readings = Readings(lowered)
        unsettled = Unsettled(lowered, readings)
        self._warnings = Warnings(version, readings, unsettled)
        self._explainer = Explainer(lowered, unsettled)
        self._first_clock = next(iter(lowered.clocks.values()), None)
        self.first_measure = measure_of_first_clock(version)

    def violations_of(self, request: Request) -> list[Violation]:
        """What this version finds malformed in a request."""
        return self._request_rules.violations_of(request)

    def decide(self, request: Request) -> Decision:
        """Decides a request in which neither the contract nor this version finds a violation."""
        run = self.work(request)
        outcome, reasons = outcome_of(run)
        grants = self._grants(run, bookable=outcome == codes.GRANTED)
        clock_seconds, weighted_seconds = self._time(run)
        return Decision(
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

    def work(self, request: Request) -> Run:
        """The working of a request, from which its answer is told; for a request as :meth:`decide` takes it."""
        layout = self.lowered.layout
        row = row_of(request, layout.first_outage, layout.outage_places)
        memory = Memory(layout, layout.first_outage + 400, compiled=EXT is not None)
        self._loader.load(memory, request, row.subscriber, row.views)
        top = memory.m[7]
        while wants := (EXT or machine).run(self._code, self._tables, memory.m, memory.k, 0):
            if wants == 1:
                memory.grow(memory.m[8])
            else:
                self._lay_out_year(memory.m[9], memory.m[16])
            self._loader.load(memory, request, row.subscriber, row.views)
        assert memory.m[7] >= top
        return Run(self.lowered, memory, row)

    def _lay_out_year(self, density: int, year: int) -> None:
        """Adds a year of a measure to the tables."""
        tables = self._tables[:]
        tables[density + 2 + tables[density] + year] = len(tables)
        tables.extend(self.lowered.calendars.year_table(density, year))
        self._tables = tables

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
        if self._claims is None or run.shares is None:
            return ()
        run.recourse = self._claims.run(run.shares, {grant.benefit: grant.quantity for grant in grants if grant.grant_key})
        currency = self.version.currency_code
        return tuple([Recourse(party, amount, currency) for party, amount in run.recourse.by_party_minor.items()])

    def _notice(self, run: Run, grants: tuple[Grant, ...], clock_seconds: int) -> tuple[NoticeMessage, ...]:
        request, rule = run.row.request, self.version.notice
        if rule is None or request.mode != codes.PROACTIVE_NOTICE:
            return ()
        counted = [(span.start, span.end, span.view) for clock in run.clock_runs() for span in clock.spans]
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
        if clock is None or not clock.merged:
            return None, None
        if clock.refusal is not None:
            return sum(span.end - span.start for span in clock.merged), None
        if run.missing:
            return clock.seconds, None
        scale = self._first_clock.level_denominator
        reg = self._first_clock.weighed
        assert reg is not None
        if not run.memory.known(reg, HERE):  # nothing that the answer rests on was weighed by it
            return clock.seconds, None
        scale *= 1 if self.first_measure is None else self.lowered.calendars.scale(self.first_measure)
        return clock.seconds, Fraction(run.memory.get(reg, HERE), scale)

