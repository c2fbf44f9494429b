"""Schemes of one clock and one benefit that differ in a word."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from policy.calculator import rules
from policy.language.policy_file import read_policy
from policy.language.problems import Report
from policy.language.proofs.names import BREAKABLE

SCHEME: Final = """\
policy: small
title: A day's fee for each day without service
source: made up for tests
language: en
versions:
  - {{version: "2026", from: 2026-01-01, to: open}}
for each: {each}
zone: Europe/Amsterdam
currency: EUR
facts:
  monthly_fee: {{at most: 10000.00 EUR}}
{facts}
clocks:
  outage:
    clause: {{1: "Which time counts."}}
{clock}
benefits:
  credit:
    clause: {{2: "What it is worth."}}
    kind: CREDIT
    count: {count}
    pay: {pay}
    round: {{half up: 0.01 EUR}}
    granted: automatically
{more}
"""
DAY: Final = "1/30 of monthly_fee"


def scheme(count: str, pay: str = DAY, clock: str = "", facts: str = "", more: str = "", each: str = "all together") -> str:
    """The text of a scheme; ``clock`` and ``facts`` are lines without their indent; ``each``: what it is worked out for."""
    if "monthly_fee" not in pay + clock + more:
        more += "\n    at most: monthly_fee"
    return SCHEME.format(
        each=each,
        facts="\n".join(f"  {line}" for line in facts.splitlines()),
        clock="\n".join(f"    {line}" for line in clock.splitlines()),
        count=count,
        pay=pay,
        more=more,
    )


def version_of(text: str) -> rules.Version:
    """The one version of a scheme, which has no problems."""
    report = Report("small.yaml")
    (held,) = read_policy("small", text.encode(), report)
    assert held.version is not None, "\n".join(map(str, report.problems))
    return held.version


def by_name(version: rules.Version) -> Mapping[str, rules.Property]:
    """The properties of a version."""
    return {each.name: each for each in version.properties}


def doubted(version: rules.Version) -> dict[str, set[str]]:
    """The words in doubt, for each property that has some."""
    found = {name: {doubt.word for doubt in by_name(version)[name].doubts} for name in BREAKABLE}
    return {name: words for name, words in found.items() if words}


def small_file(directory: Path, text: str) -> Path:
    """A scheme as a file of a catalog."""
    (directory / "small").mkdir(parents=True, exist_ok=True)
    path = directory / "small" / "2026.yaml"
    path.write_text(text, encoding="utf-8")
    return path
