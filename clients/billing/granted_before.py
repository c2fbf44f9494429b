"""What a ledger says was granted before, so that a run tops up what is booked instead of paying it again."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from clients import channel, retry
from clients.channel import Connection
from clients.provisioning import ledger, overlaps
from clients.provisioning.occasions import Cycle
from makegood.v1 import compensation_service_pb2 as service_pb2
from makegood.v1 import facts_pb2
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

    def told(self, subscriber: facts_pb2.Subscriber, outage_ids: Sequence[str]) -> list[service_pb2.GrantedBefore]:
        """What the subscriber was granted for the outages, in base units, by outage and benefit. Raises PartsNotKnown."""
        cycle = subscriber.billing_cycle if subscriber.HasField("billing_cycle") else None
        place = "" if cycle is None else str(Cycle(cycle.started_at.seconds, cycle.ended_at.seconds))
        with self._lock:
            found = overlaps.bookings(self._ledger, subscriber.subscriber_id, self._policy_id)
        sums: Counter[tuple[str, str, str]] = Counter()
        for booked in found:
            if booked.billing_cycle in ("", place):  # what another cycle was granted is nothing to this one
                for outage_id, quantity in booked.of(outage_ids).items():
                    sums[outage_id, booked.benefit, booked.month] += quantity
        return [
            service_pb2.GrantedBefore(outage_id=outage_id, benefit=benefit, quantity=quantity, month=month)
            for (outage_id, benefit, month), quantity in sorted(sums.items())
            if quantity
        ]


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
