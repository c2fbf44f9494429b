"""The table: on the terminal, and as a page of Markdown with the machine and the date."""

from collections.abc import Mapping, Sequence
from io import StringIO
from string import ascii_lowercase
from typing import Final

from rich.box import MARKDOWN, SIMPLE, Box
from rich.console import Console
from rich.table import Table

from bench.figures import Figure, Section
from bench.stats import Spread

_COLUMNS: Final = ("", "measured", "ratio", "middle half", "server CPU", "ratio", "to", "target")
_TEXTS: Final = ("", "to", "target")
WIDE: Final = 190
"""Columns that the table likes to have on a terminal."""
_ANY_WIDTH: Final = 1_000

HEAD: Final = """\
# What makegood costs

Written by `python -m bench`, all in one run. A *ratio* is to the figure that *to* names: cases take turns, each reading is
divided by that of the same round, and the middle one of these stands here; the *middle half* of them lies between the two
numbers beside it. A *target* is what we hold ourselves to; it says nothing of whether the figure beside it keeps it.
"""


def to_terminal(sections: Sequence[Section], console: Console) -> None:
    """Prints the table."""
    console.print(_table(sections, SIMPLE))
    for title, section in _lettered(sections):
        console.print(f"{title}: {section.note}", style="dim")


def to_markdown(sections: Sequence[Section], machine: Mapping[str, str]) -> str:
    """The page for bench/RESULTS.md."""
    output = StringIO()
    Console(file=output, width=_ANY_WIDTH, color_system=None).print(_table(sections, MARKDOWN))
    table = "\n".join(line.rstrip() for line in output.getvalue().strip("\n").splitlines() if line.strip())
    facts = "\n".join(f"- {name}: {fact}" for name, fact in machine.items())
    notes = "\n".join(f"- {title}: {section.note}" for title, section in _lettered(sections))
    return f"{HEAD}\n{facts}\n\n{table}\n\n{notes}\n"


def _table(sections: Sequence[Section], box: Box) -> Table:
    table = Table(box=box, pad_edge=True)
    for column in _COLUMNS:
        table.add_column(column, justify="left" if column in _TEXTS else "right", no_wrap=box is MARKDOWN)
    for title, section in _lettered(sections):
        table.add_row(title if box is SIMPLE else f"**{title}**", style="bold")
        for figure in section.figures:
            table.add_row(*_cells(figure))
        if box is SIMPLE:
            table.add_section()
    return table


def _lettered(sections: Sequence[Section]) -> list[tuple[str, Section]]:
    return [(f"{letter}  {section.title}", section) for letter, section in zip(ascii_lowercase, sections, strict=False)]


def _cells(figure: Figure) -> tuple[str, ...]:
    middle_half = "" if figure.ratio is None else f"{figure.ratio.low:.2f} – {figure.ratio.high:.2f}"
    return (
        *(figure.what, figure.measured, _times(figure.ratio), middle_half),
        *(figure.cpu, _times(figure.cpu_ratio), figure.to, figure.target),
    )


def _times(ratio: Spread | None) -> str:
    return "" if ratio is None else f"{ratio.median:.2f} ×"
