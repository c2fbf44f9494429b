"""What a run would book, before it books: totals, the hundred largest, how amounts lie, and a list of all by subscriber.

But for the list, which goes to a file, memory does not grow with the run.
"""

import csv
import heapq
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from clients.account import telling_runs
from clients.account.amounts import RECOURSE, Amount, Of
from clients.account.proposing import Worked
from clients.account.run_records import Counted
from clients.account.telling import Told
from clients.account.words import Words
from clients.billing import repeats
from clients.billing.distribution import Distribution, binary_step, decimal_step
from clients.errors import BadInput
from clients.writing import writing

LARGEST: Final = 100
SCHEMA: Final = pa.schema(
    [
        ("line", pa.int64()),
        ("subscriber_id", pa.string()),
        ("benefit", pa.string()),
        ("responsible_party", pa.string()),
        ("kind", pa.string()),
        ("currency_code", pa.string()),
        ("added", pa.int64()),
        ("taken_back", pa.int64()),
        ("over_granted", pa.int64()),
    ]
)
"""Of the list: a row for each subscriber and benefit or party. Of recourse (kind RECOURSE), taken_back is a credit note."""


class Proposal:
    """Is shown a run piece by piece."""

    def __init__(self, into: "ListFile | None", ids: IO[bytes]) -> None:
        """``ids``: an empty file, where it is kept whom the run met."""
        self._into, self._ids = into, ids
        self.met = Counted()
        self._totals: dict[Of, Amount] = {}
        self._whom: dict[Of, list[int]] = {}
        self._lie: dict[Of, Distribution] = {}
        self._largest: dict[Of, list[tuple[int, int, str, Amount]]] = {}

    def see(self, worked: Worked) -> None:
        """One more piece."""
        listed: list[dict[str, Any]] = []
        self._ids.write(repeats.kept((each.subscriber_id for each in worked.listed), (each.line for each in worked.listed)))
        self.met = self.met.plus(worked.counted)
        for line, subscriber_id, of_one in worked.listed:
            for of, amount in sorted(of_one.items()):
                self._totals[of] = self._totals.get(of, Amount()).plus(amount)
                whom = self._whom.setdefault(of, [0, 0, 0])
                for number, quantity in enumerate(amount):
                    whom[number] += bool(quantity)
                step = binary_step if of.kind == "DATA_BYTES" else decimal_step
                self._lie.setdefault(of, Distribution()).add(amount.largest, step(amount.largest))
                self._keep_largest(of, amount, line, subscriber_id)
                listed.append(_row(line, subscriber_id, of, amount))
        if self._into is not None:
            self._into.add(listed)

    def _keep_largest(self, of: Of, amount: Amount, line: int, subscriber_id: str) -> None:
        heap = self._largest.setdefault(of, [])
        # Of two alike the earlier line stays, so that the same run shows the same.
        entry = (amount.largest, -line, subscriber_id, amount)
        if len(heap) < LARGEST:
            heapq.heappush(heap, entry)
        else:
            heapq.heappushpop(heap, entry)

    def told(self, words: Words) -> Iterator[Told]:
        """Totals first, then what a person looks at."""
        yield Told({"rows": self.met.total, **telling_runs.rows(self.met)}, words("proposed"))
        yield from telling_runs.met(self.met, words)
        if not self._totals:
            yield Told({"booked": 0}, words("would do nothing"))
        for of, amount in sorted(self._totals.items()):
            gained, lost, over = self._whom[of]
            yield from telling_runs.would(of, amount, (gained, lost, over), words)
        self._ids.flush()
        number, first = repeats.find(Path(self._ids.name))
        if number:
            where = ", ".join(f"{line} = {earlier}" for line, earlier in sorted(first))
            fields = {"repeated_rows": number, "lines": [list(pair) for pair in sorted(first)]}
            yield Told(fields, words("repeated", number=words.several(number, "row"), where=where))
        for of, lie in sorted(self._lie.items()):
            fields = {"distribution": of.name, "kind": of.kind, "currency_code": of.currency_code, **lie.document()}
            lines = [words("distribution", name=_name(of, words))]
            lines += [
                words("step", quantity=_quantity(of, step, words), number=number, bar=bar) for step, number, bar in lie.steps()
            ]
            yield Told(fields, "\n".join(lines))
        for of, heap in sorted(self._largest.items()):
            largest = sorted(heap, key=lambda entry: (-entry[0], -entry[1]))
            rows = [_row(-line, subscriber_id, of, amount) for _, line, subscriber_id, amount in largest]
            lines = [words("largest", name=_name(of, words))]
            lines += [
                words("large", subscriber=subscriber_id, line=-line, parts=telling_runs.parts(of, amount, words))
                for _, line, subscriber_id, amount in largest
            ]
            yield Told({"largest": of.name, "kind": of.kind, "currency_code": of.currency_code, "rows": rows}, "\n".join(lines))


class ListFile:
    """The list by subscriber."""

    def __init__(self, add: Any) -> None:
        self.add = add


@contextmanager
def list_file(path: Path | None) -> Iterator[ListFile | None]:
    """A file by the ending of its name: .csv or .parquet. Raises CannotWrite, BadInput."""
    if path is None:
        yield None
        return
    with ExitStack() as stack, writing(path, "--list"):
        if path.suffix == ".parquet":
            writer = stack.enter_context(pq.ParquetWriter(path, SCHEMA, compression="zstd"))
            yield ListFile(lambda rows: rows and writer.write_batch(pa.RecordBatch.from_pylist(rows, SCHEMA)))
        elif path.suffix == ".csv":
            file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
            table = csv.DictWriter(file, SCHEMA.names, lineterminator="\n")
            table.writeheader()
            yield ListFile(table.writerows)
        else:
            raise BadInput(f"--list {path}: its name has to end in .csv or .parquet")


def _row(line: int, subscriber_id: str, of: Of, amount: Amount) -> dict[str, Any]:
    names = (
        {"benefit": "", "responsible_party": of.name} if of.kind == RECOURSE else {"benefit": of.name, "responsible_party": ""}
    )
    rest = {"kind": of.kind, "currency_code": of.currency_code, **amount._asdict()}
    return {"line": line, "subscriber_id": subscriber_id, **names, **rest}


def _name(of: Of, words: Words) -> str:
    return of.name or words("no name")


def _quantity(of: Of, quantity: int, words: Words) -> str:
    return telling_runs.quantity(of, quantity, words)
