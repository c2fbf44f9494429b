"""``notice`` and ``announced_at`` are two facts of one field of the request: a policy may read both, each as what it is."""

from pathlib import Path
from typing import Final

import pytest

from policy import Outage, Request, Subscriber, load_catalog

POLICY: Final = """
policy: announced
title: Announced late
source: made up for tests
language: en
versions: [{version: "1", from: 2020-01-01, to: open}]
zone: Etc/UTC
currency: EUR
for each: interruption
clauses: {time: "From the announcement.", who: "For what was announced too late.", pay: "A euro for each hour."}
clocks:
  late:
    clause: time
    where: {WHERE}
    starts: announced_at
benefits:
  credit: {clause: pay, kind: CREDIT, count: {full: 1 h}, pay: 1.00 EUR, round: {down: 0.01 EUR}, granted: automatically}
"""
HOUR: Final = 3600
START: Final = 1_700_000_000
WHERE: Final = {
    "before": "notice: less than 1 h, announced_at: from 2020-01-01",
    "after": "announced_at: from 2020-01-01, notice: less than 1 h",
}


@pytest.mark.parametrize("where", WHERE.values(), ids=WHERE.keys())
@pytest.mark.parametrize(("announced", "owed"), [(-2, []), (-1, []), (0, [300]), (1, [200])])
def test_each_is_read_as_what_it_is_in_any_order(tmp_path: Path, where: str, announced: int, owed: list[int]) -> None:
    (tmp_path / "announced").mkdir()
    (tmp_path / "announced" / "1.yaml").write_text(POLICY.replace("WHERE", where), encoding="utf-8")
    policies = load_catalog(tmp_path, default_policy_id="announced")
    outage = Outage("o-1", START, START + 3 * HOUR, "EQUIPMENT_FAILURE", "LOSS", announced_at=START + announced * HOUR)
    decision = policies.decide(Request(Subscriber("s-1"), (outage,), "AUTOMATIC", START + 100 * HOUR))
    assert [grant.quantity for grant in decision.grants] == owed
