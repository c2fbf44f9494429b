"""What a command of the author's tools is made of."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CATALOG: Final = Path(__file__).resolve().parent.parent / "catalog"
"""The catalog that comes with the project."""
DEFAULT_POLICY_ID: Final = "cn-standard"
"""The policy of a request that names none."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``run`` takes the parsed arguments and returns an exit code."""

    name: str
    summary: str
    description: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def say(line: str) -> None:
    """A line of the answer."""
    sys.stdout.write(f"{line}\n")


def complain(line: str) -> None:
    """A line about what is wrong."""
    sys.stderr.write(f"{line}\n")


def shown(path: Path) -> Path:
    """``path`` as a reader would type it: from where he stands, if it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path
