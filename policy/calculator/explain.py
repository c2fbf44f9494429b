"""The explanation: the run that made the answer, told step by step, with the rules that did not apply.

Lines of a benefit add up to its grant: the ``pay`` lines of a component, added, times its ``times`` lines, are its
``amount``; amounts joined, less ``minus``, give what ``round`` rounds; each bound after that shows what it left; the last line,
named as the benefit, is the quantity granted.
"""

from collections.abc import Iterable, Iterator, Mapping

from policy.calculator import codes, rules
from policy.calculator.clock import Clock, ClockRun
from policy.calculator.decision import Explanation, Input, Line
from policy.calculator.explain_benefit import benefit_lines
from policy.calculator.facts import Missing, Row, View
from policy.calculator.run import Run
from policy.calculator.stages import REASON, Stage
from policy.calculator.tracing import Tracer, exact, instant_text
from policy.calculator.values import Values

_WORDS: tuple[tuple[str, Stage], ...] = (
    ("services", Stage.SERVICES),
    ("widen", Stage.MATCH),
    ("within", Stage.WITHIN),
    ("where", Stage.WHERE),
    ("liable", Stage.LIABLE),
    ("starts", Stage.STARTS),
    ("only", Stage.ONLY),
)


class Explainer:
    """Tells the runs of one version."""

    def __init__(self, version: rules.Version, values: Values, clocks: Mapping[str, Clock]) -> None:
        self._version = version
        self._values = values
        self._clocks = clocks
        self._tracer = Tracer(version, values)

    def explain(self, run: Run, level: str) -> Explanation:
        """The lines of ``run``: a line for each clock and benefit (SUMMARY), or every step (FULL)."""
        lines = list(self._summary(run) if level == codes.SUMMARY else self._full(run))
        cited = dict.fromkeys(line.clause for line in lines if line.clause)
        texts = clause_texts(self._version)
        return Explanation(tuple(lines), tuple((clause, texts[clause]) for clause in cited if clause in texts))

    def _summary(self, run: Run) -> Iterator[Line]:
        for name, clock in self._clocks.items():
            yield self._clock_result(clock, run.clocks.get(name))
        for line in benefit_lines(self._version, run, self._tracer):
            if line.rule.count(".") == 1:
                yield line
        yield from self._missing(run)

    def _full(self, run: Run) -> Iterator[Line]:
        version = self._version
        span = f"in force from {version.in_force_from}" + (f" until {version.in_force_until}" if version.in_force_until else "")
        pinned = self._pinned(run.row)
        yield Line("versions", "", True, pinned, version.version, "", span)
        yield from self._figures(run)
        for name, clock in self._clocks.items():
            yield from self._clock(clock, run.clocks.get(name), run.row)
        yield from self._claims(run)
        yield from benefit_lines(version, run, self._tracer)
        yield from self._missing(run)
        yield from self._recourse(run)

    def _pinned(self, row: Row) -> tuple[Input, ...]:
        views = [view for view in row.views if getattr(view.outage, self._version.pinned_by.name, None) is not None]
        if not views:
            return ()
        first = min(views, key=lambda view: int(getattr(view.outage, self._version.pinned_by.name)))
        return self._tracer.inputs(self._version.pinned_by, first)

    def _figures(self, run: Run) -> Iterator[Line]:
        for figure in self._version.figures:
            slot = self._values.slots.get(figure.name)
            if slot is None:
                continue
            clause = figure.clause.id if figure.clause else ""
            contexts: list[Row | View] = [run.row, *run.row.views]
            read = [ctx for ctx in contexts if ctx.figures[slot] is not None]
            for ctx in read:
                note = f"outage {ctx.outage.outage_id}" if isinstance(ctx, View) else ""
                value = self._tracer.said(ctx.figures[slot], self._values.compiled(figure.value).denominator)
                yield Line(
                    f"figures.{figure.name}", clause, True, self._tracer.inputs(figure.value, ctx), value, figure.unit, note
                )
            if not read:
                yield Line(
                    f"figures.{figure.name}", clause, False, (), "", "", "not read: nothing that was reached depends on it"
                )

    def _clock(self, clock: Clock, known: ClockRun | Missing | None, row: Row) -> Iterator[Line]:
        if isinstance(known, ClockRun):
            refused = known.refusal.stage if known.refusal else None
            for word, stage in _WORDS:
                if self._has(clock.rule, word):
                    yield self._word(clock, known, row, word, stage, refused)
        yield self._clock_result(clock, known)
        if isinstance(known, ClockRun) and known.refusal is None:
            yield from self._spans(clock, known)

    def _has(self, rule: rules.Clock, word: str) -> bool:
        claims = self._version.claims
        return {
            "services": rule.services is not None,
            "widen": claims is not None and claims.widen_seconds is not None,
            "within": claims is not None and claims.within_seconds is not None,
            "where": rule.where is not None,
            "liable": bool(rule.liable),
            "starts": rule.starts is not None or bool(rule.minus),
            "only": bool(rule.only),
        }[word]

    def _word(self, clock: Clock, known: ClockRun, row: Row, word: str, stage: Stage, refused: Stage | None) -> Line:
        rule, claims = f"clocks.{clock.rule.name}.{word}", self._version.claims
        of_claims = word in ("widen", "within")
        clause = claims.clause.id if of_claims and claims is not None else clock.rule.clause.id
        if of_claims and row.request.claim is None:
            return Line(rule, clause, False, (), "", "", "no claim was made")
        if refused is not None and refused < stage:
            return Line(rule, clause, False, (), "", "", f"not reached: {REASON[refused]}")
        dropped = [view for view in row.views if known.dropped.get(view.index) == word]
        note = f"left out: {', '.join(view.outage.outage_id for view in dropped)}" if dropped else ""
        if refused == stage:
            note = "; ".join(filter(None, (note, f"nothing is left: {REASON[stage]}")))
        value, unit = self._left(known, word)
        return Line(rule, clause, True, self._word_inputs(clock, known, row, word), value, unit, note)

    def _left(self, known: ClockRun, word: str) -> tuple[str, str]:
        """What a word left: outages, or seconds of time."""
        match word:
            case "services":
                return str(len(known.counted)), "outages"
            case "widen" | "within":
                return str(len(known.met)), "outages"
            case "starts":
                return str(sum(span.end - span.start for span in known.merged)), "s"
            case "only":
                return str(sum(span.end - span.start for span in known.spans)), "s"
        left = [view for view in known.met if known.dropped.get(view.index) != "where"]
        if word == "liable":
            left = known.liable
        return str(len(left)), "outages"

    def _word_inputs(self, clock: Clock, known: ClockRun, row: Row, word: str) -> tuple[Input, ...]:
        claim = row.request.claim
        match word:
            case "services" if clock.rule.services is not None:
                return (Input("services", self._tracer.value(clock.rule.services, row)),)
            case "liable":
                return tuple(
                    Input(f"outage {view.outage.outage_id}", exact(known.levels.get(view.index, 0), clock.level_denominator))
                    for view in row.views
                    if view.index in known.levels or known.dropped.get(view.index) == "liable"
                )
            case "only":
                return (Input("merged", str(sum(span.end - span.start for span in known.merged)), "s"),)
            case "widen" | "within" if claim is not None:
                instants = {"claimed_at": claim.claimed_at, "started_at": claim.started_at, "ended_at": claim.ended_at}
                return tuple(Input(f"claim.{name}", instant_text(at)) for name, at in instants.items() if at is not None)
        return ()

    def _clock_result(self, clock: Clock, known: ClockRun | Missing | None) -> Line:
        rule, clause = f"clocks.{clock.rule.name}", clock.rule.clause.id
        if known is None:
            return Line(rule, clause, False, (), "", "", "not needed: no benefit that was reached counts by it")
        if isinstance(known, Missing):
            return Line(rule, clause, False, (), "", "", f"not decided: {', '.join(sorted(known.fields))} not given")
        if known.refusal is not None:
            return Line(rule, known.refusal.clause, False, (), "", "", REASON[known.refusal.stage])
        return Line(rule, clause, True, (), str(known.seconds), "s", "")

    def _spans(self, clock: Clock, known: ClockRun) -> Iterator[Line]:
        """Each span of counted time with whose it is; an overlap belongs to one outage only."""
        for number, span in enumerate(known.spans):
            yield Line(
                f"clocks.{clock.rule.name}.spans[{number}]",
                clock.rule.clause.id,
                True,
                (
                    Input("from", instant_text(span.start)),
                    Input("until", instant_text(span.end)),
                    Input("outage", span.view.outage.outage_id),
                    Input("liable", exact(span.level, clock.level_denominator)),
                ),
                str(span.end - span.start),
                "s",
                "",
            )

    def _claims(self, run: Run) -> Iterator[Line]:
        claims = self._version.claims
        if claims is None or claims.warn_below is None:
            return
        for clock in self._clocks.values():
            known = run.clocks.get(clock.rule.name)
            if run.row.request.claim is None or not isinstance(known, ClockRun):
                yield Line("claims.warn below", claims.clause.id, False, (), "", "", "no claim was made")
                continue
            recorded, claimed = clock.recorded_share(run.row, known)
            inputs = (Input("on record", str(recorded), "s"), Input("claimed", str(claimed), "s"))
            note = "CLAIM_EXCEEDS_RECORD" if clock.claim_exceeds_record(run.row, known) else ""
            yield Line("claims.warn below", claims.clause.id, True, inputs, exact(recorded, claimed), "", note)

    @staticmethod
    def _missing(run: Run) -> Iterator[Line]:
        for field, clause in sorted(run.missing.items()):
            yield Line("facts", clause, False, (Input(field, ""),), "", "", "needed and not given")

    def _recourse(self, run: Run) -> Iterator[Line]:
        rule = self._version.recourse
        if rule is None:
            return
        if run.recourse is None:
            yield Line("recourse", rule.clause.id, False, (), "", "", "nothing is booked that could be recovered")
            return
        currency = f"minor units of {self._version.currency_code}"
        shares = run.recourse.shares
        third = sum(shares.by_party.values())
        value = exact(run.recourse.value_numerator, run.recourse.value_denominator)
        inputs = (Input("value of the grants", value, currency), Input("share of the time", exact(third, shares.total)))
        yield Line("recourse", rule.clause.id, bool(third), inputs, str(run.recourse.together_minor), currency, "")
        for party, amount in run.recourse.by_party_minor.items():
            share = (Input("share of the time", exact(shares.by_party[party], shares.total)),)
            yield Line(f'recourse["{party}"]', rule.clause.id, True, share, str(amount), currency, "")


def clause_texts(version: rules.Version) -> dict[str, Mapping[str, str]]:
    """Every clause of a version: id to text by language. Extracts under one id stand one after the other."""
    texts: dict[str, dict[str, str]] = {}
    for clause in _clauses(version):
        known = texts.setdefault(clause.id, {})
        for language, text in clause.texts.items():
            if language not in known:
                known[language] = text
            elif text not in known[language]:
                known[language] += " / " + text
    return dict(texts)


def _clauses(version: rules.Version) -> Iterable[rules.Clause]:
    yield from (figure.clause for figure in version.figures if figure.clause)
    yield from (measure.clause for measure in version.measures)
    yield from (clock.clause for clock in version.clocks)
    yield from (component.clause for benefit in version.benefits for component in benefit.components)
    yield from (rule.clause for rule in (version.claims, version.recourse, version.notice) if rule is not None)
    yield from version.unsettled
