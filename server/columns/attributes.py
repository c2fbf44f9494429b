"""Attributes of rows as columns: the entries of a map, told apart by the facts that a version declares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from policy.calculator import rules
from policy.calculator.columns.questions import Given, Intervals, Ints, Mask
from policy.calculator.facts import RATIO_DENOMINATOR
from policy.calculator.validate import MAX_ITEMS, MAX_QUANTITY
from server.columns.arrow import by_distinct, entries, fields, instants, numbers, owners, repeated, spans, valid

_WRONG: Final = -1


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of ``count`` owners: whose each entry is, its name, and its value by kind."""

    count: int
    owner: Ints
    names: Any
    kinds: Mapping[str, Any]
    too_many: Mask


def attributes_of(array: Any) -> Attributes:
    """The attributes of a column of messages."""
    offsets, names, values = entries(array)
    return Attributes(len(array), owners(offsets), names, fields(values), np.diff(offsets) > MAX_ITEMS)


def intervals_held(given: Attributes) -> Ints:
    """How many intervals the attributes of each owner hold."""
    held = np.zeros(given.count, np.int64)
    if len(given.owner):
        offsets, _ = repeated(fields(given.kinds["intervals"])["intervals"])
        np.add.at(held, given.owner, np.diff(offsets))
    return held


@dataclass(frozen=True, slots=True)
class Facts:
    """Attributes as a version declares them. ``wrong``: owners with an attribute that is not surely what it declares."""

    columns: dict[str, Given]
    intervals: dict[str, Intervals]
    wrong: Mask


def facts_of(given: Attributes, facts: Sequence[rules.Fact], currency_code: str) -> Facts:
    """A column for each fact."""
    wrong, told = given.too_many.copy(), np.zeros(given.count, np.int64)
    columns: dict[str, Given] = {}
    intervals: dict[str, Intervals] = {}
    for fact in facts:
        these = np.zeros(0, np.bool_)
        if len(given.owner):
            these = np.asarray(pc.equal(given.names, fact.name).to_numpy(zero_copy_only=False), np.bool_)
        whose = given.owner[these]
        if fact.type == "intervals":
            intervals[fact.name], ok = _intervals(given, these, whose)
        else:
            columns[fact.name], ok = _numbers(given, fact, these, whose, currency_code)
        wrong[whose[~ok]] = True
        wrong[whose[1:][whose[1:] == whose[:-1]]] = True  # told twice; which one holds is not ours to say
        np.add.at(told, whose, 1)
    total = np.zeros(given.count, np.int64)
    np.add.at(total, given.owner, 1)
    return Facts(columns, intervals, wrong | (told != total))


def _intervals(given: Attributes, these: Mask, whose: Ints) -> tuple[Intervals, Mask]:
    """(the lists of one fact by owner, the entries that can be right)."""
    there, counts = np.zeros(given.count, np.bool_), np.zeros(given.count, np.int64)
    lists = given.kinds["intervals"].filter(pa.array(these))
    offsets, elements = repeated(fields(lists)["intervals"])
    starts, ends, wrong = spans(elements)
    ok = valid(lists)
    ok[owners(offsets)[wrong]] = False
    there[whose] = True
    np.add.at(counts, whose, np.diff(offsets))
    return Intervals(there, np.concatenate(([0], np.cumsum(counts))), starts, ends), ok


def _numbers(given: Attributes, fact: rules.Fact, these: Mask, whose: Ints, currency_code: str) -> tuple[Given, Mask]:
    """(the numbers of one fact by owner, the entries that can be right)."""
    numbers_of, there, ok = np.zeros(given.count, np.int64), np.zeros(given.count, np.bool_), np.ones(0, np.bool_)
    if len(whose):
        read, ok = _read(fact, given.kinds, these, currency_code)
        limit = MAX_QUANTITY if fact.at_most is None else fact.at_most
        limit *= RATIO_DENOMINATOR if fact.type == "ratio" else 1
        if fact.type not in ("codes", "instant", "date"):
            ok &= (read >= 0) & (read <= limit)
        numbers_of[whose], there[whose] = np.where(ok, read, 0), True
    return Given(numbers_of, there), ok


def _read(fact: rules.Fact, kinds: Mapping[str, Any], these: Mask, currency_code: str) -> tuple[Ints, Mask]:
    """(the numbers of the entries of one fact, where they are of its type and can be right)."""
    chosen = {name: array.filter(pa.array(these)) for name, array in kinds.items()}
    match fact.type:
        case "number" | "bytes" | "seconds":
            return numbers(chosen["integer"]), valid(chosen["integer"])
        case "yes or no":
            return numbers(chosen["yes_or_no"].cast("int64")), valid(chosen["yes_or_no"])
        case "ratio":
            return _ratio(chosen["ratio"])
        case "money":
            parts = fields(chosen["money"])
            ours = by_distinct(parts["currency_code"], lambda code: code == currency_code, np.bool_)
            return numbers(parts["amount_minor"]), valid(chosen["money"]) & ours
        case "codes":
            place = {code: number for number, code in enumerate(fact.codes)}
            read = by_distinct(chosen["text"], lambda text: place.get(text, _WRONG), np.int64)
            return read, valid(chosen["text"]) & (read != _WRONG)
        case "instant":
            moment, out = instants(chosen["instant"])
            return moment.numbers, moment.given & ~out
        case "date":
            return _date(chosen["date"])
    raise AssertionError("intervals are read as such")


def _ratio(array: Any) -> tuple[Ints, Mask]:
    parts = fields(array)
    above, below = numbers(parts["numerator"]), numbers(parts["denominator"])
    ok = valid(array) & (below > 0) & (below <= RATIO_DENOMINATOR) & (above >= 0) & (above <= MAX_QUANTITY // RATIO_DENOMINATOR)
    below = np.where(ok, below, 1)
    common = np.gcd(above, below)  # a denominator is looked at in lowest terms
    above, below = above // common, below // common
    ok &= RATIO_DENOMINATOR % below == 0
    return np.where(ok, above, 0) * (RATIO_DENOMINATOR // below), ok


def _date(array: Any) -> tuple[Ints, Mask]:
    parts = [numbers(part) for part in fields(array).values()]
    read = np.full(len(array), _WRONG, np.int64)
    for place, (year, month, day) in enumerate(zip(*(part.tolist() for part in parts), strict=True)):
        try:
            read[place] = date(year, month, day).toordinal()
        except ValueError:
            continue
    return read, valid(array) & (read != _WRONG)
