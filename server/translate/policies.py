"""Versions of policies as messages of the contract."""

from datetime import date
from typing import Final

from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from makegood.v1 import policy_service_pb2 as policy_pb
from policy.calculator.explain import clause_texts
from policy.calculator.rules import Fact, Version
from server.loading.state import LoadState
from server.translate.decisions import clause_text
from server.translate.words import number_by_word

_FOR_EACH: Final = number_by_word(policy_pb.ForEach.DESCRIPTOR)
_CORRECTIONS: Final = number_by_word(decision_pb.Corrections.DESCRIPTOR)


def version_message(version: Version) -> policy_pb.PolicyVersion:
    """Its name, dates and digest, and what a caller needs to know to ask apart."""
    until = version.in_force_until
    return policy_pb.PolicyVersion(
        version=version.version,
        in_force_from=_date(version.in_force_from),
        in_force_until=_date(until) if until is not None else None,
        sha256=version.sha256,
        pinned_by=version.pinned_by.field,
        for_each={each.name: _FOR_EACH[_word(each.for_each)] for each in version.benefits},  # type: ignore[misc]
        corrections=_CORRECTIONS[_word(version.corrections.how)],  # type: ignore[arg-type]
    )


def whole_version(version: Version) -> policy_pb.GetPolicyResponse:
    """All that the contract tells of it: text, facts, benefits, clauses."""
    kinds = number_by_word(decision_pb.BenefitKind.DESCRIPTOR)
    message = policy_pb.GetPolicyResponse(
        policy_id=version.policy_id,
        title=version.title,
        version=version_message(version),
        text=version.text,
        time_zone=version.zone,
    )
    for fact in version.facts:
        message.facts.add(field=fact.field, type=_type(fact, version.currency_code))
    for benefit in version.benefits:
        message.benefits.add(name=benefit.name, kind=kinds[benefit.kind], currency_code=benefit.currency_code)
    for clause, texts in clause_texts(version).items():
        clause_text(clause, texts, message.clauses.add())
    return message


def load_message(load: LoadState) -> policy_pb.PolicyLoad:
    """How the policies in use were loaded."""
    message = policy_pb.PolicyLoad(sha256=load.sha256, problem_count=load.problem_count)
    message.last_success_at.seconds = load.succeeded_at
    message.last_attempt_at.seconds = load.attempted_at
    for each in load.problems:
        text = f"{each.message} ({each.suggestion})" if each.suggestion else each.message
        message.problems.add(file=each.path, line=each.line, column=each.column, message=text)
    return message


def _type(fact: Fact, currency_code: str) -> str:
    """``money, CNY``; ``GROSS or INTENT``; else the type's own word, which says the unit."""
    if fact.type == "money":
        return f"money, {currency_code}"
    return " or ".join(fact.codes) if fact.codes else fact.type


def _word(of_policy: str) -> str:
    """A word of the language as a code: "billing cycle" is BILLING_CYCLE."""
    return of_policy.upper().replace(" ", "_")


def _date(day: date) -> facts_pb.Date:
    return facts_pb.Date(year=day.year, month=day.month, day=day.day)
