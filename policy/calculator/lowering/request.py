"""What every program has of a request besides the facts that a policy reads: the claim, the mode, what was granted before."""

from dataclasses import dataclass
from typing import Final

from policy.calculator import rules
from policy.calculator.lowering.assembler import Assembler, Reg

MONTH_PLACES: Final = 3
"""Of what a month was granted: the number of the benefit (-1: none, of each month that is told), the month, how much."""


@dataclass(frozen=True, slots=True)
class RequestRegs:
    """``granted_in_cycle`` by benefit name; ``cycle_told``: whether such were given at all.

    ``claimed_from`` to ``claimed_until`` is all that was claimed, now and before, with the margins; ``gaps``, intervals, what
    in between was not: empty where nothing was claimed. ``granted_before`` and ``granted_by_month`` are lists of items.
    """

    claim_given: Reg
    claimed_at: Reg
    claim_start: Reg
    claim_end: Reg
    claimed_from: Reg
    claimed_until: Reg
    gaps: Reg
    is_application: Reg
    is_notice: Reg
    as_of: Reg
    cycle_told: Reg
    granted_before: Reg
    granted_by_month: Reg
    granted_in_cycle: dict[str, Reg]

    @classmethod
    def of(cls, asm: Assembler, version: rules.Version) -> "RequestRegs":
        """The registers, each new."""
        return cls(
            claim_given=asm.reg(), claimed_at=asm.reg(), claim_start=asm.reg(), claim_end=asm.reg(),
            claimed_from=asm.reg(), claimed_until=asm.reg(), gaps=asm.new_list(),
            is_application=asm.reg(), is_notice=asm.reg(), as_of=asm.reg(), cycle_told=asm.reg(),
            granted_before=asm.new_list(), granted_by_month=asm.new_list(),
            granted_in_cycle={benefit.name: asm.reg() for benefit in version.benefits},
        )  # fmt: skip
