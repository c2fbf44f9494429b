"""The lines of a clock: what each word left of the outages, and the time that is paid for, span by span."""

from collections.abc import Sequence

from policy.calculator import rules
from policy.calculator.lowering.assembler import Bank, Reg
from policy.calculator.lowering.clock import Clock
from policy.calculator.lowering.clock_time import ClockTime
from policy.calculator.lowering.occasions import Occasions
from policy.calculator.lowering.version import Lowered
from policy.calculator.sentences import Sentences, Spot
from policy.calculator.stages import REASON, Stage
from policy.calculator.told import OUTAGE_ID, WORKED_OUT_LAST, Text, exact, instant, plain, whole

_WORDS: tuple[tuple[str, Stage], ...] = (
    ("services", Stage.SERVICES),
    ("widen", Stage.MATCH),
    ("within", Stage.WITHIN),
    ("where", Stage.WHERE),
    ("liable", Stage.LIABLE),
    ("starts", Stage.STARTS),
)
SPAN_START, SPAN_END, SPAN_LEVEL = Reg(Bank.SPAN, 0), Reg(Bank.SPAN, 1), Reg(Bank.SPAN, 3)
SPAN_OUTAGE = 2


class ClockLines:
    """Writes how the clocks of one version are told."""

    def __init__(self, lowered: Lowered, to: Sentences) -> None:
        self._version, self._clocks, self._lowered, self._to = lowered.version, lowered.clocks, lowered, to
        self._numbers = {name: number for number, name in enumerate(lowered.clocks)}
        self._measures = {name: _measures_of(lowered.version, name) for name in lowered.clocks}
        self._span_places = lowered.layout.span_places

    def refused(self) -> None:
        """A line for each clock that has no time in any occasion."""
        to = self._to
        for name, clock in self._clocks.items():
            there = Spot()
            for group in self._lowered.occasions:
                if name in group.times:
                    with to.when("ANY_OCCASION", group.list, group.times[name].stage.number):
                        to.go(there)
            self._clock_result(clock)
            to.put(there)

    def summary(self, group: Occasions) -> None:
        """A line for each clock of an occasion: the time that is left, or why none is."""
        for time in group.times.values():
            with self._to.when("WORKED_OUT", time.stage):
                self._time_result(time)

    def full(self) -> None:
        """Each word of each clock with what it left of the outages."""
        for clock in self._clocks.values():
            self._clock(clock)
        self.refused()

    def of_occasion(self, group: Occasions) -> None:
        """The time that is left of each clock, span by span and measure by measure."""
        to = self._to
        for time in group.times.values():
            with to.when("WORKED_OUT", time.stage):
                if time.only is not None:
                    with to.when("KNOWN", time.stage), to.when("MORE_ITEMS", time.merged, 0):
                        self._only(time)
                self._time_result(time)
                with to.when("KNOWN", time.stage), to.when("LESS", time.stage, 0):
                    self._spans(time)

    def _clock(self, clock: Clock) -> None:
        to = self._to
        with to.when("KNOWN", clock.order), to.when("KNOWN", clock.stage):
            for word, stage in _WORDS:
                if self._has(clock.rule, word):
                    self._word(clock, word, stage)

    def _only(self, time: ClockTime) -> None:
        to = self._to
        with to.line(f"clocks.{time.rule.name}.only", time.rule.clause.id):
            to.work_out("LENGTHS", time.merged)
            to.input("merged", whole(WORKED_OUT_LAST), "s")
            if time.only is not None and "billing cycle" in time.only.scopes:
                cycle_inputs(self._lowered, to)
            with to.when("LESS", time.stage, 0) as left:
                to.value(whole(time.seconds), "s")
            with to.otherwise(left):
                to.value(plain("0"), "s")
                with to.noted():
                    to.text(plain("nothing is left: "))
                    to.text(Text("STAGE", time.stage))

    def _time_result(self, time: ClockTime) -> None:
        to, rule, clause = self._to, f"clocks.{time.rule.name}", time.rule.clause.id
        with to.when("UNKNOWN", time.stage) as missing:
            self._undecided(rule, clause, time.rule.name, in_occasion=True)
        with to.otherwise(missing):
            with to.when("LESS", time.stage, 0) as left, to.line(rule, clause):
                to.value(whole(time.seconds), "s")
            with to.otherwise(left), to.line(rule, time.refused_by, applied=False), to.noted():
                to.text(Text("STAGE", time.stage))

    def _undecided(self, rule: str, clause: str, clock: str, *, in_occasion: bool) -> None:
        to = self._to
        with to.line(rule, clause, applied=False), to.noted():
            to.text(plain("not decided: "))
            to.step("LACKING", self._numbers[clock], int(in_occasion))
            to.text(plain(" not given"))

    def _has(self, rule: rules.Clock, word: str) -> bool:
        claims = self._version.claims
        return {
            "services": rule.services is not None,
            "widen": claims is not None and claims.widen_seconds is not None,
            "within": claims is not None
            and (claims.within_seconds is not None or claims.within_local_days is not None or claims.before is not None),
            "where": rule.where is not None,
            "liable": bool(rule.liable),
            "starts": rule.starts is not None or bool(rule.minus),
        }[word]

    def _word(self, clock: Clock, word: str, stage: Stage) -> None:
        """``stage``: where the word refuses; a clock that was refused before did not come to it."""
        to, claims, done = self._to, self._version.claims, Spot()
        rule, clause = f"clocks.{clock.rule.name}.{word}", clock.rule.clause.id
        if word in ("widen", "within") and claims is not None:
            clause = claims.clause.id
            with to.when("ZERO", self._lowered.request.claim_given):
                with to.line(rule, clause, applied=False):
                    to.note("no claim was made")
                to.go(done)
        with to.when("LESS", clock.stage, stage):
            going_on = Spot()
            with to.when("LESS", clock.stage, 0):
                to.go(going_on)
            with to.line(rule, clause, applied=False), to.noted():
                to.text(plain("not reached: "))
                to.text(Text("STAGE", clock.stage))
            to.go(done)
            to.put(going_on)
        with to.line(rule, clause):
            self._word_inputs(clock, word)
            self._left(clock, word)
            with to.noted():
                if word in self._droppers(clock):
                    with to.each_outage():
                        kept = Spot()
                        self._unless_dropped(clock, word, kept)
                        to.joined("left out: ", ", ")
                        to.text(OUTAGE_ID)
                        to.put(kept)
                with to.when("EQUAL", clock.stage, stage):
                    to.joined("", "; ")
                    to.text(plain(f"nothing is left: {REASON[stage]}"))
        to.put(done)

    @staticmethod
    def _droppers(clock: Clock) -> dict[str, Reg]:
        """The words that can drop an outage, in order, each with the register that is 0 where it did."""
        return {
            "services": clock.counted,
            "widen": clock.met,
            "where": clock.kept,
            "liable": clock.level,
            "starts": clock.opened,
        }

    def _unless_dropped(self, clock: Clock, word: str, kept: Spot) -> None:
        """Goes to ``kept`` unless it was this word that dropped the outage at hand."""
        to = self._to
        for each, reg in self._droppers(clock).items():
            if each == word:
                to.unless(kept, "ZERO", reg)
                return
            with to.when("ZERO", reg):
                to.go(kept)

    def _left(self, clock: Clock, word: str) -> None:
        """What a word left: outages, or seconds of time."""
        to = self._to
        if word == "starts":
            with to.when("LESS", clock.stage, 0) as left:
                to.work_out("LENGTHS", clock.merged)
            with to.otherwise(left):
                to.work_out("CONSTANT", 0)
            to.value(whole(), "s")
            return
        to.work_out("CONSTANT", 0)
        with to.each_outage():
            dropped = Spot()
            to.unless(dropped, "TRUE", {"services": clock.counted, "liable": clock.level}.get(word, clock.met))
            if word == "where":
                lost = Spot()
                self._unless_dropped(clock, "where", lost)
                to.go(dropped)
                to.put(lost)
            to.work_out("ADD_CONSTANT", 1)
            to.put(dropped)
        to.value(whole(), "outages")

    def _word_inputs(self, clock: Clock, word: str) -> None:
        to, request = self._to, self._lowered.request
        match word:
            case "services" if clock.services is not None:
                to.input("services", clock.services.text)
            case "liable":
                with to.each_outage():
                    skipped = Spot()
                    with to.when("TRUE", clock.level) as liable:
                        to.work_out("LOAD", clock.level)
                    with to.otherwise(liable):
                        self._unless_dropped(clock, "liable", skipped)
                        to.work_out("CONSTANT", 0)
                    with to.named(exact(WORKED_OUT_LAST, clock.level_denominator)):
                        to.text(plain("outage "))
                        to.text(OUTAGE_ID)
                    to.put(skipped)
            case "widen" | "within":
                for name, reg in (
                    ("claimed_at", request.claimed_at),
                    ("started_at", request.claim_start),
                    ("ended_at", request.claim_end),
                ):
                    to.input(f"claim.{name}", instant(reg))

    def _clock_result(self, clock: Clock) -> None:
        """Why a clock has no time in any occasion."""
        to, rule, clause = self._to, f"clocks.{clock.rule.name}", clock.rule.clause.id
        with to.when("KNOWN", clock.order) as asked:
            with to.when("UNKNOWN", clock.stage) as missing:
                self._undecided(rule, clause, clock.rule.name, in_occasion=False)
            with to.otherwise(missing):
                with to.when("LESS", clock.stage, 0) as left, to.line(rule, clause, applied=False):
                    to.note("no time of it lies in any occasion")
                with to.otherwise(left), to.line(rule, clock.refused_by, applied=False), to.noted():
                    to.text(Text("STAGE", clock.stage))
        with to.otherwise(asked), to.line(rule, clause, applied=False):
            to.note("not needed: no benefit that was reached counts by it")

    def _spans(self, time: ClockTime) -> None:
        """Each span of counted time with whose it is, and what it weighs; an overlap belongs to one outage only."""
        to, rule = self._to, f"clocks.{time.rule.name}.spans["
        with to.each_item(time.spans, self._span_places, SPAN_OUTAGE):
            with to.line(rule, time.rule.clause.id, middle="ITEM", tail="]"):
                to.input("from", instant(SPAN_START))
                to.input("until", instant(SPAN_END))
                to.input("outage", OUTAGE_ID)
                to.input("liable", exact(SPAN_LEVEL, time.level_denominator))
                to.value(Text("BETWEEN", SPAN_START, SPAN_END), "s")
            for measure in self._measures[time.rule.name]:
                self._weighed(rule, time, measure)

    def _weighed(self, rule: str, time: ClockTime, measure: rules.Measure) -> None:
        to, calendars = self._to, self._lowered.calendars
        if calendars.is_chosen:
            to.step("CHOOSE")
        by, tables = calendars.densities_by_calendar(measure)
        listed = [each for pair in tables for each in pair]
        to.step("DENSITY", to.list([-1 if by is None else to.reg(by), len(tables), *listed]))
        scale = calendars.scale(measure)
        # Where it is not known which calendar holds, the missing fact has a line of its own.
        with to.when("DENSITY"), to.line(rule, measure.clause.id, middle="ITEM", tail=f"].{measure.name}"):
            to.step("WEIGH", *to.piece("time at "), scale, *to.unit_of_input("s"))
            to.input("liable", exact(SPAN_LEVEL, time.level_denominator))
            to.work_out("MUL", SPAN_LEVEL)
            to.value(exact(WORKED_OUT_LAST, scale * time.level_denominator), "weighted s")


def cycle_inputs(lowered: Lowered, to: Sentences) -> None:
    """The billing cycle, where the request gives it."""
    with to.when("KNOWN", lowered.calendars.cycle_start):
        lowered.cycle.write_inputs(to)


def _measures_of(version: rules.Version, clock: str) -> Sequence[rules.Measure]:
    """The measures by which the time of a clock is paid, each once."""
    counts = [
        component.count
        for benefit in version.benefits
        for component in benefit.components
        if component.clock is not None and component.clock.name == clock
    ]
    measures = {
        count.measure.name: count.measure for count in counts if isinstance(count, rules.Units) and count.measure is not None
    }
    return tuple(measures.values())
