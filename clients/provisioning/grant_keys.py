"""The key of a grant, made from its row by the recipe that stands at Grant.grant_key in the contract.

A row whose key does not follow from it was changed after it was decided: an id that lost its leading 0 or became 1.38E+10
in a spreadsheet would be booked for somebody else, or twice for the same person.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

KEY_BYTES: Final = 16
SEPARATOR: Final = "\x1f"
_LOST: Final = ("0", "00", "+")
"""What the beginning of an id loses where a program takes it for a number."""


def grant_key(policy_id: str, subscriber_id: str, outage_ids: Iterable[str], benefit: str, already_granted: int) -> str:
    """The key of a grant of ``benefit``. ``already_granted``: what the question said of it, in base units; 0: nothing."""
    stem = _digest("makegood-grant-1", policy_id, subscriber_id, *sorted(set(outage_ids)))
    mark = _digest("makegood-mark-1", benefit, str(already_granted))
    return (int.from_bytes(stem) ^ int.from_bytes(mark)).to_bytes(KEY_BYTES).hex()


def not_following(
    key: str, policy_id: str, subscriber_id: str, outage_ids: Iterable[str], benefit: str, already_granted: int
) -> str:
    """Nothing where ``key`` follows from its row, else what is wrong and what to do."""
    ids = tuple(outage_ids)

    def follows(who: str) -> bool:
        return key == grant_key(policy_id, who, ids, benefit, already_granted)

    if follows(subscriber_id):
        return ""
    whose = next((lost + subscriber_id for lost in _LOST if follows(lost + subscriber_id)), None)
    guess = f" (it follows from subscriber_id {whose!r})" if whose else ""
    return (
        f"grant {key} of {benefit} does not follow from its row{guess}: subscriber_id, outage_ids, policy_id, benefit or"
        " already_granted is not as billing wrote it; apply the result itself, and read it as text where you handle it"
    )


def _digest(*parts: str) -> bytes:
    return sha256(SEPARATOR.join(parts).encode()).digest()[:KEY_BYTES]
