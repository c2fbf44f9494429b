"""Policies that nobody wrote have every word of the language, so what holds under all of them is tried with each."""

from collections.abc import Callable
from dataclasses import is_dataclass
from functools import cache, partial
from typing import Final

import pytest

from policy.calculator import rules
from tests.strategies.any_policy_limits import parts_of
from tests.strategies.any_policy_made_up import made_up
from tests.strategies.any_policy_made_up_further import made_up_further

SEEDS: Final = 60
OF_NO_AMOUNT: Final = frozenset(
    {rules.Break, rules.Doubt, rules.Property, rules.NoticeRule, rules.NoticeWords, rules.Phrase, rules.Template}
)
"""What a policy says of itself, and the words of messages."""
RULES: Final = [name for name in rules.__all__ if is_dataclass(each := getattr(rules, name)) and each not in OF_NO_AMOUNT]
Is = Callable[[object], bool]


def is_a(kind: type, part: object) -> bool:
    return isinstance(part, kind)


def leaves_out_for_each(for_each: str) -> Is:
    """Whether a part is a benefit for each of these, of a clock that leaves out others."""
    return lambda part: (
        isinstance(part, rules.Benefit)
        and part.for_each == for_each
        and any(each.clock is not None and each.clock.without != () for each in part.components)
    )


def starts_by(value: type) -> Is:
    """Whether a part is a clock whose start is a value of this kind."""
    return lambda part: isinstance(part, rules.Clock) and isinstance(part.starts, value)


def compares_availability(part: object) -> bool:
    return isinstance(part, rules.Compare) and isinstance(part.subject, rules.Availability)


def chooses_by_availability(part: object) -> bool:
    return isinstance(part, rules.Ladder) and isinstance(part.subject, rules.Availability)


def is_not_one(part: object) -> bool:
    """``not`` a code of a fact that may be several others."""
    match part:
        case rules.IsOneOf(subject=rules.Fact(codes=known), codes=rules.Code(codes=codes)):
            return len(known) > 2 and len(codes) == len(known) - 1
    return False


def is_granted_by(condition: type) -> Is:
    """Whether a part is granted on the amount together with a condition of this kind."""

    def holds(part: object) -> bool:
        parts = tuple(parts_of(part.when)) if isinstance(part, rules.Granted) else ()
        return any(isinstance(each, rules.AmountIs) for each in parts) and any(isinstance(each, condition) for each in parts)

    return holds


FURTHER: Final[dict[str, Is]] = {
    "day from": lambda part: isinstance(part, rules.Tiers) and part.day_from is not None,
    "starts: by": starts_by(rules.CodeChoice),
    "starts: by an amount": starts_by(rules.Ladder),
    "starts: a figure": starts_by(rules.Named),
    "starts: earliest of": lambda part: isinstance(part, rules.Extreme) and part.which == "earliest",
    "starts: latest of": lambda part: isinstance(part, rules.Extreme) and part.which == "latest",
    "minus: every": lambda part: isinstance(part, rules.Clock) and any(isinstance(each, rules.Window) for each in part.minus),
    "by: weekday": lambda part: isinstance(part, rules.Band) and part.weekdays != rules.EVERY_DAY,
    "availability: at least": compares_availability,
    "by: availability": chooses_by_availability,
    "within: local days": lambda part: isinstance(part, rules.Claims) and part.within_local_days is not None,
    "granted: a fact and the amount": is_granted_by(rules.IsOneOf),
    "granted: time and the amount": is_granted_by(rules.TimeIn),
    **{
        f"without, for each: {for_each}": leaves_out_for_each(for_each)
        for for_each in ("interruption", "outage", "month", "billing cycle", "all together")
    },
}
"""What only :mod:`tests.strategies.any_policy_made_up_further` draws."""
WORDS: Final[dict[str, Is]] = {
    **FURTHER,
    "not": is_not_one,
    "any outage": lambda part: isinstance(part, rules.OfOutages) and part.which == "any",
    "every outage": lambda part: isinstance(part, rules.OfOutages) and part.which == "every",
    "at most per month": lambda part: isinstance(part, rules.Benefit) and part.at_most_per_month is not None,
    "corrections: claw back": lambda part: isinstance(part, rules.Corrections) and part.how == "claw back",
    **{name: partial(is_a, getattr(rules, name)) for name in RULES},
}


@cache
def parts_of_each(make: Callable[[str], rules.Version]) -> tuple[tuple[object, ...], ...]:
    """What each of the policies is made of."""
    return tuple(tuple(parts_of(make(f"words/{seed}"))) for seed in range(SEEDS))


@pytest.mark.parametrize("word", WORDS)
def test_each_word_is_drawn(word: str) -> None:
    assert any(WORDS[word](part) for parts in parts_of_each(made_up_further) for part in parts)


@pytest.mark.parametrize("word", FURTHER)
def test_a_further_word_is_missed_where_it_is_not_drawn(word: str) -> None:
    assert not any(FURTHER[word](part) for parts in parts_of_each(made_up) for part in parts)
