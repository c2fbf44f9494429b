"""The key of a grant, made from its row by the recipe that stands at Grant.grant_key in the contract.

A row whose key does not follow from it was changed after it was decided: an id that lost its leading 0 or became 1.38E+10
in a spreadsheet would be booked for somebody else, or twice for the same person.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final, Protocol

from clients.provisioning.occasions import Occasions

KEY_BYTES: Final = 16
SEPARATOR: Final = "\x1f"
_LOST: Final = ("0", "00", "+")
"""What the beginning of an id loses where a program takes it for a number."""


class Keyed(Protocol):
    """A grant, as far as its key goes; ``occasion`` is a place in the row's occasions."""

    @property
    def grant_key(self) -> str: ...
    @property
    def benefit(self) -> str: ...
    @property
    def occasion(self) -> int: ...
    @property
    def granted_before(self) -> int: ...


def grant_key(
    policy_id: str,
    subscriber_id: str,
    outage_ids: Iterable[str],
    benefit: str,
    granted_before: int = 0,
    where: str = "",
    rank: int = 1,
) -> str:
    """The key of a grant of ``benefit`` for the occasion of ``outage_ids``.

    ``granted_before``: what of it was used up in the occasion, in base units. ``where``: the month or the billing cycle that is
    the occasion, "" where neither is. ``rank``: from 1, among the benefit's occasions of the same outages.
    """
    stem = _digest("makegood-grant-1", policy_id, subscriber_id, *sorted(set(outage_ids)))
    parts = [benefit, str(granted_before), *([where] if where else []), *([f"#{rank}"] if rank > 1 else [])]
    mark = _digest("makegood-mark-1", *parts)
    return (int.from_bytes(stem) ^ int.from_bytes(mark)).to_bytes(KEY_BYTES).hex()


def changed(grants: Sequence[Keyed], policy_id: str, subscriber_id: str, occasions: Occasions) -> str:
    """What is wrong where keys do not follow from their row, and what to do; nothing where all do."""

    def follows(grant: Keyed, who: str) -> bool:
        ids, benefit = occasions.all[grant.occasion].outage_ids, grant.benefit
        return any(
            grant.grant_key == grant_key(policy_id, who, ids, benefit, grant.granted_before, place.where, place.rank)
            for place in occasions.places(grant.occasion, benefit)
        )

    wrong = [grant for grant in grants if not follows(grant, subscriber_id)]
    if not wrong:
        return ""
    whose = next((lost + subscriber_id for lost in _LOST if follows(wrong[0], lost + subscriber_id)), None)
    guess = f" (it follows from subscriber_id {whose!r})" if whose else ""
    names = ", ".join(dict.fromkeys(grant.benefit for grant in wrong))
    return (
        f"the grant key of {names} does not follow from the row{guess}: subscriber_id, policy_id, occasions, granted_before,"
        " the billing cycle or the benefit's name is not as billing wrote it; apply the result itself, and where another"
        " program reads it, let it read text"
    )


def _digest(*parts: str) -> bytes:
    return sha256(SEPARATOR.join(parts).encode()).digest()[:KEY_BYTES]
