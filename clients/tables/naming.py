"""Which column of the contract a column of a file is: by its name in any case, or as a mapping says."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from clients.tables.options import TableOptions

_SHOWN: Final = 3


def contract_names(given: Sequence[str], options: TableOptions, known: Callable[[str], bool]) -> list[str]:
    """For each column of a file its name in the contract; one that is none keeps its own."""
    mapped = {name: column for column, name in options.columns.items() if known(column)}
    folded = {name.casefold(): column for name, column in mapped.items()}
    return [mapped.get(name) or folded.get(name.casefold()) or _in_any_case(name, known) for name in given]


def _in_any_case(name: str, known: Callable[[str], bool]) -> str:
    """A database that exports SUBSCRIBER_ID means subscriber_id; a name behind the dot may have capitals of its own."""
    if known(name):
        return name
    family, dot, rest = name.partition(".")
    for candidate in (name.lower() if name == name.upper() else "", family.lower() + dot + rest):
        if candidate and known(candidate):
            return candidate
    return name


def shown(name: str, given: str) -> str:
    """A column for a message: by the name that its owner looks for, and by what it is taken for."""
    return name if name == given else f"{given} ({name})"


def note(names: Iterable[tuple[str, str]]) -> str:
    """What to say of columns (name, as the file names it) that are read under another name than their own; "" for none."""
    other = [f"{given} is read as {name}" for name, given in names if name != given]
    return ", ".join(other[:_SHOWN]) + (f", and {len(other) - _SHOWN} more" if len(other) > _SHOWN else "")
