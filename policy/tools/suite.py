"""The cases of one policy, run: each decided by the policy beside it, and compared exactly."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from policy.calculator import rules
from policy.calculator.decision import Decision
from policy.calculator.errors import CalculatorError
from policy.calculator.policies import PolicySet
from policy.language.catalog import CASES_FILE, load_policy
from policy.language.load import compile_versions
from policy.language.problems import FILE_START, CatalogError, Problem
from policy.tools.cases.answer import answer_of
from policy.tools.cases.case_file import Case, read_cases
from policy.tools.cases.expected import Difference


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case with what became of it: the decision or the refusal, and where that is not what was expected."""

    case: Case
    result: Decision | CalculatorError
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Suite:
    """A policy, compiled, with its cases, and where both are."""

    directory: Path
    versions: tuple[rules.Version, ...]
    policies: PolicySet
    cases: tuple[Case, ...]

    @property
    def policy_id(self) -> str:
        """The policy's id."""
        return self.policies.default_policy_id

    def run(self, wanted: Collection[str] = ()) -> Iterator[Outcome]:
        """Decides every case, or those of the ``wanted`` ids."""
        for case in self.cases:
            if not wanted or case.id in wanted:
                result = self._decide(case)
                yield Outcome(case, result, case.expected.differences(answer_of(result)))

    def _decide(self, case: Case) -> Decision | CalculatorError:
        try:
            return self.policies.decide(case.explained)
        except CalculatorError as error:
            return error


def load_suite(directory: Path) -> Suite:
    """The policy in ``directory`` and the cases beside it. Raises CatalogError with what is wrong with either."""
    versions = load_policy(directory)
    path = directory / CASES_FILE
    if not path.is_file():
        hint = f"add {path}; policy/docs/cases.md shows how"
        raise CatalogError([Problem(str(directory), *FILE_START, "the policy has no cases", hint)])
    cases = read_cases(path, versions)
    return Suite(directory, versions, compile_versions(versions, versions[0].policy_id), cases)


def suites_below(path: Path) -> list[Path]:
    """The directories of the policies that ``path`` stands for: a catalog, one policy, or the file of its cases."""
    if path.name == CASES_FILE:
        return [path.parent]
    if not path.is_dir():
        hint = f"a catalog, the directory of one policy, or its {CASES_FILE}"
        raise CatalogError([Problem(str(path), *FILE_START, "there are no cases here", hint)])
    if any(path.glob("*.y*ml")):
        return [path]
    return sorted(each for each in path.iterdir() if each.is_dir() and not each.name.startswith((".", "_")))
