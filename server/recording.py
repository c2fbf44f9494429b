"""What is told of decisions and refusals to a decision log; who asks for none pays neither memory nor time for it."""

from dataclasses import dataclass
from typing import Protocol

from google.protobuf.message import Message
from prometheus_client import CollectorRegistry

from policy.calculator.policies import PolicySet
from server.log import Log
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """A message as it came, a question or (``is_batch``) many. ``now``: the server's clock, seconds since 1970 UTC."""

    method: str
    now: int
    policies: PolicySet
    data: bytes
    is_batch: bool


class DecisionLog(Protocol):
    """What becomes of decisions and refusals beside being answered."""

    def admit(self) -> None:
        """To be called before a message is answered. Raises DecisionLogFull."""

    def answered(self, asked: Asked, rows: int, answer: bytes | Message) -> None:
        """Each of so many ``rows`` was answered with a decision or an error. Nothing of it may be changed any more."""

    def refused(self, asked: Asked, rows: int, why: Exception) -> None:
        """None of its ``rows``, as far as they were counted, was answered."""

    def start(self) -> None:
        """Begins to write. Raises CannotStartError where it cannot."""

    def close(self) -> None:
        """Writes what is left."""


def decision_log(settings: Settings, log: Log, registry: CollectorRegistry) -> DecisionLog | None:
    """The one that the settings ask for; None: nothing is recorded."""
    if not settings.decision_log:
        return None
    from server.decision_log.log import WrittenDecisionLog  # noqa: PLC0415

    return WrittenDecisionLog(settings, log, registry)
