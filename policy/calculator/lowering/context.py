"""What lowering a version shares: the assembler, the facts that have a register, the values that are lowered once."""

from dataclasses import dataclass, field
from typing import Final

from policy.calculator import codes, rules
from policy.calculator.lowering.assembler import Assembler, Bank, Reg

OUTAGE_START: Final = Reg(Bank.OUTAGE, 0)
OUTAGE_END: Final = Reg(Bank.OUTAGE, 1)
OUTAGE_ENDED: Final = Reg(Bank.OUTAGE, 2)
OUTAGE_SERVICES: Final = Reg(Bank.OUTAGE, 3)
OUTAGE_RANK: Final = Reg(Bank.OUTAGE, 4)
OUTAGE_PARTY: Final = Reg(Bank.OUTAGE, 5)
OUTAGE_INDEX: Final = Reg(Bank.OUTAGE, 6)
OUTAGE_ONGOING: Final = Reg(Bank.OUTAGE, 7)
OUTAGE_NAMES_PARTY: Final = Reg(Bank.OUTAGE, 8)
OUTAGE_PLACES: Final = 9


@dataclass(slots=True)
class Codes:
    """Each code of a version as a bit, so that a set of codes is a number too. Services come first, as in the contract."""

    bits: dict[str, int] = field(default_factory=lambda: {code: 1 << place for place, code in enumerate(codes.SERVICES)})

    def bit(self, code: str) -> int:
        """The bit of a code."""
        return self.bits.setdefault(code, 1 << len(self.bits))

    def mask(self, held: tuple[str, ...]) -> int:
        """The bits of several."""
        return sum({self.bit(code) for code in held})

    def text(self, mask: int) -> str:
        """The codes of a mask, as people read them."""
        return " or ".join(sorted(code for code, bit in self.bits.items() if bit & mask))


@dataclass(slots=True)
class Facts:
    """The facts that a version reads, each in a register that the request fills. ``row`` and ``outage``: by fact."""

    asm: Assembler
    codes: Codes
    row: dict[str, tuple[rules.Fact, Reg]] = field(default_factory=dict)
    outage: dict[str, tuple[rules.Fact, Reg]] = field(default_factory=dict)

    def reg(self, fact: rules.Fact) -> Reg:
        """The register of a fact; of intervals, the first of a list."""
        of_outage = fact.of == "outage"
        if of_outage and fact.name in ("started_at", "ended_at"):
            return OUTAGE_START if fact.name == "started_at" else OUTAGE_ENDED
        held = self.outage if of_outage else self.row
        key = fact.field if fact.attribute else fact.name  # notice and announced_at are two facts of one field
        if key not in held:
            bank = Bank.OUTAGE if of_outage else Bank.ROW
            held[key] = fact, self.asm.new_list(bank) if fact.type == "intervals" else self.asm.reg(bank)
            for code in fact.codes:
                self.codes.bit(code)
        return held[key][1]
