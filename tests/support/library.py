"""The entry point that all others are compared with: the calculator itself, on the shipped catalog."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import policy
from policy import PolicySet, load_catalog
from tests.support.entries import Entry

CATALOG: Final = Path(policy.__path__[0]) / "catalog"
DEFAULT_POLICY_ID: Final = "cn-standard"


def load_policies() -> PolicySet:
    """The shipped catalog, with the default policy that the server starts with."""
    return load_catalog(CATALOG, default_policy_id=DEFAULT_POLICY_ID)


@contextmanager
def open_library() -> Iterator[Entry]:
    """The library as an entry point."""
    yield Entry("library", load_policies().decide)
