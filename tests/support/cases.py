"""The cases that every entry point goes through, read by the tool that policy owners use.

:mod:`policy.tools.cases` says how a case is written. Codes go through every entry point, so an unknown one is written as the
number of an enum that nobody has defined: "99".
"""

from pathlib import Path
from typing import Final

from policy.language.catalog import CASES_FILE, load_policy
from policy.tools.cases.case_file import Case, read_cases
from tests.support.library import CATALOG, DEFAULT_POLICY_ID

__all__ = ["Case", "load_cases", "load_published"]

FILES: Final = {
    "cn_standard": CATALOG / DEFAULT_POLICY_ID / CASES_FILE,
    "malformed": Path(__file__).parent.parent / "cases" / "malformed.yaml",
}


def load_cases(name: str) -> tuple[Case, ...]:
    """The cases of cn-standard that the judge decides too, of one file, in its order."""
    return read_cases(FILES[name], load_policy(CATALOG / DEFAULT_POLICY_ID))


def load_published() -> tuple[Case, ...]:
    """The cases of all the other policies of the catalog, by policy."""
    files = sorted(path for path in CATALOG.glob(f"*/{CASES_FILE}") if path.parent.name != DEFAULT_POLICY_ID)
    return tuple(case for path in files for case in read_cases(path, load_policy(path.parent)))
