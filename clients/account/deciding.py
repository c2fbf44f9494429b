"""What a second person decides of what waits, settled: it is booked if what waits is still what the person saw."""

from collections.abc import Mapping

from sqlalchemy import Connection

from clients.account import desk_claims, reviewing, settling
from clients.account.database import Database
from clients.account.records import Account, Ask, Benefit, Settlement, Terms, Work
from clients.account.register import Said
from clients.account.store import Written
from clients.errors import BadInput


def decide(
    database: Database,
    of: reviewing.Item,
    amounts: Mapping[str, int],
    benefits: Mapping[str, Benefit],
    terms: Terms,
    ask: Ask,
    written: Written,
) -> Settlement:
    """``amounts`` empty: rejected. ``benefits``: those that the policy has. Raises BadInput where that person may not."""
    who = Said(written.by, written.reason, written.at)
    known = database.read(lambda connection: reviewing.with_time_limits(connection, dict(benefits), amounts))
    verdict, seen = database.read(lambda connection: reviewing.verdict(connection, of, dict(amounts), known, who.by))
    hit = database.read(lambda connection: reviewing.areas(connection, of.outage_id))
    scope = frozenset((of.outage_id,))
    work = Work(written.as_of, areas=hit, scope=scope, everything=True, verdict=verdict, terms=terms)

    def beside(connection: Connection, account: Account, settlement: Settlement) -> None:
        """It still waited, and claims of it have become what the account did."""
        if not reviewing.waited(connection, account, settlement, of, seen):
            raise BadInput(
                f"{of.reference} is not what it was: it was revised or decided meanwhile, or something else in its"
                " billing cycle waits and has to be decided first; look at the queue"
            )
        times = desk_claims.times(connection, of.subscriber_id)
        what = desk_claims.became(account, settlement, [of.outage_id])
        for number in of.claims:
            if number in times:
                desk_claims.note(connection, of.subscriber_id, times[number], what, who)

    return settling.run(database, of.subscriber_id, work, ask, written, beside)
