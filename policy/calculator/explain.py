"""The explanation: the run that made the answer, told step by step, with the rules that did not apply.

Lines of a benefit add up to its grant: the ``pay`` lines of a component, added, times its ``times`` lines, are its
``amount``; amounts joined, less ``minus``, give what ``round`` rounds; each bound after that shows what it left; the last line,
named as the benefit, is the quantity granted.
"""

from collections.abc import Iterable, Iterator, Mapping

from policy.calculator import codes, rules
from policy.calculator.almanac import Almanac
from policy.calculator.clock import Clock, ClockRun
from policy.calculator.decision import Explanation, Input, Line
from policy.calculator.explain_benefit import benefit_lines, benefit_summary
from policy.calculator.explain_clock import ClockLines
from policy.calculator.facts import Row, View
from policy.calculator.run import Run
from policy.calculator.tracing import Tracer, exact
from policy.calculator.unsettled import Unsettled
from policy.calculator.values import Values


class Explainer:
    """Tells the runs of one version."""

    def __init__(
        self, version: rules.Version, values: Values, clocks: Mapping[str, Clock], almanac: Almanac, unsettled: Unsettled
    ) -> None:
        self._version = version
        self._values = values
        self._clocks = clocks
        self._tracer = Tracer(version, values)
        self._clock_lines = ClockLines(version, clocks, almanac, self._tracer)
        self._unsettled = unsettled
        self._clause_texts = clause_texts(version)

    def explain(self, run: Run, level: str) -> Explanation:
        """The lines of ``run``: a line for each clock and benefit (SUMMARY), or every step (FULL)."""
        unsettled = [Line("unsettled", each.id, True, (), "", "", "RULE_UNSETTLED") for each in self._unsettled.applied(run)]
        lines = [*(self._summary(run) if level == codes.SUMMARY else self._full(run)), *unsettled]
        cited = dict.fromkeys(line.clause for line in lines if line.clause)
        texts = self._clause_texts
        return Explanation(tuple(lines), tuple((clause, texts[clause]) for clause in cited if clause in texts))

    def _summary(self, run: Run) -> Iterator[Line]:
        yield from self._clock_lines.summary(run)
        yield from benefit_summary(self._version, run)
        yield from self._missing(run)

    def _full(self, run: Run) -> Iterator[Line]:
        version = self._version
        span = f"in force from {version.in_force_from}" + (f" until {version.in_force_until}" if version.in_force_until else "")
        pinned = self._pinned(run.row)
        yield Line("versions", "", True, pinned, version.version, "", span)
        yield from self._figures(run)
        yield from self._clock_lines.full(run)
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
            unit = self._tracer.unit(figure)
            for ctx in read:
                note = f"outage {ctx.outage.outage_id}" if isinstance(ctx, View) else ""
                value = self._tracer.said(ctx.figures[slot], self._values.compiled(figure.value).denominator)
                yield Line(f"figures.{figure.name}", clause, True, self._tracer.inputs(figure.value, ctx), value, unit, note)
            if not read:
                yield Line(
                    f"figures.{figure.name}", clause, False, (), "", "", "not read: nothing that was reached depends on it"
                )

    def _claims(self, run: Run) -> Iterator[Line]:
        claims = self._version.claims
        if claims is None or claims.warn_below is None:
            return
        if run.row.request.claim is None:
            yield Line("claims.warn below", claims.clause.id, False, (), "", "", "no claim was made")
            return
        of_owed = {clock.rule.name for clock, _ in run.clocks_of_what_is_owed()}
        for name, clock in self._clocks.items():
            known = run.clocks.get(name)
            inputs: tuple[Input, ...] = ()
            share, note = "", "" if name in of_owed else "nothing is owed of this time"
            if isinstance(known, ClockRun):
                recorded, claimed = clock.recorded_share(run.row, known)
                inputs = (Input("on record", str(recorded), "s"), Input("claimed", str(claimed), "s"))
                share = exact(recorded, claimed)
                if not note and clock.claim_exceeds_record(run.row, known):
                    note = "CLAIM_EXCEEDS_RECORD"
            yield Line("claims.warn below", claims.clause.id, name in of_owed, inputs, share, "", note)

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
        note = "" if third else "no third party answers for any of the time"
        yield Line("recourse", rule.clause.id, bool(third), inputs, str(run.recourse.together_minor), currency, note)
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
