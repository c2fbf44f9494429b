"""What is not known: each condition comes out, or misses what it misses, as the judge says; in the evaluator, by its trace."""

from fractions import Fraction
from itertools import product
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from policy import Outage, Request, Subscriber
from policy.calculator import rules
from policy.calculator.lowering.assembler import Bank
from policy.calculator.lowering.context import OUTAGE_INDEX
from policy.calculator.lowering.encoding import encoded, layout_of
from policy.calculator.lowering.lower import Lowering
from policy.calculator.lowering.tests import lower_test
from policy.calculator.lowering.version import as_numbers
from policy.calculator.memory import HERE, At, Memory
from policy.calculator.program import Evaluator
from tests.calculator.small_programs import EVALUATORS
from tests.judge.facts import Reader, Told, Unknown
from tests.judge.values import holds
from tests.strategies.any_policy_made_up import made_up


def fact(name: str, of: rules.Of, kind: rules.FactType, codes: tuple[str, ...] = ()) -> rules.Fact:
    owner = "outages[]" if of == "outage" else "subscriber"
    return rules.Fact(name, of, kind, f'{owner}.attributes["{name}"]', attribute=True, codes=codes, at_most=10)


CLAUSE: Final = rules.Clause("c", {"en": "…"})
MEMBER, PLAN, FEE, CALLS = (
    fact("member", "subscriber", "yes or no"),
    fact("plan", "subscriber", "codes", ("A", "B")),
    fact("fee", "subscriber", "number"),
    fact("calls", "subscriber", "number"),
)
FELT, TOWERS = fact("felt", "outage", "yes or no"), fact("towers", "outage", "number")
ONE: Final = rules.Constant(Fraction(1))
FIGURE: Final = rules.Named(rules.Figure("figure", CLAUSE, CALLS, "row"))


def more_than_one(value: rules.Value) -> rules.Condition:
    return rules.Compare(value, rules.Bound("more than", ONE))


def by_plan(first: rules.Value, other: rules.Value) -> rules.Value:
    return rules.CodeChoice(PLAN, ((("A",), first),), other)


def by_fee(first: rules.Value, other: rules.Value) -> rules.Value:
    return rules.Ladder(FEE, ((rules.Bound("at most", ONE), first),), other)


IS_MEMBER, MANY_CALLS, WAS_FELT = rules.IsYes(MEMBER, True), more_than_one(CALLS), rules.IsYes(FELT, True)
CHOSEN_CODES: Final = rules.IsOneOf(PLAN, by_fee(rules.Code(("A",)), rules.Code(("A", "B"))))
OF_ROW: Final[dict[str, rules.Condition]] = {
    "one fact": IS_MEMBER,
    "all of two": rules.AllOf((IS_MEMBER, MANY_CALLS)),
    "any of two": rules.AnyOf((IS_MEMBER, MANY_CALLS)),
    "all of, in any of": rules.AnyOf((rules.AllOf((IS_MEMBER, MANY_CALLS)), more_than_one(FEE))),
    "any of, in all of": rules.AllOf((rules.AnyOf((IS_MEMBER, MANY_CALLS)), more_than_one(FEE))),
    "a fact that two parts read": rules.AnyOf((rules.AllOf((IS_MEMBER, MANY_CALLS)), rules.AllOf((MANY_CALLS, IS_MEMBER)))),
    "a fact against a fact": rules.Compare(FEE, rules.Bound("at least", CALLS)),
    "a share, and the larger": more_than_one(rules.Larger((rules.Share(Fraction(1, 2), FEE), CALLS))),
    "a quotient": rules.Compare(rules.Quotient(FEE, CALLS), rules.Bound("less than", ONE)),
    "a choice by a code": more_than_one(by_plan(FEE, ONE)),
    "a choice of which all cases miss a fact": more_than_one(by_plan(FEE, rules.Larger((FEE, CALLS)))),
    "a ladder": more_than_one(by_fee(CALLS, ONE)),
    "a ladder in a choice": more_than_one(by_plan(by_fee(ONE, CALLS), CALLS)),
    "a choice in a ladder": more_than_one(by_fee(by_plan(CALLS, ONE), CALLS)),
    "one of some codes": rules.IsOneOf(PLAN, rules.Code(("A",))),
    "a figure": rules.AllOf((more_than_one(FIGURE), IS_MEMBER)),
}
OF_OUTAGE: Final[dict[str, rules.Condition]] = {
    "a fact of each outage": WAS_FELT,
    "a fact of the row": IS_MEMBER,
    "either": rules.AnyOf((WAS_FELT, IS_MEMBER)),
    "both": rules.AllOf((IS_MEMBER, WAS_FELT)),
    "a choice by the row, of the outage": more_than_one(rules.CodeChoice(PLAN, ((("A",), TOWERS),), ONE)),
    "an outage against the row": rules.Compare(TOWERS, rules.Bound("at least", CALLS)),
    "a figure of the row": rules.AnyOf((more_than_one(FIGURE), WAS_FELT)),
}


def request(of_row: dict[str, Any], of_outages: tuple[dict[str, Any], ...]) -> Request:
    outages = tuple(Outage(f"o-{number}", 100, 200, attributes=_given(each)) for number, each in enumerate(of_outages))
    return Request(Subscriber("s", attributes=_given(of_row)), outages, "AUTOMATIC", 1000)


def _given(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


ROWS: Final = [
    request({"member": member, "plan": plan, "fee": fee, "calls": calls}, ({},))
    for member, plan, fee, calls in product((True, False, None), ("A", "B", None), (0, 2, None), (0, 4, None))
]
OUTAGES: Final = [
    request({"member": member, "plan": plan, "calls": calls}, tuple({"felt": each[0], "towers": each[1]} for each in outages))
    for member, plan, calls in product((True, False, None), ("A", "B", None), (0, 4, None))
    for outages in product(product((True, False, None), (0, 3, None)), repeat=2)
]
Answer = tuple[bool | None, frozenset[str]]
"""Whether it holds, and what is missing where that is not known."""


class OnMachine:
    """A condition as a program of its own; ``bank``: whether it is asked of the request, or of each outage."""

    def __init__(self, evaluator: Evaluator, rule: rules.Condition, bank: Bank) -> None:
        self._evaluator, self._bank = evaluator, bank
        lowering = self._lowering = Lowering(made_up("conditions"))
        asm = lowering.asm
        self.test = lower_test(rule, lowering.value)
        if bank == Bank.ROW:
            self.test.write(asm, bank)
        else:
            with asm.each("OUTAGE"):
                self.test.write(asm, bank)
        asm.op("HALT")
        asm.write_blocks()
        self._layout = layout_of(asm)
        self._code, self._tables = as_numbers(encoded(asm, self._layout)), as_numbers(asm.tables)

    def memory(self, asked: Request) -> Memory:
        memory = Memory(self._layout, 0, compiled=self._evaluator is not EVALUATORS["as it stands"])
        memory.clear(len(asked.outages))
        assert asked.subscriber is not None
        self._load(memory, self._lowering.facts.row, asked.subscriber.attributes, HERE)
        for index, (outage, at) in enumerate(zip(asked.outages, memory.outages(), strict=True)):
            memory.set(OUTAGE_INDEX, index, at)
            self._load(memory, self._lowering.facts.outage, outage.attributes, at)
        assert self._evaluator.run(self._code, self._tables, memory.m, memory.k, 0) == 0
        return memory

    def _load(self, memory: Memory, facts: dict[str, Any], given: Any, at: At) -> None:
        for known, reg in facts.values():
            value = given.get(known.name)
            if value is None:
                memory.forget(reg, at)
            else:
                memory.set(reg, self._lowering.codes.bit(value) if isinstance(value, str) else int(value), at)

    def answers(self, asked: Request) -> list[Answer]:
        memory = self.memory(asked)
        places = [HERE] if self._bank == Bank.ROW else memory.outages()
        said = [(self.test.holds(memory, at), self.test.lacks(memory, at)) for at in places]
        return [(known, frozenset(missing) if known is None else frozenset()) for known, missing in said]


def judged(rule: rules.Condition, asked: Request, bank: Bank) -> list[Answer]:
    reader = Reader(asked, ZoneInfo("UTC"))
    told = [Told(index, each, 100, 200) for index, each in enumerate(asked.outages)]
    answers = [holds(rule, reader)] if bank == Bank.ROW else [holds(rule, reader.of(each)) for each in told]
    return [(None, each.fields) if isinstance(each, Unknown) else (each, frozenset()) for each in answers]


@pytest.mark.parametrize("name", OF_ROW)
def test_a_condition_of_the_row_misses_what_the_judge_misses(evaluator: Evaluator, name: str) -> None:
    on_machine = OnMachine(evaluator, OF_ROW[name], Bank.ROW)
    answers = [on_machine.answers(each) for each in ROWS]
    assert answers == [judged(OF_ROW[name], each, Bank.ROW) for each in ROWS]
    assert {known for ((known, _),) in answers} == {True, False, None}


@pytest.mark.parametrize("name", OF_OUTAGE)
def test_a_condition_of_outages_misses_what_the_judge_misses(evaluator: Evaluator, name: str) -> None:
    on_machine = OnMachine(evaluator, OF_OUTAGE[name], Bank.OUTAGE)
    answers = [on_machine.answers(each) for each in OUTAGES]
    assert answers == [judged(OF_OUTAGE[name], each, Bank.OUTAGE) for each in OUTAGES]
    assert {known for each in answers for known, _ in each} == {True, False, None}


def test_codes_that_are_chosen_are_asked_for_once_there_is_one_to_compare(evaluator: Evaluator) -> None:
    """Where the subject is not known, it is what is missed; the judge misses what the choice needs as well."""
    on_machine = OnMachine(evaluator, CHOSEN_CODES, Bank.ROW)
    for each in ROWS:
        ((known, missing),), ((expected, judge_misses),) = on_machine.answers(each), judged(CHOSEN_CODES, each, Bank.ROW)
        assert known is expected
        assert missing == (judge_misses if PLAN.field not in judge_misses else frozenset({PLAN.field}))


def test_what_a_figure_misses_is_missed_under_its_clause(evaluator: Evaluator) -> None:
    on_machine = OnMachine(evaluator, OF_ROW["a figure"], Bank.ROW)
    memory = on_machine.memory(request({"member": None, "calls": None}, ()))
    assert on_machine.test.lacks(memory, HERE) == {CALLS.field: CLAUSE.id, MEMBER.field: ""}


def test_a_part_that_decides_leaves_those_after_it_unasked(evaluator: Evaluator) -> None:
    """And the trace says so: nothing is taken of them."""
    on_machine = OnMachine(evaluator, OF_ROW["all of two"], Bank.ROW)
    for member, compared in ((True, 1), (False, 0), (None, 1)):
        memory = on_machine.memory(request({"member": member, "calls": 4}, ()))
        taken = list(on_machine.test.taken(memory, HERE))
        assert sum(hasattr(each, "bound") for each in taken) == compared
