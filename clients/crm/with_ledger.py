"""Quote and claim from the account: outages from its register, facts from its ledger or from flags.

INVARIANT: nothing is said to be granted before it is booked.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from clients import channel, enums, parsing
from clients.account import database, desk_claims, extract, filing, reading, service
from clients.account import saying as of_account
from clients.account.desk_claims import Became
from clients.account.extract import Subject
from clients.account.records import Account, Claim, Cycle, Record, Settlement, Work
from clients.account.service import Service
from clients.account.settlement import settle
from clients.account.settling import Outages
from clients.account.store import Written
from clients.account.touching import ended
from clients.crm import flags, looked_up
from clients.errors import BadInput, ClientError
from makegood.v1 import decision_pb2, facts_pb2
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest

KNOWN_BETTER: Final = (
    *("file", "granted_this_cycle", "nothing_granted_this_cycle", "already_granted", "granted_before", "earlier"),
    *("version", "mode", "out", "explain"),
)
"""What the account knows itself, or what is of no use with it."""
ONLY_WITH_LEDGER: Final = ("area", "during", "reason", "by")


@dataclass(frozen=True, slots=True)
class Case:
    """What was asked of the account and what it says. ``account``: before; ``settlement``: what was booked, or would be.

    ``decisions``: those about its outages, with every step where ``explained``. ``claim`` None: a quote. ``facts_from``: the
    outage from which facts of the person were taken; "": all were said.
    """

    account: Account
    records: dict[str, Record]
    settlement: Settlement
    became: Became
    decisions: tuple[decision_pb2.Decision, ...]
    explained: bool
    claim: Claim | None
    facts_from: str
    as_of: int

    def told(self, decision: decision_pb2.Decision, benefit: str) -> int:
        """How much of a benefit the question said that its cycle was granted."""
        for answer in self.settlement.decisions:
            if desk_claims.decision(answer).decision_id == decision.decision_id:
                request = ComputeCompensationRequest.FromString(answer.question)
                return request.subscriber.granted_this_cycle.quantities.get(benefit, 0)
        return 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """The command line, as read."""

    subscriber_id: str
    person: facts_pb2.Subscriber
    cycles: tuple[Cycle, ...]
    outages: tuple[str, ...]
    span: tuple[int, int] | None
    channel: int
    claimed_at: int
    as_of: int


def ask(arguments: argparse.Namespace) -> Case:
    """Quote, or claim. Raises ClientError."""
    asked = _read(arguments)
    to = replace(channel.connection(arguments), is_to_quote=arguments.command == "quote")
    with (
        database.opened(arguments.ledger, create=False, writes=arguments.command == "claim") as opened,
        service.opened(to, arguments.policy or "") as serving,
    ):

        def look(connection: Connection) -> tuple[Account, dict[str, Record]]:
            account = reading.account(connection, asked.subscriber_id)
            areas = looked_up.areas(account, arguments.area)
            found = looked_up.records(connection, account, Outages.read(connection), areas, asked.outages)
            cycle = Subject(0, asked.subscriber_id, cycles=asked.cycles)
            if problem := extract.contradiction(connection, account, cycle):
                raise BadInput(f"--{problem.replace('_', '-')}")
            return account, found

        account, found = opened.read(look)
        person, facts_from = looked_up.facts(account, found)
        facts = looked_up.merged(person, asked.person)
        areas = looked_up.areas(account, arguments.area)
        ids = _outages(asked, found)
        if not ids and not areas:
            raise BadInput(f"the ledger knows no area of {asked.subscriber_id}, and no outage hit everybody then; give --area")
        if facts is None and ids:
            raise BadInput(
                f"the ledger knows nothing of {asked.subscriber_id}; say what the policy needs, such as --plan-type and --fee"
            )
        work = Work(asked.as_of, facts, areas, asked.cycles, scope=frozenset(ids), terms=serving.terms)
        if arguments.command == "quote":
            settlement = settle(account, found, replace(work, everything=True), serving.ask)
            return _case(serving, asked, account, found, settlement, ids, facts_from)
        return _claimed(arguments, asked, opened, serving, work, ids, facts_from, found)


def _claimed(
    arguments: argparse.Namespace,
    asked: _Asked,
    opened: database.Database,
    serving: Service,
    work: Work,
    ids: list[str],
    facts_from: str,
    found: dict[str, Record],
) -> Case:
    """Filed."""
    span = asked.span or _whole(found, ids, asked.as_of)
    who = of_account.said(arguments)
    written = Written(who.by, who.reason, serving.policy_id, asked.as_of, who.at, serving.texts)
    wanted = Claim("", asked.channel, asked.claimed_at, *span)
    claim, account, settlement = filing.file(opened, asked.subscriber_id, wanted, ids, work, serving.ask, written)
    return _case(serving, asked, account, found, settlement, ids, facts_from, claim)


def _case(
    serving: Service,
    asked: _Asked,
    account: Account,
    found: dict[str, Record],
    settlement: Settlement,
    ids: list[str],
    facts_from: str,
    claim: Claim | None = None,
) -> Case:
    """With the steps of the decisions; they are asked for after it is booked, and without them it stays said what is."""
    became = desk_claims.became(account, settlement, ids)
    about = [each for each in settlement.decisions if desk_claims.concerns(each, became.outages)]
    try:
        decisions, explained = tuple(serving.ask.explained(each) for each in about), True
    except ClientError:
        decisions, explained = tuple(map(desk_claims.decision, about)), False
    return Case(account, found, settlement, became, decisions, explained, claim, facts_from, asked.as_of)


def _read(arguments: argparse.Namespace) -> _Asked:
    """Raises BadInput with all that is wrong."""
    reading_flags = flags.Flags()
    reading_flags.problems += [
        f"--{name.replace('_', '-')}: the account knows that itself; leave it out"
        if name != "file"
        else "FILE: not with --ledger"
        for name in KNOWN_BETTER
        if getattr(arguments, name, None)
    ]
    if arguments.subscriber is None:
        reading_flags.problems.append("--subscriber: say whom it is about")
        arguments.subscriber = ""
    person = facts_pb2.Subscriber()
    flags.fill_subscriber(arguments, person, reading_flags)
    cycles: tuple[Cycle, ...] = ()
    if person.HasField("billing_cycle"):
        cycles = (Cycle(person.billing_cycle.started_at.seconds, person.billing_cycle.ended_at.seconds),)
    is_claim = arguments.command == "claim"
    flag = "claimed" if is_claim else "during"
    text = getattr(arguments, flag)
    span = None if text is None else reading_flags.read(f"--{flag}", text, parsing.span)
    if is_claim and text is None and not arguments.outage:
        reading_flags.problems.append("--claimed: say which time the customer lost, START/END, or which outage by --outage ID")
    number = 0
    if is_claim and not arguments.channel:
        reading_flags.problems.append("--channel: say how the claim came in")
    elif is_claim:
        number = reading_flags.word("--channel", arguments.channel, facts_pb2.ClaimChannel.DESCRIPTOR)
    as_of = int(time.time()) if arguments.as_of is None else reading_flags.instant("--as-of", arguments.as_of).seconds
    claimed_at = as_of
    if is_claim and arguments.claimed_at is not None:
        claimed_at = reading_flags.instant("--claimed-at", arguments.claimed_at).seconds
    reading_flags.stop_if_wrong()
    if is_claim and not arguments.reason:
        arguments.reason = f"a claim by {enums.code(facts_pb2.ClaimChannel.DESCRIPTOR, number)}"
    return _Asked(arguments.subscriber, person, cycles, tuple(arguments.outage), span, number, claimed_at, as_of)


def _outages(asked: _Asked, found: dict[str, Record]) -> list[str]:
    """Ids that it is about. Raises BadInput where one that was named is of another time."""
    if asked.span is None:
        return sorted(asked.outages) or [each for each, record in found.items() if record.current]
    there = looked_up.during(found, asked.span, asked.as_of)
    if elsewhere := sorted(set(asked.outages) - set(there)):
        raise BadInput(f"outage {', '.join(elsewhere)} is not on record in that time; outages show tells when it was")
    return sorted(asked.outages) or there


def _whole(found: dict[str, Record], ids: Sequence[str], as_of: int) -> tuple[int, int]:
    """All the recorded time of some outages."""
    own = [found[each] for each in ids]
    return min(each.started_at for each in own), max(ended(each, as_of) for each in own)
