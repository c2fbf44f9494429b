"""Which facts a version reads: fields that it does not read never matter, to the answer or to its id."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from policy.calculator import rules
from policy.calculator.cycle import BILLING_CYCLE


def facts_of(version: rules.Version) -> dict[str, rules.Fact]:
    """The facts that deciding by ``version`` may read, by field path, in order of mention: not a declaration that is unused."""
    return facts_read(_read(version))


def facts_read(part: object) -> dict[str, rules.Fact]:
    """The facts that reading a part of a version may ask for, by field path, in order of mention."""
    found: dict[str, rules.Fact] = {}
    for each in _parts(part, set()):
        fact = BILLING_CYCLE if _is_by_cycle(each) else each
        if isinstance(fact, rules.Fact):
            found.setdefault(fact.field, fact)
    return found


def divides_by_cycle(version: rules.Version) -> bool:
    """Whether any rule takes a share by the days of the billing cycle."""
    return any(isinstance(part, rules.CycleShare) for part in _parts(_read(version), set()))


def reads_length(version: rules.Version) -> bool:
    """Whether any rule asks how long an occasion is."""
    return any(isinstance(part, rules.Length | rules.Availability) for part in _parts(_read(version), set()))


def reads_availability(version: rules.Version) -> bool:
    """Whether any rule asks how much of a month or a cycle was available."""
    return any(isinstance(part, rules.Availability) for part in _parts(_read(version), set()))


def _read(version: rules.Version) -> tuple[object, ...]:
    """What of a version a decision rests on."""
    return (version.pinned_by, version.calendar, version.clocks, version.benefits, version.claims, version.recourse)


def _is_by_cycle(part: object) -> bool:
    match part:
        case (
            rules.TimeIn(scope="billing cycle")
            | rules.Units(of_each="billing cycle")
            | rules.CycleShare()
            | rules.Benefit(for_each="billing cycle")
        ):
            return True
    return False


def _parts(part: object, seen: set[int]) -> Iterator[object]:
    """Everything that a part of a version is made of, each once."""
    if isinstance(part, tuple):
        for item in part:
            yield from _parts(item, seen)
    elif is_dataclass(part) and id(part) not in seen:
        seen.add(id(part))
        yield part
        for each in fields(part):
            yield from _parts(getattr(part, each.name), seen)
