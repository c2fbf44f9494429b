"""A version of a policy, compiled: the frozen object that every decision runs, single or batch, explained or not."""

from collections.abc import Callable, Mapping, MutableSequence, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from types import MappingProxyType
from typing import Any, Final, Protocol

from policy.calculator import codes, machine, rules
from policy.calculator.checks import ENOUGH_VIOLATIONS
from policy.calculator.cycle import begins_outside
from policy.calculator.decision import (
    Decision,
    Grant,
    NoticeMessage,
    Occasion,
    OutageAmount,
    Quote,
    Reason,
    Recourse,
    Stamp,
)
from policy.calculator.errors import Violation
from policy.calculator.explainer import Explainer
from policy.calculator.facts import Row, row_of
from policy.calculator.keys import Keys, cycle_mark
from policy.calculator.loading import Loader
from policy.calculator.local_time import LocalTime
from policy.calculator.lowering.version import lower_version
from policy.calculator.memory import Memory
from policy.calculator.notice import NoticeWriter
from policy.calculator.notice_facts import things_to_tell
from policy.calculator.reads import facts_of
from policy.calculator.request import Request
from policy.calculator.told import Told
from policy.calculator.trace import OccasionRun, Run
from policy.calculator.validate_for import RequestRules
from policy.calculator.verify import verify
from policy.calculator.working_days import WorkingDays

USUAL_PLACES: Final = 400
"""Of memory beyond what every request takes; a request that needs more gets more."""
KEPT_PLACES: Final = 20_000
"""A memory that grew beyond these is not kept for another request."""
CORRECTIONS: Final = MappingProxyType({"set off": codes.SET_OFF, "claw back": codes.CLAW_BACK})
"""The word of a decision by the word of a policy."""
MORE_MEMORY: Final = 1
"""What the evaluator returns where it wants more memory."""


class Evaluator(Protocol):
    """The module :mod:`policy.calculator.machine`, or its compiled twin."""

    def run(self, code: Sequence[int], tab: Sequence[int], m: MutableSequence[int], k: bytearray, pc: int) -> int:
        """Runs a program over a memory."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What is compiled to 64 bits: the evaluator, and what makes a teller of :mod:`policy.calculator.teller`."""

    evaluator: Evaluator
    teller: Callable[[Told], Any]


class Program:
    """A compiled version. It holds no state between decisions and is safe to share between threads."""

    def __init__(
        self,
        version: rules.Version,
        local: LocalTime,
        calendars: Mapping[str, WorkingDays],
        engine_version: str,
        compiled: Compiled | None = None,
    ) -> None:
        """``local`` is the version's zone; ``calendars`` the working days that it names.

        ``compiled``: for numbers of 64 bits; what does not fit them, or all without it, runs as it stands.
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
        held = compiled if lowered.fits else None
        self._compiled = None if held is None else held.evaluator
        self.notices = None if version.notice is None else NoticeWriter(version.notice, local)
        self._explainer = Explainer(lowered, None if held is None else held.teller)
        self._memories: list[Memory] = []  # for whom asks next; nothing of a request is read from one that is kept
        self.corrections = CORRECTIONS[version.corrections.how]

    def violations_of(self, request: Request, most: int = ENOUGH_VIOLATIONS) -> list[Violation]:
        """What this version finds malformed in a request, ``most`` violations at the most."""
        return self._request_rules.violations_of(request, most)

    def decide(self, request: Request) -> Decision:
        """Decides a request in which neither the contract nor this version finds a violation."""
        run = self.work(request)
        try:
            return self._told(run)
        finally:
            if run.memory.is_compiled and len(run.memory.k) <= KEPT_PLACES:
                self._memories.append(run.memory)

    def _told(self, run: Run) -> Decision:
        """The decision. Raises InvalidRequest where an occasion asks for the cap of another cycle than the one it begins in."""
        if outside := run.begins_outside:
            cycle = run.row.subscriber.billing_cycle
            assert cycle is not None  # INVARIANT: it is compared with the cycle
            raise begins_outside(cycle, outside)
        request = run.row.request
        places = {id(each): number for number, each in enumerate(run.occasions)}
        grants = self._grants(run, places)
        clock_seconds, weighted_seconds = self._time(run)
        return Decision(
            self.keys.decision_id(run.row),
            run.outcome,
            run.reasons,
            run.warnings,
            grants,
            self._quotes(run, places),
            tuple([_occasion(each, run) for each in run.occasions]),
            self._third_parties(run),
            self._notice(run, grants),
            None if request.explain == codes.NONE else self._explainer.explain(run, request.explain),
            self.stamp,
            request.as_of,
            clock_seconds,
            weighted_seconds,
            self.corrections,
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
        return Run(lowered, memory, row)

    def _grants(self, run: Run, places: Mapping[int, int]) -> tuple[Grant, ...]:
        """What can be booked, occasion by occasion."""
        grants = []
        for each in run.owed:
            if not each.granted:
                continue
            rule, occasion = each.benefit.rule, each.occasion
            stem = self.keys.grant_stem(run.row.subscriber.subscriber_id, occasion.outage_ids)
            key = self.keys.grant_key(stem, rule.name, each.before, _where(occasion), occasion.rank)
            valid, clause, window = rule.valid_for_seconds, each.benefit.clause, each.benefit.window
            grants.append(
                Grant(
                    key, rule.name, rule.kind, each.quantity, rule.currency_code, valid, window, clause,
                    places[id(occasion)], each.parts, each.before,
                )
            )  # fmt: skip
        return tuple(grants)

    def _quotes(self, run: Run, places: Mapping[int, int]) -> tuple[Quote, ...]:
        """What would be owed, but cannot be booked."""
        quotes = []
        for each in run.owed:
            if each.granted:
                continue
            rule, place = each.benefit.rule, places[id(each.occasion)]
            valid, clause, window = rule.valid_for_seconds, each.benefit.clause, each.benefit.window
            quotes.append(Quote(rule.name, rule.kind, each.quantity, rule.currency_code, valid, window, clause, place))
        return tuple(quotes)

    def _third_parties(self, run: Run) -> tuple[Recourse, ...]:
        by_party: dict[str, list[OutageAmount]] = {}
        for each in run.recourse:
            outage = each.view.outage
            by_party.setdefault(outage.responsible_party, []).append(OutageAmount(outage.outage_id, each.amount_minor))
        currency = self.version.currency_code
        return tuple(
            [
                Recourse(party, sum(each.amount_minor for each in outages), currency, tuple(outages))
                for party, outages in by_party.items()
            ]
        )

    def _notice(self, run: Run, grants: tuple[Grant, ...]) -> tuple[NoticeMessage, ...]:
        """The messages about what there is to tell, in the order of the policy's."""
        request, rule, notices = run.row.request, self.version.notice, self.notices
        if rule is None or notices is None or request.mode != codes.PROACTIVE_NOTICE:
            return ()
        texts = {each.about for each in rule.further}
        told = [notices.write(request.notice, facts) for facts in things_to_tell(run, grants, texts)]
        return tuple(chain.from_iterable(told))

    def _time(self, run: Run) -> tuple[int | None, Fraction | None]:
        """Counted and weighted seconds of the first clock, as far as the decision came."""
        time, memory = self.lowered.time, run.memory
        memory.enter(0)
        if not memory.known(time.merged) or not memory.get(time.merged):
            return None, None
        if not memory.known(time.kept):
            return memory.get(time.merged), None
        if run.missing or not memory.known(time.weighed):
            return memory.get(time.kept), None
        return memory.get(time.kept), Fraction(memory.get(time.weighed), self.lowered.weight_scale)


def _where(occasion: OccasionRun) -> str:
    """What tells a key of a month or a cycle from that of another; "" for what the outages tell."""
    if occasion.of.kind == "month":
        return occasion.month_text
    cycle = occasion.row.subscriber.billing_cycle
    if occasion.of.kind != "billing cycle" or cycle is None:
        return ""
    return cycle_mark(cycle, occasion.start if occasion.of.clocks else cycle.started_at)  # without a clock, of that cycle


def _occasion(each: OccasionRun, run: Run) -> Occasion:
    outcome, reasons = codes.CANNOT_DECIDE, _missing(each)
    if not run.missing:
        outcome, reasons = each.outcome, each.reasons
    names = tuple([benefit.rule.name for benefit in each.of.benefits])
    return Occasion(each.start, each.end, each.outage_ids, each.month_text, each.cycle, outcome, reasons, names)


def _missing(each: OccasionRun) -> tuple[Reason, ...]:
    return tuple([Reason("MISSING_FACT", clause, field) for field, clause in sorted(each.missing.items())])
