"""The desk's command line: quote and claim."""

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import NoReturn, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import grpc
from google.protobuf import json_format
from rich.console import Console

from clients import channel, command, enums, message_json, quantities, retry
from clients.channel import Connection
from clients.crm import account_answer, answer, flags, hand_over, with_ledger
from clients.crm.words import Words
from clients.crm.words_en import ENGLISH
from clients.crm.words_zh import CHINESE
from clients.errors import BadInput, ExitCode
from makegood.v1.compensation_service_pb2 import EXPLAIN_SUMMARY, ComputeCompensationRequest
from makegood.v1.compensation_service_pb2_grpc import CompensationServiceStub
from makegood.v1.decision_pb2 import Decision
from makegood.v1.policy_service_pb2_grpc import PolicyServiceStub

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
LANGUAGES = {"en": ENGLISH, "zh": CHINESE}
TIMEOUT_SECONDS = 10
ATTEMPTS = 5
"""A person waits: five attempts take about a second when nobody listens."""
QUOTE_EXAMPLE = """\
examples:
  python -m clients.crm quote examples/kddi-2022-07-02.json
  python -m clients.crm quote --subscriber 13800000001 --plan-type DATA --fee 129.00 --currency CNY \\
      --allowance 20GiB --remaining 1GiB --outage 2026-03-04T08:00+08:00/2026-03-04T11:30+08:00,EQUIPMENT_FAILURE
  (still down: leave the end empty, 2026-03-04T08:00+08:00/,EQUIPMENT_FAILURE)
"""
CLAIM_EXAMPLE = """\
examples:
  python -m clients.crm claim --channel HOTLINE --claimed 2026-06-10T11:00+08:00/2026-06-10T15:00+08:00 \\
      --claimed-at 2026-06-20T10:00+08:00 --subscriber 13800000001 --plan-type DATA --fee 59.00 \\
      --allowance 10GiB --remaining 1GiB \\
      --outage 2026-06-10T12:00+08:00/2026-06-10T14:00+08:00,EQUIPMENT_FAILURE,id=out-17 --out claim.csv
  python -m clients.provisioning apply claim.csv --ledger ledger.sqlite
  python -m clients.crm claim question.json --channel APP --claimed 2026-06-10T11:00+08:00/2026-06-10T15:00+08:00

A second claim for other hours of an outage: give the earlier ones by --earlier, and what they were granted by
--granted-before out-17:data=780MiB. The hours of all are decided together, and what was granted is not granted again.

With --ledger, the account is asked: outages come from its register by --area and time, or by --outage ID; it knows what was
granted before, and facts of the person from earlier outages. The claim is booked in it before it is said to be granted:
  python -m clients.crm claim --ledger account.sqlite --subscriber 13800000001 --area PUDONG --channel HOTLINE \\
      --claimed 2026-06-10T12:00+08:00/2026-06-10T14:00+08:00 --remaining 1GiB

Without it nothing is kept: a claim is decided, and what it grants is booked by provisioning, from the file of --out. Without
--out, nothing is stored or booked.
"""
EXITS = (
    *command.ALWAYS,
    ExitCode.REFUSED,
    ExitCode.UNREACHABLE,
    ExitCode.OVERLOADED,
    ExitCode.SERVER_FAULT,
    ExitCode.LEDGER_UNUSABLE,
)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Entry point of python -m clients.crm."""
    command.run("crm", lambda: _ask(parser().parse_args(argv)), "nothing was booked, or the same command says what was")


def parser() -> argparse.ArgumentParser:
    """The command line with all its help."""
    root = command.Parser(
        prog="python -m clients.crm",
        description="Tells the desk what one subscriber is owed after an outage, and why.",
        epilog=command.exit_codes(EXITS),
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    quote = _subparser(commands.add_parser, "quote", "Quote for one subscriber, from a file or from flags.", QUOTE_EXAMPLE)
    quote.set_defaults(out=None)
    quote.add_argument("--during", metavar="START/END", help="with --ledger: outages on record in that time")
    quote.add_argument("--mode", help="AUTOMATIC, APPLICATION or PROACTIVE_NOTICE (default: as the file says, else AUTOMATIC)")
    claim = _subparser(
        commands.add_parser,
        "claim",
        "Decide a customer's application; with --out, hand the decision to provisioning.",
        CLAIM_EXAMPLE,
    )
    claim.add_argument("--channel", metavar="CHANNEL", help="how it came in: HOTLINE, WEB, APP or STORE")
    claim.add_argument("--claimed", metavar="START/END", help="the time that the customer says was lost")
    _add_many(claim, "--earlier", "START/END", "the time of an earlier claim of this cycle that was accepted")
    claim.add_argument("--claimed-at", metavar="TIME", help="when the claim was made (default: the time of --as-of)")
    claim.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="also write the decision as a billing result of one row, .csv, for provisioning; without it, nothing is stored",
    )
    claim.add_argument("--reason", metavar="TEXT", default="", help="with --ledger: why, for whoever asks later")
    claim.add_argument("--by", metavar="NAME", default="", help="with --ledger: who enters it (default: the user here)")
    claim.set_defaults(mode=None)
    return root


def _subparser(
    add: Callable[..., argparse.ArgumentParser], name: str, description: str, example: str
) -> argparse.ArgumentParser:
    """A command with the flags that quote and claim share."""
    sub = add(
        name,
        help=description,
        description=description + " Give the facts in FILE or by the flags of a subscriber.",
        epilog=f"{example}\n{flags.OUTAGE_HELP}\n{flags.QUANTITY_HELP}\n" + command.exit_codes(EXITS),
    )
    sub.add_argument("file", nargs="?", metavar="FILE", help="a ComputeCompensationRequest as JSON; - reads standard input")
    _add_who(sub)
    _add_how(sub)
    shown = sub.add_argument_group("what is shown")
    shown.add_argument(
        "--language", metavar="TAG", type=_language, default="en", help="language of the answer, en or zh (default en)"
    )
    shown.add_argument("--json", action="store_true", help="print the response as JSON instead")
    channel.add_arguments(sub, os.environ, default_timeout_seconds=TIMEOUT_SECONDS)
    return sub


def _add_who(sub: argparse.ArgumentParser) -> None:
    """Whom it is about, and which outages."""
    who = sub.add_argument_group("subscriber and outages")
    who.add_argument("--subscriber", metavar="ID", help="the operator's id of the subscription")
    who.add_argument("--plan-type", metavar="TYPE", help="DATA, VOICE or CONVERGED")
    who.add_argument("--fee", metavar="AMOUNT", help="monthly fee, for example 129.00")
    who.add_argument("--currency", metavar="CODE", help="currency of the fee (default CNY)")
    who.add_argument("--allowance", metavar="VOLUME", help="data in the plan per cycle, for example 20GiB, or bytes")
    who.add_argument("--remaining", metavar="VOLUME", help="data left at the start of the outage")
    _add_many(who, "--value-added", "CODE", "a value-added service")
    who.add_argument("--customer-type", metavar="TYPE", help="CONSUMER, SMALL_BUSINESS or BUSINESS")
    who.add_argument("--payment", metavar="WHEN", help="POSTPAID or PREPAID")
    who.add_argument(
        "--zone",
        metavar="ZONE",
        default="",
        help="IANA zone of the subscriber; times are shown in it (default: as FILE says, else UTC)",
    )
    who.add_argument(
        "--billing-cycle", metavar="START/END", help="the cycle that the outages are billed in; some policies need it"
    )
    _add_many(who, "--granted-this-cycle", "BENEFIT=N", "granted in this billing cycle, in the form below")
    who.add_argument(
        "--nothing-granted-this-cycle", action="store_true", help="this cycle is known to have been granted nothing"
    )
    _add_many(who, "--attribute", "NAME=VALUE", "a fact that only some policies read")
    _add_many(who, "--outage", "OUTAGE", "an outage, in the form below; with --ledger, the id of one in the register")
    who.add_argument(
        "--ledger",
        metavar="LEDGER",
        help="the account of clients.account: outages come from its register, facts from it or from flags, and a claim is"
        " booked in it",
    )
    _add_many(who, "--area", "AREA", "with --ledger: an area of the subscriber (default: those that the account knows)")


def _add_how(sub: argparse.ArgumentParser) -> None:
    """By which policy, as of when, after what was granted, and with which explanation."""
    how = sub.add_argument_group("how it is asked (wins over FILE)")
    how.add_argument("--policy", metavar="ID", help="policy (default: the server's)")
    how.add_argument("--version", metavar="VERSION", help="version of the policy (default: in force when the outage began)")
    how.add_argument("--as-of", metavar="TIME", help="when the facts are looked at (default: now, by the server's clock)")
    _add_many(how, "--already-granted", "BENEFIT=N", "granted before for the one outage, in the form below")
    _add_many(how, "--granted-before", "OUTAGE:BENEFIT=N", "granted before for an outage, by its id; in the form below")
    how.add_argument("--explain", metavar="HOW", help="none, summary or full (default: as the file says, else summary)")


def _add_many(group: argparse._ActionsContainer, flag: str, metavar: str, help_: str) -> None:
    """A flag that can be given several times."""
    group.add_argument(flag, metavar=metavar, action="append", default=[], help=f"{help_}; repeat for more")


def _ask(arguments: argparse.Namespace) -> ExitCode:
    """Ask the server, or the account, and print what it says."""
    if arguments.ledger is not None:
        return _ask_account(arguments)
    if given := [name for name in with_ledger.ONLY_WITH_LEDGER if getattr(arguments, name, None)]:
        raise BadInput(f"--{given[0]} is for the account; give --ledger as well")
    to = replace(channel.connection(arguments), is_to_quote=arguments.command == "quote")
    reading = flags.Flags()
    request = question(arguments, reading)
    zone = _zone(arguments.zone or request.subscriber.time_zone)
    if arguments.out is not None:
        hand_over.check(arguments.out)
    with channel.open_channel(to) as opened:
        if reading.measured:
            wanted = quantities.policy_wanted(request)
            quantities.check(reading.measured, _call(to, PolicyServiceStub(opened).GetPolicy, wanted))
        response = _call(to, CompensationServiceStub(opened).ComputeCompensation, request)
    if arguments.out is not None:
        hand_over.write(arguments.out, request, response)
    if arguments.json:
        sys.stdout.write(json_format.MessageToJson(response, preserving_proto_field_name=True, ensure_ascii=False) + "\n")
    else:
        _print(request, response.decision, arguments, LANGUAGES[arguments.language], zone)
    return ExitCode.DONE


def _ask_account(arguments: argparse.Namespace) -> ExitCode:
    """Quote from the account, or file a claim in it."""
    zone = _zone(arguments.zone)
    case = with_ledger.ask(arguments)
    if arguments.json:
        sys.stdout.write(json.dumps(account_answer.fields(case, LANGUAGES), ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in account_answer.lines(case, LANGUAGES[arguments.language], zone))
    return ExitCode.DONE


def _call(to: Connection, method: "grpc.UnaryUnaryMultiCallable[Asked, Answer]", asked: Asked) -> Answer:
    """One answer, for a person who waits."""
    return retry.within(
        to.timeout_seconds,
        lambda seconds: method(asked, timeout=seconds, metadata=to.metadata),
        address=to.address,
        hint=to.hint,
        attempts=ATTEMPTS,
    )


def question(arguments: argparse.Namespace, reading: flags.Flags) -> ComputeCompensationRequest:
    """The question that the command line asks. Raises BadInput with all that is wrong."""
    by_flags = arguments.subscriber is not None or bool(arguments.outage)
    if (arguments.file is None) == (not by_flags):
        raise BadInput("give the facts either in FILE or by --subscriber and --outage" + (", not both" if by_flags else ""))
    request = ComputeCompensationRequest()
    if arguments.file is not None:
        flags.refuse_beside_file(arguments, reading)
        message_json.parse(_read(arguments.file), "standard input" if arguments.file == "-" else arguments.file, request)
    else:
        _from_flags(arguments, request, reading)
    if arguments.explain is None and not request.explain:
        arguments.explain = "summary"
    flags.fill_asking(arguments, request, reading)
    if arguments.command == "claim":
        flags.fill_claim(arguments, request, reading)
    reading.stop_if_wrong()
    return request


def _from_flags(arguments: argparse.Namespace, request: ComputeCompensationRequest, reading: flags.Flags) -> None:
    """Subscriber and outages by flags."""
    if arguments.subscriber is None:
        reading.problems.append("--subscriber: say whom it is about")
    else:
        flags.fill_subscriber(arguments, request.subscriber, reading)
    for number, text in enumerate(arguments.outage, start=1):
        flags.fill_outage(text, number, request.outages.add(), reading)
        if arguments.command == "claim" and request.outages[-1].outage_id == f"outage-{number}":
            # The key of a grant is made of the outage's id: under a made-up one, the same outage could be paid twice.
            reading.problems.append(f"--outage {text!r}: a claim is booked, so give the recorded id of the outage, id=…")


def _read(file: str) -> str:
    """The text of FILE."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8 (byte {error.start})") from error


def _language(tag: str) -> str:
    """The language of a tag such as zh-CN, for argparse."""
    language = re.split("[-_.]", tag.lower())[0]
    if language not in LANGUAGES:
        raise argparse.ArgumentTypeError(f"{tag!r} is not one of {', '.join(LANGUAGES)}")
    return language


def _zone(name: str) -> tzinfo | None:
    """The zone in which times are shown; None where none is named. Raises BadInput."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        zones = sorted(available_timezones())
        of_city = [zone for zone in zones if name.casefold() in (zone.casefold(), zone.rpartition("/")[2].casefold())]
        near = enums.closest(name, of_city or zones) if of_city or "/" in name else ""
        raise BadInput(
            f"{name!r} is not a zone; write its IANA name, for example Asia/Shanghai (--zone, or time_zone){near}"
        ) from error


def _print(
    request: ComputeCompensationRequest, decision: Decision, arguments: argparse.Namespace, words: Words, zone: tzinfo | None
) -> None:
    """The decision in words."""
    is_claim = arguments.command == "claim"
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    answer.write(console, decision, words, zone, with_keys=is_claim, in_short=request.explain == EXPLAIN_SUMMARY)
    if is_claim and arguments.out is None and decision.grants:
        console.print(words.labels["not_stored"])
