"""The boundaries of a policy, each with the rule that holds it: what the boundary sheet decides one unit below, at and above.

They are those of :mod:`policy.tools.coverage`, which says of a decided request at which side of which boundary it stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from policy.calculator import rules
from policy.tools.coverage.edges import Side
from policy.tools.coverage.items import Item
from policy.tools.coverage.version import version_items

Holder = rules.Bound | rules.TimeIn | rules.Units | rules.Tiers | rules.Benefit | rules.AmountIs | rules.Claims | rules.Start
"""The rule that a boundary belongs to; of several in one rule, ``part`` says which."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """One boundary. ``below`` and ``above`` are the items of its sides: the last unit on the one, the first on the other.

    ``parents`` are the rules around the holder, from the outside in.
    """

    below: Item
    above: Item
    holder: Holder
    part: str
    parents: tuple[object, ...]

    @property
    def path(self) -> tuple[str, ...]:
        """Where it stands in the file."""
        return self.below.path


def boundaries(version: rules.Version) -> tuple[Boundary, ...]:
    """Every boundary of a version, in the order of a file."""
    holders = {id(rule): (rule, parents) for rule, parents in _rules(version, ())}
    sides: dict[tuple[int, str], dict[str, Item]] = {}
    for item in version_items(version):
        if item.kind == "boundary":
            rule, part = item.mark
            name, _, side = part.rpartition(" ")
            sides.setdefault((rule, name), {})[side] = item
    found = []
    for (rule_id, part), items in sides.items():
        holder, parents = holders[rule_id]
        assert isinstance(holder, Holder)  # INVARIANT: these are the rules that coverage lists boundaries of
        found.append(Boundary(items[Side.BELOW.value], items[Side.ABOVE.value], holder, part, parents))
    return tuple(found)


def _rules(part: object, parents: tuple[object, ...]) -> Iterator[tuple[object, tuple[object, ...]]]:
    """Every rule of a version with the rules around it; one that is named in several places, in each."""
    if isinstance(part, tuple):
        for each in part:
            yield from _rules(each, parents)
    elif is_dataclass(part):
        yield part, parents
        for field in fields(part):
            yield from _rules(getattr(part, field.name), (*parents, part))
