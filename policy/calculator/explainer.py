"""Has runs told, and reads the lines of what was told."""

from array import array
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any, Final

from policy.calculator import codes, teller
from policy.calculator.decision import Explanation, Input, Line
from policy.calculator.explain import clause_texts, told_of
from policy.calculator.lowering.version import Lowered
from policy.calculator.sentences import NO_CLAUSE
from policy.calculator.told import Form, Told
from policy.calculator.trace import Run

PLAIN: Final = Form(
    line=1, rule=1, clause=2, applied=3, input=4, value=5, unit=6, note=7, input_name=1, input_value=2, input_unit=3
)
"""The form in which lines are told to be read here."""
_NAMES: Final = 4
"""Of an outage: where its id is and how long it is, and the same of who is responsible."""

Teller = Any
"""Of :mod:`policy.calculator.teller`, or its compiled twin."""


class Explainer:
    """Tells the runs of one version."""

    def __init__(self, lowered: Lowered, compiled: Callable[[Told], Teller] | None) -> None:
        """``compiled``: the teller for numbers of 64 bits; what does not fit them, or all without it, is told by the source."""
        self._lowered, self._compiled = lowered, compiled
        self._clause_texts = clause_texts(lowered.version)
        self._tellers: list[Teller] = []  # for whom asks next

    @cached_property
    def _told(self) -> Told:
        """Made when it is first asked for: most versions explain nothing."""
        return told_of(self._lowered, PLAIN)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {clause: number for number, clause in enumerate(self._told.clause_ids)}

    def explain(self, run: Run, level: str) -> Explanation:
        """The lines of ``run``: a line for each clock and benefit (SUMMARY), or every step (FULL)."""
        if self._compiled is not None and run.memory.is_compiled and isinstance(self._told.code, array):
            with suppress(OverflowError):  # beyond 64 bits
                return self._explained_by(self._compiled, run, level)
        return self._explained(teller.Teller(self._told), run, level)

    def _explained_by(self, compiled: Callable[[Told], Teller], run: Run, level: str) -> Explanation:
        try:
            taken = self._tellers.pop()
        except IndexError:
            taken = compiled(self._told)
        explanation = self._explained(taken, run, level)
        self._tellers.append(taken)
        return explanation

    def _explained(self, taken: Teller, run: Run, level: str) -> Explanation:
        lowered, told, memory = self._lowered, self._told, run.memory
        names, texts = _named(run)
        groups = {id(of): number for number, of in enumerate(lowered.occasions)}
        listed = array("q", [place for each in run.occasions for place in (each.address, groups[id(each.of)])])
        missing = [
            (field.encode("utf-8", "surrogatepass"), self._numbers.get(clause, NO_CLAUSE))
            for field, clause in sorted(run.missing.items())
        ]
        taken.take(lowered.tables, memory.m, memory.k, texts, names, 0, _NAMES)
        try:
            taken.tell(told.summary if level == codes.SUMMARY else told.full, listed, len(run.occasions), missing)
            lines = tuple(_lines(taken.sheet.written()))
            cited = [told.clause_ids[number] for number in list(taken.cites[: taken.cited])]
        finally:
            taken.forget()  # it holds the memory, which may not grow then
        known = self._clause_texts
        return Explanation(lines, tuple([(clause, known[clause]) for clause in cited if clause in known]))


def _named(run: Run) -> tuple["array[int]", bytes]:
    """The ids of outages and who is responsible, and where each is."""
    names, texts = array("q"), bytearray()
    for view in run.row.views:
        for text in (view.outage.outage_id, view.outage.responsible_party):
            content = text.encode("utf-8", "surrogatepass")
            names.extend((len(texts), len(content)))
            texts += content
    return names, bytes(texts)


def _fields(told: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The fields in a stretch: tag, where its content begins, and where that ends."""
    while at < end:
        tag, length, shift = told[at], 0, 0
        at += 1
        while told[at] > 127:
            length |= (told[at] & 127) << shift
            shift += 7
            at += 1
        length |= told[at] << shift
        at += 1
        yield tag, at, at + length
        at += length


def _lines(told: bytes) -> Iterator[Line]:
    for _, start, stop in _fields(told, 0, len(told)):
        texts = dict.fromkeys((PLAIN.rule, PLAIN.clause, PLAIN.value, PLAIN.unit, PLAIN.note), "")
        inputs: list[Input] = []
        applied, at = False, start
        while at < stop:
            if told[at] == PLAIN.applied:
                applied = True
                at += 2
                continue
            tag, first, at = next(_fields(told, at, stop))
            if tag == PLAIN.input:
                inputs.append(_input(told, first, at))
            else:
                texts[tag] = _text(told, first, at)
        yield Line(
            texts[PLAIN.rule],
            texts[PLAIN.clause],
            applied,
            tuple(inputs),
            texts[PLAIN.value],
            texts[PLAIN.unit],
            texts[PLAIN.note],
        )


def _input(told: bytes, start: int, stop: int) -> Input:
    texts = {tag: _text(told, first, end) for tag, first, end in _fields(told, start, stop)}
    return Input(texts[PLAIN.input_name], texts.get(PLAIN.input_value, ""), texts.get(PLAIN.input_unit, ""))


def _text(told: bytes, start: int, stop: int) -> str:
    return told[start:stop].decode("utf-8", "surrogatepass")
