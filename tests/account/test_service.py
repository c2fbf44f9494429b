"""The account over the wire: asked of a real server, under one policy, with the text that decided kept by its digest."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from clients.account import reading, register, service, settling, tables
from clients.account.asking import Request
from clients.account.database import opened
from clients.account.records import Work
from clients.account.register import Said
from clients.account.store import Written
from clients.channel import Connection
from clients.errors import BadInput, CallFailed
from clients.status import Refusal
from makegood.v1.compensation_service_pb2 import BatchResult
from makegood.v1.decision_pb2 import Decision
from tests.account.kept_in import SUBSCRIBER, InMemory
from tests.account.test_second_day import JUNE, MARCH, NOW, data_plan, outage
from tests.clients.server_process import DEFAULT_POLICY, ServerProcess


@pytest.fixture
def to(server: ServerProcess) -> Connection:
    return Connection(server.address, 30, 2**26, None)


def test_an_account_is_settled_by_a_server(to: Connection, tmp_path: Path) -> None:
    """330 MiB for 3 h at 0.5, as in the policy's second example; decision and text are kept; running again books nothing."""
    said = Said("noc", "first reports", NOW)
    work = Work(NOW, data_plan(), cycles=(MARCH, JUNE))
    with opened(str(tmp_path / "account.sqlite"), create=True) as database, service.opened(to) as asked:
        entries = [register.entry([outage("o1", "03-04 01:00", "03-04 04:00")])]
        database.write(lambda connection: register.enter(connection, entries, said))
        written = Written("billing", "run 7", asked.policy_id, NOW, NOW, asked.texts)
        first = settling.run(database, SUBSCRIBER, work, asked.ask, written)
        again = settling.run(database, SUBSCRIBER, work, asked.ask, written)
        account = database.read(lambda connection: reading.account(connection, SUBSCRIBER))
        decided = database.read(lambda connection: connection.execute(select(tables.DECISION)).one())
        text = database.read(lambda connection: connection.execute(select(tables.POLICY_TEXT)).one())
    assert sum(first.bookings.values()) == 330 * 2**20
    assert not again.bookings
    assert account.revision == 1
    (version,) = DEFAULT_POLICY.glob("2*.yaml")
    assert (text.sha256, text.content) == (decided.policy_sha256, version.read_text("utf-8"))
    assert Decision.FromString(decided.answer).grants[0].parts[0].outage_id == "o1"


def test_a_question_that_the_server_refuses_holds_its_outage_and_no_other(to: Connection) -> None:
    """An outage that names a cause that is not one of the contract; the other is settled."""
    kept_in = InMemory()
    bad = outage("o1", "03-04 01:00", "03-04 04:00")
    bad.ClearField("cause")
    kept_in.enter(bad)
    kept_in.enter(outage("o2", "06-04 01:00", "06-04 04:00"))
    with service.opened(to) as asked:
        found = kept_in.settle(Work(NOW, data_plan(), cycles=(MARCH, JUNE)), asked.ask)
    assert "INVALID_ARGUMENT: outages[0].cause" in found.waiting["o1"]
    assert {place.outage_id for place in found.bookings} == {"o2"}


def test_a_policy_that_is_not_there_is_named_with_those_that_are(to: Connection) -> None:
    with pytest.raises(BadInput, match="it has cn-standard"), service.opened(to, "nowhere"):
        pass


def test_a_message_that_is_too_large_is_asked_in_halves() -> None:
    """Each question is answered once and in order; one that is refused by itself is refused."""
    sizes: list[int] = []

    def ask(requests: Sequence[Request]) -> list[Decision | Refusal]:
        sizes.append(len(requests))
        if len(requests) > 2:
            raise CallFailed(Refusal("INVALID_ARGUMENT", "at most 2 rows"), "here")
        return [Decision(decision_id=each.request_id) for each in requests]

    requests = [Request(request_id=str(number)) for number in range(7)]
    found = service._in_parts(ask, requests)
    assert [each.decision_id for each in found if isinstance(each, Decision)] == [str(number) for number in range(7)]
    assert sizes == [7, 3, 1, 2, 4, 2, 2]


@pytest.mark.parametrize(
    "refusal",
    [Refusal("UNAUTHENTICATED", "no token"), Refusal("RESOURCE_EXHAUSTED", "busy", retry_after_seconds=1.0)],
)
def test_what_is_not_of_the_message_s_size_is_not_asked_in_halves(refusal: Refusal) -> None:
    calls: list[int] = []

    def ask(requests: Sequence[Request]) -> list[Decision | Refusal]:
        calls.append(len(requests))
        raise CallFailed(refusal, "here")

    with pytest.raises(CallFailed):
        service._in_parts(ask, [Request()] * 4)
    assert calls == [4]


def test_a_fault_of_the_server_in_one_row_ends_the_settlement() -> None:
    result = BatchResult()
    result.error.code = 13
    with pytest.raises(CallFailed, match="has a fault of its own"):
        service._result(result, "here")
    result.error.code = 3
    assert service._result(result, "here") == Refusal("INVALID_ARGUMENT", "")
