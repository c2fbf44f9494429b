"""What the account says of runs: what one booked, as its ledger holds it, and what one would book."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, case, func, select

from clients.account import amounts
from clients.account.amounts import RECOURSE, Amount, Of
from clients.account.run_records import Counted, Run
from clients.account.tables import BOOKING
from clients.account.tables import RECOURSE as RECOURSE_TABLE
from clients.account.telling import Told, when
from clients.account.words import Words


def head(run: Run, words: Words) -> Iterator[Told]:
    """Which run it is, and what it met."""
    fields: dict[str, Any] = {
        "run": run.run_id,
        "state": run.state,
        "what": dict(sorted(run.what.items())),
        "as_of": when(run.as_of),
        "policies": list(run.policies),
        "begun_at": when(run.begun_at),
        "said_by": run.by,
        "reason": run.reason,
        "rows": run.counted.total,
        **rows(run.counted),
    }
    lines = [
        words("run", run=run.run_id, state=words(f"state {run.state}"), as_of=when(run.as_of), who=run.by, reason=run.reason)
    ]
    if run.approved_by:
        fields |= {"approved_by": run.approved_by, "approved_because": run.approved_because}
        lines.append(words("approved", who=run.approved_by, reason=run.approved_because))
    yield Told(fields, "\n".join(lines))


def rows(met: Counted) -> dict[str, int]:
    """Rows by what became of them, for a program."""
    return {f"rows_{name.replace(' ', '_')}": number for name, number in sorted(met.rows.items())}


def met(met: Counted, words: Words) -> Iterator[Told]:
    """What became of rows, and their errors."""
    lines = [words.several(met.total, "row")]
    lines += [words("of rows", number=number, what=words(f"rows {what}")) for what, number in sorted(met.rows.items())]
    yield Told({"rows": met.total, **rows(met)}, "\n".join(lines))
    for kind in met.errors.by_frequency():
        yield Told({"error": kind.example, "rows": kind.rows, "lines": list(kind.lines)}, words("error", error=kind.told()))


def booked(connection: Connection, run: Run, words: Words) -> Iterator[Told]:
    """What the ledger holds of a run, summed: of what is booked, and of nothing else."""
    empty = True
    for of, amount, whom in held(connection, run.run_id):
        empty = False
        yield from _flows(of, amount, whom, words, _BOOKED)
    if empty:
        yield Told({"booked": 0}, words("nothing booked"))


def proposed(run: Run, words: Words) -> Iterator[Told]:
    """What a run would book in all, as it was worked out before it books."""
    for of, amount in sorted((run.proposed or {}).items()):
        fields = {"proposes": of.name, "kind": of.kind, "currency_code": of.currency_code, **amount._asdict()}
        yield Told(fields, words("proposes", name=of.name or words("no name"), parts=parts(of, amount, words)))


def parts(of: Of, amount: Amount, words: Words) -> str:
    """What is added, taken back and over-granted, with a sign."""
    signs = zip(("plus", "minus", "over"), amount, strict=True)
    return ", ".join(words(sign, quantity=quantity(of, number, words)) for sign, number in signs if number)


def exceeding(run: Run, thresholds: dict[str, int], words: Words) -> Iterator[Told]:
    """Why a run waits for a second person."""
    kinds = {of.threshold: of for of in run.proposed or {}}
    for name, amount, most in amounts.exceeding(run.proposed or {}, thresholds):
        of = kinds[name]
        shown = {"amount": quantity(of, amount, words), "most": quantity(of, most, words)}
        yield Told({"above_threshold": name, "amount": amount, "threshold": most}, words("above", name=name, **shown))
    yield Told({"run": run.run_id, "state": run.state}, words("wants approval", run=run.run_id))


def would(of: Of, amount: Amount, whom: tuple[int, int, int], words: Words) -> Iterator[Told]:
    """What a proposal holds of one benefit or party."""
    yield from _flows(of, amount, whom, words, _WOULD)
    if amount.over_granted:
        fields = {"over_granted": of.name, "kind": of.kind, "currency_code": of.currency_code, "quantity": amount.over_granted}
        named = {"quantity": quantity(of, amount.over_granted, words), "whom": words.several(whom[2], "subscriber")}
        yield Told({**fields, "subscribers": whom[2]}, words("would be over-granted", name=of.name, **named))


_BOOKED = ("run booked", "run reversed", "run claimed", "run credited")
_WOULD = ("would add", "would take back", "would claim", "would credit")


def _flows(of: Of, amount: Amount, whom: Sequence[int], words: Words, sentences: Sequence[str]) -> Iterator[Told]:
    """``whom``: of how many what was added and what was taken back is; ``sentences`` for these, and the same of recourse."""
    is_recourse = of.kind == RECOURSE
    fields = ("claimed", "credited") if is_recourse else ("booked", "reversed")
    for number, (total, field) in enumerate(zip(amount[:2], fields, strict=True)):
        if total:
            told = {field: of.name, "kind": of.kind, "currency_code": of.currency_code, "quantity": total}
            named = {"name": of.name or words("no name"), "quantity": quantity(of, total, words)}
            line = words(sentences[number + 2 * is_recourse], whom=words.several(whom[number], "subscriber"), **named)
            yield Told({**told, "subscribers": whom[number]}, line)


def quantity(of: Of, number: int, words: Words) -> str:
    """An amount for a person."""
    if of.kind == RECOURSE:
        return words.money(number, of.currency_code)
    return words.quantity(of.kind, number, of.currency_code)


def held(connection: Connection, run_id: int) -> Iterator[tuple[Of, Amount, tuple[int, int]]]:
    """Sums of what a run booked and claimed, and of how many subscribers what was added and what was taken back is."""
    at = BOOKING.c
    yield from _sums(connection, BOOKING, run_id, at.quantity, (at.kind, at.benefit, at.currency_code))
    due = RECOURSE_TABLE.c
    for of, amount, whom in _sums(
        connection, RECOURSE_TABLE, run_id, due.amount_minor, (due.party, due.party, due.currency_code)
    ):
        yield of._replace(kind=RECOURSE), amount, whom


def _sums(
    connection: Connection, table: Table, run_id: int, quantity: Any, key: tuple[Any, Any, Any]
) -> Iterator[tuple[Of, Amount, tuple[int, int]]]:
    """By kind, name and currency: what was added and taken back, and of how many."""
    who, is_added, is_taken = table.c.subscriber_id, quantity > 0, quantity < 0
    columns = [
        *(column.label(f"key{number}") for number, column in enumerate(key)),
        func.sum(case((is_added, quantity), else_=0)),
        func.sum(case((is_taken, -quantity), else_=0)),
        func.count(func.distinct(case((is_added, who)))),
        func.count(func.distinct(case((is_taken, who)))),
    ]
    for row in connection.execute(select(*columns).where(table.c.run_id == run_id).group_by(*key).order_by(*key)):
        kind, name, currency, added, taken, gained, lost = row
        yield Of(kind, name, currency), Amount(int(added), int(taken)), (gained, lost)
