"""What the reader of a decision should know besides."""

from policy.calculator import rules
from policy.calculator.decision import Warn
from policy.calculator.readings import Readings
from policy.calculator.trace import Run
from policy.calculator.unsettled import Unsettled


class Warnings:
    """The warnings that decisions by one version may carry."""

    def __init__(self, version: rules.Version, readings: Readings, unsettled: Unsettled) -> None:
        self._readings = readings
        self._unsettled = unsettled
        self._party_clause = version.recourse.clause.id if version.recourse else ""

    def of(self, run: Run) -> tuple[Warn, ...]:
        """In the order of the contract's codes. Those about amounts stand only where amounts were reached."""
        warnings: list[Warn] = []
        if run.reached_amounts:
            for clause in self._readings.without_calendar(run):
                _add(warnings, Warn("CALENDAR_NOT_PUBLISHED", clause))
        for view in run.counted():
            if view.outage.ended_at is None:
                _add(warnings, Warn("OUTAGE_ONGOING", "", f"outages[{view.index}].ended_at"))
        if run.reached_amounts and run.row.subscriber.granted_this_cycle is None:
            self._cycle(run, warnings)
        if run.shares is not None and "" in run.shares.by_party:
            warnings.append(Warn("RESPONSIBLE_PARTY_UNKNOWN", self._party_clause, "outages[].responsible_party"))
        warnings.extend([Warn("RULE_UNSETTLED", clause.id) for clause in self._unsettled.applied(run)])
        return tuple(warnings)

    @staticmethod
    def _cycle(run: Run, warnings: list[Warn]) -> None:
        """A cycle's total matters to a benefit whose amount was reached and that has a cap per cycle."""
        for each in run.benefits:
            if each.cycle_left is not None:
                warnings.append(Warn("CYCLE_TOTAL_UNKNOWN", each.benefit.clause, "subscriber.granted_this_cycle"))
                return


def _add(warnings: list[Warn], warning: Warn) -> None:
    if warning not in warnings:
        warnings.append(warning)
