"""Batches and streams: rows in, rows out, in order; what is stated once holds for all; a bad row fails alone."""

import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import Decision, PolicySet, Request
from server.errors import MORE
from tests.server.messages import details_of
from tests.server.rows import bare, batch, defaults
from tests.server.running import Rigged, Running, code_name, ended, refused, running
from tests.server.samples import AS_OF, GRANTED_BYTES, STARTED_AT, decision, minimal, question


def test_rows_are_answered_in_order_with_their_ids(server: Running) -> None:
    items = [question(f"r-{index}", f"s-{index}") for index in range(50)]
    response = server.compensation.BatchCompute(batch(*items))
    assert [result.request_id for result in response.results] == [item.request_id for item in items]
    assert len({result.decision.decision_id for result in response.results}) == len(items)


def test_a_row_of_a_batch_gets_the_bytes_of_a_single_call(server: Running) -> None:
    item = question()
    item.explain = service_pb.EXPLAIN_FULL
    row = server.compensation.BatchCompute(batch(question("x", "other"), item)).results[1]
    assert row.decision == server.compensation.ComputeCompensation(item).decision


def test_an_empty_batch_has_an_empty_answer(server: Running) -> None:
    assert not server.compensation.BatchCompute(batch()).results


def test_a_bad_row_fails_alone(server: Running) -> None:
    bad = question("bad")
    bad.outages[0].ended_at.seconds = STARTED_AT
    results = server.compensation.BatchCompute(batch(question(), bad, question())).results
    assert [result.WhichOneof("result") for result in results] == ["decision", "error", "decision"]
    assert results[1].request_id == "bad"


def test_a_row_fails_with_the_status_of_a_single_call(server: Running) -> None:
    bad = question()
    bad.outages[0].ended_at.nanos = 1
    bad.outages[0].outage_id = ""
    assert server.compensation.BatchCompute(batch(bad)).results[0].error == refused(
        lambda: server.compensation.ComputeCompensation(bad)
    )


@pytest.mark.parametrize("rows", [5, 80])
def test_a_batch_of_only_bad_rows_answers_every_row(server: Running, rows: int) -> None:
    """Rows that say nothing, and rows that say something wrong."""
    items = [service_pb.ComputeCompensationRequest(request_id=str(index)) for index in range(rows)]
    for item in items[::2]:
        item.MergeFrom(question(item.request_id))
        item.subscriber.monthly_fee.amount_minor = -1
    results = server.compensation.BatchCompute(batch(*items)).results
    assert [code_name(result.error) for result in results] == ["INVALID_ARGUMENT"] * rows
    assert [result.request_id for result in results] == [item.request_id for item in items]


def test_a_row_lists_more_violations_than_a_call_can_carry(server: Running) -> None:
    """Trailing metadata hold some 8 KiB; a row's status is in the message and holds all of an honest mistake."""
    bad = question()
    for _ in range(50):
        bad.outages.add()
    alone = details_of(refused(lambda: server.compensation.ComputeCompensation(bad)))["BadRequest"].field_violations
    row = details_of(server.compensation.BatchCompute(batch(bad)).results[0].error)["BadRequest"].field_violations
    assert 10 < len(alone) < len(row)
    assert list(alone)[:-1] == list(row)[: len(alone) - 1]
    assert alone[-1].description == MORE


def test_an_unforeseen_fault_in_a_row_leaves_the_others_alone() -> None:
    def decide(request: Request) -> Decision:
        assert request.subscriber is not None
        if request.subscriber.subscriber_id == "cursed":
            raise ZeroDivisionError("inside of cursed")
        return decision()

    with running(Rigged(decide)) as server:
        results = server.compensation.BatchCompute(batch(question(), question("x", "cursed"), question())).results
        assert [result.WhichOneof("result") for result in results] == ["decision", "error", "decision"]
        assert code_name(results[1].error) == "INTERNAL"
        assert "cursed" not in str(results[1].error)
        assert "decision_id" not in details_of(results[1].error)["ErrorInfo"].metadata, "it would be another row's"


def test_defaults_hold_for_rows_that_do_not_say_otherwise(server: Running) -> None:
    request = service_pb.BatchComputeRequest(defaults=defaults(), items=[bare("a"), bare("b")])
    for result in server.compensation.BatchCompute(request).results:
        assert minimal(result.decision) == ("OUTCOME_GRANTED", GRANTED_BYTES)
        assert result.decision.as_of.seconds == AS_OF


def test_what_a_row_says_wins_over_the_defaults() -> None:
    seen: list[Request] = []

    def decide(request: Request) -> Decision:
        seen.append(request)
        return decision()

    stated = defaults()
    stated.policy.policy_id = "theirs"
    stated.explain = service_pb.EXPLAIN_FULL
    stated.notice.languages.append("en")
    own = question()
    own.policy.policy_id = "own"
    own.mode = service_pb.MODE_PROACTIVE_NOTICE
    own.as_of.seconds = AS_OF + 1
    own.explain = service_pb.EXPLAIN_NONE
    own.notice.languages.append("zh-CN")
    own.outages[0].outage_id = "own"
    with running(Rigged(decide)) as server:
        server.compensation.BatchCompute(service_pb.BatchComputeRequest(defaults=stated, items=[own]))
    (request,) = seen
    assert request.notice is not None
    told = (
        request.policy_id,
        request.mode,
        request.as_of,
        request.explain,
        request.notice.languages,
        request.outages[0].outage_id,
    )
    assert told == ("own", "PROACTIVE_NOTICE", AS_OF + 1, "NONE", ("zh-CN",), "own")
    assert len(request.outages) == 1


@pytest.mark.parametrize(
    ("mode", "languages"), [(service_pb.MODE_AUTOMATIC, None), (service_pb.MODE_PROACTIVE_NOTICE, ("en",))]
)
def test_the_default_notice_is_for_rows_that_are_to_give_notice(
    mode: service_pb.Mode.ValueType, languages: tuple[str, ...] | None
) -> None:
    seen: list[Request] = []

    def decide(request: Request) -> Decision:
        seen.append(request)
        return decision()

    stated = defaults()
    stated.notice.languages.append("en")
    item = bare("a")
    item.mode = mode
    with running(Rigged(decide)) as server:
        server.compensation.BatchCompute(service_pb.BatchComputeRequest(defaults=stated, items=[item]))
    notice = seen[0].notice
    assert (notice.languages if notice else None) == languages


def test_a_batch_is_looked_at_as_of_one_instant() -> None:
    """However long it takes: the clock is read once for all rows that do not say."""
    ticks = iter(range(AS_OF, AS_OF + 1000))
    seen: set[int] = set()

    def decide(request: Request) -> Decision:
        seen.add(request.as_of)
        return decision()

    with running(Rigged(decide), clock=lambda: next(ticks)) as server:
        server.compensation.BatchCompute(batch(*[bare(str(index)) for index in range(20)]))
    assert len(seen) == 1


def test_a_slip_in_the_defaults_is_told_to_every_row_that_takes_them(server: Running) -> None:
    stated = defaults()
    stated.outages[0].started_at.nanos = 5
    results = server.compensation.BatchCompute(
        service_pb.BatchComputeRequest(defaults=stated, items=[bare("a"), question("b"), bare("c")])
    ).results
    assert [result.WhichOneof("result") for result in results] == ["error", "decision", "error"]
    told = details_of(results[0].error)["BadRequest"].field_violations
    assert [violation.field for violation in told] == ["defaults.outages[0].started_at"]


def test_a_slip_is_told_where_it_stands_whether_in_the_row_or_in_the_defaults(server: Running) -> None:
    """What two of them contradict each other in is told of the one that is named; what neither gives, of the row."""
    stated, own = defaults(), question("own")
    stated.as_of.seconds = own.outages[0].started_at.seconds
    own.ClearField("as_of")
    own.subscriber.ClearField("subscriber_id")
    without = service_pb.BatchDefaults(outages=stated.outages)
    first = server.compensation.BatchCompute(service_pb.BatchComputeRequest(defaults=stated, items=[bare("a"), own])).results
    (second,) = server.compensation.BatchCompute(service_pb.BatchComputeRequest(defaults=without, items=[bare("a")])).results
    told = [{each.field for each in details_of(result.error)["BadRequest"].field_violations} for result in (*first, second)]
    assert told == [
        {"defaults.outages[0].started_at", "defaults.outages[0].ended_at"},
        {"subscriber.subscriber_id", "outages[0].started_at", "outages[0].ended_at"},
        {"mode"},
    ]


def test_a_batch_over_the_limit_is_refused_with_both_numbers(policies: PolicySet) -> None:
    with running(policies, max_batch_rows=3) as server:
        assert len(server.compensation.BatchCompute(batch(*[question()] * 3)).results) == 3
        status = refused(lambda: server.compensation.BatchCompute(batch(*[question()] * 4)))
    assert code_name(status) == "INVALID_ARGUMENT"
    (violation,) = details_of(status)["BadRequest"].field_violations
    assert violation.field == "items"
    assert "4 items" in violation.description
    assert "limit is 3" in violation.description


@pytest.mark.parametrize("method", ["BatchCompute", "StreamCompute"])
def test_a_batch_over_the_limit_is_refused_before_it_is_decoded(policies: PolicySet, method: str) -> None:
    """Its rows are no messages, and are not looked at."""
    with running(policies, max_batch_rows=3) as server:
        over = ended(server, f"makegood.v1.CompensationService/{method}", b"\x12\x01\xff" * 4).details()
    assert "4 items" in over
    assert "limit is 3" in over


@pytest.mark.parametrize("garbage", [b"\x12\x01\xff", b"\x12\x05\x0a\x03\xff\xfe\xfd"], ids=["no message", "no UTF-8"])
@pytest.mark.parametrize("rows", [1, 40])
def test_a_row_that_is_no_message_fails_alone(policies: PolicySet, garbage: bytes, rows: int) -> None:
    message = service_pb.BatchComputeRequest(defaults=defaults(), items=[bare("a")] * rows).SerializeToString()
    with running(policies) as server:
        answer = server.unary("/makegood.v1.CompensationService/BatchCompute")(garbage + message + garbage)
    first, *others, last = service_pb.BatchComputeResponse.FromString(answer).results
    assert [code_name(result.error) for result in (first, last)] == ["INVALID_ARGUMENT"] * 2
    assert "not what" in first.error.message
    assert [result.WhichOneof("result") for result in others] == ["decision"] * rows


def test_rows_are_counted_however_short_they_are(policies: PolicySet) -> None:
    empty = service_pb.ComputeCompensationRequest()
    with running(policies, max_batch_rows=3) as server:
        assert len(server.compensation.BatchCompute(batch(*[empty] * 3)).results) == 3
        assert "4 items" in refused(lambda: server.compensation.BatchCompute(batch(*[empty] * 4))).message


def test_only_rows_are_counted_as_rows(policies: PolicySet) -> None:
    """Neither the outages of the defaults nor fields that a later contract may have."""
    stated = defaults()
    stated.outages.extend([stated.outages[0]] * 10)
    message = service_pb.BatchComputeRequest(defaults=stated, items=[bare("a")] * 3).SerializeToString() + b"\x9a\x3f\x00" * 10
    with running(policies, max_batch_rows=3) as server:
        answer = server.unary("/makegood.v1.CompensationService/BatchCompute")(message)
    assert len(service_pb.BatchComputeResponse.FromString(answer).results) == 3
