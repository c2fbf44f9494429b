"""The commands for finance: recourse, close, export."""

import argparse
from collections.abc import Iterator

from clients.account import finance
from clients.account.finance import Days, Line
from clients.account.saying import ledger, out, said, words
from clients.account.telling import Told, when
from clients.account.words import Words
from clients.errors import BadInput, ExitCode


def recourse(arguments: argparse.Namespace) -> ExitCode:
    """A statement of a third party by month, credit notes included."""
    of = finance.days(arguments.time_zone, arguments.first, arguments.after)
    with ledger(arguments, create=False) as opened:
        rows = opened.read(lambda connection: finance.statement(connection, arguments.party, of))
    out(arguments, _statement(arguments.party, rows, of, words(arguments)))
    return ExitCode.DONE


def close(arguments: argparse.Namespace) -> ExitCode:
    """What is booked later is of the next period."""
    who, say = said(arguments), words(arguments)
    of = finance.days(arguments.time_zone, None, arguments.until)
    assert of.after is not None
    until = finance.midnight(of.after, of.zone)
    with ledger(arguments, create=False, writes=True) as opened:
        closed = opened.write(lambda connection: finance.close(connection, until, of.zone.key, who))
    named = {"until": arguments.until, "zone": of.zone.key, "sha256": closed.sha256}
    line = say("closed", number=say.several(closed.bookings, "booking"), **named)
    fields = {"closed_until": when(until), "time_zone": of.zone.key, "bookings": closed.bookings, "sha256": closed.sha256}
    out(arguments, [Told(fields, line)])
    return ExitCode.DONE


def export(arguments: argparse.Namespace) -> ExitCode:
    """Postings by day, benefit and cost centre."""
    of = finance.days(arguments.time_zone, arguments.first, arguments.after)
    if not arguments.out.parent.is_dir():
        raise BadInput(f"--out {arguments.out}: there is no folder {arguments.out.parent}")
    centres = finance.cost_centres(arguments.cost_centres)
    with ledger(arguments, create=False) as opened:
        rows = opened.read(lambda connection: finance.postings(connection, of, centres))
    finance.write(arguments.out, rows)
    say = words(arguments)
    span = [rows[0]["day"].isoformat(), rows[-1]["day"].isoformat()] if rows else ["-", "-"]
    fields = {"file": str(arguments.out), "postings": len(rows), "time_zone": of.zone.key, "first": span[0], "last": span[1]}
    named = {"file": arguments.out, "zone": of.zone.key, "first": span[0], "last": span[1]}
    out(arguments, [Told(fields, say("exported", number=say.several(len(rows), "posting"), **named))])
    return ExitCode.DONE


def _statement(party: str, rows: list[Line], of: Days, say: Words) -> Iterator[Told]:
    name = party or say("no name")
    if not rows:
        yield Told({"responsible_party": party, "postings": 0}, say("statement empty", party=name))
        return
    yield Told({"responsible_party": party, "time_zone": of.zone.key}, say("statement", party=name, zone=of.zone.key))
    months: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        day, amount = row.day.isoformat(), row.amount_minor
        month = months.setdefault((day[:7], row.currency_code), [0, 0])
        month[amount < 0] += abs(amount)
        what = "claim" if amount > 0 else "credit note"
        fields = {
            "day": day,
            "outage_id": row.outage_id,
            "what": what.replace(" ", "_"),
            "amount_minor": amount,
            "currency_code": row.currency_code,
            "subscribers": row.subscribers,
            "said_by": row.said_by,
            "reason": row.reason,
        }
        shown = {"day": day, "outage": row.outage_id, "amount": say.money(amount, row.currency_code)}
        yield Told(fields, say("statement line", what=say(what), who=row.said_by, reason=row.reason, **shown))
    for (name_of_month, currency), (claimed, credited) in sorted(months.items()):
        fields = {"month": name_of_month, "currency_code": currency, "claimed_minor": claimed, "credited_minor": credited}
        amounts = {"claimed": say.money(claimed, currency), "credited": say.money(credited, currency)}
        line = say("statement month", month=name_of_month, due=say.money(claimed - credited, currency), **amounts)
        yield Told({**fields, "due_minor": claimed - credited}, line)
    sums: dict[str, int] = {}
    for (_, currency), (claimed, credited) in months.items():
        sums[currency] = sums.get(currency, 0) + claimed - credited
    for currency, due in sorted(sums.items()):
        yield Told({"currency_code": currency, "due_minor": due}, say("statement all", due=say.money(due, currency)))
