"""An answer that its caller would not take is refused before it is counted, with what would be taken."""

from typing import cast

import grpc
import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import Decision, PolicySet, Request
from server.errors import AnswerTooLong
from server.metadata import RECEIVES_KEY
from server.receives import DEFAULT_BYTES, MOST_BYTES, received_by
from server.results import BEYOND_BYTES, Results
from tests.server.messages import details_of
from tests.server.running import Rigged, Running, code_name, refused, running
from tests.server.samples import decision, question

ROWS = 12


def batch(rows: int = ROWS) -> service_pb.BatchComputeRequest:
    return service_pb.BatchComputeRequest(items=[question(f"r-{row:03}") for row in range(rows)])


def taking(limit_bytes: int) -> tuple[tuple[str, str]]:
    return ((RECEIVES_KEY, str(limit_bytes)),)


def granted(server: Running) -> float:
    return server.metric("makegood_granted_data_bytes_total")


@pytest.mark.parametrize("rows", [ROWS, 50], ids=["row by row", "in columns"])
def test_an_answer_over_the_limit_is_refused_with_the_rows_that_fit_and_not_counted(policies: PolicySet, rows: int) -> None:
    with running(policies) as server:
        length = server.compensation.BatchCompute(batch(rows)).ByteSize()
        counted, decided = granted(server), server.metric("makegood_decisions_total")
        status = refused(lambda: server.compensation.BatchCompute(batch(rows), metadata=taking(length - 1)))
        assert code_name(status) == "INVALID_ARGUMENT"
        told = details_of(status)["ErrorInfo"].metadata
        assert dict(told) == {
            "answer_bytes": str(length),
            "limit_bytes": str(length - 1),
            "rows_that_fit": str(rows - 1),
        }
        assert (granted(server), server.metric("makegood_decisions_total")) == (counted, decided)
        fit = int(told["rows_that_fit"])
        assert len(server.compensation.BatchCompute(batch(fit), metadata=taking(length - 1)).results) == fit
        assert len(server.compensation.BatchCompute(batch(rows), metadata=taking(length)).results) == rows


def test_a_caller_who_says_nothing_takes_what_its_library_takes(policies: PolicySet) -> None:
    """The number of rows that is named gets through a client with nothing set."""
    many = service_pb.BatchComputeRequest(items=[question(f"{row:05}-" + "x" * 500) for row in range(8_000)])
    with running(policies) as server:
        status = refused(lambda: server.compensation.BatchCompute(many))
        told = details_of(status)["ErrorInfo"].metadata
        assert int(told["limit_bytes"]) == DEFAULT_BYTES == 4 * 2**20 < int(told["answer_bytes"])
        fit = int(told["rows_that_fit"])
        some = service_pb.BatchComputeRequest(items=many.items[:fit])
        assert len(server.compensation.BatchCompute(some).results) == fit


def test_a_stream_ends_at_the_first_answer_over_the_limit(policies: PolicySet) -> None:
    asked = service_pb.StreamComputeRequest(items=batch().items)
    with running(policies) as server:
        status = refused(lambda: list(server.compensation.StreamCompute(iter([asked]), metadata=taking(100))))
        assert details_of(status)["ErrorInfo"].metadata["rows_that_fit"] == "0"
        assert not granted(server)


def test_an_explanation_over_the_limit_is_refused_and_not_counted(policies: PolicySet) -> None:
    message = question()
    message.explain = service_pb.EXPLAIN_FULL
    with running(policies) as server:
        status = refused(lambda: server.compensation.ComputeCompensation(message, metadata=taking(1000)))
        assert details_of(status)["BadRequest"].field_violations[0].field == "explain"
        assert not granted(server)


@pytest.mark.parametrize("said", ["", "-1", "4MiB", "9" * 30])
def test_a_limit_that_is_no_number_is_invalid(policies: PolicySet, said: str) -> None:
    with running(policies) as server:
        status = refused(lambda: server.compensation.BatchCompute(batch(1), metadata=((RECEIVES_KEY, said),)))
        assert code_name(status) == "INVALID_ARGUMENT"
        assert RECEIVES_KEY in status.message


@pytest.mark.parametrize("limit_bytes", range(20))
def test_rows_that_fit_are_counted_by_their_bytes(limit_bytes: int) -> None:
    results = Results(limit_bytes)
    for _ in range(2):
        results.add(b"sevenby")
    if limit_bytes < 14:
        with pytest.raises(AnswerTooLong) as caught:
            results.response()
        assert caught.value.rows == limit_bytes // 7
    else:
        assert results.response() == b"sevenby" * 2


@pytest.mark.parametrize("over", [0, 1])
def test_an_answer_is_made_until_it_is_far_beyond_what_is_taken(over: int) -> None:
    results = Results(10)
    results.add(b"x" * 10)
    if over:
        with pytest.raises(AnswerTooLong) as caught:
            results.add(b"x" * (BEYOND_BYTES + 1))
        assert (caught.value.rows, caught.value.length_bytes) == (1, 10 + BEYOND_BYTES + 1)
    else:
        results.add(b"x" * BEYOND_BYTES)


def test_rows_of_an_answer_that_nobody_takes_are_not_all_decided() -> None:
    """Those that are named as fitting do."""
    decided = [0]

    def decide(_: Request) -> Decision:
        decided[0] += 1
        return decision()

    many = service_pb.BatchComputeRequest(items=[question("x" * 5_000) for _ in range(3_000)])
    with running(Rigged(decide)) as server:
        status = refused(lambda: server.compensation.BatchCompute(many))
        assert decided[0] < 1 + (DEFAULT_BYTES + BEYOND_BYTES) // 5_000
        fit = int(details_of(status)["ErrorInfo"].metadata["rows_that_fit"])
        some = server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=many.items[:fit]))
        assert len(some.results) == fit
        one_more = service_pb.BatchComputeRequest(items=many.items[: fit + 1])
        assert code_name(refused(lambda: server.compensation.BatchCompute(one_more))) == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("said", "takes"), [(MOST_BYTES - 1, MOST_BYTES - 1), (MOST_BYTES, MOST_BYTES), (10**10 - 1, MOST_BYTES)]
)
def test_no_answer_is_longer_than_the_server_makes(said: int, takes: int) -> None:
    class Asking:
        def invocation_metadata(self) -> tuple[tuple[str, str]]:
            return taking(said)

    assert received_by(cast(grpc.ServicerContext, Asking())) == min(said, MOST_BYTES)
