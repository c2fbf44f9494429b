"""Decides again what was decided: the kept question, asked of a server under the text that decided it then.

The same question under the same text and the same engine has the same bytes. Under another engine, or another text where
the server no longer has that one, the two are compared field by field.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from google.protobuf import json_format
from sqlalchemy import Connection, select

from clients.account.asking import Request
from clients.account.service import Server
from clients.account.tables import DECISION, PERSON_QUESTION
from clients.status import Refusal
from makegood.v1 import decision_pb2

_TEXT_OR_ENGINE: Final = ("decision_id", "policy.engine_version")
"""What is another in any decision of another engine or text."""


class Found(Enum):
    """What deciding again came to."""

    SAME_BYTES = "the same bytes"
    SAME_FIELDS = "the same fields"
    OTHERWISE = "otherwise"
    REFUSED = "refused"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision as it is kept. ``question`` None: it was erased. ``policy``: id, version, SHA-256 of its text, engine."""

    account_revision: int
    number: int
    outcome: str
    policy: tuple[str, str, str, str]
    answer: bytes
    question: bytes | None


@dataclass(frozen=True, slots=True)
class Again:
    """A decision and what it came to. ``text_is_there``: at the server. ``differences``: by field, then and now."""

    kept: Kept
    found: Found
    text_is_there: bool = True
    engine: str = ""
    differences: Mapping[str, tuple[Any, Any]] | None = None
    why: str = ""


def kept(connection: Connection, subscriber_id: str) -> list[Kept]:
    """All of a subscriber, in order."""
    key = (DECISION.c.account_revision, DECISION.c.number)
    of_subscriber = select(DECISION).where(DECISION.c.subscriber_id == subscriber_id)
    asked = select(PERSON_QUESTION).where(PERSON_QUESTION.c.subscriber_id == subscriber_id)
    questions = {(row.account_revision, row.number): row.question for row in connection.execute(asked)}
    return [
        Kept(
            row.account_revision,
            row.number,
            row.outcome,
            (row.policy_id, row.policy_version, row.policy_sha256, row.engine_version),
            row.answer,
            questions.get((row.account_revision, row.number)),
        )
        for row in connection.execute(of_subscriber.order_by(*key))
    ]


def decided(of: Sequence[Kept], server: Server) -> Iterator[Again]:
    """Each decided again. Raises CallFailed."""
    there = {version.sha256: version.version for policy in server.policies for version in policy.versions}
    asked = [each for each in of if each.question is not None]
    answers = iter(server.compute([_request(each, there) for each in asked]))
    for each in of:
        if each.question is None:
            yield Again(each, Found.ERASED, each.policy[2] in there)
        else:
            yield _compared(each, next(answers), each.policy[2] in there)


def _request(each: Kept, there: Mapping[str, str]) -> Request:
    """The same question, held to the text that decided it where that is there."""
    assert each.question is not None
    request = Request.FromString(each.question)
    if each.policy[2] in there:
        request.policy.version, request.policy.expected_sha256 = there[each.policy[2]], each.policy[2]
    return request


def _compared(each: Kept, answer: decision_pb2.Decision | Refusal, text_is_there: bool) -> Again:
    if isinstance(answer, Refusal):
        told = "; ".join(f"{one.field}: {one.message}" for one in answer.violations) or answer.message
        return Again(each, Found.REFUSED, text_is_there, why=f"{answer.code}: {told}")
    engine = answer.policy.engine_version
    if answer.SerializeToString(deterministic=True) == each.answer:
        return Again(each, Found.SAME_BYTES, text_is_there, engine)
    found = differences(decision_pb2.Decision.FromString(each.answer), answer)
    if engine != each.policy[3] or not text_is_there:
        found = {path: pair for path, pair in found.items() if path not in _TEXT_OR_ENGINE}
    return Again(each, Found.OTHERWISE if found else Found.SAME_FIELDS, text_is_there, engine, found)


def differences(before: decision_pb2.Decision, after: decision_pb2.Decision) -> dict[str, tuple[Any, Any]]:
    """Fields that are not the same, by path; None: it is not there."""
    one, other = _flat(before), _flat(after)
    return {path: (one.get(path), other.get(path)) for path in sorted({*one, *other}) if one.get(path) != other.get(path)}


def _flat(message: decision_pb2.Decision) -> dict[str, Any]:
    return dict(_leaves("", json_format.MessageToDict(message, preserving_proto_field_name=True)))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, each)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _leaves(f"{path}[{place}]", each)
    else:
        yield path, value
