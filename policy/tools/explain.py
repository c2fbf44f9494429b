"""``explain``: one request, decided, with the whole derivation."""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from policy.calculator import codes
from policy.calculator.decision import Decision, Grant, Line, Occasion, Quote
from policy.calculator.errors import CalculatorError, InvalidRequest, Violation
from policy.calculator.policies import PolicySet
from policy.calculator.request import Interval, Request
from policy.language.catalog import load_policy, load_versions
from policy.language.head import POLICY_ID
from policy.language.load import compile_versions
from policy.language.problems import CatalogError, listed
from policy.tools.cases.formatting import bytes_text, granted_text, interval_text, money_text, seconds_text
from policy.tools.command import CATALOG, DEFAULT_POLICY_ID, Command, complain, say
from policy.tools.decision_json import decision_json, refusal_json
from policy.tools.document import Unreadable
from policy.tools.request_file import Asked, read_request

_DESCRIPTION: Final = """\
Decides one request and shows every step: its clause, what it read, and the exact result; also the rules that did not apply.

REQUEST is the JSON form of the contract's ComputeCompensationRequest, or the same in YAML; - reads JSON from standard
input. Fields are in snake_case or camelCase, codes with or without their prefix, instants with their offset:

  subscriber: {subscriber_id: s-1, plan_type: DATA, monthly_fee: {currency_code: CNY, amount_minor: 12900},
               data_allowance_bytes: 21474836480, data_remaining_bytes: 1073741824}
  outages:
    - {outage_id: o-1, cause: EQUIPMENT_FAILURE, impact: LOSS,
       started_at: 2026-03-04T08:00:00+08:00, ended_at: 2026-03-04T11:30:00+08:00}
  mode: AUTOMATIC

A request without as_of is looked at now. The exit code is 0 where there is a decision, whatever it says; 1 where the request
is malformed or no policy can decide it; 2 where the file cannot be read. With --json the decision has every field, ratios
as exact texts, and an explanation as the request asks (all of it where it does not say); a request that is refused gives
{"violations": [{"field": ..., "message": ...}]}, {"unknown_policy": ...} or {"not_in_force": ...}."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("request", type=Path, metavar="REQUEST", help="a file, or - for JSON from standard input")
    parser.add_argument("--policy", metavar="ID", help="decide by this policy, whatever the request says")
    parser.add_argument("--version", metavar="VERSION", help="decide by this version, whatever the dates are")
    parser.add_argument("--language", default="en", metavar="TAG", help="language of the clauses, as in zh-CN (en)")
    parser.add_argument("--catalog", type=Path, default=CATALOG, metavar="DIR", help="where the policies are (the project's)")
    parser.add_argument("--json", action="store_true", help="print the decision as JSON")


def _run(options: argparse.Namespace) -> int:
    try:
        asked = _asked(options)
        decision = decide(_policies(options.catalog, asked.request.policy_id), asked)
    except (Unreadable, CatalogError) as error:
        complain(str(error))
        return 2
    except CalculatorError as error:
        _refuse(options, error)
        return 1
    if options.json:
        say(decision_json(decision))
    else:
        for line in told(decision, options.language):
            say(line)
    return 0


def _asked(options: argparse.Namespace) -> Asked:
    """The request in the file, with what the command line says instead."""
    asked = read_request(options.request, int(datetime.now(UTC).timestamp()))
    request = asked.request
    if options.policy is not None:
        request = replace(request, policy_id=options.policy)
    if options.version is not None:
        request = replace(request, version=options.version)
    if not options.json:
        request = replace(request, explain=codes.FULL)
    return replace(asked, request=request)


def _policies(catalog: Path, policy_id: str) -> PolicySet:
    """The policy that is asked for. Raises CatalogError where it cannot be read; what is broken beside it is no matter.

    Raises UnknownPolicy, which names those that there are.
    """
    wanted = policy_id or DEFAULT_POLICY_ID
    if POLICY_ID.fullmatch(wanted) and (catalog / wanted).is_dir():
        return compile_versions(load_policy(catalog / wanted), wanted)
    return compile_versions(load_versions(catalog), wanted)


def decide(policies: PolicySet, asked: Asked) -> Decision:
    """Decides what was read. Raises InvalidRequest with what reading and deciding find together, UnknownPolicy, NotInForce."""
    if not asked.violations:
        return policies.decide(asked.request)
    told_already = {violation.field for violation in asked.violations}
    more = [each for each in _violations(policies, asked.request) if each.field not in told_already]
    raise InvalidRequest([*asked.violations, *more])


def _violations(policies: PolicySet, request: Request) -> tuple[Violation, ...]:
    try:
        policies.decide(request)
    except InvalidRequest as error:
        return error.violations
    except CalculatorError:
        pass
    return ()


def _refuse(options: argparse.Namespace, error: CalculatorError) -> None:
    if options.json:
        say(refusal_json(error))
    elif isinstance(error, InvalidRequest):
        complain(f"{options.request} cannot be decided:")
        for violation in error.violations:
            complain(f"  {violation.field}: {violation.message}")
    else:
        complain(f"{options.request} cannot be decided: {error}")


def told(decision: Decision, language: str) -> Iterator[str]:
    """The decision for a person: outcome, grants, and every step with what it read."""
    policy = decision.policy
    yield f"{decision.outcome} by {policy.policy_id} {policy.version} (sha256 {policy.sha256[:12]})"
    for reason in decision.reasons:
        about = " ".join(filter(None, (reason.field, reason.benefit)))
        yield f"  because {reason.code}{f' of {about}' if about else ''}{f' (clause {reason.clause})' if reason.clause else ''}"
    for warning in decision.warnings:
        yield f"  warning {warning.code}{f' of {warning.field}' if warning.field else ''}"
    for number, occasion in enumerate(decision.occasions):
        yield from _of_occasion(number, occasion, decision)
    for claim in decision.recourse:
        party = claim.responsible_party or "(not named)"
        outages = ", ".join(f"{each.outage_id} {money_text(each.amount_minor, claim.currency_code)}" for each in claim.outages)
        yield f"  recourse on {party}: {money_text(claim.amount_minor, claim.currency_code)} ({outages})"
    for message in decision.notice:
        title = f"{message.title}: " if message.title else ""
        yield f"  {message.channel} in {message.language}: {title}{message.body}"
    assert decision.explanation is not None  # INVARIANT: it was asked for
    yield ""
    for line in decision.explanation.lines:
        yield from _step(line)
    yield ""
    for clause, texts in decision.explanation.clauses:
        yield f"clause {clause}: {_in_language(texts, language)}"


def _of_occasion(number: int, occasion: Occasion, decision: Decision) -> Iterator[str]:
    """What became of an occasion; alone, its outcome and reasons are those of the decision."""
    which = occasion.month or interval_text(Interval(occasion.started_at, occasion.ended_at))
    why = [" of ".join(filter(None, (each.code, each.field or each.benefit))) for each in occasion.reasons]
    outcome = f": {occasion.outcome}{f' ({listed(why)})' if why else ''}" if len(decision.occasions) > 1 else ""
    yield f"  {which}, {listed(list(occasion.outage_ids))}{outcome}"
    for grant in decision.grants:
        if grant.occasion == number:
            yield f"    {grant.benefit}: {_owed(grant)}, grant key {grant.grant_key}"
            parts = [f"{each.outage_id} {granted_text(each.quantity, grant.kind, grant.currency_code)}" for each in grant.parts]
            if len(parts) > 1:
                yield f"      of it {listed(parts)}"
    for quote in decision.quotes:
        if quote.occasion == number:
            yield f"    {quote.benefit}: {_owed(quote)}, a quote, not to be booked"


def _owed(owed: Grant | Quote) -> str:
    return f"{granted_text(owed.quantity, owed.kind, owed.currency_code)}, clause {owed.clause}"


def _in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in the language; in another where the policy has none."""
    return texts.get(language) or next(iter(texts.values()), "")


def _step(line: Line) -> Iterator[str]:
    mark = "=" if line.applied else "–"
    note = f"  [{line.note}]" if line.note else ""
    clause = f"  ({line.clause})" if line.clause else ""
    yield f"{line.rule:42} {mark} {_value(line.value, line.unit)}{note}{clause}"
    for each in line.inputs:
        yield f"{'':42}     {each.name}: {_value(each.value, each.unit)}"


def _value(value: str, unit: str) -> str:
    """A value in the unit that a person would say it in; exact all the same."""
    if value.isdigit():
        match unit.split(" "):
            case ["B"]:
                return bytes_text(int(value))
            case ["s"]:
                return seconds_text(int(value))
            case [measure, "s"]:
                return f"{seconds_text(int(value))} of {measure} time"
            case ["minor", "units", "of", currency]:
                return money_text(int(value), currency)
    return f"{value} {unit}".strip()


COMMAND: Final = Command("explain", "decide one request and show every step", _DESCRIPTION, _add_arguments, _run)
