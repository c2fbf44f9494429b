"""What the reader of a decision should know besides."""

from policy.calculator import rules
from policy.calculator.almanac import Almanac
from policy.calculator.clock import ClockRun
from policy.calculator.decision import Warn
from policy.calculator.run import Run
from policy.calculator.unsettled import Unsettled


class Warnings:
    """The warnings that decisions by one version may carry."""

    def __init__(self, version: rules.Version, almanac: Almanac, unsettled: Unsettled) -> None:
        self._almanac = almanac
        self._unsettled = unsettled
        self._party_clause = version.recourse.clause.id if version.recourse else ""
        # Which measures each clock's time is weighed by: a year without a calendar matters only where days are told apart.
        self._measured = {
            (component.clock.name, component.count.measure.name): component.count.measure
            for benefit in version.benefits
            for component in benefit.components
            if component.clock and isinstance(component.count, rules.Units) and component.count.measure
        }

    def of(self, run: Run) -> tuple[Warn, ...]:
        """In the order of the contract's codes. Those about amounts stand only where amounts were reached."""
        warnings: list[Warn] = []
        if run.reached_amounts:
            self._calendar(run, warnings)
        for _, clock in run.clock_runs():
            for view in clock.counted:
                if view.outage.ended_at is None:
                    _add(warnings, Warn("OUTAGE_ONGOING", "", f"outages[{view.index}].ended_at"))
        if run.reached_amounts and run.row.subscriber.granted_this_cycle is None:
            self._cycle(run, warnings)
        if run.shares is not None and "" in run.shares.by_party:
            warnings.append(Warn("RESPONSIBLE_PARTY_UNKNOWN", self._party_clause, "outages[].responsible_party"))
        warnings.extend([Warn("RULE_UNSETTLED", clause.id) for clause in self._unsettled.applied(run)])
        return tuple(warnings)

    def _calendar(self, run: Run, warnings: list[Warn]) -> None:
        for (clock, _), measure in self._measured.items():
            known = run.clocks.get(clock)
            if isinstance(known, ClockRun) and self._almanac.unpublished(run.row, measure, known.spans):
                _add(warnings, Warn("CALENDAR_NOT_PUBLISHED", measure.clause.id))

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
