"""A claim that the desk files: settled, and noted under its number in the same transaction."""

from collections.abc import Collection

from sqlalchemy import Connection

from clients.account import desk_claims, settling
from clients.account.database import Database
from clients.account.records import Account, Ask, Claim, Settlement, Work
from clients.account.register import Said
from clients.account.store import Written
from clients.errors import BadInput


class _Taken(Exception):
    """Another claim got the number meanwhile."""


def file(
    database: Database, subscriber_id: str, wanted: Claim, about: Collection[str], work: Work, ask: Ask, written: Written
) -> tuple[Claim, Account, Settlement]:
    """The claim under its number, the account before it, and what was booked for it. ``about``: outages that it meets.

    ``wanted``: without a number; where the same was filed before, it has that one's. Raises BadInput.
    """
    said = Said(written.by, written.reason, written.at)

    def known(connection: Connection) -> Claim:
        before = desk_claims.filed(connection, subscriber_id, wanted)
        return before or wanted._replace(claim_id=desk_claims.next_reference(connection))

    for _ in range(settling.ATTEMPTS):
        claim = database.read(known)
        accounts: list[Account] = []

        def still(connection: Connection, claim: Claim = claim) -> None:
            if known(connection) != claim:
                raise _Taken

        def beside(connection: Connection, account: Account, settlement: Settlement, claim: Claim = claim) -> None:
            desk_claims.note(connection, subscriber_id, claim, desk_claims.became(account, settlement, about), said)
            accounts[:] = [account]  # noqa: B023 -- run at once

        of_claim = Work(work.as_of, work.facts, work.areas, work.cycles, claim=claim, terms=work.terms)
        try:
            settlement = settling.run(database, subscriber_id, of_claim, ask, written, beside, still)
        except _Taken:
            continue
        return claim, accounts[0], settlement
    raise BadInput("others filed claims faster than this one; file it again")
