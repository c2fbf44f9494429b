"""Recourse over columns: whose third party's time it was, and what each owes for what was granted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from policy.calculator import rules
from policy.calculator.benefit import round_to
from policy.calculator.columns.almanac import ColumnAlmanac
from policy.calculator.columns.clock import ColumnClock, ColumnClockRun
from policy.calculator.columns.column import LARGEST, fits
from policy.calculator.columns.conditions import condition
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.spans import LONGEST_SECONDS, Groups, by_row
from policy.calculator.columns.unknown import at
from policy.calculator.columns.values import ColumnValues
from policy.calculator.decision import Recourse as Owed
from policy.calculator.recourse import Recourse, Shares

_PARTY_BITS: Final = 31


@dataclass(frozen=True, slots=True)
class ColumnShares:
    """Measured time by third party: a line for each of a row, by row and name. ``parties[party[i]]`` is the name, in UTF-8.

    ``total``: of each row, the time of all its outages.
    """

    row: Ints
    party: Ints
    weight: Ints
    total: Ints
    parties: Sequence[bytes]

    def unnamed(self, count: int) -> Mask:
        """The rows of which some time is a party's that was not named."""
        rows = np.zeros(count, np.bool_)
        if self.parties and not self.parties[0]:
            rows[self.row[self.party == 0]] = True
        return rows

    def of_rows(self, rows: Mask) -> "ColumnShares":
        """Those of ``rows``."""
        kept = rows[self.row]
        return ColumnShares(self.row[kept], self.party[kept], self.weight[kept], self.total, self.parties)


@dataclass(frozen=True, slots=True)
class ColumnRecourseRun:
    """What is owed: a line for each claim of a row, by row and name of the party; claims of 0 are left out."""

    row: Ints
    party: Sequence[bytes]
    amount_minor: Ints
    currency_code: str

    def of(self, row: int) -> tuple[Owed, ...]:
        """The claims of one row."""
        first, last = np.searchsorted(self.row, (row, row + 1)).tolist()
        return tuple(
            Owed(self.party[line].decode(), int(self.amount_minor[line]), self.currency_code) for line in range(first, last)
        )


class ColumnRecourse:
    """Compiled recourse."""

    def __init__(
        self, scalar: Recourse, clocks: Mapping[str, ColumnClock], values: ColumnValues, almanac: ColumnAlmanac, currency: str
    ) -> None:
        self._scalar, self._almanac, self._currency = scalar, almanac, currency
        self.rule: rules.RecourseRule = scalar.rule
        self.clock = clocks[self.rule.clock.name]
        if self.rule.measure is not None:
            fits(LONGEST_SECONDS * self.clock.level_bound * almanac.heaviest(self.rule.measure))
        self._owed_by = condition(self.rule.owed_by, values, "view")

    def shares(self, frame: Frame, clock: ColumnClockRun, rows: Mask) -> ColumnShares:
        """Who owns how much of the time of ``rows``, where any of it is a third party's, as far as that is known."""
        spans = clock.spans
        assert spans is not None
        weight = spans.lengths()
        if self.rule.measure is not None:
            measure = self.rule.measure
            _, unknown = frame.apart(lambda frame, live: self._almanac.ask(frame, live, measure), rows & (clock.seconds > 0))
            if unknown:  # then nobody's share is asked for
                rows = rows & ~frame.lack(unknown)
            weight = self._almanac.weighed(frame, measure, spans)
        counted = rows[spans.row] & (weight > 0)
        live = np.zeros(frame.size("view"), np.bool_)
        live[spans.view[counted]] = True
        owed, unknown = frame.apart(self._owed_by, live)
        if unknown:
            of = np.flatnonzero(counted)
            of = of[np.sort(np.unique(spans.view[of], return_index=True)[1])]  # outages by the first of their time
            frame.lack(at(unknown, spans.view[of]), spans.row[of], spans.view[of])
        theirs = counted & owed[spans.view]
        total = by_row(frame.count, spans.row, np.where(counted, weight, 0))
        names = frame.questions.outages.parties
        owner = frame.view_outage[spans.view[theirs]]
        parties = sorted({names[outage] for outage in np.unique(owner).tolist()})
        place = {name: number for number, name in enumerate(parties)}
        party = np.array([place[names[outage]] for outage in owner.tolist()], np.int64)
        key = spans.row[theirs] << _PARTY_BITS | party
        order = np.argsort(key, kind="stable")
        lines = Groups.by(key[order])
        heads = key[order][lines.heads]
        sums = lines.sums(weight[theirs][order])
        return ColumnShares(heads >> _PARTY_BITS, heads & (1 << _PARTY_BITS) - 1, sums, total, parties)

    def owed(
        self, frame: Frame, shares: ColumnShares, quantities: Mapping[str, Ints], bookable: Mapping[str, Mask]
    ) -> ColumnRecourseRun:
        """The claims for what each row was granted to book. A row with a claim beyond 64 bits is made hard."""
        single = np.ones(len(shares.row), np.bool_)
        single[1:] &= shares.row[1:] != shares.row[:-1]
        single[:-1] &= shares.row[1:] != shares.row[:-1]
        single &= shares.weight == shares.total[shares.row]
        granted = {name: np.where(bookable[name], column, 0)[shares.row] for name, column in quantities.items()}
        value = self._value(granted)
        if value is None:
            single &= False
            value = np.zeros(len(single), np.int64)
        denominator = self._scalar.value_denominator * self.rule.share.denominator * self.rule.unit_minor
        whole = value * self.rule.share.numerator
        amount = np.where(single, round_to(whole, denominator, self.rule.rounding) * self.rule.unit_minor, 0)
        frame.mark_hard(self._split(frame, shares, granted, np.flatnonzero(~single), amount), "row")
        kept = np.flatnonzero(amount)
        party = [shares.parties[number] for number in shares.party[kept].tolist()]
        return ColumnRecourseRun(shares.row[kept], party, amount[kept], self._currency)

    def _value(self, granted: Mapping[str, Ints]) -> Ints | None:
        """What was granted in the currency, over the value's denominator; None where numbers might not fit 64 bits."""
        numerators = self._scalar.value_numerators
        bound = sum(int(column.max(initial=0)) * numerators.get(name, 0) for name, column in granted.items())
        denominator = self._scalar.value_denominator * self.rule.share.denominator * self.rule.unit_minor
        if 2 * (bound * self.rule.share.numerator + denominator) > LARGEST:
            return None
        value: Ints = np.add.reduce([column * numerators.get(name, 0) for name, column in granted.items()])
        return value

    def _split(self, frame: Frame, shares: ColumnShares, granted: Mapping[str, Ints], lines: Ints, amount: Ints) -> Mask:
        """Fills in the amounts of rows whose time several own, those that ask alike once; the rows beyond 64 bits."""
        beyond = np.zeros(frame.count, np.bool_)
        known: dict[tuple[object, ...], Mapping[str, int]] = {}
        parties = [name.decode() for name in shares.parties]
        lines_of: dict[int, list[int]] = {}
        for line, row in zip(lines.tolist(), shares.row[lines].tolist(), strict=True):
            lines_of.setdefault(row, []).append(line)
        for row, of in lines_of.items():
            each = Shares({parties[shares.party[line]]: int(shares.weight[line]) for line in of}, int(shares.total[row]))
            quantities = {name: int(column[of[0]]) for name, column in granted.items()}
            key = (*each.by_party.items(), each.total, *quantities.values())
            if key not in known:
                known[key] = self._scalar.run(each, quantities).by_party_minor
            beyond[row] = any(owed > LARGEST for owed in known[key].values())
            for line in of:
                amount[line] = 0 if beyond[row] else known[key].get(parties[shares.party[line]], 0)
        return beyond
