"""Writes an explanation as a derivation that a person can follow, with the texts of the clauses below."""

from collections.abc import Iterator
from fractions import Fraction

from clients import units
from clients.crm.words import Words
from makegood.v1 import decision_pb2


def explanation_lines(explanation: decision_pb2.Explanation, words: Words) -> Iterator[str]:
    """One line a step, its inputs below it, then the clauses; nothing when no explanation was asked for."""
    for number, line in enumerate(explanation.lines, start=1):
        yield from _step(number, line, words)
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


def exact(value: str, unit: str) -> str:
    """A value for people, never rounded: 17100 s is 4.75 h, 1992294400 B is 1900 MiB, 95/2 is 47.5."""
    try:
        number = Fraction(value)
    except (ValueError, ZeroDivisionError):
        return value if not unit else f"{value} {unit}"
    if unit == "s" and number and (hours := units.decimal(number / 3600)).count("/") == 0:
        return f"{hours} h"
    if unit == "B" and number.denominator == 1:
        return units.volume(int(number)) if number >= 0 else f"{value} B"
    return f"{units.decimal(number)} {unit}".rstrip()


def _step(number: int, line: decision_pb2.ExplanationLine, words: Words) -> Iterator[str]:
    clause = f" [{line.clause}]" if line.clause else ""
    result = f" = {exact(line.value, line.unit)}" if line.applied else f": {words.labels['not_applied']}"
    yield f"{number:>3}. {line.rule}{clause}{result}" + (f"  ({line.note})" if line.note else "")
    if line.inputs:
        yield "       " + ", ".join(f"{item.name} {exact(item.value, item.unit)}" for item in line.inputs)
