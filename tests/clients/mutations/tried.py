"""Reads mutated files by what a run reads them by, and holds what comes out to the oracle."""

import csv
import random
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clients.billing import outages
from clients.billing.outages import Outages
from clients.billing.subscribers import Asked, SubscriberReader
from clients.errors import BadInput
from clients.tables.opening import open_table
from clients.tables.options import TableOptions
from makegood.v1 import facts_pb2
from tests.clients.by_columns import both_ways
from tests.clients.mutations import mutate, oracle
from tests.clients.mutations.mutate import Mutated, Rows
from tests.clients.mutations.oracle import Facts, Unclear

FOUND = Outages((facts_pb2.Outage(outage_id="out-1"),), (), {"A": (0,)})


def run(files: int, seed: int, folder: Path) -> tuple[Counter[tuple[str, str]], list[str]]:
    """(how many files of each kind came to what, what must not be)."""
    chance = random.Random(seed)
    outcomes: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    for number in range(files):
        of_outages = chance.random() < 0.2
        mutated = mutate.of(mutate.OUTAGES if of_outages else mutate.SUBSCRIBERS, chance)
        path = folder / mutated.name
        path.write_bytes(mutated.content)
        try:
            said = list((_outages if of_outages else _subscribers)(path, mutated, outcomes))
        except BadInput as error:
            outcomes[mutated.how, "refused"] += 1
            said = [] if mutated.name in str(error) or "the outages name areas" in str(error) else [f"no file in: {error}"]
        except Exception:  # noqa: BLE001 -- whatever a file brings about that is no refusal is what is looked for
            said = [traceback.format_exc()]
        wrong += [f"seed {seed}, file {number} ({mutated.name}): {what}" for what in said]
    return outcomes, wrong


def _subscribers(path: Path, mutated: Mutated, outcomes: Counter[tuple[str, str]]) -> Iterator[str]:
    table = open_table(path)
    reader = SubscriberReader(table, str(path), TableOptions(), FOUND)
    asked = both_ways(table, reader, FOUND)
    expected = _expected(mutated, table.notes)
    for row in asked:
        if row.error:
            outcomes[mutated.how, "row in error"] += 1
            if row.error.startswith("cells") and not row.fields:
                yield f"line {row.line} is an error of no column"
            continue
        outcomes[mutated.how, "row read"] += 1
        if expected is not None:
            yield from _held(row.line, _facts_of(row), _at(expected, row.line, mutated))


def _outages(path: Path, mutated: Mutated, outcomes: Counter[tuple[str, str]]) -> Iterator[str]:
    table = open_table(path)
    found = outages.load(path)
    outcomes[mutated.how, "outages read"] += 1
    expected = _expected(mutated, table.notes)
    if expected is None:
        return
    by_id: dict[str, Facts] = {}
    for line, row in enumerate(expected[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            facts = oracle.facts(_named(expected[0], row))
        except Unclear as error:
            yield f"line {line} was taken, although {str(error)!r} is not clear"
            return
        areas = facts.pop("areas", [])
        by_id.setdefault(facts["outage_id"], {**facts, "areas": set()})["areas"].update(areas)
    for index, outage in enumerate(found.messages):
        cause = facts_pb2.Cause.Name(outage.cause).removeprefix("CAUSE_")
        facts = {"outage_id": outage.outage_id, "started_at": outage.started_at.seconds, "cause": cause}
        if outage.HasField("ended_at"):
            facts["ended_at"] = outage.ended_at.seconds
        facts["areas"] = {area for area, hit in found.by_area.items() if index in hit}
        wanted = by_id.get(outage.outage_id)
        if wanted != facts and not (index in found.everywhere and wanted is not None):
            yield f"outage {facts} was read, and {wanted} is written"


def _expected(mutated: Mutated, notes: tuple[str, ...]) -> Rows | None:
    """What the file says; None where its damaged bytes say it in another dialect, or in a packed or typed file."""
    if mutated.text is not None and not mutated.name.endswith(".csv"):
        return mutated.text
    if mutated.text is not None:  # a line break in a cell makes a line of its own
        return [line for row in mutated.text for line in (row, *[[""]] * sum(cell.count("\n") for cell in row))]
    if not mutated.name.endswith(".csv") or notes:
        return None
    lines = mutated.content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [_cells(line) for line in lines]


def _cells(line: bytes) -> list[str]:
    try:
        return next(csv.reader([line.decode().removesuffix("\r")], strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return []


def _at(expected: Rows, line: int, mutated: Mutated) -> dict[str, str]:
    """The cells of a row by column."""
    first = 2 if mutated.text is None else mutated.first_row
    return _named(expected[0], expected[1 + line - first])


def _named(header: list[str], row: list[str]) -> dict[str, str]:
    return {name.strip().lower(): cell for name, cell in zip(header, row, strict=False) if name.strip()}


def _held(line: int, facts: Facts, cells: dict[str, str]) -> Iterator[str]:
    """What was read must be what is written; a row that is not clear must not have been read."""
    try:
        wanted = oracle.facts(cells)
    except Unclear as error:
        yield f"line {line} was read as {facts}, although {str(error)!r} is not clear"
        return
    if "monthly_fee_minor" not in wanted:
        wanted.pop("currency_code", None)
    if facts != wanted:
        yield f"line {line} was read as {facts}, and {wanted} is written"


def _facts_of(row: Asked) -> Facts:
    assert row.item is not None
    subscriber = row.item.subscriber
    plan = facts_pb2.PlanType.Name(subscriber.plan_type).removeprefix("PLAN_TYPE_")
    facts: dict[str, Any] = {"subscriber_id": subscriber.subscriber_id, "plan_type": plan, "area": list(row.areas)}
    if subscriber.HasField("monthly_fee"):
        facts["monthly_fee_minor"] = subscriber.monthly_fee.amount_minor
        facts["currency_code"] = subscriber.monthly_fee.currency_code
    for name in ("data_allowance_bytes", "data_remaining_bytes"):
        if subscriber.HasField(name):
            facts[name] = getattr(subscriber, name)
    cycle = subscriber.billing_cycle
    if cycle.HasField("started_at"):
        facts["billing_cycle_started_at"] = cycle.started_at.seconds
    if cycle.HasField("ended_at"):
        facts["billing_cycle_ended_at"] = cycle.ended_at.seconds
    return facts
