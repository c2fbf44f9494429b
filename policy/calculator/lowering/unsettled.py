"""Which of the rules that a policy itself calls unsettled a decision rests on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from policy.calculator import rules
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg
from policy.calculator.lowering.clock import DECIDED, Clock
from policy.calculator.lowering.occasions import Occasions
from policy.calculator.lowering.recourse import Recourse
from policy.calculator.lowering.request import RequestRegs
from policy.calculator.lowering.values import Named
from policy.calculator.stages import Stage

Applies = Callable[[Label], None]
"""Writes a jump to where it goes on if a rule was applied."""


class Unsettled:
    """The unsettled rules of one version.

    An entry under the id of a rule's clause is about that rule: it stands with a decision that applied the rule, to grant or
    to refuse. An entry under an id of its own is about the policy as a whole, and stands with every decision on any rule.
    """

    def __init__(
        self,
        version: rules.Version,
        clocks: Mapping[str, Clock],
        occasions: Sequence[Occasions],
        recourse: Recourse | None,
        figures: Mapping[str, Named],
        request: RequestRegs,
        asm: Assembler,
    ) -> None:
        self._version, self._clocks, self._occasions, self._recourse = version, clocks, occasions, recourse
        self._benefits = [(benefit, each) for each in occasions for benefit in each.benefits]
        self._figures, self._request, self._asm = figures, request, asm

    def write(self, granted: Reg) -> Iterator[tuple[str, Reg]]:
        """Writes whether each entry applies, where no fact is missing: its clause, and the register that says so."""
        if not self._version.unsettled:
            return
        uses = list(self._uses(granted))
        of_rules = set(_clauses_of(self._version))
        for entry in self._version.unsettled:
            relevant = [applies for clause, applies in uses if clause == entry.id or entry.id not in of_rules]
            yield entry.id, self._any(relevant)

    def _any(self, uses: Sequence[Applies]) -> Reg:
        asm, applies, end, found = self._asm, self._asm.reg(), Label(), Label()
        for use in uses:
            use(found)
        asm.op("MOVE", applies, asm.const(0))
        asm.op("JUMP", end)
        asm.put(found)
        asm.op("MOVE", applies, asm.const(1))
        asm.put(end)
        return applies

    def _uses(self, granted: Reg) -> Iterator[tuple[str, Applies]]:
        """Every use of a rule that an entry may be about."""
        for clock in self._clocks.values():
            yield clock.rule.clause.id, partial(self._jump_from, clock.stage, Stage.WHERE)
        for benefit, _ in self._benefits:
            for component in benefit.components:
                yield component.rule.clause.id, partial(self._jump_if, component.reached)
        yield from self._measured()
        yield from self._read()
        version, request = self._version, self._request
        if version.claims is not None:
            yield version.claims.clause.id, partial(self._jump_if, request.claim_given)
            for benefit, occasions in self._benefits:
                yield version.claims.clause.id, partial(self._jump_if_in_any, occasions, benefit.automatic.claim_required)
        if self._recourse is not None:
            yield self._recourse.rule.clause.id, partial(self._jump_if, self._recourse.asked)
        if version.notice is not None:
            yield version.notice.clause.id, partial(self._jump_if_both, granted, request.is_notice)

    def _read(self) -> Iterator[tuple[str, Applies]]:
        """Figures, also those that are starts."""
        for figure in self._figures.values():
            if figure.clause and figure.is_remembered:
                yield figure.clause, partial(self._jump_if_known, figure)
        for clock in self._clocks.values():
            for start in () if clock.starts is None else clock.starts.figures:
                if start.clause:
                    yield start.clause, partial(self._jump_if_known_of_any, start.reg)

    def _measured(self) -> Iterator[tuple[str, Applies]]:
        for occasions in self._occasions:
            for time in occasions.times.values():
                for measure in () if time.only is None else time.only.measures:
                    yield measure.clause.id, partial(self._jump_if, time.tested)
        for benefit, _ in self._benefits:
            for component in benefit.components:
                if component.clock is None:
                    continue
                if component.units is not None and component.units.measure is not None:
                    yield component.units.measure.clause.id, partial(self._jump_if, component.reached)
            for measure in benefit.automatic.measures:
                yield measure.clause.id, partial(self._jump_if, benefit.automatic.asked)

    def _jump_if(self, reg: Reg, to: Label) -> None:
        self._asm.op("JUMP_IF_TRUE", to, reg)

    def _jump_from(self, reg: Reg, stage: Stage, to: Label) -> None:
        """Where a rule got at least as far as ``stage``, or was not refused."""
        asm = self._asm
        asm.op("JUMP_IF_TRUE", to, asm.binary("EQUAL", reg, asm.const(DECIDED), Bank.ROW))
        asm.op("JUMP_IF_TRUE", to, asm.binary("AT_LEAST", reg, asm.const(stage), Bank.ROW))

    def _jump_if_known(self, figure: Named, to: Label) -> None:
        asm, known = self._asm, self._asm.reg()
        if figure.bank == Bank.ROW:
            asm.op("KNOWN", known, figure.reg)
            asm.op("JUMP_IF_TRUE", to, known)
            return
        if figure.bank == Bank.OCCASION:
            for each in self._occasions:
                with asm.each("OCCASION", each.list):
                    asm.op("KNOWN", known, figure.reg)
                    asm.op("JUMP_IF_TRUE", to, known)
            return
        self._jump_if_known_of_any(figure.reg, to)

    def _jump_if_known_of_any(self, reg: Reg, to: Label) -> None:
        asm, known = self._asm, self._asm.reg()
        with asm.each("OUTAGE"):
            asm.op("KNOWN", known, reg)
            asm.op("JUMP_IF_TRUE", to, known)

    def _jump_if_in_any(self, occasions: Occasions, flag: Reg, to: Label) -> None:
        with self._asm.each("OCCASION", occasions.list):
            self._asm.op("JUMP_IF_TRUE", to, flag)

    def _jump_if_both(self, first: Reg, second: Reg, to: Label) -> None:
        asm, end = self._asm, Label()
        asm.op("JUMP_IF_FALSE", end, first)
        asm.op("JUMP_IF_TRUE", to, second)
        asm.put(end)


def _clauses_of(version: rules.Version) -> Iterator[str]:
    """The clause of every rule, also of one that nothing uses: an entry about that is no entry about the policy as a whole."""
    yield from (figure.clause.id for figure in version.figures if figure.clause)
    yield from (measure.clause.id for measure in version.measures)
    yield from (clock.clause.id for clock in version.clocks)
    yield from (component.clause.id for benefit in version.benefits for component in benefit.components)
    yield from (rule.clause.id for rule in (version.claims, version.recourse, version.notice) if rule is not None)
