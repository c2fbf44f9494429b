"""The explanation: the run that made the answer, told step by step, with the rules that did not apply.

Lines of a benefit add up to its grant: the ``pay`` lines of a component, added, times its ``times`` lines, are its
``amount``; amounts joined, less ``minus``, give what ``round`` rounds; each bound after that shows what it left; the last line,
named as the benefit, is the quantity granted. What is of one occasion stands together; where there are several, its lines are
named below ``occasions[0]`` and so on, in the order of the decision's occasions.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from policy.calculator import codes, rules
from policy.calculator.decision import Explanation, Input, Line
from policy.calculator.explain_benefit import benefit_lines, benefit_summary, refused_benefits
from policy.calculator.explain_clock import ClockLines
from policy.calculator.facts import Row
from policy.calculator.lowering.assembler import Bank
from policy.calculator.lowering.values import Named
from policy.calculator.lowering.version import Lowered
from policy.calculator.memory import HERE, At
from policy.calculator.texts import exact, instant_text
from policy.calculator.trace import OccasionRun, Run


class Explainer:
    """Tells the runs of one version."""

    def __init__(self, lowered: Lowered) -> None:
        self._lowered, self._version = lowered, lowered.version
        self._clock_lines = ClockLines(lowered)
        self._clause_texts = clause_texts(lowered.version)

    def explain(self, run: Run, level: str) -> Explanation:
        """The lines of ``run``: a line for each clock and benefit (SUMMARY), or every step (FULL)."""
        unsettled = [Line("unsettled", w.clause, True, (), "", "", w.code) for w in run.warnings if w.code == "RULE_UNSETTLED"]
        lines = [*(self._summary(run) if level == codes.SUMMARY else self._full(run)), *unsettled]
        cited = dict.fromkeys(line.clause for line in lines if line.clause)
        texts = self._clause_texts
        return Explanation(tuple(lines), tuple((clause, texts[clause]) for clause in cited if clause in texts))

    def _summary(self, run: Run) -> Iterator[Line]:
        yield from self._clock_lines.refused(run)
        yield from refused_benefits(run)
        for at, occasion in _places(run):
            yield from _below(at, self._clock_lines.summary(occasion))
            yield from _below(at, benefit_summary(occasion, run))
        yield from self._missing(run)

    def _full(self, run: Run) -> Iterator[Line]:
        version = self._version
        span = f"in force from {version.in_force_from}" + (f" until {version.in_force_until}" if version.in_force_until else "")
        pinned = self._pinned(run.row)
        yield Line("versions", "", True, pinned, version.version, "", span)
        yield from self._figures(run)
        yield from self._clock_lines.full(run)
        yield from self._claims(run)
        yield from refused_benefits(run)
        for number, (at, occasion) in enumerate(_places(run)):
            yield _occasion(number, occasion)
            yield from _below(at, self._clock_lines.of_occasion(occasion, run))
            yield from _below(at, benefit_lines(occasion, run))
        yield from self._missing(run)
        yield from self._recourse(run)

    def _pinned(self, row: Row) -> tuple[Input, ...]:
        name = self._version.pinned_by.name
        instants = [(int(at), view) for view in row.views if (at := getattr(view.outage, name, None)) is not None]
        if not instants:
            return ()
        at, view = min(instants, key=lambda each: each[0])
        return (Input(self._version.pinned_by.field.replace("[]", f"[{view.index}]", 1), instant_text(at)),)

    def _figures(self, run: Run) -> Iterator[Line]:
        memory = run.memory
        for rule in self._version.figures:
            figure = self._lowered.figures.get(rule.name)
            if figure is None or not figure.is_remembered:
                continue
            read = [
                (note, occasion, at) for note, occasion, at in _where_read(figure, run) if _is_read(run, figure, occasion, at)
            ]
            for note, occasion, at in read:
                memory.enter(occasion)
                inputs = tuple(dict.fromkeys(figure.inner_inputs(memory, at)))
                value = figure.text(memory, at)
                yield Line(f"figures.{rule.name}", figure.clause, True, inputs, value, figure.unit, note)
            if not read:
                note = "not read: nothing that was reached depends on it"
                yield Line(f"figures.{rule.name}", figure.clause, False, (), "", "", note)

    def _claims(self, run: Run) -> Iterator[Line]:
        claims = self._version.claims
        if claims is None or claims.warn_below is None:
            return
        if run.row.request.claim is None:
            yield Line("claims.warn below", claims.clause.id, False, (), "", "", "no claim was made")
            return
        of_owed = {known.time.rule.name for known in run.times_of_what_is_owed()}
        for name in self._lowered.clocks:
            known = run.clocks.get(name)
            inputs: tuple[Input, ...] = ()
            share, note = "", "" if name in of_owed else "nothing is owed of this time"
            if known is not None and not known.is_missing:
                recorded, claimed = known.recorded_share
                inputs = (Input("on record", str(recorded), "s"), Input("claimed", str(claimed), "s"))
                share = exact(recorded, claimed)
                if not note and known.claim_exceeds_record:
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
        if not run.recourse:
            yield Line("recourse", rule.clause.id, False, (), "", "", "nothing is booked that could be recovered")
            return
        currency = f"minor units of {self._version.currency_code}"
        for each in run.recourse:
            outage = each.view.outage
            inputs = (
                Input("responsible party", outage.responsible_party),
                Input("worth of its parts", str(each.worth), currency),
            )
            line = f'recourse["{outage.outage_id}"]'
            yield Line(line, rule.clause.id, True, inputs, str(each.amount_minor), currency, rule.rounding)


def _places(run: Run) -> list[tuple[str, OccasionRun]]:
    """Each occasion with what its lines are named below: nothing where there is but one."""
    return [(f"occasions[{number}]." if len(run.occasions) > 1 else "", each) for number, each in enumerate(run.occasions)]


def _below(at: str, lines: Iterator[Line]) -> Iterator[Line]:
    return (replace(line, rule=at + line.rule) for line in lines) if at else lines


def _occasion(number: int, known: OccasionRun) -> Line:
    inputs = [Input("from", instant_text(known.start)), Input("until", instant_text(known.end))]
    inputs += [Input("outage", outage_id) for outage_id in known.outage_ids]
    return Line(f"occasions[{number}]", "", True, tuple(inputs), str(known.end - known.start), "s", known.of.kind)


def _where_read(figure: Named, run: Run) -> list[tuple[str, int, At]]:
    """Where a figure may have a value: a note, the address of the occasion, and the outage."""
    match figure.bank:
        case Bank.ROW:
            return [("", 0, HERE)]
        case Bank.OCCASION:
            return [(f"occasions[{number}]", each.address, HERE) for number, each in enumerate(run.occasions)]
    return [(f"outage {view.outage.outage_id}", 0, view.at) for view in run.row.views]


def _is_read(run: Run, figure: Named, occasion: int, at: At) -> bool:
    run.memory.enter(occasion)
    return run.memory.known(figure.reg, at)


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
