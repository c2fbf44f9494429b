"""Which of the rules that a policy itself calls unsettled a decision rests on."""

from collections.abc import Iterator

from policy.calculator import codes, rules
from policy.calculator.trace import Run
from policy.calculator.lowering.version import Lowered
from policy.calculator.memory import HERE
from policy.calculator.readings import Readings
from policy.calculator.stages import Stage


class Unsettled:
    """The unsettled rules of one version.

    An entry under the id of a rule's clause is about that rule: it stands with a decision that applied the rule, to grant or
    to refuse. An entry under an id of its own is about the policy as a whole.
    """

    def __init__(self, lowered: Lowered, readings: Readings) -> None:
        version = lowered.version
        self.clauses = version.unsettled
        self._version, self._readings = version, readings
        self._figures = [each for each in lowered.figures.values() if each.clause and each.is_remembered]
        self._of_rules = set(_clauses_of(version))

    def applied(self, run: Run) -> tuple[rules.Clause, ...]:
        """Those that the answer rests on; none where no outage was looked at, or a fact is missing."""
        if not self.clauses or run.missing:
            return ()
        reached = set(self._reached(run))
        if not reached:
            return ()
        return tuple(each for each in self.clauses if each.id in reached or each.id not in self._of_rules)

    def _reached(self, run: Run) -> Iterator[str]:
        """The clauses of the rules that were applied."""
        for known in run.clock_runs():
            if known.refusal is None or known.refusal.stage >= Stage.WHERE:  # before that, no outage was its business
                yield known.clock.rule.clause.id
        for each in run.benefits:
            for component in each.components:
                if component.refusal is None or component.refusal.stage >= Stage.COUNT:
                    yield component.component.rule.clause.id
        yield from (measure.clause.id for measure, _ in self._readings.measured(run))
        places = [HERE, *(view.at for view in run.row.views)]
        for figure in self._figures:
            if any(run.memory.known(figure.reg, at) for at in (places[1:] if figure.bank else places[:1])):
                yield figure.clause
        version, request = self._version, run.row.request
        if version.claims and (request.claim is not None or any(each.claim_required for each in run.owed)):
            yield version.claims.clause.id
        if version.recourse and run.shares is not None:
            yield version.recourse.clause.id
        if version.notice and run.granted and request.mode == codes.PROACTIVE_NOTICE:
            yield version.notice.clause.id


def _clauses_of(version: rules.Version) -> Iterator[str]:
    """The clause of every rule whose use :meth:`Unsettled.applied` can tell."""
    yield from (figure.clause.id for figure in version.figures if figure.clause)
    yield from (measure.clause.id for measure in version.measures)
    yield from (clock.clause.id for clock in version.clocks)
    yield from (component.clause.id for benefit in version.benefits for component in benefit.components)
    yield from (rule.clause.id for rule in (version.claims, version.recourse, version.notice) if rule is not None)
