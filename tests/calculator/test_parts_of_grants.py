"""Whose a grant is: weights by outage, the split by largest remainder, and what each outage's part is worth to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.calculator.lowering.assembler import Bank
from policy.calculator.memory import At
from policy.calculator.program import Evaluator
from tests.calculator.small_programs import SmallProgram, TestOutage
from tests.calculator.test_occasions_on_machine import TOGETHER, Occasions, outage

WIDTH_OF_SHARE: Final = 4


def split(evaluator: Evaluator, outages: list[TestOutage], quantity: int, repeated: int = 1) -> dict[str, int]:
    """The parts of a quantity by the plain time that counts for each outage, told ``repeated`` times."""
    program = Occasions(TOGETHER)
    asm, shares, whole = program.small.asm, program.small.asm.new_list(Bank.OCCASION), program.small.asm.reg()
    with asm.each("OCCASION", program.list):
        asm.op("SHARES", shares)
        for _ in range(repeated):
            asm.op("ADD_SHARES", shares, program.merged, asm.const(0))
        asm.op("APPORTION", shares, whole)
    memory = program.run(evaluator, outages, (), {whole: quantity})
    [occasion] = memory.occasions(program.list)
    memory.enter(occasion)
    names = {memory.outages()[number].outage: each.outage_id for number, each in enumerate(outages)}
    return {names[address]: part for address, _, part, _ in memory.items(shares, WIDTH_OF_SHARE)}


def largest_remainder(quantity: int, weights: Mapping[str, int]) -> dict[str, int]:
    """The same by fractions; equally where nothing weighs anything."""
    weighed = dict(weights) if any(weights.values()) else dict.fromkeys(weights, 1)
    quotas = {name: Fraction(quantity * weight, sum(weighed.values())) for name, weight in weighed.items()}
    parts = {name: floor(quota) for name, quota in quotas.items()}
    behind = sorted(quotas, key=lambda name: (parts[name] - quotas[name], name))
    for name in behind[: quantity - sum(parts.values())]:
        parts[name] += 1
    return parts


LENGTHS: Final = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 50), min_size=1)


def one_after_another(hours: Mapping[str, int]) -> list[TestOutage]:
    """Outages of so many hours, in the order of the mapping."""
    made, at = [], 0
    for name, length in hours.items():
        made.append(outage(at, at + length, name))
        at += length
    return made


@given(st.integers(0, 2**62), LENGTHS)
def test_parts_are_by_largest_remainder_and_sum_to_the_whole(
    evaluator: Evaluator, quantity: int, hours: dict[str, int]
) -> None:
    """However wide the product of a quantity and the time of an outage is."""
    parts = split(evaluator, one_after_another(hours), quantity)
    assert parts == largest_remainder(quantity, hours)
    assert sum(parts.values()) == quantity


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        (1, {"a": 1, "b": 0, "c": 0}),
        (2, {"a": 1, "b": 1, "c": 0}),
        (3, {"a": 1, "b": 1, "c": 1}),
        (4, {"a": 2, "b": 1, "c": 1}),
    ],
)
def test_a_tie_in_the_remainder_goes_to_the_smaller_id(evaluator: Evaluator, quantity: int, expected: dict[str, int]) -> None:
    """Whichever of them is recorded first."""
    for order in ("abc", "cba", "bca"):
        assert split(evaluator, one_after_another(dict.fromkeys(order, 2)), quantity) == expected


def test_an_outage_whose_time_counts_for_another_has_a_part_of_0(evaluator: Evaluator) -> None:
    assert split(evaluator, [outage(0, 4, "a", 2), outage(1, 3, "b")], 7) == {"a": 7, "b": 0}


def test_where_no_time_counts_parts_are_equal(evaluator: Evaluator) -> None:
    """Five over three: of equal remainders those of the smaller ids are taken up."""
    outages = [outage(0, 1, "c"), outage(0, 1, "b"), outage(0, 1, "a")]
    assert split(evaluator, outages, 5, repeated=0) == {"a": 2, "b": 2, "c": 1}


def test_the_time_of_several_clocks_is_summed(evaluator: Evaluator) -> None:
    outages = one_after_another({"a": 1, "b": 3})
    assert split(evaluator, outages, 10, repeated=2) == split(evaluator, outages, 10) == {"a": 3, "b": 7}


@dataclass(frozen=True)
class Owed:
    """What an outage owes whom."""

    party: str
    outage_id: str
    amount: int


def owed(evaluator: Evaluator, outages: list[TestOutage], amounts: list[int]) -> list[Owed]:
    small = SmallProgram()
    parties = small.asm.new_list()
    small.asm.op("BY_PARTY", parties, small.level)
    paid_for = [replace(each, level=paid) for each, paid in zip(outages, amounts, strict=True)]
    memory = small.run(evaluator, paid_for)
    names = {memory.outages()[number].outage: each for number, each in enumerate(outages)}
    return [Owed(names[at].party, names[at].outage_id, paid) for _, at, paid in memory.items(parties, 3)]


@given(st.permutations("abcdef"), st.lists(st.sampled_from(["grid", "digger", ""]), min_size=6, max_size=6), st.data())
def test_what_is_owed_is_by_party_and_then_by_outage_and_nothing_is_left_out(
    evaluator: Evaluator, ids: list[str], parties: list[str], data: st.DataObject
) -> None:
    amounts = data.draw(st.lists(st.integers(0, 3), min_size=6, max_size=6))
    outages = [TestOutage(0, 1, 1, name, party) for name, party in zip(ids, parties, strict=True)]
    told = [Owed(each.party, each.outage_id, paid) for each, paid in zip(outages, amounts, strict=True) if paid]
    assert owed(evaluator, outages, amounts) == sorted(told, key=lambda each: (each.party, each.outage_id))


def test_what_outages_owe_is_what_their_parts_are_worth_together(evaluator: Evaluator) -> None:
    """Ten units over an hour and three are 3 and 7 (2.5 and 7.5, the tie to the smaller id), at 5 and then at 1 each."""
    program = Occasions(TOGETHER)
    asm, shares, due = program.small.asm, program.small.asm.new_list(Bank.OCCASION), program.small.asm.reg(Bank.OUTAGE)
    with asm.each("OUTAGE"):
        asm.op("MOVE", due, asm.const(0))
    with asm.each("OCCASION", program.list):
        asm.op("SHARES", shares)
        asm.op("ADD_SHARES", shares, program.merged, asm.const(0))
        asm.op("APPORTION", shares, asm.const(10))
        asm.op("OWE", due, shares, asm.const(5))
        asm.op("OWE", due, shares, asm.const(1))
    memory = program.run(evaluator, one_after_another({"a": 1, "b": 3}))
    assert [memory.get(due, At(outage=at.outage)) for at in memory.outages()] == [18, 42]
