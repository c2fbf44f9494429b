"""One decision under way: everything that was worked out on the way to the answer, kept for the explanation."""

from collections.abc import Iterator
from contextlib import suppress

from policy.calculator.benefit import Benefit, BenefitRun
from policy.calculator.clock import Clock, ClockRun
from policy.calculator.facts import Missing, Row, View
from policy.calculator.recourse import RecourseRun, Shares
from policy.calculator.stages import Refusal, Stage


class Run:
    """The working of one decision.

    ``clocks`` by name, Missing where one could not be decided; ``benefits`` in the order of the policy; ``missing``: facts
    that are needed and absent, with the clause that needs them; ``owed``: the benefits of which something is left;
    ``provisional``: an outage that the operator answers for goes on; ``reached_amounts``: time was measured, caps asked.
    """

    __slots__ = (
        "_by_name", "benefits", "clocks", "missing", "owed", "provisional", "reached_amounts", "recourse", "row", "shares",
    )  # fmt: skip

    def __init__(self, row: Row) -> None:
        self.row = row
        self._by_name: dict[str, Clock] = {}
        self.clocks: dict[str, ClockRun | Missing] = {}
        self.benefits: list[BenefitRun] = []
        self.missing: dict[str, str] = {}
        self.owed: list[BenefitRun] = []
        self.provisional = False
        self.reached_amounts = False
        self.shares: Shares | None = None
        self.recourse: RecourseRun | None = None

    def clock(self, clock: Clock) -> ClockRun:
        """The run of ``clock``, each once. Raises Missing, every time, where it cannot be decided."""
        name = clock.rule.name
        known = self.clocks.get(name)
        if known is None:
            try:
                known = clock.run(self.row)
            except Missing as missing:
                known = missing
            self.clocks[name] = known
            self._by_name[name] = clock
        if isinstance(known, Missing):
            raise known
        return known

    def clock_runs(self) -> list[tuple[Clock, ClockRun]]:
        """The clocks that could be decided, in the order in which they were needed."""
        return [(self._by_name[name], run) for name, run in self.clocks.items() if isinstance(run, ClockRun)]

    def clocks_of_what_is_owed(self) -> list[tuple[Clock, ClockRun]]:
        """The clocks that something owed was counted by: another one's record says nothing of it."""
        components = [each for benefit in self.owed for each in benefit.components if each.parts]
        names = {each.component.clock.rule.name for each in components if each.component.clock is not None}
        return [(clock, known) for clock, known in self.clock_runs() if clock.rule.name in names]

    def counted(self) -> Iterator[View]:
        """The outages that count for any clock that was needed, also for one that lacks a fact further on."""
        for name, known in self.clocks.items():
            if isinstance(known, Missing):
                with suppress(Missing):
                    yield from self._by_name[name].counted(self.row)
            else:
                yield from known.counted

    def work(self, benefits: list[Benefit]) -> None:
        """Works out every benefit."""
        for benefit in benefits:
            try:
                self.benefits.append(benefit.run(self.row, self.clock))
            except Missing as missing:
                self.missing |= missing.cited(benefit.clause).fields
        for _, clock in self.clock_runs():
            for view in clock.liable:
                if view.outage.ended_at is None:
                    self.provisional = True
        if not self.missing:
            for each in self.benefits:
                if each.refusal is None:
                    self.owed.append(each)
                    self.reached_amounts = True
                elif each.refusal.stage >= Stage.COUNT:
                    self.reached_amounts = True

    def misses(self, missing: Missing) -> None:
        """Notes that something besides the benefits is not known and needed: then nothing is owed, and no amount reached."""
        self.missing |= missing.fields
        self.owed, self.reached_amounts = [], False

    @property
    def granted(self) -> bool:
        """Whether anything is owed that can be booked: not all of it has to be claimed first, and no outage goes on."""
        return any([not each.claim_required for each in self.owed]) and not self.provisional

    def refusals(self) -> list[tuple[BenefitRun, Refusal]]:
        """The refusals of the benefits that came furthest."""
        refused = [(run, run.refusal) for run in self.benefits if run.refusal is not None]
        furthest = max((refusal.stage for _, refusal in refused), default=Stage.WHEN)
        return [(run, refusal) for run, refusal in refused if refusal.stage == furthest]
