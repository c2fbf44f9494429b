"""What commands of the account have in common: who speaks, and how it is printed."""

import argparse
import getpass
import json
import os
import sys
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager

from clients import parsing
from clients.account import database
from clients.account.database import Database
from clients.account.register import Said
from clients.account.telling import Told
from clients.account.words import Words
from clients.errors import BadInput


def said(arguments: argparse.Namespace) -> Said:
    """Who, why and when."""
    who = arguments.by or os.environ.get("SUDO_USER") or getpass.getuser()
    return Said(who, arguments.reason, int(time.time()))


def words(arguments: argparse.Namespace) -> Words:
    """In the language that was asked for."""
    return Words(arguments.language)


def ledger(arguments: argparse.Namespace, *, create: bool, writes: bool = False) -> AbstractContextManager[Database]:
    """The ledger that was asked for, open. Raises LedgerUnusable."""
    return database.opened(arguments.ledger, create=create, writes=writes, wait_seconds=arguments.wait)


def out(arguments: argparse.Namespace, told: Iterable[Told]) -> None:
    """As JSON or as lines."""
    for each in told:
        sys.stdout.write((json.dumps(each.fields, ensure_ascii=False) if arguments.json else each.line) + "\n")


def instant(text: str, flag: str) -> int:
    """Of a flag. Raises BadInput."""
    try:
        return parsing.instant(text)
    except ValueError as error:
        raise BadInput(f"{flag}: {error}") from error
