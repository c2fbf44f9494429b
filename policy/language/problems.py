"""What is wrong with the files of a catalog: all of it at once, each thing with its place and what to write instead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple, NoReturn


class At(NamedTuple):
    """A place in a file, both counted from 1."""

    line: int
    column: int


FILE_START = At(1, 1)
"""Where a problem of a file as a whole is reported."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: where, what, and what to write instead ("" where that follows from the message)."""

    path: str
    line: int
    column: int
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        """The problem on one line, as compilers write them."""
        hint = f" ({self.suggestion})" if self.suggestion else ""
        return f"{self.path}:{self.line}:{self.column}: {self.message}{hint}"


class CatalogError(Exception):
    """The files of a catalog cannot be taken as they stand; ``problems`` holds everything found, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class Refused(Exception):
    """A piece of a file cannot be read, and why has been reported; whoever can do without the piece reads on."""


class Report:
    """Gathers the problems of one file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._problems: dict[Problem, None] = {}  # a file with several versions is read once for each

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems reported so far, each once."""
        return tuple(self._problems)

    def add(self, at: At, message: str, suggestion: str = "") -> None:
        """Reports a problem and lets reading go on."""
        self._problems[Problem(self.path, at.line, at.column, message, suggestion)] = None

    def refuse(self, at: At, message: str, suggestion: str = "") -> NoReturn:
        """Reports a problem and gives up the piece at hand."""
        self.add(at, message, suggestion)
        raise Refused


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """The known word nearest to ``word``; "" where none is alike by ``likeness``, which is 1 for the word itself."""
    by_folded = {each.casefold(): each for each in sorted(known)}
    near = get_close_matches(word.casefold(), by_folded, n=1, cutoff=likeness)
    return by_folded[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A suggestion: the known word nearest to ``word``; ``otherwise`` where none is near."""
    near = nearest(word, known)
    return f"did you mean {near}?" if near else otherwise


def listed(words: Sequence[str], joined_by: str = "and") -> str:
    """``a, b and c``; of nothing, "none"."""
    if not words:
        return "none"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joined_by} {words[-1]}"
