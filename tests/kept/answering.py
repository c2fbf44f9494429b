"""Answers as bytes that do not depend on who works them out: neither on time, nor on a locale, nor on the engine's version.

This is the seam between what is kept and the code under test: whatever takes the place of the library or of the server's
translation is called from here.
"""

import json
from collections.abc import Iterable
from typing import Final
from unittest.mock import patch

from prometheus_client import CollectorRegistry

from makegood.v1 import decision_pb2 as decision_pb
from policy import CalculatorError, InvalidRequest, NotInForce, OtherDigest, PolicySet, SeveralVersions, UnknownPolicy
from policy.calculator import rules
from policy.calculator.request import Request
from policy.language import load
from server.call import Call
from server.deciding import Deciding
from server.decision_metrics import DecisionMetrics
from server.errors import TooLarge
from server.translate.decisions import DecisionWriter
from tests.kept.drawing import Asked

ENGINE: Final = "kept"
"""Stands in for the engine's version, which is part of every decision's id."""
NOW: Final = 1_790_000_000
"""Stands in for an as_of that a message does not give, seconds since 1970 UTC."""


def compiled(versions: Iterable[rules.Version], default_policy_id: str) -> PolicySet:
    """The versions, under an engine's version that stands still."""
    with patch.object(load, "engine", lambda: ENGINE):
        return load.compile_versions(versions, default_policy_id)


BROKEN: Final = b'{"broken"'
"""What an answer begins with that is none: no such is kept."""


class Answerer:
    """Answers requests under some policies: as the library does, and as the server does where a message is asked."""

    def __init__(self, policies: PolicySet) -> None:
        self.policies = policies
        self._writer = DecisionWriter()
        self._deciding = Deciding(policies, DecisionMetrics(CollectorRegistry()))

    def answer(self, asked: Asked) -> bytes:
        """A ``makegood.v1.Decision``, or an error, which begins with a brace."""
        message = decision_pb.Decision()
        try:
            if isinstance(asked, Request):
                self._writer.write(self.policies.decide(asked), message)
            else:
                self._deciding.answer(asked, message, Call("kept", 0.0, ""), NOW, self._deciding.tally())
        except Exception as error:  # noqa: BLE001  code that breaks differs; the requests that break it are wanted
            return error_bytes(error)
        return message.SerializeToString(deterministic=True)


def is_refusal(answer: bytes) -> bool:
    """Whether it is an error, and no decision."""
    return answer.startswith(b"{")


def error_bytes(error: Exception) -> bytes:
    """The kind of an error and all that it carries, as JSON."""
    told: dict[str, object] = {"error": type(error).__name__}
    match error:
        case InvalidRequest(violations=violations):
            told["violations"] = [[each.field, each.message] for each in violations]
        case UnknownPolicy():
            told |= {"policy_id": error.policy_id, "version": error.version, "known": error.known}
        case NotInForce():
            told |= {"policy_id": error.policy_id, "on": error.on.isoformat(), "covered": error.covered}
        case SeveralVersions():
            occasions = [[each.started_at, each.version] for each in error.occasions]
            told |= {"policy_id": error.policy_id, "occasions": occasions}
        case OtherDigest():
            told |= {"policy_id": error.policy_id, "version": error.version, "expected": error.expected, "loaded": error.loaded}
        case TooLarge():
            told["policy_id"] = error.policy_id
        case _:
            assert not isinstance(error, CalculatorError), "say what this error carries"
            told = {"broken": repr(error)}
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
