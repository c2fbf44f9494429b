"""A program that names what is not there is refused when it is loaded, for the compiled evaluator looks at no operand again."""

from typing import Final

import pytest

from policy.calculator.lowering.assembler import Bank
from policy.calculator.ops import OPS, WIDTH
from policy.calculator.program import Program
from policy.calculator.verify import NotAProgram, verify
from tests.support.library import load_policies

POLICIES: Final = load_policies()
PROGRAMS: Final = [
    POLICIES.named(policy_id, version.version) for policy_id in POLICIES.policy_ids for version in POLICIES.versions(policy_id)
]
REGISTERS: Final = "cloprsw"
FURTHER: Final = {"l": 1, "p": 1}


def first_uses() -> dict[tuple[str, int], tuple[Program, int]]:
    """Of each operation of the catalog and each operand of it, a program and where in its code that stands."""
    found: dict[tuple[str, int], tuple[Program, int]] = {}
    for program in PROGRAMS:
        for at in range(0, len(program.lowered.code), WIDTH):
            op = OPS[program.lowered.code[at]]
            for number in range(len(op.operands)):
                found.setdefault((op.name, number), (program, at + 1 + number))
    return found


USES: Final = first_uses()


def refused(program: Program, at: int, operand: int) -> bool:
    """Whether the code with another operand is no program."""
    lowered = program.lowered
    code = list(lowered.code)
    code[at] = operand
    try:
        verify(code, lowered.layout, len(lowered.tables))
    except NotAProgram:
        return True
    return False


@pytest.mark.parametrize(("name", "number"), USES, ids=[f"{name} {'abcdef'[number]}" for name, number in USES])
def test_an_operand_that_reaches_beyond_its_bank_is_refused(name: str, number: int) -> None:
    program, at = USES[name, number]
    layout, kind = program.lowered.layout, next(op for op in OPS if op.name == name).operands[number]
    if kind == "t":
        assert refused(program, at, len(program.lowered.code))
        assert refused(program, at, 1)
    elif kind == "z":
        assert refused(program, at, len(program.lowered.tables))
        assert refused(program, at, -1)
    elif kind == "i":
        assert refused(program, at, 1 << 31)
    else:
        assert kind in REGISTERS
        ends = {
            Bank.ROW: layout.first_month,
            Bank.OUTAGE: layout.outage_places,
            Bank.MONTH: layout.month_places,
            Bank.SPAN: layout.span_places,
            Bank.PART: layout.part_places,
            Bank.OCCASION: layout.occasion_places,
        }
        for bank, end in ends.items():
            assert refused(program, at, end - FURTHER.get(kind, 0) << 3 | bank)
        assert refused(program, at, 0)
        assert all(refused(program, at, bank) for bank in set(range(8)) - set(ends))


@pytest.mark.parametrize(("kind", "bank"), [("o", Bank.OUTAGE), ("p", Bank.SPAN), ("s", Bank.SPAN), ("c", Bank.OCCASION)])
def test_a_register_of_each_outage_span_or_occasion_is_of_no_other_bank(kind: str, bank: Bank) -> None:
    uses = [(name, number) for name, number in USES if next(op for op in OPS if op.name == name).operands[number] == kind]
    assert uses
    for use in uses:
        program, at = USES[use]
        place = program.lowered.code[at] >> 3
        assert [each for each in range(8) if not refused(program, at, place << 3 | each)] == [bank]


def test_every_operation_of_the_catalog_keeps_to_what_it_may_name() -> None:
    for program in PROGRAMS:
        verify(program.lowered.code, program.lowered.layout, len(program.lowered.tables))
