"""Attributes of rows as columns: the entries of a map, told apart by the facts that a version declares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from policy.calculator import rules
from policy.calculator.columns.questions import Given, Ints, Mask
from policy.calculator.facts import RATIO_DENOMINATOR
from policy.calculator.validate import MAX_ITEMS, MAX_QUANTITY
from server.columns.arrow import entries, fields, instants, numbers, owners, valid

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


def facts_of(given: Attributes, facts: Sequence[rules.Fact], currency_code: str) -> tuple[dict[str, Given], Mask]:
    """(a column for each fact, owners with an attribute that is not surely what the version declares)."""
    wrong, told = given.too_many.copy(), np.zeros(given.count, np.int64)
    columns = {}
    for fact in facts:
        numbers_of = np.zeros(given.count, np.int64)
        there = np.zeros(given.count, np.bool_)
        if len(given.owner):
            these = np.asarray(pc.equal(given.names, fact.name).to_numpy(zero_copy_only=False), np.bool_)
            whose = given.owner[these]
            read, ok = _read(fact, given.kinds, these, currency_code)
            limit = MAX_QUANTITY if fact.at_most is None else fact.at_most
            limit *= RATIO_DENOMINATOR if fact.type == "ratio" else 1
            if fact.type not in ("codes", "instant", "date"):
                ok &= (read >= 0) & (read <= limit)
            wrong[whose[~ok]] = True
            wrong[whose[1:][whose[1:] == whose[:-1]]] = True  # told twice; which one holds is not ours to say
            numbers_of[whose], there[whose] = np.where(ok, read, 0), True
            np.add.at(told, whose, 1)
        columns[fact.name] = Given(numbers_of, there)
    total = np.zeros(given.count, np.int64)
    np.add.at(total, given.owner, 1)
    return columns, wrong | (told != total)


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
            ours = _equal(parts["currency_code"], currency_code)
            return numbers(parts["amount_minor"]), valid(chosen["money"]) & ours
        case "codes":
            place = {code: number for number, code in enumerate(fact.codes)}
            read = _by_distinct(chosen["text"], lambda text: place.get(text, _WRONG))
            return read, valid(chosen["text"]) & (read != _WRONG)
        case "instant":
            moment, out = instants(chosen["instant"])
            return moment.numbers, moment.given & ~out
        case "date":
            return _date(chosen["date"])
    return np.zeros(int(these.sum()), np.int64), np.zeros(int(these.sum()), np.bool_)  # intervals are looked at one by one


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


def _equal(texts: Any, wanted: str) -> Mask:
    equal: Mask = _by_distinct(texts, lambda text: int(text == wanted)) == 1
    return equal


def _by_distinct(texts: Any, number: Any) -> Ints:
    """A number for each text, asked once for each distinct one."""
    encoded = texts.fill_null("").dictionary_encode()
    found = np.array([number(text) for text in encoded.dictionary.to_pylist()], np.int64)
    if not len(found):
        return np.zeros(len(texts), np.int64)
    read: Ints = found[np.asarray(encoded.indices.to_numpy(zero_copy_only=False))]
    return read
