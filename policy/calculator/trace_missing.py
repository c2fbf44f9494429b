"""Which facts a run lacked, with the clause that needs each, from its memory."""

from collections.abc import Sequence

from policy.calculator.lowering.occasions import Occasions
from policy.calculator.lowering.recourse import Recourse
from policy.calculator.lowering.values import Missing, cited
from policy.calculator.lowering.version import Lowered
from policy.calculator.memory import Memory


def missing_in(of: Occasions, recourse: Recourse | None, memory: Memory) -> Missing:
    """What the benefits of the occasion at hand lack, which is one ``of`` these."""
    found: Missing = {}
    for benefit in of.benefits:
        if memory.unknown(benefit.stage):
            found |= benefit.lacks(memory)
    if recourse is not None:
        found |= recourse.lacks(memory, of.asked_who_owes(memory))
    return found


def missing_of(lowered: Lowered, memory: Memory, of_occasions: Sequence[Missing]) -> Missing:
    """What all of it lacks; ``of_occasions``: what each of these does, in their order."""
    found: Missing = {}
    memory.enter(0)
    for of in lowered.occasions:
        for benefit in of.benefits:
            if memory.unknown(benefit.row_stage):
                found |= benefit.lacks_of_request(memory) or cited(of.lacks(memory), benefit.clause)
    for each in of_occasions:
        found |= each
    recourse = lowered.recourse
    if recourse is not None and memory.unknown(recourse.asked):
        found |= recourse.lacks(memory, memory.outages())
    return found
