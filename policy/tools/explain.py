"""``explain``: one request, decided, with the whole derivation."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from fractions import Fraction
from json import dumps
from pathlib import Path
from typing import Any

from policy.calculator import codes
from policy.calculator.decision import Decision, Line
from policy.calculator.errors import InvalidRequest, NotInForce, UnknownPolicy
from policy.calculator.policies import PolicySet
from policy.tools.request_file import BadRequestFile, read_request


def explain(policies: PolicySet, path: Path, *, policy_id: str, version: str, language: str, as_json: bool) -> int:
    """Prints the decision on the request in ``path``. Returns 0 when decided, 1 when refused, 2 when the file is no request."""
    now = int(datetime.now(UTC).timestamp())
    try:
        request = read_request(path, now)
    except (BadRequestFile, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    request = replace(request, explain=codes.FULL, policy_id=policy_id or request.policy_id, version=version or request.version)
    try:
        decision = policies.decide(request)
    except InvalidRequest as error:
        print(f"{path} cannot be decided:", file=sys.stderr)
        for violation in error.violations:
            print(f"  {violation.field}: {violation.message}", file=sys.stderr)
        return 1
    except (UnknownPolicy, NotInForce) as error:
        print(f"{path} cannot be decided: {error}", file=sys.stderr)
        return 1
    if as_json:
        print(dumps(asdict(decision), indent=2, ensure_ascii=False, default=_plain))
    else:
        for line in told(decision, language):
            print(line)
    return 0


def _plain(value: Any) -> str:
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def told(decision: Decision, language: str) -> Iterator[str]:
    """The decision for a person: outcome, grants, and every step with what it read."""
    policy = decision.policy
    yield f"{decision.outcome} by {policy.policy_id} {policy.version} (sha256 {policy.sha256[:12]})"
    for reason in decision.reasons:
        about = " ".join(filter(None, (reason.field, reason.benefit)))
        yield f"  because {reason.code}{f' of {about}' if about else ''}{f' (clause {reason.clause})' if reason.clause else ''}"
    for warning in decision.warnings:
        yield f"  warning {warning.code}{f' of {warning.field}' if warning.field else ''}"
    for grant in decision.grants:
        key = f"grant key {grant.grant_key}" if grant.grant_key else "a quote, no grant key"
        yield f"  {grant.benefit}: {grant.quantity} {grant.currency_code or grant.kind}, clause {grant.clause}, {key}"
    for claim in decision.recourse:
        party = claim.responsible_party or "(not named)"
        yield f"  recourse on {party}: {claim.amount_minor} minor units of {claim.currency_code}"
    assert decision.explanation is not None  # INVARIANT: it was asked for
    yield ""
    for line in decision.explanation.lines:
        yield from _step(line)
    yield ""
    for clause, texts in decision.explanation.clauses:
        yield f"clause {clause}: {texts.get(language) or next(iter(texts.values()), '')}"


def _step(line: Line) -> Iterator[str]:
    mark = "=" if line.applied else "–"
    result = " ".join(filter(None, (line.value, line.unit)))
    note = f"  [{line.note}]" if line.note else ""
    yield f"{line.rule:42} {mark} {result}{note}{f'  ({line.clause})' if line.clause else ''}"
    for each in line.inputs:
        yield f"{'':42}     {each.name}: {' '.join(filter(None, (each.value, each.unit)))}"
