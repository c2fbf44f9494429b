"""The key of a grant, made from its row by the recipe that stands at Grant.grant_key in the contract.

A row whose key does not follow from it was changed after it was decided: an id that lost its leading 0 or became 1.38E+10
in a spreadsheet would be booked for somebody else, or twice for the same person.
"""

from collections.abc import Iterable, Mapping, Sequence
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


def changed(
    keys: Mapping[str, str], policy_id: str, subscriber_id: str, outage_ids: Sequence[str], told: Mapping[str, int]
) -> str:
    """What is wrong where keys, by benefit, do not follow from their row, and what to do; nothing where all do."""

    def follows(benefit: str, who: str) -> bool:
        return keys[benefit] == grant_key(policy_id, who, outage_ids, benefit, told.get(benefit, 0))

    wrong = [benefit for benefit in keys if not follows(benefit, subscriber_id)]
    if not wrong:
        return ""
    whose = next((lost + subscriber_id for lost in _LOST if follows(wrong[0], lost + subscriber_id)), None)
    guess = f" (it follows from subscriber_id {whose!r})" if whose else ""
    return (
        f"the grant key of {', '.join(wrong)} does not follow from the row{guess}: subscriber_id, outage_ids, policy_id,"
        " already_granted or the benefit's name is not as billing wrote it; apply the result itself, and where another program"
        " reads it, let it read text"
    )


def _digest(*parts: str) -> bytes:
    return sha256(SEPARATOR.join(parts).encode()).digest()[:KEY_BYTES]
