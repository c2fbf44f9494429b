"""What every program has of a request besides the facts that a policy reads: the claim, the mode, what was granted before."""

from dataclasses import dataclass

from policy.calculator import rules
from policy.calculator.lowering.assembler import Assembler, Reg


@dataclass(frozen=True, slots=True)
class RequestRegs:
    """``granted_before`` and ``granted_in_cycle`` by benefit name; ``cycle_told``: whether the latter were given at all."""

    claim_given: Reg
    claimed_at: Reg
    claim_start: Reg
    claim_end: Reg
    is_application: Reg
    is_notice: Reg
    as_of: Reg
    cycle_told: Reg
    granted_before: dict[str, Reg]
    granted_in_cycle: dict[str, Reg]

    @classmethod
    def of(cls, asm: Assembler, version: rules.Version) -> "RequestRegs":
        """The registers, each new."""
        names = [benefit.name for benefit in version.benefits]
        before, in_cycle = ({name: asm.reg() for name in names} for _ in range(2))
        return cls(asm.reg(), asm.reg(), asm.reg(), asm.reg(), asm.reg(), asm.reg(), asm.reg(), asm.reg(), before, in_cycle)
