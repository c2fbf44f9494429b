"""A small policy with cases, for the tests of what reads, runs and covers them."""

from pathlib import Path
from typing import Final

from policy.language.catalog import load_policy
from policy.tools.cases.case_file import Case, read_cases
from policy.tools.coverage.report import Coverage, coverage_of
from policy.tools.suite import load_suite
from tests.language.small import SMALL, policy_directory

EVERY_WORD: Final = Path(__file__).parents[1] / "language" / "every-word"

CASES: Final = """\
policy: small
as_of: 2026-06-01 00:00+02:00
people:
  anna: {fee: 10.00 EUR}
outages:
  monday: {from: 2026-03-02 08:00+01:00, to: 2026-03-02 20:00+01:00, cause: CONGESTION}
cases:
  - id: exactly-12-h
    why: 12 h are not more than 12 h.
    subscriber: anna
    outages: monday
    expect: {outcome: NOT_ELIGIBLE, reasons: BELOW_MINIMUM_DURATION, clock: 12 h}
  - id: a-second-more
    why: One part of 24 h has begun; 10.00/30 = 0.333.
    subscriber: anna
    outages: {like: monday, to: 2026-03-02 20:00:01+01:00}
    expect: {outcome: GRANTED, grants: {credit: 0.33 EUR}, version: 2026, lines: {benefits.credit.count: 1}}
  - id: exactly-a-day
    why: The second part has not begun.
    subscriber: anna
    outages: {like: monday, to: 2026-03-03 08:00+01:00}
    expect: {outcome: GRANTED, grants: {credit: 0.33 EUR}, lines: {benefits.credit.round: 0.33 EUR}}
  - id: a-day-and-a-second
    why: Two parts have begun; 0.666.
    subscriber: anna
    outages: {like: monday, to: 2026-03-03 08:00:01+01:00}
    expect: {outcome: GRANTED, grants: {credit: 0.67 EUR}, clock: 24 h 1 s}
"""
"""Every rule of the small policy and both sides of its two boundaries; with no case to spare."""

FARTHER_OFF: Final = CASES.replace("20:00:01", "20:00:02").replace("08:00:01", "09:00").replace("24 h 1 s", "25 h")
"""The same, two seconds and an hour beyond the boundaries."""


def suite(catalog: Path, cases: str = CASES, policy: str = SMALL) -> Path:
    """A directory of a policy with its cases."""
    return policy_directory(catalog, {"2026.yaml": policy, "cases.yaml": cases})


def read_every_word(tmp_path: Path, *cases: str) -> tuple[Case, ...]:
    """Cases about the policy that uses every word of the language."""
    path = tmp_path / "cases.yaml"
    path.write_text("policy: every-word\nas_of: 2026-06-01 00:00+01:00\ncases:\n" + "".join(cases), encoding="utf-8")
    return read_cases(path, load_policy(EVERY_WORD))


def covered(directory: Path) -> Coverage:
    """What the cases of a policy exercise."""
    loaded = load_suite(directory)
    return coverage_of(loaded, list(loaded.run()))
