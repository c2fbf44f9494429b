"""Words that the language reads and that are not lowered yet: a policy that has one is refused, never decided without it.

Whoever lowers a word takes its line away; with the last one goes the module.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from policy.calculator import rules


class NotLoweredYet(NotImplementedError):
    """A version says something that no program can be made of yet."""


def refuse_what_is_not_lowered(version: rules.Version) -> None:
    """Raises NotLoweredYet, naming the words."""
    words = sorted({word for part in _parts((version.clocks, version.benefits, version.claims)) for word in _words(part)})
    if words:
        raise NotLoweredYet(f"{version.policy_id} {version.version}: not lowered yet: {', '.join(words)}")


def _words(part: object) -> Iterator[str]:
    match part:
        case rules.Availability():
            yield "availability"
        case rules.Tiers(day_from=fact) if fact is not None:
            yield "day from"
        case rules.Band(weekdays=weekdays) if weekdays != rules.EVERY_DAY:
            yield "by: weekday"
        case rules.Window():
            yield "a window under minus"
        case rules.Clock(without=without, starts=starts):
            if without:
                yield "without"
            if not isinstance(starts, rules.Start | None):
                yield "starts by a choice"
        case rules.Claims(within_local_days=days) if days is not None:
            yield "within local days"
        case rules.Granted(when=rules.AllOf() | rules.AnyOf() as joined):
            if any(isinstance(each, rules.AmountIs) for each in _parts(joined)):
                yield "an amount beside other conditions"


def _parts(part: object) -> Iterator[object]:
    if isinstance(part, tuple):
        for item in part:
            yield from _parts(item)
    elif is_dataclass(part):
        yield part
        for each in fields(part):
            yield from _parts(getattr(part, each.name))
