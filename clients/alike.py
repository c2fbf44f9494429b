"""Errors that say the same of other values, told once: how many rows they are of, the first few, and one of them in full.

Two errors are alike when they differ only in what is quoted and in words that hold digits. However many rows a file has,
what is kept is bounded: beyond KINDS kinds, rows with yet another error are counted, and that is said.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from clients import units

KINDS: Final = 100
FIRST_LINES: Final = 3
LONGEST_EXAMPLE: Final = 500
LONGEST_NAME: Final = 2000
_QUOTED_OR_WORD: Final = re.compile(r"(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)|(?<!\w)\"(?:[^\"\\]|\\.)*\"(?!\w)|[^\s,;:()='\"]+")
_DIGIT: Final = re.compile("[0-9]")


@dataclass(frozen=True, slots=True)
class Kind:
    """Errors that are alike. ``example`` is the first; ``lines`` are the first few rows that have one."""

    example: str
    rows: int
    lines: tuple[int, ...]

    def told(self) -> str:
        """In one line."""
        if self.rows == 1:
            return f"line {self.lines[0]}: {self.example}"
        shown = ", ".join(map(str, self.lines)) + (", …" if self.rows > len(self.lines) else "")
        return f"{self.rows} rows alike, lines {shown}: {self.example}"


@dataclass(frozen=True, slots=True)
class Alike:
    """Errors of some rows by kind, in the order in which they were met. ``others``: errors of kinds beyond what is kept."""

    kinds: Mapping[str, Kind]
    others: int = 0

    def by_frequency(self) -> list[Kind]:
        """The most frequent first."""
        return sorted(self.kinds.values(), key=lambda kind: (-kind.rows, kind.lines))

    def told(self) -> Iterator[str]:
        """A line for each kind."""
        yield from (kind.told() for kind in self.by_frequency())
        if self.others:
            yield f"{units.several(self.others, 'error')} of other kinds"

    def summary(self) -> list[dict[str, Any]]:
        """For a report that a machine reads, the most frequent first."""
        return [{"rows": kind.rows, "first_lines": list(kind.lines), "example": kind.example} for kind in self.by_frequency()]

    def plus(self, later: "Alike") -> "Alike":
        """These and those of rows behind them."""
        kinds, others = dict(self.kinds), self.others + later.others
        for name, kind in later.kinds.items():
            if (known := kinds.get(name)) is not None:
                lines = (*known.lines, *kind.lines)[:FIRST_LINES]
                kinds[name] = replace(known, rows=known.rows + kind.rows, lines=lines)
            elif len(kinds) < KINDS:
                kinds[name] = kind
            else:
                others += kind.rows
        return Alike(kinds, others)

    def document(self) -> dict[str, Any]:
        """For a machine; :func:`from_document` reads it."""
        kinds = {
            name: {"rows": kind.rows, "lines": list(kind.lines), "example": kind.example} for name, kind in self.kinds.items()
        }
        return {"kinds": kinds, "others": self.others}


NONE: Final = Alike({})


def of(errors: Iterable[tuple[int, str]]) -> Alike:
    """Errors with the lines of their rows."""
    kinds: dict[str, tuple[str, int, list[int]]] = {}
    others = 0
    for line, text in errors:
        name = _QUOTED_OR_WORD.sub(_kept, text[:LONGEST_NAME])
        known = kinds.get(name)
        if known is None and len(kinds) >= KINDS:
            others += 1
            continue
        example, rows, lines = known or (text[:LONGEST_EXAMPLE], 0, [])
        if len(lines) < FIRST_LINES:
            lines.append(line)
        kinds[name] = (example, rows + 1, lines)
    return Alike({name: Kind(example, rows, tuple(lines)) for name, (example, rows, lines) in kinds.items()}, others)


def from_document(document: Mapping[str, Any]) -> Alike:
    """What :meth:`Alike.document` wrote. Raises KeyError, TypeError."""
    kinds = {name: Kind(kind["example"], kind["rows"], tuple(kind["lines"])) for name, kind in document["kinds"].items()}
    return Alike(kinds, document["others"])


def _kept(found: re.Match[str]) -> str:
    """A word as it is; what stands for a value of the row as a mark."""
    text = found.group()
    return "…" if text[0] in "'\"" or _DIGIT.search(text) else text
