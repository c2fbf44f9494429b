"""From operations by name to the integers that the evaluator runs."""

from policy.calculator.lowering.assembler import Assembler, Bank, Label
from policy.calculator.memory import Layout
from policy.calculator.ops import BY_NAME, WIDTH


def layout_of(asm: Assembler) -> Layout:
    """Where the registers that were given out lie."""
    counts = asm.counts
    return Layout(
        tuple(asm.constants),
        counts[Bank.ROW],
        counts[Bank.MONTH],
        counts[Bank.OUTAGE],
        counts[Bank.SPAN],
        counts[Bank.PART],
        counts[Bank.OCCASION],
    )


def encoded(asm: Assembler, layout: Layout) -> list[int]:
    """The code: each operation in the same width."""
    code: list[int] = []
    for name, operands, _, _ in asm.code:
        numbers = [
            each.at if isinstance(each, Label) else each if isinstance(each, int) else layout.encoded(each) for each in operands
        ]
        code += [BY_NAME[name].number, *numbers, *[0] * (WIDTH - 1 - len(numbers))]
    return code
