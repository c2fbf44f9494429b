"""A catalog of one's own, in which a policy says one of several things."""

import shutil
from pathlib import Path
from typing import Final

from server.settings import SHIPPED_CATALOG

POLICY: Final = "cn-standard"
PAID: Final = "pay: 200 MiB"
"""What the shipped policy pays an hour; another number there is another digest, and another answer."""
TWICE: Final = "pay: 400 MiB"
BAD: Final = {
    "not YAML": ("pay: [", "YAML"),
    "a word that there is not": ("pai: 200 MiB", "pai"),
    "a unit that there is not": ("pay: 200 MiX", "MiX"),
    "cut in the middle": (None, ""),
}
"""What is written instead, and what of it is said; None: nothing, nor anything after it."""


def copied(directory: Path) -> Path:
    """A catalog that holds the default policy alone."""
    catalog = directory / "catalog"
    shutil.copytree(SHIPPED_CATALOG / POLICY, catalog / POLICY)
    return catalog


def file_of(catalog: Path) -> Path:
    """The file of its version."""
    return catalog / POLICY / "2026-01.yaml"


def text_of(paid: str | None) -> str:
    """What the file says with another amount, or (None) cut where that would stand."""
    shipped = (SHIPPED_CATALOG / POLICY / "2026-01.yaml").read_text(encoding="utf-8")
    assert shipped.count(PAID) == 1
    return shipped.partition(PAID)[0] if paid is None else shipped.replace(PAID, paid)


def written(catalog: Path, paid: str | None) -> None:
    """The file with another amount, put there by one rename, as careful writers do."""
    aside = catalog / ".aside"
    aside.write_text(text_of(paid), encoding="utf-8")
    aside.rename(file_of(catalog))
