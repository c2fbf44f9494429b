"""``benefits:`` the sum (or the larger) of components, less what is set off, rounded once, then bounded."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, get_args

from policy.calculator import rules
from policy.language.bounds import read_counted_date
from policy.language.choices import read_value
from policy.language.components import INLINE_WORDS, NEEDED, WHEN_WORD, Paid, component_of, read_component
from policy.language.conditions import read_condition, tests_time
from policy.language.facts import check_name
from policy.language.for_each import FOR_EACH, check_of_cycle, check_width, read_for_each
from policy.language.kinds import BOUNDS, GRANTED, PAID_IN, of_occasion
from policy.language.lengths import read_seconds
from policy.language.problems import Refused, did_you_mean, nearest
from policy.language.scalars import read_scalar
from policy.language.scope import Scope
from policy.language.shapes import CONDITION, DATE_PATTERN, NAME_PATTERN, VALUE, any_of, choice_of, map_of, ref, text
from policy.language.words import Form, Reading, Word, keep, read_all, read_form, read_partly, text_of
from policy.language.yaml_tree import Map, Node, Text

ROUNDINGS: Final[tuple[rules.Rounding, ...]] = get_args(rules.Rounding)
JOINS: Final = ("sum of", "larger of")

ROUND: Final[Form[Paid]] = Form(
    name="round",
    doc="How the amount is rounded, once, and to which quantity.",
    words={word: Word(f"rounded {word} to this quantity", text(), keep) for word in ROUNDINGS},
    exactly_one=ROUNDINGS,
)


def read_round(paid: Paid, node: Node) -> tuple[rules.Rounding, int]:
    """How amounts are rounded, and the quantity in base units."""
    report = paid.scope.report
    reading = read_form(ROUND, paid, node, report)
    how = next(word for word in ROUNDINGS if word in reading.values)
    quantity = text_of(reading.values[how], report, f"{how}:")
    if paid.type is None:
        raise Refused  # the kind cannot be read, which has been reported
    typed = read_scalar(paid.scope, quantity, BOUNDS, paid.type)
    if not isinstance(typed.value, rules.Constant) or typed.value.value.denominator != 1 or not typed.value.value:
        report.refuse(
            quantity.at, f"{quantity.text} is nothing to round to", "one or more whole base units, as in 1 MiB, 1 min, 1 day"
        )
    return how, typed.value.value.numerator


def _kind(paid: Paid, node: Node) -> str:
    kind = text_of(node, paid.scope.report, "kind:")
    if kind.text not in PAID_IN:
        hint = did_you_mean(kind.text, PAID_IN, f"kinds are {', '.join(PAID_IN)}")
        paid.scope.report.refuse(kind.at, f"there is no kind of benefit {kind.text}", hint)
    return kind.text


def _bound(paid: Paid, node: Node) -> rules.Value:
    return read_value(paid.scope, node, of_occasion(BOUNDS, paid.for_each), paid.type).value


def _minus(paid: Paid, node: Node) -> rules.Value:
    typed = read_value(paid.scope, node, of_occasion(BOUNDS, paid.for_each), paid.type)
    if "subscriber" in typed.axes:
        what = "minus: sets off what is told of the subscriber as a whole"
        check_of_cycle(paid.scope, node.at, what, paid.for_each)
    return typed.value


def _for_each(paid: Paid, _: Node | None = None) -> rules.ForEach:
    if paid.for_each is None:
        raise Refused  # it has been looked up before the words were read, and reported
    return paid.for_each


def _valid_for(paid: Paid, node: Node) -> int:
    length = text_of(node, paid.scope.report, "valid for:")
    seconds = read_seconds(paid.scope, length)
    if not seconds:
        paid.scope.report.refuse(length.at, "a grant cannot be valid for no time", "remove valid for:")
    return seconds


USABLE: Final[Form[Paid]] = Form(
    name="usable",
    doc="The local dates in which a grant can be used, [from, to).",
    words={
        "from": Word("the first day on which it can be used", text(DATE_PATTERN), keep, required=True),
        "to": Word("the first day on which it can no longer be used", text(DATE_PATTERN), keep, required=True),
    },
)


def _usable(paid: Paid, node: Node) -> tuple[date, date]:
    report = paid.scope.report
    reading = read_form(USABLE, paid, node, report)
    first, end = (text_of(reading.values[word], report, f"{word}:") for word in ("from", "to"))
    days = read_counted_date(paid.scope, first), read_counted_date(paid.scope, end)
    if days[0] >= days[1]:
        report.refuse(end.at, f"what is usable from {days[0]} cannot end on {days[1]}", "to: is the first day after it")
    return days


AUTOMATICALLY_WHEN: Final[Form[Paid]] = Form(
    name="granted",
    doc="Granted without a claim when a condition holds; else the amount is owed on a claim.",
    words={
        "automatically when": Word(
            "a condition on the amount, on the clock's time and on facts", CONDITION, keep, required=True
        )
    },
)


def _granted(paid: Paid, node: Node) -> rules.Granted:
    report = paid.scope.report
    if isinstance(node, Text):
        if node.text == "automatically":
            return rules.Granted("automatically")
        if node.text == "on claim":
            return rules.Granted("on claim")
        hint = did_you_mean(
            node.text, ("automatically", "on claim"), "write automatically, on claim, or {automatically when: ...}"
        )
        report.refuse(node.at, f"nothing is granted {node.text!r}", hint)
    node = read_form(AUTOMATICALLY_WHEN, paid, node, report).values["automatically when"]
    return rules.Granted("automatically when", when=_automatically(paid, node))


def _automatically(paid: Paid, node: Node) -> rules.Condition:
    before = len(paid.scope.looks)
    place = replace(of_occasion(GRANTED, paid.for_each), paid_in=paid.type)
    condition = read_condition(paid.scope, node, place)
    for scope, at in paid.scope.looks[before:]:
        check_width(paid.scope, at, scope, paid.for_each)
    return condition


def _joined(paid: Paid, node: Node) -> tuple[rules.Component, ...]:
    if not isinstance(node, Map) or not node.entries:
        paid.scope.report.refuse(node.at, "components stand here by name", "give each a name, and its words under it")
    return tuple(read_all(node.entries, lambda entry: read_component(paid, entry[0], entry[1])))


_COMPONENTS: Final = map_of(NAME_PATTERN, ref("component"), at_least=1)

BENEFIT: Final[Form[Paid]] = Form(
    name="a benefit",
    doc="What a customer is given: components joined, less what is set off, rounded once, then bounded.",
    words={
        "kind": Word("what is given, and in which unit", choice_of(*PAID_IN), _kind, required=True),
        "for each": Word("what it is worked out for, each by itself; else as the policy says", choice_of(*FOR_EACH), _for_each),
        "when": WHEN_WORD,
        **INLINE_WORDS,
        "sum of": Word("components by name, added", _COMPONENTS, _joined),
        "larger of": Word("components by name, of which the largest counts", _COMPONENTS, _joined),
        "minus": Word("what is set off; never below 0", VALUE, _minus),
        "round": Word("rounded once: up, down or half up, to a quantity", ref("round"), read_round, required=True),
        "at least": Word("the least that is given if anything is due", VALUE, _bound),
        "at most": Word("the most that is given for one occasion", VALUE, _bound),
        "at most per cycle": Word("the most that a billing cycle gives in all", VALUE, _bound),
        "at most per month": Word("the most that is given in all for what begins in one local month", VALUE, _bound),
        "valid for": Word("how long a grant can be used, from its booking", text(), _valid_for),
        "usable": Word("the fixed dates in which a grant can be used", ref("usable"), _usable),
        "granted": Word(
            "automatically, on claim, or automatically when a condition holds",
            any_of(choice_of("automatically", "on claim"), ref("granted")),
            _granted,
            required=True,
        ),
    },
)


@dataclass(frozen=True, slots=True)
class Offered:
    """What other sections have to know of a benefit, whether or not the whole of it can be read. ``kind`` "": not readable.

    ``components``: those that have names of their own.
    """

    name: str
    kind: str
    lasts: bool
    components: tuple[str, ...]


def offered(entries: tuple[tuple[Text, Node], ...]) -> tuple[Offered, ...]:
    """The benefits of a policy, looked up before they are read."""

    def kind_of(node: Node) -> str:
        kind = node.get("kind") if isinstance(node, Map) else None
        return kind.text if isinstance(kind, Text) and kind.text in PAID_IN else ""

    def lasts(node: Node) -> bool:
        words = {key.text for key, _ in node.entries} if isinstance(node, Map) else set()
        return "valid for" in words or any(nearest(each, BENEFIT.words) == "valid for" for each in words - set(BENEFIT.words))

    def components(node: Node) -> tuple[str, ...]:
        parts = [node.get(word) for word in JOINS] if isinstance(node, Map) else []
        return tuple(key.text for part in parts if isinstance(part, Map) for key, _ in part.entries)

    return tuple(Offered(key.text, kind_of(node), lasts(node), components(node)) for key, node in entries)


def read_benefit(scope: Scope, key: Text, node: Node) -> rules.Benefit:
    """A benefit under its name."""
    check_name(scope, key, "a benefit")
    paid = Paid(scope, PAID_IN.get(offered(((key, node),))[0].kind), _for_each_of(scope, node))
    reading = read_partly(BENEFIT, paid, node, scope.report)
    assert isinstance(node, Map)  # anything else is refused
    join, components = _components(paid, key, node, reading)
    rounding, unit = reading.values["round"]
    benefit = rules.Benefit(
        name=key.text,
        kind=reading.values["kind"],
        for_each=_for_each(paid),
        currency_code=scope.currency if paid.type == "money" else "",
        when=reading.get("when"),
        join=join,
        components=components,
        minus=reading.get("minus"),
        rounding=rounding,
        unit=unit,
        at_least=reading.get("at least"),
        at_most=reading.get("at most"),
        at_most_per_cycle=reading.get("at most per cycle"),
        at_most_per_month=reading.get("at most per month"),
        valid_for_seconds=reading.get("valid for", 0),
        usable=reading.get("usable"),
        granted=reading.values["granted"],
    )
    _check(scope, key, node, benefit)
    return benefit


def _for_each_of(scope: Scope, node: Node) -> rules.ForEach | None:
    """What a benefit is worked out for: as it says itself, or else as the policy does. None: that cannot be read."""
    own = node.get("for each") if isinstance(node, Map) else None
    if own is None:
        for_each = scope.for_each
    else:
        try:
            for_each = read_for_each(scope.report, own)
        except Refused:
            return None
    if for_each == "billing cycle":
        scope.read_cycle()
    return for_each


def _components(paid: Paid, key: Text, node: Map, reading: Reading) -> tuple[Any, tuple[rules.Component, ...]]:
    """The components by name; or the one that the benefit carries itself."""
    report = paid.scope.report
    joined = [word for word in JOINS if word in reading.standing]
    inline = [word for word, _ in node.entries if word.text in INLINE_WORDS]
    if not joined:
        for word in NEEDED:
            if word not in reading.standing:
                reading.sound = False
                report.add(node.at, f"a benefit lacks {word}:", f"{INLINE_WORDS[word].doc}; or name components under sum of:")
        return "sum", (component_of(paid, key, reading, None),)
    if len(joined) > 1:
        report.refuse(node.at, "a benefit has larger of: beside sum of:", "keep one of them")
    if inline:
        report.refuse(
            inline[0].at, f"{inline[0].text}: stands beside {joined[0]}:", f"each component under {joined[0]}: has its own"
        )
    reading.check()
    return ("sum" if joined[0] == "sum of" else "larger"), reading.values[joined[0]]


def _check(scope: Scope, key: Text, node: Map, benefit: rules.Benefit) -> None:
    """What no word can see alone."""
    least = benefit.at_least
    limits = {
        "at most": benefit.at_most,
        "at most per cycle": benefit.at_most_per_cycle,
        "at most per month": benefit.at_most_per_month,
    }
    for word, limit in limits.items():
        at = next((known.at for known, _ in node.entries if known.text == word), key.at)
        if not isinstance(limit, rules.Constant):
            continue
        if limit.value < benefit.unit:
            scope.report.add(
                at, f"{word}: is less than what amounts are rounded to, so nothing is ever given", "raise it, or round finer"
            )
        elif isinstance(least, rules.Constant) and least.value > limit.value:
            scope.report.add(at, f"{word}: is below at least:", "raise one or lower the other")
    clocks = tuple(component.clock for component in benefit.components if component.clock is not None)
    for clock in dict.fromkeys(_with_left_out(clocks)):
        for looked_at, where in scope.looks_of[clock]:
            check_width(scope, where, looked_at, benefit.for_each, key.text)
    if benefit.granted.when is not None and not clocks and tests_time(benefit.granted.when):
        scope.report.add(key.at, f"{key.text} counts no time, so automatically when: cannot test any", "test the amount")


def _with_left_out(clocks: tuple[rules.Clock, ...]) -> Iterator[str]:
    """Clocks by name, with those that they leave out: what these keep is asked of the same occasions."""
    for clock in clocks:
        yield clock.name
        yield from _with_left_out(clock.without)
