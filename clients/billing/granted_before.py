"""What a ledger says was granted before, so that a run tops up what is booked instead of paying it again."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from clients import channel, retry
from clients.channel import Connection
from clients.provisioning import ledger, overlaps
from makegood.v1.policy_service_pb2 import ListPoliciesRequest, ListPoliciesResponse
from makegood.v1.policy_service_pb2_grpc import PolicyServiceStub


class GrantedBefore:
    """A ledger as it stood when the run began, under one policy. May be asked from several threads."""

    def __init__(self, opened: sqlite3.Connection, policy_id: str) -> None:
        self._ledger, self._policy_id, self._lock = opened, policy_id, threading.Lock()
        # One snapshot for all rows, whatever is booked meanwhile: a transaction that only reads holds it to the end.
        opened.execute("BEGIN")
        self.bookings: int = opened.execute("SELECT count(*) FROM booking").fetchone()[0]
        """Names the snapshot: a ledger is only ever added to."""

    def quantities(self, subscriber_id: str, outage_ids: Sequence[str]) -> dict[str, int]:
        """What the subscriber was granted for any of the outages, in base units by benefit."""
        with self._lock:
            found = overlaps.booked_for(self._ledger, subscriber_id, self._policy_id, outage_ids)
        return {benefit: overlap.quantity for benefit, overlap in sorted(found.items())}


@contextmanager
def opened(path: Path | None, policy_id: str) -> Iterator[GrantedBefore | None]:
    """The ledger, read only; None for no path. Raises LedgerUnusable."""
    if path is None:
        yield None
        return
    with ledger.opened(path, write=False, one_thread=False) as connection:
        yield GrantedBefore(connection, policy_id)


def default_policy(to: Connection) -> str:
    """Id of the policy that decides where none is named: bookings are of one policy, and of no other. Raises CallFailed."""
    with channel.open_channel(to) as opened_channel:
        stub = PolicyServiceStub(opened_channel)
        policies: ListPoliciesResponse = retry.within(
            to.timeout_seconds,
            lambda seconds: stub.ListPolicies(ListPoliciesRequest(), timeout=seconds),
            address=to.address,
            hint=to.hint,
        )
    return next((policy.policy_id for policy in policies.policies if policy.is_default), "")
