"""The lines of a clock: what each word left of the outages, and the time that is paid for, span by span."""

from collections.abc import Iterator

from policy.calculator import rules
from policy.calculator.decision import Input, Line
from policy.calculator.lowering.clock import Clock
from policy.calculator.lowering.clock_time import ClockTime
from policy.calculator.lowering.version import Lowered
from policy.calculator.memory import HERE
from policy.calculator.stages import REASON, Stage
from policy.calculator.texts import exact, instant_text
from policy.calculator.trace import ClockRun, OccasionRun, Run, Span, TimeRun

_WORDS: tuple[tuple[str, Stage], ...] = (
    ("services", Stage.SERVICES),
    ("widen", Stage.MATCH),
    ("within", Stage.WITHIN),
    ("where", Stage.WHERE),
    ("liable", Stage.LIABLE),
    ("starts", Stage.STARTS),
)


class ClockLines:
    """Tells the clocks of one version."""

    def __init__(self, lowered: Lowered) -> None:
        self._version, self._clocks = lowered.version, lowered.clocks
        self._measures = {name: _measures_of(lowered.version, name) for name in lowered.clocks}

    def refused(self, run: Run) -> Iterator[Line]:
        """A line for each clock that has no time in any occasion."""
        there = {name for occasion in run.occasions for name in occasion.clocks}
        for name, clock in self._clocks.items():
            if name not in there:
                yield self._clock_result(clock, run.clocks.get(name))

    def summary(self, occasion: OccasionRun) -> Iterator[Line]:
        """A line for each clock of an occasion: the time that is left, or why none is."""
        for known in occasion.clocks.values():
            yield self._time_result(known)

    def full(self, run: Run) -> Iterator[Line]:
        """Each word of each clock with what it left of the outages."""
        for name, clock in self._clocks.items():
            yield from self._clock(clock, run.clocks.get(name), run)
        yield from self.refused(run)

    def of_occasion(self, occasion: OccasionRun, run: Run) -> Iterator[Line]:
        """The time that is left of each clock, span by span and measure by measure."""
        for known in occasion.clocks.values():
            if known.time.only is not None and known.merged and not known.is_missing:
                yield self._only(known, run)
            yield self._time_result(known)
            if not known.is_missing and known.refusal is None:
                yield from self._spans(known, run)

    def _clock(self, clock: Clock, known: ClockRun | None, run: Run) -> Iterator[Line]:
        if known is not None and not known.is_missing:
            refused = known.refusal.stage if known.refusal else None
            for word, stage in _WORDS:
                if self._has(clock.rule, word):
                    yield self._word(clock, known, run, word, stage, refused)

    def _only(self, known: TimeRun, run: Run) -> Line:
        time, merged = known.time, Input("merged", str(sum(span.end - span.start for span in known.merged)), "s")
        inputs = (merged, *run.cycle_inputs(time.only is not None and "billing cycle" in time.only.scopes))
        note = "" if known.refusal is None else f"nothing is left: {REASON[known.refusal.stage]}"
        return Line(f"clocks.{time.rule.name}.only", time.rule.clause.id, True, inputs, str(known.seconds), "s", note)

    def _time_result(self, known: TimeRun) -> Line:
        rule, clause = f"clocks.{known.time.rule.name}", known.time.rule.clause.id
        if known.is_missing:
            return Line(rule, clause, False, (), "", "", f"not decided: {', '.join(sorted(known.missing))} not given")
        if known.refusal is not None:
            return Line(rule, known.refusal.clause, False, (), "", "", REASON[known.refusal.stage])
        return Line(rule, clause, True, (), str(known.seconds), "s", "")

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

    def _word(self, clock: Clock, known: ClockRun, run: Run, word: str, stage: Stage, refused: Stage | None) -> Line:
        rule, claims = f"clocks.{clock.rule.name}.{word}", self._version.claims
        of_claims = word in ("widen", "within")
        clause = claims.clause.id if of_claims and claims is not None else clock.rule.clause.id
        if of_claims and run.row.request.claim is None:
            return Line(rule, clause, False, (), "", "", "no claim was made")
        if refused is not None and refused < stage:
            return Line(rule, clause, False, (), "", "", f"not reached: {REASON[refused]}")
        dropped = [view for view in run.row.views if known.dropped.get(view.index) == word]
        note = f"left out: {', '.join(view.outage.outage_id for view in dropped)}" if dropped else ""
        if refused == stage:
            note = "; ".join(filter(None, (note, f"nothing is left: {REASON[stage]}")))
        value, unit = self._left(known, word)
        return Line(rule, clause, True, self._word_inputs(clock, known, run, word), value, unit, note)

    def _left(self, known: ClockRun, word: str) -> tuple[str, str]:
        """What a word left: outages, or seconds of time."""
        match word:
            case "services":
                return str(len(known.counted)), "outages"
            case "widen" | "within":
                return str(len(known.met)), "outages"
            case "starts":
                return str(sum(span.end - span.start for span in known.merged)), "s"
        left = [view for view in known.met if known.dropped.get(view.index) != "where"]
        if word == "liable":
            left = known.liable
        return str(len(left)), "outages"

    def _word_inputs(self, clock: Clock, known: ClockRun, run: Run, word: str) -> tuple[Input, ...]:
        claim = run.row.request.claim
        match word:
            case "services" if clock.services is not None:
                return (Input("services", clock.services.text(run.memory, HERE)),)
            case "liable":
                return tuple(
                    Input(f"outage {view.outage.outage_id}", exact(known.levels.get(view.index, 0), clock.level_denominator))
                    for view in run.row.views
                    if view.index in known.levels or known.dropped.get(view.index) == "liable"
                )
            case "widen" | "within" if claim is not None:
                instants = {"claimed_at": claim.claimed_at, "started_at": claim.started_at, "ended_at": claim.ended_at}
                return tuple(Input(f"claim.{name}", instant_text(at)) for name, at in instants.items() if at is not None)
        return ()

    def _clock_result(self, clock: Clock, known: ClockRun | None) -> Line:
        rule, clause = f"clocks.{clock.rule.name}", clock.rule.clause.id
        if known is None:
            return Line(rule, clause, False, (), "", "", "not needed: no benefit that was reached counts by it")
        if known.is_missing:
            return Line(rule, clause, False, (), "", "", f"not decided: {', '.join(sorted(known.missing))} not given")
        if known.refusal is not None:
            return Line(rule, known.refusal.clause, False, (), "", "", REASON[known.refusal.stage])
        return Line(rule, clause, False, (), "", "", "no time of it lies in any occasion")

    def _spans(self, known: TimeRun, run: Run) -> Iterator[Line]:
        """Each span of counted time with whose it is, and what it weighs; an overlap belongs to one outage only."""
        clock, measures = known.time, self._measures[known.time.rule.name]
        for number, span in enumerate(known.spans):
            rule = f"clocks.{clock.rule.name}.spans[{number}]"
            inputs = (
                Input("from", instant_text(span.start)),
                Input("until", instant_text(span.end)),
                Input("outage", span.view.outage.outage_id),
                Input("liable", exact(span.level, clock.level_denominator)),
            )
            yield Line(rule, clock.rule.clause.id, True, inputs, str(span.end - span.start), "s", "")
            for measure in measures:
                yield from self._weighed(f"{rule}.{measure.name}", clock, span, measure, run)

    def _weighed(self, rule: str, clock: ClockTime, span: Span, measure: rules.Measure, run: Run) -> Iterator[Line]:
        density = run.density(measure)
        if density is None:
            return  # which calendar holds is not known; the missing fact has a line of its own
        scale = density.scale
        seconds = density.seconds_by_weight(span.start, span.end)
        bands = [Input(f"time at {exact(weight, scale)}", str(length), "s") for weight, length in seconds.items()]
        liable = Input("liable", exact(span.level, clock.level_denominator))
        weighed = sum(weight * length for weight, length in seconds.items()) * span.level
        yield Line(
            rule, measure.clause.id, True, (*bands, liable), exact(weighed, scale * clock.level_denominator), "weighted s", ""
        )


def _measures_of(version: rules.Version, clock: str) -> tuple[rules.Measure, ...]:
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
