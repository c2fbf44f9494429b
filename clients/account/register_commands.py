"""The commands of the register, and those that only look: outages …, audit, queue, verify; and erase."""

import argparse
import sys
from collections.abc import Sequence

from clients import bar, channel
from clients.account import (
    again,
    auditing,
    delivering,
    erasing,
    former_telling,
    outage_files,
    register,
    service,
    telling,
    verifying,
)
from clients.account.register import Entry, Said
from clients.account.saying import instant, ledger, out, said, words
from clients.account.telling import Told
from clients.errors import BadInput, ExitCode


def enter(arguments: argparse.Namespace) -> ExitCode:
    """All of a file or nothing."""
    who = said(arguments)
    entries = _load(arguments, who)
    with ledger(arguments, create=True) as opened:
        found = opened.write(lambda connection: register.enter(connection, entries, who))
    same = len(entries) - len(found)
    say = words(arguments)
    out(arguments, (telling.added(each, say) for each in found))
    if same:
        out(arguments, [Told({"unchanged": same}, say("unchanged", number=say.several(same, "outage")))])
    return ExitCode.DONE


def replace(arguments: argparse.Namespace) -> ExitCode:
    """Split, merge or rename."""
    who = said(arguments)
    entries = _load(arguments, who)
    with ledger(arguments, create=False, writes=True) as opened:
        found = opened.write(lambda connection: register.replace(connection, arguments.old, entries, who))
    out(arguments, (telling.added(each, words(arguments)) for each in found))
    return ExitCode.DONE


def withdraw(arguments: argparse.Namespace) -> ExitCode:
    """It was no outage."""
    who, say = said(arguments), words(arguments)
    with ledger(arguments, create=False, writes=True) as opened:
        found = opened.write(lambda connection: register.withdraw(connection, arguments.outage, who))
    before = Told({"unchanged": 1}, say("withdrawn before", outage=arguments.outage))
    out(arguments, [telling.added(found, say) if found else before])
    return ExitCode.DONE


def show(arguments: argparse.Namespace) -> ExitCode:
    """An outage."""
    with ledger(arguments, create=False) as opened:
        found = opened.read(lambda connection: list(telling.outage(connection, arguments.outage, words(arguments))))
    if not found:
        raise BadInput(f"outage {arguments.outage} is not in the register; outages import brings it in")
    out(arguments, found)
    return ExitCode.DONE


def audit(arguments: argparse.Namespace) -> ExitCode:
    """A subscriber."""
    say = words(arguments)
    with ledger(arguments, create=False) as opened:
        found = opened.read(lambda connection: list(auditing.audit(connection, arguments.subscriber, say)))
    if not found and not arguments.json:
        sys.stdout.write(say("nothing decided", subscriber=arguments.subscriber) + "\n")
    out(arguments, found)
    return _again(arguments) if arguments.again else ExitCode.DONE


def _again(arguments: argparse.Namespace) -> ExitCode:
    """What comes out otherwise, or cannot be asked, is an exit code."""
    with ledger(arguments, create=False) as opened:
        kept = opened.read(lambda connection: again.kept(connection, arguments.subscriber))
    with service.connected(channel.connection(arguments)) as server:
        decided = list(again.decided(kept, server))
    out(arguments, auditing.again(decided, words(arguments)))
    same = all(each.found in (again.Found.SAME_BYTES, again.Found.SAME_FIELDS) and each.text_is_there for each in decided)
    return ExitCode.DONE if same else ExitCode.ROWS_FAILED


def verify(arguments: argparse.Namespace) -> ExitCode:
    """What does not hold together is one exit code, what is merely new is none."""
    say = words(arguments)
    with ledger(arguments, create=False) as opened:
        problems, new = opened.read(lambda connection: (verifying.problems(connection), verifying.new_outages(connection)))
        refused = len(opened.read(delivering.refused))
        not_attached = opened.read(lambda connection: list(former_telling.not_attached(connection, say)))
    for subscriber_id, outage_id, decided, newest in new:
        fields = {"subscriber_id": subscriber_id, "outage_id": outage_id, "decided_revision": decided, "revision": newest}
        line = say("new", subscriber=subscriber_id, outage=outage_id, revision=newest, decided=decided)
        out(arguments, [Told(fields, line)])
    out(arguments, not_attached)
    if refused:
        line = say("verify refused", number=say.several(refused, "settlement"))
        out(arguments, [Told({"settlements_refused": refused}, line)])
    out(arguments, (Told({"problem": each}, say("problem", problem=each)) for each in problems))
    if not problems and not arguments.json:
        sys.stdout.write(say("holds") + "\n")
    return ExitCode.ROWS_FAILED if problems else ExitCode.DONE


def erase(arguments: argparse.Namespace) -> ExitCode:
    """Facts go, amounts stay."""
    who, say = said(arguments), words(arguments)
    with ledger(arguments, create=False, writes=True) as opened:
        if arguments.decided_before is not None:
            before = instant(arguments.decided_before, "--decided-before")
            number = opened.write(lambda connection: erasing.retain(connection, before, who))
            line = say("erased old", number=say.several(number, "outage"), when=telling.when(before))
            told = Told({"outages": number, "decided_before": telling.when(before)}, line)
        else:
            done = opened.write(lambda connection: erasing.erase(connection, arguments.subscriber, who))
            line = say("erased now" if done else "nothing to erase", subscriber=arguments.subscriber)
            told = Told({"subscriber_id": arguments.subscriber, "erased": done}, line)
        opened.forget()
    out(arguments, [told])
    return ExitCode.DONE


def _load(arguments: argparse.Namespace, who: Said) -> Sequence[Entry]:
    return outage_files.load(arguments.file, lambda line: bar.console().print(f"account: {line}"), who.at)
