"""Which facts a version reads: fields that it does not read never matter, to the answer or to its id."""

from dataclasses import fields, is_dataclass

from policy.calculator import rules


def facts_read(part: object) -> dict[str, rules.Fact]:
    """Every fact that ``part`` of a version mentions, by its field path, in order of mention."""
    found: dict[str, rules.Fact] = {}
    _collect(part, found, set())
    return found


def _collect(part: object, found: dict[str, rules.Fact], seen: set[int]) -> None:
    if isinstance(part, rules.Fact):
        found.setdefault(part.field, part)
    elif id(part) in seen:
        return
    elif is_dataclass(part):
        seen.add(id(part))
        for each in fields(part):
            _collect(getattr(part, each.name), found, seen)
    elif isinstance(part, tuple):
        for item in part:
            _collect(item, found, seen)


def facts_of(version: rules.Version) -> dict[str, rules.Fact]:
    """The facts that deciding by ``version`` may read: of its rules, not of a declaration that nothing uses."""
    return facts_read((version.pinned_by, version.calendar, version.clocks, version.benefits, version.claims, version.recourse))
