"""Components: what is paid for each counted unit of each part of a clock, times factors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from policy.calculator import rules
from policy.language.choices import read_value
from policy.language.clauses import read_clause
from policy.language.conditions import read_condition
from policy.language.counts import read_count
from policy.language.facts import check_name
from policy.language.kinds import PAY, TIMES, WHEN, Type, of_occasion
from policy.language.pay import AT_DISCRETION, read_pay
from policy.language.problems import At, Refused, listed
from policy.language.scope import Scope
from policy.language.shapes import CLAUSE, CONDITION, NAME_PATTERN, VALUE, any_of, choice_of, one_or_more, ref, text
from policy.language.words import Form, Reading, Word, items_of, keep, read_all, read_partly, text_of
from policy.language.yaml_tree import Node, Text


@dataclass(frozen=True, slots=True)
class Paid:
    """What the words of a benefit are read with: the names, what it is paid in and what it is worked out for.

    None: unreadable.
    """

    scope: Scope
    type: Type | None
    for_each: rules.ForEach | None = None


def _clause(paid: Paid, node: Node) -> rules.Clause:
    return read_clause(paid.scope, node)


def _clock(paid: Paid, node: Node) -> rules.Clock:
    return paid.scope.clock(text_of(node, paid.scope.report, "clock:"))


def read_when(paid: Paid, node: Node) -> rules.Condition:
    """Which requests a benefit or a component is for."""
    return read_condition(paid.scope, node, of_occasion(WHEN, paid.for_each))


def _count(paid: Paid, node: Node) -> rules.Count:
    return read_count(paid.scope, node, paid.for_each)


def _times(paid: Paid, node: Node) -> tuple[rules.Value, ...]:
    place = of_occasion(TIMES, paid.for_each)
    return tuple(read_all(items_of(node), lambda item: read_value(paid.scope, item, place, "ratio").value))


WHEN_WORD: Final[Word[Paid]] = Word("for which requests", CONDITION, read_when)
INLINE_WORDS: Final[Mapping[str, Word[Paid]]] = {
    "clause": Word("where it comes from", CLAUSE, _clause),
    "clock": Word("the clock whose time is counted; needed where there are several", text(NAME_PATTERN), _clock),
    "count": Word("once, or how many units", any_of(choice_of("once"), ref("count")), _count),
    "pay": Word(f"what each unit is worth; or {AT_DISCRETION}, for a person to set", any_of(VALUE, ref("tiers")), keep),
    "times": Word("a factor, or a list of factors", one_or_more(VALUE), _times),
}
"""The words of a component, which a benefit of one component carries itself."""
NEEDED: Final = ("clause", "count", "pay")

COMPONENT: Final[Form[Paid]] = Form(
    name="a component",
    doc="What is paid for each counted unit of each part of a clock, times factors.",
    words={
        name: Word(word.doc, word.shape, word.read, required=name in NEEDED)
        for name, word in {**INLINE_WORDS, "when": WHEN_WORD}.items()
    },
)


def read_component(paid: Paid, key: Text, node: Node) -> rules.Component:
    """A component under its name."""
    check_name(paid.scope, key, "a component")
    reading = read_partly(COMPONENT, paid, node, paid.scope.report)
    return component_of(paid, key, reading, reading.get("when"))


def component_of(paid: Paid, key: Text, reading: Reading, when: rules.Condition | None) -> rules.Component:
    """The component that a map's words make; what can be read of it is, before a reading that is not sound is given up."""
    count: rules.Count | None = reading.get("count")
    pay = None
    if "pay" in reading.values:
        pay = read_pay(paid.scope, reading.values["pay"], count, paid.type, of_occasion(PAY, paid.for_each))
    clock: rules.Clock | None = None
    if count is not None and ("clock" in reading.values or "clock" not in reading.standing):
        clock = _clock_of(paid.scope, key.at, count, reading.get("clock"))
    elif "clock" not in reading.standing:
        for only in paid.scope.clocks.values():  # what cannot be read may count it
            only.used = True
    reading.check()
    if count is None or pay is None:  # a benefit has reported that it lacks them
        raise Refused
    return rules.Component(
        name=key.text,
        clause=reading.values["clause"],
        clock=clock,
        when=when,
        count=count,
        pay=pay,
        times=reading.get("times", ()),
    )


def _clock_of(scope: Scope, at: At, count: rules.Count, named: rules.Clock | None) -> rules.Clock | None:
    """The clock that a component reads: the one it names, or the only one there is."""
    if isinstance(count, rules.Number):
        if named is not None:
            scope.report.refuse(at, "a count by number: reads no clock", "remove clock:")
        return None
    if named is not None:
        return named
    clocks = list(scope.clocks.values())
    if not clocks:
        scope.report.refuse(at, "time is counted, and the policy has no clock", "declare one under clocks:")
    if len(clocks) > 1:
        scope.report.refuse(
            at, "which clock counts is not said", f"add clock: {listed([each.name.text for each in clocks], 'or')}"
        )
    return clocks[0].use()
