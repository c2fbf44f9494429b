"""The set of policies that decides, and all that is derived of it: one object, so that a reload swaps it by one reference.

INVARIANT: whoever answers takes ``current`` once, for a whole response or a whole stream, and reads nothing else of the holder:
so no answer has one part by one set and one by another.
"""

from dataclasses import dataclass

from policy.calculator.policies import PolicySet
from server.deciding import Deciding
from server.loading.state import LoadState
from server.wire.answers import Answers


@dataclass(frozen=True, slots=True)
class InForce:
    """A set, what answers by it, and how it was loaded.

    ``wire`` answers what is plainly well formed from bytes to bytes; None: all goes the ordinary way, by ``deciding``.
    """

    policies: PolicySet
    deciding: Deciding
    wire: Answers | None
    load: LoadState


class PoliciesInForce:
    """Holds what is in force. ``current`` is read by every call, and written by one thread."""

    __slots__ = ("current",)

    def __init__(self, first: InForce) -> None:
        self.current = first
