"""Choices as tables: a column for everything that is chosen by, a row for every value."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from policy.calculator import rules
from policy.tools.describing.values import OPPOSITE, Wording

Row = tuple[dict[str, str], rules.Value]
"""What holds, by what is chosen by; and the value that then stands."""


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table of Markdown."""
    yield f"| {' | '.join(map(escaped, head))} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(escaped, row))} |"


def escaped(text: str) -> str:
    """A text that holds no sign that Markdown reads in a cell."""
    return text.replace("|", "\\|").replace("\n", " ")


def is_choice(value: rules.Value) -> bool:
    """Whether a value needs a table."""
    return isinstance(value, rules.CodeChoice | rules.Ladder)


def choice_table(wording: Wording, value: rules.Value, name: str, unit: str) -> Iterator[str]:
    """The table of a choice, nested ones among its columns; its values are counted in ``unit``."""
    rows = list(_rows(wording, value, {}))
    columns = list(dict.fromkeys(subject for held, _ in rows for subject in held))
    cells = [[*(held.get(column, "–") for column in columns), wording.value(leaf, unit)] for held, leaf in rows]
    yield from markdown_table([*columns, name], cells)


def _rows(wording: Wording, value: rules.Value, held: dict[str, str]) -> Iterator[Row]:
    match value:
        case rules.CodeChoice(subject=subject, cases=cases, otherwise=otherwise):
            name = wording.value(subject, "")
            for codes, each in cases:
                yield from _rows(wording, each, _also(held, name, " or ".join(codes)))
            if otherwise is not None:
                yield from _rows(wording, otherwise, _also(held, name, "any other"))
        case rules.Ladder(subject=subject, steps=steps, otherwise=otherwise):
            name = wording.value(subject, "")
            passed = ""
            for bound, each in steps:
                said = wording.bound(bound, subject)
                yield from _rows(wording, each, _also(held, name, f"{passed}, {said}" if passed else said))
                passed = wording.bound(replace(bound, op=OPPOSITE[bound.op]), subject)
            yield from _rows(wording, otherwise, _also(held, name, passed))
        case _:
            yield held, value


def _also(held: dict[str, str], name: str, said: str) -> dict[str, str]:
    return held | {name: f"{held[name]}, {said}" if name in held else said}
