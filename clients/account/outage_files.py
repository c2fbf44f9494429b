"""A file of outages, as a run reads it, for the register: here the rows of one outage may end at different times by area."""

from collections.abc import Callable
from pathlib import Path

from clients.account import register
from clients.account.register import Entry
from clients.billing import outages as of_billing
from clients.errors import BadInput
from clients.tables import source
from clients.tables.options import TableOptions
from makegood.v1 import facts_pb2


def load(path: Path, note: Callable[[str], None], now: int) -> list[Entry]:
    """The outages of a table or a .json file, by id. Raises BadInput with every problem.

    ``now``: what ends or begins later is no record of what was.
    """
    options = TableOptions()
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:] if suffix.lower() not in source.SUFFIXES.values()]
    # Billing's own reader, before it joins rows: it will read the register, and the two become one.
    is_json = suffixes[-1:] == [".json"]
    found = of_billing._from_json(path, options) if is_json else of_billing._from_table(path, options, note)  # noqa: SLF001
    rows: dict[str, list[tuple[str, facts_pb2.Outage]]] = {}
    problems: list[str] = []
    for place, outage in found:
        rows.setdefault(outage.outage_id, []).append((place, outage))
        for name in ("started_at", "ended_at"):
            if getattr(outage, name).seconds > now:
                shown = getattr(outage, name).ToJsonString()
                problems.append(f"  {place}: {name}: {shown} has not come yet; the register holds what was")
    entries: list[Entry] = []
    for outage_id, placed in rows.items():
        try:
            entries.append(register.entry([outage for _, outage in placed]))
        except ValueError as error:
            problems.append(f"  {', '.join(place for place, _ in placed)}: rows of outage {outage_id!r} {error}")
    if problems:
        raise BadInput(f"{path} has to be mended; nothing of it was entered", problems)
    if not entries:
        raise BadInput(f"{path} holds no outage")
    return entries
