"""A catalog read aside, compiled and checked, or everything that is wrong with it."""

from collections.abc import Iterable
from pathlib import Path
from time import sleep
from typing import Final

from policy import UnknownPolicy
from policy.calculator.policies import PolicySet
from policy.language.catalog import load_versions
from policy.language.load import compile_versions
from policy.language.problems import FILE_START, CatalogError, Problem
from server.loading.files import contents
from server.loading.self_check import self_check

TRIES: Final = 5
BETWEEN_TRIES_SECONDS: Final = 0.2


class NotLoaded(Exception):
    """The catalog cannot be taken as it stands, or a moment ago could not; ``problems`` says why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def load(catalog: Path, default_policy_id: str) -> PolicySet:
    """The set that the files hold, all of them as they stood at one moment. Raises NotLoaded.

    Files that change while they are read are read again: half of a change may be valid, and is not what anybody wrote.
    """
    before = contents(catalog)
    for _ in range(TRIES):
        found = _read(catalog, default_policy_id)
        after = contents(catalog)
        if after == before:
            if isinstance(found, NotLoaded):
                raise found
            return found
        sleep(BETWEEN_TRIES_SECONDS)
        before = contents(catalog)
    text = "the files change all the time while they are read"
    raise NotLoaded([Problem(str(catalog), *FILE_START, text, "write them elsewhere, and move the whole directory into place")])


def _read(catalog: Path, default_policy_id: str) -> PolicySet | NotLoaded:
    try:
        policies = compile_versions(load_versions(catalog), default_policy_id)
    except CatalogError as error:
        return NotLoaded(error.problems)
    except UnknownPolicy as error:
        return NotLoaded([Problem(str(catalog), *FILE_START, str(error), "name one of them with --default-policy")])
    except OSError as error:  # a directory that went away between two looks
        return NotLoaded([Problem(str(error.filename or catalog), *FILE_START, f"it cannot be read: {error.strerror}")])
    wrong = [Problem(str(catalog / policy_id), *FILE_START, text) for policy_id, text in self_check(policies)]
    return NotLoaded(wrong) if wrong else policies
