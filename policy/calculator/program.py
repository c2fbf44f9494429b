"""A version of a policy, compiled: the frozen object that every decision runs, single or batch, explained or not."""

from collections.abc import Mapping, MutableSequence, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import partial
from typing import Final, Protocol

from policy.calculator import codes, machine, rules
from policy.calculator.decision import Decision, Grant, NoticeMessage, Recourse, Stamp
from policy.calculator.errors import Violation
from policy.calculator.explain import Explainer
from policy.calculator.facts import Row, row_of
from policy.calculator.keys import Keys
from policy.calculator.loading import Loader
from policy.calculator.local_time import LocalTime
from policy.calculator.lowering.version import lower_version
from policy.calculator.memory import Memory
from policy.calculator.notice import NoticeFacts, write
from policy.calculator.reads import facts_of
from policy.calculator.request import Request
from policy.calculator.trace import Run
from policy.calculator.validate_for import RequestRules
from policy.calculator.verify import verify
from policy.calculator.working_days import WorkingDays

USUAL_PLACES: Final = 400
"""Of memory beyond what every request takes; a request that needs more gets more."""
KEPT_PLACES: Final = 20_000
"""A memory that grew beyond these is not kept for another request."""
MORE_MEMORY: Final = 1
"""What the evaluator returns where it wants more memory."""


class Evaluator(Protocol):
    """The module :mod:`policy.calculator.machine`, or its compiled twin."""

    def run(self, code: Sequence[int], tab: Sequence[int], m: MutableSequence[int], k: bytearray, pc: int) -> int:
        """Runs a program over a memory."""


class Program:
    """A compiled version. It holds no state between decisions and is safe to share between threads."""

    def __init__(
        self,
        version: rules.Version,
        local: LocalTime,
        calendars: Mapping[str, WorkingDays],
        engine_version: str,
        compiled: Evaluator | None = None,
    ) -> None:
        """``local`` is the version's zone; ``calendars`` the working days that it names.

        ``compiled``: the evaluator for numbers of 64 bits; what does not fit them, or all without it, runs as it stands.
        """
        self.version = version
        self.local = local
        self.calendars = calendars
        self.reads = facts_of(version)
        self.stamp = Stamp(version.policy_id, version.version, version.sha256, engine_version)
        self._request_rules = RequestRules(version, self.reads, local)
        self.keys = Keys(version, engine_version, self.reads)
        self.lowered = lowered = lower_version(version, local, calendars)
        verify(lowered.code, lowered.layout, len(lowered.tables))
        self._loader = Loader(lowered)
        self._compiled = compiled if lowered.fits else None
        self._explainer = Explainer(lowered)
        self._memories: list[Memory] = []  # for whom asks next; nothing of a request is read from one that is kept
        self._first_clock = next(iter(lowered.clocks.values()), None)

    def violations_of(self, request: Request) -> list[Violation]:
        """What this version finds malformed in a request."""
        return self._request_rules.violations_of(request)

    def decide(self, request: Request) -> Decision:
        """Decides a request in which neither the contract nor this version finds a violation."""
        run = self.work(request)
        decision = self._told(run)
        if run.memory.is_compiled and len(run.memory.k) <= KEPT_PLACES:
            self._memories.append(run.memory)
        return decision

    def _told(self, run: Run) -> Decision:
        request = run.row.request
        grants = self._grants(run)
        clock_seconds, weighted_seconds = self._time(run)
        return Decision(
            self.keys.decision_id(run.row),
            run.outcome,
            run.reasons,
            run.warnings,
            grants,
            self._third_parties(run),
            self._notice(run, grants, clock_seconds or 0) if run.outcome == codes.GRANTED else (),
            None if request.explain == codes.NONE else self._explainer.explain(run, request.explain),
            self.stamp,
            request.as_of,
            clock_seconds,
            weighted_seconds,
        )

    def work(self, request: Request) -> Run:
        """The working of a request, from which its answer is told; for a request as :meth:`decide` takes it."""
        layout = self.lowered.layout
        row = row_of(request, layout.first_outage, layout.outage_places)
        if self._compiled is not None:
            with suppress(OverflowError):  # beyond 64 bits
                return self._run(self._compiled, row, compiled=True)
        return self._run(machine, row, compiled=False)

    def _run(self, evaluator: Evaluator, row: Row, *, compiled: bool) -> Run:
        lowered = self.lowered
        memory = (
            self._memories.pop() if compiled and self._memories else Memory(lowered.layout, USUAL_PLACES, compiled=compiled)
        )
        self._loader.load(memory, row)
        while wanted := evaluator.run(lowered.code, lowered.tables, memory.m, memory.k, 0):
            if wanted == MORE_MEMORY:
                memory.grow(memory.m[8])
            else:
                lowered.lay_out_year(memory.m[9], memory.m[16])
            self._loader.load(memory, row)
        choose = partial(evaluator.run, lowered.code, lowered.tables, memory.m, memory.k, lowered.choosing)
        return Run(lowered, memory, row, choose)

    def _grants(self, run: Run) -> tuple[Grant, ...]:
        """What is owed; only what may be booked has a key."""
        if not run.owed:
            return ()
        before = run.row.request.already_granted
        stem = self.keys.grant_stem(run.row) if run.outcome == codes.GRANTED else None
        grants = []
        for each in run.owed:
            rule = each.benefit.rule
            name = rule.name
            key = "" if stem is None or each.claim_required else self.keys.grant_key(stem, name, before.get(name, 0))
            valid, clause = rule.valid_for_seconds, each.benefit.clause
            grants.append(Grant(key, name, rule.kind, each.quantity, rule.currency_code, valid, each.benefit.window, clause))
        return tuple(grants)

    def _third_parties(self, run: Run) -> tuple[Recourse, ...]:
        if run.outcome != codes.GRANTED or run.recourse is None:
            return ()
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
        reg, scale = self._first_clock.weighed, self.lowered.weight_scale
        if reg is None or not run.memory.known(reg):  # nothing that the answer rests on was weighed by it
            return clock.seconds, None
        return clock.seconds, Fraction(run.memory.get(reg), scale)
