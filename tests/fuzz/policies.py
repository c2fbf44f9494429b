"""Spoilt files of policies: read, checked, and compiled where nothing is wrong with them.

A file that uses every word takes fifteen times as long to read as one of the catalog. So most draws spoil a short file, with
lines and words of any other, and few the long one itself.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from policy.language.catalog import CASES_FILE
from policy.language.load import compile_versions
from policy.language.policy_file import read_policy
from policy.language.problems import Report
from policy.language.versions import check_coverage
from tests.language.small import SMALL
from tests.language.test_mutations import SOUND
from tests.language.test_slips_at_random import slip
from tests.support.library import CATALOG

EXAMPLES: Final = Path(__file__).parents[2] / "examples" / "policies"
LONG_BYTES: Final = 4_000
LONG_SHARE: Final = 0.02
OWN_WORDS_SHARE: Final = 0.5
"""Of the draws that take what is put in from the very file: a name of it is more often right there than one of another."""


class File(NamedTuple):
    """What the file of a policy says."""

    policy_id: str
    text: str


@cache
def _files() -> Mapping[bool, Sequence[File]]:
    """Every sound file at hand, by whether it is long."""
    files = [File(name, text) for name, text in SOUND.items()] + [File("small", SMALL)]
    for directory in (*CATALOG.iterdir(), *EXAMPLES.iterdir()):
        files += [File(directory.name, path.read_text("utf-8")) for path in directory.glob("*.yaml") if path.name != CASES_FILE]
    files.sort()
    return {is_long: [file for file in files if (len(file.text) > LONG_BYTES) is is_long] for is_long in (False, True)}


def spoilt(random: Random) -> tuple[str, bytes]:
    """The id of a policy, and its file with slips in it; some are no text any more."""
    short, long = _files()[False], _files()[True]
    policy_id, text = random.choice(long if random.random() < LONG_SHARE else short)
    for _ in range(random.choice((1, 1, 2, 3))):
        other = None if random.random() < OWN_WORDS_SHARE else random.choice((*short, *long)).text
        text = slip(text, random, other)
    data = text.encode()
    if random.random() < 0.1:
        at = random.randrange(len(data))
        data = data[:at] + random.randbytes(random.randint(1, 3)) + data[at + random.randint(0, 3) :]
    return policy_id, data


def policy_holds(random: Random) -> bool:
    """A spoilt file of a policy is compiled, or refused with places."""
    policy_id, data = spoilt(random)
    report = Report("2026.yaml")
    held = read_policy(policy_id, data, report)
    check_coverage([(report, each.row) for each in held])
    if report.problems:
        assert all(problem.line >= 1 and problem.column >= 1 and problem.message for problem in report.problems), data
        return False
    compile_versions([each.version for each in held if each.version is not None], policy_id)
    return True
