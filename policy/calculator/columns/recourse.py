"""Recourse over columns: whose third party's time it was, for the rows of which any of it was."""

from collections.abc import Mapping

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.almanac import ColumnAlmanac
from policy.calculator.columns.clock import ColumnClock, ColumnClockRun
from policy.calculator.columns.conditions import condition
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.values import ColumnValues
from policy.calculator.decision import Recourse as Owed
from policy.calculator.recourse import Recourse, Shares


class ColumnRecourse:
    """Compiled recourse."""

    def __init__(
        self, scalar: Recourse, clocks: Mapping[str, ColumnClock], values: ColumnValues, almanac: ColumnAlmanac, currency: str
    ) -> None:
        self._scalar, self._almanac, self._currency = scalar, almanac, currency
        self.rule: rules.RecourseRule = scalar.rule
        self.clock = clocks[self.rule.clock.name]
        self._owed_by = condition(self.rule.owed_by, values, "view")

    def shares(self, frame: Frame, clock: ColumnClockRun, rows: Mask) -> dict[int, Shares]:
        """For each of ``rows`` that a third party answers for some time of: who owns how much of it."""
        spans = clock.spans
        assert spans is not None
        weight = spans.lengths()
        if self.rule.measure is not None:
            weight = spans.level * self._almanac.density(self.rule.measure).between(spans.start, spans.end)
        counted = rows[spans.row] & (weight > 0)
        live = np.zeros(frame.size("view"), np.bool_)
        live[spans.view[counted]] = True
        theirs = counted & self._owed_by(frame, live)[spans.view]
        concerned = np.zeros(frame.count, np.bool_)
        concerned[spans.row[theirs]] = True
        by_party: dict[int, dict[str, int]] = {}
        total: dict[int, int] = {}
        kept = np.flatnonzero(concerned[spans.row])
        outage = frame.view_outage[spans.view[kept]].tolist()
        for row, owner, amount, third in zip(
            spans.row[kept].tolist(), outage, weight[kept].tolist(), theirs[kept].tolist(), strict=True
        ):
            total[row] = total.get(row, 0) + amount
            if third:
                party = frame.questions.outages.parties[owner].decode()
                shares = by_party.setdefault(row, {})
                shares[party] = shares.get(party, 0) + amount
        return {row: Shares(by_party[row], total[row]) for row in by_party}

    def owed(
        self, shares: Mapping[int, Shares], quantities: Mapping[str, Ints], bookable: Mapping[str, Mask]
    ) -> dict[int, tuple[Owed, ...]]:
        """The claims of each row for what it was granted to book; rows that ask alike are worked out once."""
        known: dict[tuple[object, ...], tuple[Owed, ...]] = {}
        owed: dict[int, tuple[Owed, ...]] = {}
        for row, each in shares.items():
            granted = {name: int(column[row]) for name, column in quantities.items() if bookable[name][row]}
            key = (*each.by_party.items(), each.total, *granted.items())
            if key not in known:
                amounts = self._scalar.run(each, granted).by_party_minor
                known[key] = tuple(Owed(party, amount, self._currency) for party, amount in amounts.items())
            owed[row] = known[key]
        return owed
