"""How a value or a condition changes from the whole of an outage, or of an occasion, to a part of it."""

from itertools import pairwise, product
from typing import Final

from policy.calculator import rules
from policy.language.proofs.comparing import branches, never_below
from policy.language.proofs.walk import figure_value, inner_values

Told = rules.Fact | rules.Length | rules.Availability
"""What is another for a part than for the whole."""

_RISING: Final = frozenset({"started_at", "notice"})
"""Facts that are no smaller for a later part of an outage than for the whole."""
_FALLING: Final = frozenset({"ended_at"})
"""Facts that are no larger for an earlier part of an outage than for the whole."""


def told_in(what: rules.Value | rules.Tiers | rules.Condition) -> tuple[Told, ...]:
    """What of ``what`` is another for a part: the start, the end and the notice of an outage, the length of an occasion."""
    found = (each for each in inner_values(what, through_names=True) if _is_told(each))
    return tuple(dict.fromkeys(each for each in found if isinstance(each, Told)))


def name_of(told: Told) -> str:
    """The word by which a file asks for it."""
    return told.name if isinstance(told, rules.Fact) else "length" if isinstance(told, rules.Length) else "availability"


def _is_told(what: rules.Value | rules.Condition) -> bool:
    if isinstance(what, rules.Fact):
        return not what.attribute and what.name in _RISING | _FALLING
    return isinstance(what, rules.Length | rules.Availability)


def _rises(told: Told) -> bool:
    """Whether it is no smaller for a part. What is available is more where less is lost."""
    return isinstance(told, rules.Availability) or (isinstance(told, rules.Fact) and told.name in _RISING)


def all_fall(what: rules.Value | rules.Tiers | rules.Condition, told: Told) -> bool:
    """The same of each rate of a ladder of units, too."""
    if isinstance(what, rules.Tiers):
        return all(falls(rate, told) for rate in (*(rate for _, rate in what.steps), what.last))
    return falls(what, told)


def falls(what: rules.Value | rules.Condition, told: Told) -> bool:
    """Whether a part never counts for more than the whole, as far as ``told`` goes."""
    match what:
        case rules.AllOf(conditions=parts) | rules.AnyOf(conditions=parts):
            return all(falls(part, told) for part in parts)
        case rules.Compare(subject=subject, bound=bound):
            if not _reads(subject, told) and not _reads(bound.value, told):
                return True
            loses = bound.op in ("less than", "at most") if _rises(told) else bound.op in ("more than", "at least")
            return figure_value(subject) == told and not _reads(bound.value, told) and loses
        case rules.IsOneOf(subject=subject, codes=rules.Code(codes=wanted)):
            return all(after not in wanted or before in wanted for before, after in _changes(subject, told))
        case rules.OfOutages(condition=condition):
            return falls(condition, told)
        case rules.IsOneOf() | rules.IsYes() | rules.TimeIn() | rules.AmountIs():
            return not _reads(what, told)
    return _number_falls(what, told)


def _number_falls(value: rules.Value, told: Told) -> bool:
    value = figure_value(value)
    if not _reads(value, told):
        return True
    if not all(_number_falls(branch, told) for branch in branches(value)):
        return False
    match value:
        case rules.Larger():
            return True
        case rules.Ladder(subject=subject) if figure_value(subject) == told:
            return all(never_below(before, after) for before, after in pairwise(_in_order(value, told)))
        case rules.CodeChoice(subject=subject):
            return all(never_below(_case(value, before), _case(value, after)) for before, after in _changes(subject, told))
        case rules.Ladder(subject=subject):
            return not _reads(subject, told)
    return False


def _changes(subject: rules.Value, told: Told) -> set[tuple[str, str]]:
    """The codes that ``subject`` can go from and to, from the whole of an outage to a part of it."""
    subject = figure_value(subject)
    if not _reads(subject, told):
        return set()
    match subject:
        case rules.Ladder(subject=inner) if figure_value(inner) == told:
            steps = _in_order(subject, told)
            between = {
                pair
                for number, before in enumerate(steps)
                for after in steps[number + 1 :]
                for pair in product(codes_of(before), codes_of(after))
            }
        case rules.CodeChoice(subject=inner):
            moves = _changes(inner, told)
            between = {pair for a, b in moves for pair in product(codes_of(_case(subject, a)), codes_of(_case(subject, b)))}
        case _:
            between = set(product(codes_of(subject), codes_of(subject)))
    within = {pair for branch in branches(subject) if branch is not subject for pair in _changes(branch, told)}
    return {(before, after) for before, after in between | within if before != after}


def _in_order(ladder: rules.Ladder, told: Told) -> tuple[rules.Value, ...]:
    """The branches of a ladder by ``told``, from the whole of an outage to smaller and smaller parts."""
    rising = (*(value for _, value in ladder.steps), ladder.otherwise)
    upward = ladder.steps[0][0].op in ("less than", "at most")
    return rising if upward == _rises(told) else rising[::-1]


def _case(choice: rules.CodeChoice, code: str) -> rules.Value:
    """The branch that a code takes."""
    for codes, value in choice.cases:
        if code in codes:
            return value
    assert choice.otherwise is not None  # INVARIANT: the cases of a choice are complete
    return choice.otherwise


def codes_of(value: rules.Value) -> tuple[str, ...]:
    """Every code that a value can come to; () where any can."""
    value = figure_value(value)
    match value:
        case rules.Code(codes=codes) | rules.Fact(codes=codes):
            return codes
        case rules.CodeChoice() | rules.Ladder():
            return tuple(dict.fromkeys(code for branch in branches(value) for code in codes_of(branch)))
    return ()


def _reads(what: rules.Value | rules.Condition, told: Told) -> bool:
    return any(each == told for each in inner_values(what, through_names=True))
