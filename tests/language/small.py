"""The smallest policy, and catalogs of such."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

SMALL: Final = """\
policy: small
title: A day's fee for each day without service
source: made up for tests
language: en
versions:
  - {version: "2026", from: 2026-01-01, to: open}
for each: interruption
zone: Europe/Amsterdam
currency: EUR
clocks:
  outage: {clause: {1: "Outages of more than twelve hours."}, only: {interruption: more than 12 h}}
benefits:
  credit:
    clause: {2: "A thirtieth of the monthly fee for each day that has begun."}
    kind: CREDIT
    count: {started: 24 h}
    pay: 1/30 of monthly_fee
    round: {half up: 0.01 EUR}
    granted: automatically
facts:
  monthly_fee: {at most: 10000.00 EUR}
"""

ENGLISH_WORDS: Final = """\
  words:
    en:
      time: "%Y-%m-%d %H:%M"
      days: {one: "{n} day", other: "{n} days"}
      hours: "{n} h"
      minutes: "{n} min"
      seconds: "{n} s"
      between: " "
      comma: ", "
      and: " and "
      causes: {otherwise: an outage}
"""
"""What a `notice:` needs to write in English, but for its grants."""


def small(versions: str, name: str = "small") -> str:
    """The policy with other versions, as (version, from, to) in the words of a file."""
    return SMALL.replace("policy: small", f"policy: {name}").replace('{version: "2026", from: 2026-01-01, to: open}', versions)


def policy_directory(catalog: Path, files: Mapping[str, str | bytes], name: str = "small") -> Path:
    """A directory of a policy with these files in it."""
    directory = catalog / name
    directory.mkdir(parents=True)
    for file, content in files.items():
        (directory / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    return directory
