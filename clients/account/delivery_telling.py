"""What the account says of deliveries: what became of bookings now, and of those of a run."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, case, func, select

from clients.account import telling_runs
from clients.account.amounts import Of
from clients.account.delivering import Delivery
from clients.account.tables import BOOKING, DELIVERED, DELIVERY
from clients.account.telling import Told
from clients.account.words import Words

STATES: Final = ("waiting", "refused", "delivered")


def done(name: str, found: Delivery, words: Words) -> Iterator[Told]:
    """What was delivered, in sum, and why something was not."""
    shown = {"delivered": words.several(found.delivered, "booking"), "refused": words.several(found.refused, "booking")}
    fields = {"ledger": name, "bookings_delivered": found.delivered, "bookings_refused": found.refused}
    yield Told(fields, words("applied", ledger=name, **shown))
    for sentence, sums in (("delivered", found.added), ("delivered back", found.taken_back)):
        for of, quantity in sorted(sums.items()):
            named = {sentence.replace(" ", "_"): of.name, "kind": of.kind, "currency_code": of.currency_code}
            line = words(sentence, name=of.name, quantity=telling_runs.quantity(of, quantity, words))
            yield Told({**named, "quantity": quantity}, line)
    for kind in found.why.by_frequency():
        fields = {"refused": kind.example, "settlements": kind.rows}
        yield Told(fields, words("refused", why=kind.example, number=words.several(kind.rows, "settlement")))


def of_run(connection: Connection, run_id: int, words: Words) -> Iterator[Told]:
    """Of what a run booked: what was delivered, what was refused, and what waits to be delivered."""
    at = BOOKING.c
    key = (DELIVERY.c.subscriber_id, DELIVERY.c.account_revision)
    best = func.max(case((DELIVERY.c.outcome == DELIVERED, 2), else_=1)).label("best")
    last = select(*key, best).group_by(*key).subquery()
    same = (last.c.subscriber_id == at.subscriber_id) & (last.c.account_revision == at.account_revision)
    state = func.coalesce(last.c.best, 0)
    of = (at.kind, at.benefit, at.currency_code)
    sign = at.quantity > 0
    sums = select(state, *of, sign, func.sum(at.quantity), func.count(func.distinct(at.subscriber_id)))
    query = sums.select_from(BOOKING.outerjoin(last, same)).where(at.run_id == run_id).group_by(state, *of, sign)
    for number, kind, benefit, currency, is_added, total, whom in connection.execute(query.order_by(state.desc(), *of, sign)):
        quantity = abs(int(total))
        fields = {
            STATES[number]: benefit,
            "kind": kind,
            "currency_code": currency,
            "quantity": int(total),
            "subscribers": whom,
        }
        shown = {
            "name": benefit,
            "quantity": telling_runs.quantity(Of(kind, benefit, currency), quantity, words),
            "whom": words.several(whom, "subscriber"),
        }
        yield Told(fields, words(f"run {STATES[number]}" + ("" if is_added else " back"), **shown))
