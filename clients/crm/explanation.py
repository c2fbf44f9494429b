"""Writes an explanation as a derivation that a person can follow, with the texts of the clauses below."""

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from fractions import Fraction

from clients import units
from clients.crm.words import Words
from makegood.v1 import decision_pb2

MIB = 2**20
MINOR_UNITS = "minor units of "
"""How the service begins a unit of money; the currency stands behind it."""
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
"""As the service writes one."""


def explanation_lines(explanation: decision_pb2.Explanation, words: Words, zone: tzinfo) -> Iterator[str]:
    """One line a step, its inputs below it, then the clauses; nothing when no explanation was asked for."""
    for number, line in enumerate(explanation.lines, start=1):
        yield from _step(number, line, words, zone)
    if explanation.clauses:
        yield f"{words.labels['clauses']}:"
    for clause in explanation.clauses:
        yield f"  {clause.clause}  {clause_text(clause, words.language)}"


def clause_text(clause: decision_pb2.ClauseText, language: str) -> str:
    """The text in the wanted language; a policy that has it in another only shows that one."""
    texts = dict(clause.texts)
    base, _, _ = language.partition("-")
    near = sorted(tag for tag in texts if tag == base or tag.startswith(f"{base}-"))
    return texts.get(language) or (texts[near[0]] if near else "; ".join(texts[tag] for tag in sorted(texts)))


def exact(value: str, unit: str, words: Words) -> str:
    """A value for people, never rounded: 12600 s is 3 h 30 min, 1992294400 B is 1900 MiB, 95/2 is 47.5."""
    try:
        number = Fraction(value)
    except (ValueError, ZeroDivisionError):
        return f"{value} {unit}".rstrip()
    whole = int(number) if number.denominator == 1 and number >= 0 else None
    match unit:
        case "s" if whole is not None:
            return duration(whole, words)
        case "weighted s" if "/" not in (hours := units.decimal(number / 3600)):
            return words.labels["weighted"].format(number=hours, unit=words.units["h"][1])
        case "weighted s":
            return words.labels["weighted"].format(number=units.decimal(number), unit=words.units["s"][1])
        case "B" if whole is not None and whole % MIB and "." in (mebibytes := units.decimal(Fraction(whole, MIB))):
            return f"{mebibytes} MiB"
        case "B" if whole is not None:
            return units.volume(whole)
        case "days" if whole is not None:
            return words.count(str(whole), "day")
        case _ if unit.startswith(MINOR_UNITS) and whole is not None:
            return units.money(whole, unit.removeprefix(MINOR_UNITS))
        case _:
            return f"{units.decimal(number)} {words.step_units.get(unit, unit)}".rstrip()


def duration(seconds: int, words: Words) -> str:
    """A span of whole seconds: 2 days 13 h 25 min."""
    return " ".join(words.count(str(number), unit) for number, unit in units.duration(seconds))


def wall_clock(value: str, zone: tzinfo) -> str:
    """A value that is an instant as ``zone`` reads it, with its offset; any other as it is."""
    if _INSTANT.fullmatch(value) is None:
        return value
    return datetime.fromisoformat(value).astimezone(zone).isoformat(sep=" ")


def _step(number: int, line: decision_pb2.ExplanationLine, words: Words, zone: tzinfo) -> Iterator[str]:
    clause = f" [{line.clause}]" if line.clause else ""
    result = (
        f" = {exact(wall_clock(line.value, zone), line.unit, words)}" if line.applied else f": {words.labels['not_applied']}"
    )
    yield f"{number:>3}. {line.rule}{clause}{result}" + (f"  ({words.note(line.note)})" if line.note else "")
    if line.inputs:
        shown = (f"{words.input(item.name)} {exact(wall_clock(item.value, zone), item.unit, words)}" for item in line.inputs)
        yield "       " + ", ".join(shown)
