"""What the account says of what it took over from a ledger of before."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from clients.account.migrating import Migrated
from clients.account.records import UNKNOWN_OUTAGE
from clients.account.tables import BOOKING, FORMER_BOOKING, OUTAGE_REVISION
from clients.account.telling import Told
from clients.account.words import Words


def migrated(name: str, found: Migrated, words: Words) -> Iterator[Told]:
    """What was taken over now, and what of it is not known."""
    shown = {"number": words.several(found.new, "booking"), "before": words.several(found.before, "booking")}
    lines = [words("migrated", ledger=name, **shown)]
    for what, number in (
        ("migrated unregistered", found.outages_not_registered),
        ("migrated together", found.parts_unknown),
        ("migrated unchecked", found.keys_not_following),
    ):
        lines += [words(what, number=words.several(number, "booking"))] if number else []
    fields = {
        "ledger": name,
        "taken_over": found.new,
        "there_before": found.before,
        "outages_not_in_the_register": found.outages_not_registered,
        "parts_unknown": found.parts_unknown,
        "keys_not_following": found.keys_not_following,
    }
    yield Told(fields, "\n".join(lines))
    for (benefit, kind, currency), quantity in sorted(found.quantities.items()):
        of = {"benefit": benefit, "kind": kind, "currency_code": currency, "quantity": quantity}
        yield Told(of, words("migrated quantity", name=benefit, quantity=words.quantity(kind, quantity, currency)))


def not_attached(connection: Connection, words: Words) -> Iterator[Told]:
    """What cannot be held against the register: of outages that it does not have, or of several with unknown parts."""
    at, former = BOOKING.c, FORMER_BOOKING.c
    same = (at.subscriber_id == former.subscriber_id) & (at.account_revision == former.account_revision)
    unknown = at.outage_id.not_in(select(OUTAGE_REVISION.c.outage_id))
    key = (at.outage_id, at.benefit, at.kind, at.currency_code)
    sums = select(*key, func.sum(at.quantity), func.count(func.distinct(at.subscriber_id))).join(FORMER_BOOKING, same)
    for outage_id, benefit, kind, currency, quantity, whom in connection.execute(
        sums.where(unknown).group_by(*key).order_by(*key)
    ):
        why = words("why together") if outage_id == UNKNOWN_OUTAGE else words("why unregistered", outage=outage_id)
        fields = {
            "not_attached": outage_id or None,
            "benefit": benefit,
            "kind": kind,
            "currency_code": currency,
            "quantity": int(quantity),
            "subscribers": whom,
        }
        named = {"benefit": benefit, "quantity": words.quantity(kind, int(quantity), currency), "why": why}
        yield Told(fields, words("not attached", whom=words.several(whom, "subscriber"), **named))
