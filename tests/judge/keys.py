"""Keys of grants, by the recipe that stands in the contract."""

from hashlib import sha256

BETWEEN = "\x1f"


def grant_key(
    policy_id: str, subscriber_id: str, outage_ids: tuple[str, ...], benefit: str, before: int, where: str, rank: int
) -> str:
    """The stem of the occasion (policy, subscriber, set of outages) xor the mark of the grant, 128 bits each.

    The mark is of the benefit, of what was granted before, of the month or cycle where there is one, and of the rank from the
    second on.
    """
    stem = _first_128_bits("makegood-grant-1", policy_id, subscriber_id, *sorted(outage_ids))
    mark = _first_128_bits(
        "makegood-mark-1", benefit, f"{before}", *([where] if where else []), *([f"#{rank}"] if rank > 1 else [])
    )
    return bytes(one ^ other for one, other in zip(stem, mark, strict=True)).hex()


def _first_128_bits(*texts: str) -> bytes:
    return sha256(BETWEEN.join(texts).encode()).digest()[:16]
