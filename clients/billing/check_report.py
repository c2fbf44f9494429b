"""What a check found, for a person (tables and small charts) and for a machine."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from clients import enums, units
from clients.billing.check import ATTRIBUTE, FACTS, Judged
from clients.billing.distribution import Distribution
from clients.billing.outages import Outages
from makegood.v1 import facts_pb2

SHOWN_OUTAGES: Final = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """Both files. ``problems``: why the outages cannot be used, a line each; then ``outages`` is empty."""

    subscribers: str
    outages_file: str
    judged: Judged
    outages: Outages
    problems: Sequence[str]
    notes: Sequence[str]
    """What was recognised of the files."""

    @property
    def is_in_order(self) -> bool:
        """Whether a run would have no error of its files."""
        return not self.problems and not self.judged.rows_in_error


def write(console: Console, checked: Checked) -> None:
    """Print it for a person."""
    for part in _parts(checked):
        console.print(part)


def _parts(checked: Checked) -> Iterator[RenderableType]:
    judged = checked.judged
    yield _heading(f"{checked.subscribers}: {units.several(judged.rows, 'row')}, {judged.rows_in_error} in error")
    yield from _lines(judged.errors.told())
    if judged.repeated_rows:
        first = ", ".join(f"line {line} that of line {earlier}" for line, earlier in judged.first_repeats)
        more = ", …" if judged.repeated_rows > len(judged.first_repeats) else ""
        yield from _lines(
            [f"{units.several(judged.repeated_rows, 'row')} with the subscriber of an earlier row ({first}{more})"]
        )
    yield from _outages(checked)
    yield from _lines(judged.areas.told(checked.outages.by_area.keys()))
    if judged.rows_read:
        yield _heading("facts that are not known")
        yield _grid((name, str(number), share) for name, number, share in _unknown(judged))
        yield from _distributions(judged)


def _outages(checked: Checked) -> Iterator[RenderableType]:
    outages, judged = checked.outages, checked.judged
    if checked.problems:
        yield _heading(f"{checked.outages_file}: cannot be used")
        yield from _lines(checked.problems)
        return
    ongoing = sum(1 for outage in outages.messages if not outage.HasField("ended_at"))
    number, named = units.several(len(outages.messages), "outage"), units.several(len(outages.by_area), "area")
    yield _heading(f"{checked.outages_file}: {number}, {ongoing} still going on, {named}")
    hit = sorted(
        ((judged.hit[index], outage.outage_id) for index, outage in enumerate(outages.messages)),
        key=lambda each: (-each[0], each[1]),
    )
    yield _grid(
        (outage_id, units.several(rows, "row"), _share(rows, judged.rows_read)) for rows, outage_id in hit[:SHOWN_OUTAGES]
    )
    if rest := hit[SHOWN_OUTAGES:]:
        nobody = sum(1 for rows, _ in rest if not rows)
        yield from _lines([f"and {units.several(len(rest), 'outage')} that hit fewer; {nobody} of them hit nobody"])
    yield from _lines(
        [f"{units.several(judged.hit_by_none, 'row')} hit by no outage ({_share(judged.hit_by_none, judged.rows_read)})"]
    )


def _unknown(judged: Judged) -> list[tuple[str, int, str]]:
    """(fact, rows that lack it, their share), for facts that any row lacks."""
    names = (*FACTS, *sorted(name for name in judged.known if name.startswith(ATTRIBUTE)))
    lacking = ((name, judged.rows_read - judged.known[name]) for name in names)
    return [(name, number, _share(number, judged.rows_read)) for name, number in lacking if number]


def _distributions(judged: Judged) -> Iterator[RenderableType]:
    for currency, fees in sorted(judged.fees.items()):
        yield from _distribution("monthly fee", fees, lambda amount, currency=currency: units.money(amount, currency))  # type: ignore[misc]
    yield from _distribution("data allowance", judged.allowance_bytes, units.volume)
    yield from _distribution("data remaining", judged.remaining_bytes, units.volume)


def _distribution(name: str, amounts: Distribution, say: Callable[[int], str]) -> Iterator[RenderableType]:
    if amounts.lowest is None or amounts.highest is None:
        return
    yield _heading(f"{name}: {say(amounts.lowest)} to {say(amounts.highest)}")
    yield _grid((f"from {say(step)}", str(number), bar) for step, number, bar in amounts.steps())


def _share(number: int, of: int) -> str:
    """Per cent with one decimal, rounded down, so that only all of it is 100.0 %."""
    per_mille = number * 1000 // of if of else 0
    return f"{per_mille // 10}.{per_mille % 10} %"


def _heading(text: str) -> Text:
    return Text(text, style="bold")


def _lines(texts: Iterable[str]) -> Iterator[Text]:
    return (Text(f"  {text.strip()}") for text in texts)


def _grid(rows: Iterable[tuple[str, str, str]]) -> Table:
    """Name, number, share or bar."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    for name, number, more in rows:
        grid.add_row(Text(f"  {name}"), Text(number), Text(more))
    return grid


def document(checked: Checked) -> dict[str, object]:
    """All of it for a machine: integers in base units."""
    judged, outages = checked.judged, checked.outages
    return {
        "in_order": checked.is_in_order,
        "notes": list(checked.notes),
        "subscribers": {
            "file": checked.subscribers,
            "rows": judged.rows,
            "rows_in_error": judged.rows_in_error,
            "errors_alike": judged.errors.summary(),
            "errors_of_other_kinds": judged.errors.others,
            "repeated_rows": judged.repeated_rows,
            "rows_hit_by_no_outage": judged.hit_by_none,
            "not_known": {name: number for name, number, _ in _unknown(judged)},
            "plan_types": {
                enums.code(facts_pb2.PlanType.DESCRIPTOR, number): rows for number, rows in sorted(judged.plan_types.items())
            },
            "monthly_fee_minor": {currency: fees.document() for currency, fees in sorted(judged.fees.items())},
            "data_allowance_bytes": judged.allowance_bytes.document(),
            "data_remaining_bytes": judged.remaining_bytes.document(),
        },
        "outages": {
            "file": checked.outages_file,
            "problems": [problem.strip() for problem in checked.problems],
            "subscribers_hit": {outage.outage_id: judged.hit[index] for index, outage in enumerate(outages.messages)},
        },
        "areas": judged.areas.summary(outages.by_area.keys()),
    }
