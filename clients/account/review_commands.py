"""The commands of what waits for a person: queue, decide."""

import argparse
import sys
import time

from clients import channel, quantities
from clients.account import deciding, reviewing, service, telling
from clients.account.records import Settlement
from clients.account.saying import instant, ledger, out, said, words
from clients.account.store import Written
from clients.account.telling import Told
from clients.account.words import Words
from clients.errors import BadInput, ExitCode
from clients.quantities import Measured


def queue(arguments: argparse.Namespace) -> ExitCode:
    """What waits for a person."""
    say = words(arguments)
    with ledger(arguments, create=False) as opened:
        found = opened.read(lambda connection: list(telling.queue(connection, say)))
    if not found and not arguments.json:
        sys.stdout.write(say("queue empty") + "\n")
    out(arguments, found)
    return ExitCode.DONE


def decide(arguments: argparse.Namespace) -> ExitCode:
    """A second person grants something of what waits, or rejects it, and it is settled with that."""
    who, say = said(arguments), words(arguments)
    amounts, measured = _amounts(arguments.grant)
    as_of = int(time.time()) if arguments.as_of is None else instant(arguments.as_of, "--as-of")
    with ledger(arguments, create=True) as opened:
        of = opened.read(lambda connection: reviewing.item(connection, arguments.reference))
        with service.opened(channel.connection(arguments), arguments.policy) as asked:
            quantities.check(measured, asked.latest)
            written = Written(who.by, who.reason, asked.policy_id, as_of, who.at, asked.texts)
            found = deciding.decide(opened, of, amounts, asked.benefits, asked.terms, asked.ask, written)
    out(arguments, [_told(of, amounts, found, say)])
    return ExitCode.DONE


def _told(of: reviewing.Item, amounts: dict[str, int], found: Settlement, say: Words) -> Told:
    """What was decided, and what is booked by it."""
    booked = [(place, quantity) for place, quantity in sorted(found.bookings.items())]
    shown = []
    for place, quantity in booked:
        benefit = found.benefits[place.benefit]
        shown.append(f"{place.benefit} {say.quantity(benefit.kind, quantity, benefit.currency_code)} ({place.outage_id})")
    fields = {
        "reference": of.reference,
        "subscriber_id": of.subscriber_id,
        "outage_id": of.outage_id,
        "verdict": "granted" if any(amounts.values()) else "rejected",
        "amounts": amounts,
        "bookings": [
            {"outage_id": place.outage_id, "benefit": place.benefit, "quantity": quantity} for place, quantity in booked
        ],
    }
    named = {"reference": of.reference, "subscriber": of.subscriber_id, "outage": of.outage_id}
    what = "decided granted" if any(amounts.values()) else "decided rejected"
    booking = say("decided booked", booked=", ".join(shown)) if shown else say("decided nothing")
    return Told(fields, say(what, **named) + booking)


def _amounts(pairs: list[str]) -> tuple[dict[str, int], list[Measured]]:
    """Of --grant. Raises BadInput."""
    amounts: dict[str, int] = {}
    measured: list[Measured] = []
    for pair in pairs:
        try:
            name, quantity, unit = quantities.read(pair)
        except ValueError as error:
            raise BadInput(f"--grant {error}") from error
        if name in amounts or quantity <= 0:
            raise BadInput(f"--grant {pair}: grant something of each benefit once; --reject grants nothing")
        amounts[name] = quantity
        measured += [] if unit is None else [unit]
    return amounts, measured
