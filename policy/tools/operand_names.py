"""What the registers, tables and numbers of a program are called, by the rules that they belong to."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Final

from policy.calculator import codes
from policy.calculator.lowering import assembler, context
from policy.calculator.lowering.almanac import CYCLE_END, CYCLE_START
from policy.calculator.lowering.assembler import PART_START, PART_TIME, Bank, Label, Operand, Reg
from policy.calculator.lowering.clock import DECIDED
from policy.calculator.lowering.occasion_list import KINDS
from policy.calculator.lowering.only import SCOPES, Step
from policy.calculator.lowering.tests import COMPARES
from policy.calculator.lowering.values import DAYS_IN_MONTH, Test
from policy.calculator.lowering.version import Lowered
from policy.calculator.ops import BY_NAME, WIDTH
from policy.calculator.stages import Stage

_SCOPE_NAMES: Final = {number: f"the {name}" for name, number in SCOPES.items()}
_NUMBERS: Final[Mapping[tuple[str, int], Mapping[int, str]]] = {
    ("SPLIT", 2): _SCOPE_NAMES,
    ("LABEL", 1): _SCOPE_NAMES,
    ("JUDGE", 2): {BY_NAME[name].number: op for op, name in COMPARES.items()},
    ("DAYS", 1): {0: "touched", 1: "covered"},
    ("DAYS_UNTIL", 1): {0: "touched", 1: "covered"},
    ("OCCASIONS", 3): {number: name for name, number in KINDS.items()},
    ("PARTS", 2): {0: "all together", 1: "each label's together"},
}
"""Plain integers that stand for a word, by operation and operand."""
_BENEFITS: Final = frozenset({("REFUSAL", 3), ("USE_UP", 3), ("IN_MONTH", 4)})
"""Plain integers that are the place of a benefit in the policy."""
_TABLES: Final = {
    "WEIGH": 1, "MEASURE": 2, "TOTAL": 0, "DAYS": 2, "DAYS_UNTIL": 2, "ADD_SHARES": 2, "WINDOWS": 3, "OUTSIDE": 2, "WITHIN": 3,
    "WORKING_DAY_END": 3,
}  # fmt: skip
"""Which operand holds the place of a table."""
_BANKS: Final = {
    Bank.ROW: "t", Bank.OUTAGE: "outage.t", Bank.MONTH: "month.t", Bank.SPAN: "span.t", Bank.PART: "part.t",
    Bank.OCCASION: "occasion.t",
}  # fmt: skip


class OperandNames:
    """The names of the operands of one program."""

    def __init__(self, lowered: Lowered) -> None:
        self._lowered = lowered
        self._constants = {reg: value for value, reg in lowered.asm.constants.items()}
        self._regs: dict[Reg, str] = {}
        for reg, name in _named(lowered):
            self._regs.setdefault(reg, name)
        calendars = lowered.calendars
        self._tables = {lowered.asm.zone: lowered.local.name, 0: "clock time"}
        self._tables |= {place: f"calendar {name}" for name, place in calendars.tables.items()}
        self._tables |= {place: f"published years of {name}" for name, place in calendars.published.items()}
        self._tables |= calendars.density_names

    def of(self, op: str, number: int, operand: Operand, others: tuple[Operand, ...]) -> str:
        """The operand ``number`` of an operation, in words."""
        if isinstance(operand, Label):
            return str(operand.at // WIDTH)
        if isinstance(operand, int):
            return self._number(op, number, operand)
        if operand not in self._constants:
            return self._register(operand)
        value = self._constants[operand]
        if _TABLES.get(op) == number:
            return self._tables.get(value, str(value))
        if op in ("AMONG", "JUMP_UNLESS_AMONG") and value > 0:
            return self._lowered.codes.text(value)
        if op in ("MOVE", "EQUAL", "AT_LEAST"):
            return self._meant(others[0 if op == "MOVE" else 1], value)
        return str(value)

    def _register(self, reg: Reg) -> str:
        return self._regs[reg] if reg in self._regs else f"{_BANKS[reg.bank]}{reg.number}"

    def _number(self, op: str, number: int, value: int) -> str:
        kind = BY_NAME[op].operands[number]
        if kind in ("y", "z"):
            return self._tables.get(value, str(value))
        if op in ("SAY", "SAY_OUTAGE"):
            return " ".join(filter(None, vars_of(self._lowered.answer.pieces[value])))
        if (op, number) in _BENEFITS:
            return "none" if value < 0 else self._lowered.benefits[value].rule.name
        return _NUMBERS.get((op, number), {}).get(value, str(value))

    def _meant(self, beside: Operand, value: int) -> str:
        """A constant, as what it is put into or compared with means it."""
        name = self._regs.get(beside, "") if isinstance(beside, Reg) else ""
        word = name.rpartition(".")[2]
        if word == "stage":
            return "decided" if value == DECIDED else Stage(value).name
        if word == "refused_by":
            return f"clause {self._lowered.clauses.ids[value]}"
        if word == "outcome":
            return codes.OUTCOMES[value]
        return str(value)


def vars_of(piece: object) -> list[str]:
    """The texts of a reason or a warning."""
    return [str(getattr(piece, field.name)) for field in fields(piece)] if is_dataclass(piece) else list(map(str, piece))  # type: ignore[call-overload]


def _named(lowered: Lowered) -> Iterator[tuple[Reg, str]]:
    """Every register that a rule, a fact or the request has a name for."""
    yield from ((reg, fact.field) for fact, reg in (lowered.facts.row | lowered.facts.outage).values())
    yield from _of("outages[]", {name.removeprefix("OUTAGE_").lower(): value for name, value in vars(context).items()})
    yield from ((CYCLE_START, "billing_cycle.started_at"), (CYCLE_END, "billing_cycle.ended_at"))
    yield from ((PART_START, "part.start"), (PART_TIME, "part.time"), (DAYS_IN_MONTH, "days_in_month"))
    request = lowered.request
    yield from _of("request", {field.name: getattr(request, field.name) for field in fields(request)})
    yield from ((reg, f"granted_in_cycle.{name}") for name, reg in request.granted_in_cycle.items())
    yield from ((figure.reg, f"figures.{name}") for name, figure in lowered.figures.items())
    yield from _of("occasion", {name.removeprefix("OCCASION_").lower(): value for name, value in vars(assembler).items()})
    for name, clock in lowered.clocks.items():
        yield from _of(name, vars(clock))
    for occasions in lowered.occasions:
        yield from _of(f"occasions.{occasions.kind}", vars(occasions))
        for name, time in occasions.times.items():
            yield from _of(f"occasion.{name}", vars(time))
            for number, step in enumerate(time.only.steps if time.only is not None else ()):
                yield from _of(f"occasion.{name}.only[{number}]", vars(step))
    for benefit in lowered.benefits:
        for part in (benefit, benefit.bounds, benefit.automatic):
            yield from _of(benefit.rule.name, vars(part))
        for component in benefit.components:
            alone = len(benefit.components) == 1
            yield from _of(f"{benefit.rule.name}.{'count' if alone else component.rule.name}", vars(component))
        for step in benefit.automatic.steps.values():
            yield from _of(f"{benefit.rule.name}.automatically_when", vars(step))
    if lowered.recourse is not None:
        yield from _of("recourse", vars(lowered.recourse))
    yield from _of("answer", vars(lowered.answer))


def _of(prefix: str, attributes: Mapping[str, object]) -> Iterator[tuple[Reg, str]]:
    for name, value in attributes.items():
        called = f"{prefix}.{name.removeprefix('_')}"
        if isinstance(value, Reg):
            yield value, called
        elif isinstance(value, Test) and hasattr(value, "reg"):
            yield value.reg, called
        elif isinstance(value, Step):
            yield from _of(called, vars(value))
