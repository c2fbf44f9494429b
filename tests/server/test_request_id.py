"""Every call has an id under which it is found: in its log line, and in the trailing metadata that its caller gets."""

import json

import grpc
import pytest

from policy import Decision, InvalidRequest, Request, Violation
from server.request_id import METADATA_KEY, printable
from tests.server.gates import full
from tests.server.messages import details_of
from tests.server.running import METHODS, Metadata, Rigged, Running, code_name, ended, refused, running
from tests.server.samples import question

COMPUTE = "makegood.v1.CompensationService/ComputeCompensation"


def returned(call: grpc.Call) -> list[str]:
    return [str(value) for key, value in call.trailing_metadata() if key == METADATA_KEY]


def logged(server: Running) -> str:
    """The request id of the last call."""
    line = [line for line in server.lines() if line["event"] == "call"][-1]
    return str(line["request_id"])


@pytest.mark.parametrize("method", METHODS)
def test_a_call_gets_an_id_in_the_log_and_in_trailing_metadata(server: Running, method: str) -> None:
    first, second = (returned(ended(server, method)) for _ in range(2))
    assert second == [logged(server)]
    assert first != second


@pytest.mark.parametrize("method", METHODS)
def test_an_id_in_the_metadata_of_a_call_is_taken_over(server: Running, method: str) -> None:
    call = ended(server, method, metadata=(("other", "x"), (METADATA_KEY, "desk-7/42"), (METADATA_KEY, "later")))
    assert returned(call) == ["desk-7/42"]
    assert logged(server) == "desk-7/42"


@pytest.mark.parametrize("metadata", [(), ((METADATA_KEY, "of-metadata"),)])
def test_the_id_in_a_question_goes_before_any_other(server: Running, metadata: Metadata) -> None:
    call = ended(server, COMPUTE, question("of-message").SerializeToString(), metadata)
    assert returned(call) == ["of-message"]
    assert logged(server) == "of-message"


def test_a_call_of_no_method_has_an_id_too(server: Running) -> None:
    call = server.unary("/nobody.Service/Call").future(b"", metadata=((METADATA_KEY, "mine"),))
    assert code_name(refused(call.result)) == "UNIMPLEMENTED"
    assert (returned(call), logged(server)) == (["mine"], "mine")


def test_a_call_over_the_limit_has_an_id_too() -> None:
    with full() as (server, _, __):
        call = ended(server, COMPUTE, metadata=((METADATA_KEY, "mine"),))
        assert call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert (returned(call), logged(server)) == (["mine"], "mine")


def refuse() -> Decision:
    raise InvalidRequest([Violation(f"outages[{index}].started_at", "is required") for index in range(1_000)])


@pytest.mark.parametrize("given", ["请求" * 500, "r" * 100_000, "%\n" * 500])
def test_an_id_as_long_as_a_caller_likes_leaves_room_for_the_details_of_an_error(given: str) -> None:
    with running(Rigged(lambda _: refuse())) as server:
        call = server.unary(f"/{COMPUTE}").future(question(given).SerializeToString())
        status = refused(call.result)
    assert code_name(status) == "INVALID_ARGUMENT"
    assert len(details_of(status)["BadRequest"].field_violations) > 10
    assert [value.isascii() for value in returned(call)] == [True]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("r-1 ", "r-1%20"),
        ("100%", "100%25"),
        ("请求-7", "%E8%AF%B7%E6%B1%82-7"),
        ("a\nb", "a\\nb"),
    ],
)
def test_an_id_that_metadata_cannot_carry_is_percent_encoded(server: Running, given: str, shown: str) -> None:
    assert returned(ended(server, COMPUTE, question(given).SerializeToString())) == [shown]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("r-1", "r-1"),
        ("请求-7", "请求-7"),
        ("a\nb", "a\\nb"),
        ("\x1b[31mred\x7f\u202e", "\\x1b[31mred\\x7f\\u202e"),
        ("x" * 128, "x" * 128),
        ("x" * 129, "x" * 127 + "…"),
    ],
)
def test_an_id_is_cut_and_made_printable(given: str, shown: str) -> None:
    assert printable(given) == shown


def test_a_fault_is_logged_under_the_id_of_its_call() -> None:
    def crash(_: Request) -> Decision:
        raise LookupError

    with running(Rigged(crash)) as server:
        refused(lambda: server.compensation.ComputeCompensation(question("r-9")))
        assert [line["request_id"] for line in server.lines() if line["event"] in {"fault", "call"}] == ["r-9", "r-9"]
        assert json.dumps(server.lines()).count("r-9") == 2
