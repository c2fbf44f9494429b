"""Work is bounded before it is begun and ends soon after its caller left; no answer is out of proportion to what was asked."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import facts_pb2 as facts_pb
from native.choice import from_environment
from policy import Decision, PolicySet, Request
from policy.calculator.checks import MAX_INSTANT
from policy.calculator.errors import InvalidRequest, Violation
from server import list_counter
from server.call import ANYBODY
from server.errors import IN_SHORT, RowErrors, status
from server.limits import (
    ERROR_BYTES,
    ERROR_BYTES_OF_ONE_ASKED,
    LIST_ITEMS,
    MESSAGE_ELEMENTS,
    MESSAGE_STEPS,
    QUESTION_ELEMENTS,
    QUESTION_STEPS,
    SHARED_BYTES,
    SMALL_BYTES,
    STEPS_OF_FULL,
)
from server.list_counter import ListCounter
from server.steps import Steps
from tests.server.messages import details_of
from tests.server.processes import started
from tests.server.rows import defaults
from tests.server.running import PATIENCE_SECONDS, Rigged, Running, code_name, eventually, refused, running
from tests.server.samples import decision, question

DAY = 86_400
PADDING = "x" * SMALL_BYTES
"""A request id that makes a question one that is not small."""


@pytest.fixture(scope="module")
def lists() -> ListCounter:
    return ListCounter()


# ---------------------------------------------------------------------------------------------------------------- lists


def paths(message: Descriptor, above: tuple[FieldDescriptor, ...] = ()) -> Iterator[tuple[FieldDescriptor, ...]]:
    """Each list of ``message``, by the fields that lead to it."""
    for field in message.fields:
        if field.is_repeated:
            yield (*above, field)
        if field.message_type:
            yield from paths(field.message_type, (*above, field))


def varint(number: int) -> bytes:
    return (bytes([number % 128 + 128]) + varint(number // 128)) if number >= 128 else bytes([number])


def field_of(field: FieldDescriptor, content: bytes) -> bytes:
    return varint(field.number << 3 | 2) + varint(len(content)) + content


def with_elements(path: tuple[FieldDescriptor, ...], count: int) -> bytes:
    """A message with so many elements in the list at ``path``, each as small as it can be."""
    *above, last = path
    data = field_of(last, b"\x01" * count) if last.type == last.TYPE_ENUM else field_of(last, b"") * count
    for field in reversed(above):
        data = field_of(field, data)
    return data


def names(path: tuple[FieldDescriptor, ...]) -> str:
    return ".".join(field.name for field in path)


OF_A_QUESTION = {names(path): path for path in paths(service_pb.ComputeCompensationRequest.DESCRIPTOR)}
OF_DEFAULTS = {names(path): path for path in paths(service_pb.BatchDefaults.DESCRIPTOR)}


@pytest.mark.parametrize("path", OF_A_QUESTION)
def test_every_list_of_a_question_is_counted_before_it_is_read(lists: ListCounter, path: str) -> None:
    padding = service_pb.ComputeCompensationRequest(request_id=PADDING).SerializeToString()
    lists.check_question(padding + with_elements(OF_A_QUESTION[path], LIST_ITEMS))
    with pytest.raises(InvalidRequest) as told:
        lists.check_question(padding + with_elements(OF_A_QUESTION[path], LIST_ITEMS + 1))
    (violation,) = told.value.violations
    assert violation.message == f"has {LIST_ITEMS + 1} items; at most {LIST_ITEMS} are taken"
    for name in path.split(".")[:-1]:
        assert name in violation.field or name == "value"


@pytest.mark.parametrize("path", OF_DEFAULTS)
def test_every_list_of_the_defaults_is_counted_before_it_is_read(lists: ListCounter, path: str) -> None:
    padding = service_pb.BatchDefaults(policy=service_pb.PolicySelector(policy_id=PADDING)).SerializeToString()
    lists.check_defaults(padding + with_elements(OF_DEFAULTS[path], LIST_ITEMS))
    with pytest.raises(InvalidRequest) as told:
        lists.check_defaults(padding + with_elements(OF_DEFAULTS[path], LIST_ITEMS + 1))
    assert told.value.violations[0].field.startswith("defaults.")


def test_a_list_that_comes_in_pieces_is_counted_as_one(lists: ListCounter) -> None:
    half = with_elements(OF_A_QUESTION["subscriber.value_added_services"], LIST_ITEMS // 2 + 1)
    with pytest.raises(InvalidRequest):
        lists.check_question(half + service_pb.ComputeCompensationRequest(request_id=PADDING).SerializeToString() + half)


def test_the_lists_of_a_question_are_counted_together(lists: ListCounter) -> None:
    message = service_pb.ComputeCompensationRequest(request_id=PADDING)
    for _ in range(QUESTION_ELEMENTS // LIST_ITEMS - 1):
        message.outages.add(areas=[""] * LIST_ITEMS)
    outages = len(message.outages)
    message.subscriber.value_added_services.extend(["x"] * (LIST_ITEMS - outages))
    lists.check_question(message.SerializeToString())
    message.outages[0].attributes["x"].integer = 1
    with pytest.raises(InvalidRequest, match=f"at most {QUESTION_ELEMENTS}"):
        lists.check_question(message.SerializeToString())


def test_the_lists_of_all_items_are_counted_together(lists: ListCounter) -> None:
    item = with_elements(OF_A_QUESTION["outages"], LIST_ITEMS) + field_of(
        service_pb.ComputeCompensationRequest.DESCRIPTOR.fields_by_name["request_id"], b"x"
    )
    items = [item] * (MESSAGE_ELEMENTS // LIST_ITEMS)
    lists.check_items(items)
    with pytest.raises(InvalidRequest, match="more than"):
        lists.check_items([*items, with_elements(OF_A_QUESTION["outages"], 1)])


@pytest.mark.parametrize("explain", ["NONE", "FULL"])
def test_the_lists_of_the_rows_of_a_batch_are_counted_together_however_they_are_answered(server: Running, explain: str) -> None:
    """One of the rows with a step of its own, which goes the ordinary way where all is explained."""
    batch = service_pb.BatchComputeRequest(defaults=defaults())
    for number in range(MESSAGE_ELEMENTS // LIST_ITEMS):
        item = batch.items.add(
            subscriber=question().subscriber, explain=f"EXPLAIN_{explain}" if number == 0 else "EXPLAIN_NONE"
        )
        item.subscriber.value_added_services[:] = ["x"] * LIST_ITEMS
    taken = server.compensation.BatchCompute(batch)
    assert all(result.HasField("decision") for result in taken.results)
    batch.items.add(subscriber=question().subscriber).subscriber.value_added_services[:] = ["x"]
    told = refused(lambda: server.compensation.BatchCompute(batch))
    assert f"the lists have more than {MESSAGE_ELEMENTS} elements together" in told.message


def test_what_is_over_the_limit_is_not_counted_to_its_end(lists: ListCounter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of empty outages alone, 16 MiB of them, took nine seconds."""
    opened: list[int] = []
    real = list_counter._opened

    def noted(shape: Any, data: bytes) -> Any:
        opened.append(len(data))
        return real(shape, data)

    monkeypatch.setattr(list_counter, "_opened", noted)
    row = with_elements(OF_A_QUESTION["outages"], 1000)
    assert lists.elements(row, 1000) == 1000
    assert len(opened) > 1000
    opened.clear()
    assert lists.elements(row, 999) > 999
    assert len(opened) < 10


def test_what_is_no_message_is_left_to_its_reader(lists: ListCounter) -> None:
    lists.check_question(b"\xff" * (SMALL_BYTES + 1))


def test_a_large_question_is_refused_by_its_lists_and_a_small_one_with_all_that_is_wrong(server: Running) -> None:
    message = question()
    message.subscriber.time_zone = "nowhere"
    for _ in range(LIST_ITEMS + 1):
        message.subscriber.value_added_services.append("x")
    for request_id, fields in (
        ("", {"subscriber.time_zone", "subscriber.value_added_services"}),
        (PADDING, {"subscriber.value_added_services"}),
    ):
        message.request_id = request_id
        told = refused(lambda: server.compensation.ComputeCompensation(message))
        assert {violation.field for violation in details_of(told)["BadRequest"].field_violations} == fields


def test_sixteen_mebibytes_of_nothing_take_a_worker_neither_time_nor_memory() -> None:
    """As one question, as the defaults of a batch and as one of its rows; it took 3 GB and a minute to make objects of them."""
    empty = with_elements(OF_A_QUESTION["outages"], 8_300_000)
    as_defaults = field_of(service_pb.BatchComputeRequest.DESCRIPTOR.fields_by_name["defaults"], b"\x12\x00" * 8_300_000)
    as_row = field_of(service_pb.BatchComputeRequest.DESCRIPTOR.fields_by_name["items"], empty)
    options = [("grpc.max_send_message_length", -1)]
    with started() as server, grpc.insecure_channel(server.address, options) as channel:
        for method, message in (("ComputeCompensation", empty), ("BatchCompute", as_defaults), ("BatchCompute", as_row)):
            path = f"/makegood.v1.CompensationService/{method}"
            call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(path)
            told = refused(call.future(message, timeout=PATIENCE_SECONDS).result)
            assert code_name(told) == "INVALID_ARGUMENT"
        peak = Path(f"/proc/{server.process.pid}/status").read_text().partition("VmHWM:")[2].split()[0]
    assert int(peak) < 800 * 1024, "KiB"


# ---------------------------------------------------------------------------------------------------------------- steps


def lasting(
    days: int, explain: "service_pb.Explain.ValueType" = service_pb.EXPLAIN_NONE
) -> service_pb.ComputeCompensationRequest:
    message = question()
    del message.outages[1:]
    message.outages[0].started_at.seconds = 0
    message.outages[0].ended_at.seconds = days * DAY
    message.as_of.seconds = days * DAY
    message.explain = explain
    return message


DAYS_OF_FULL = QUESTION_STEPS // STEPS_OF_FULL - 1


def test_the_days_of_a_question_are_bounded_by_what_is_asked_of_them() -> None:
    steps = Steps(0)
    steps.check(lasting(47_000))
    steps.check(lasting(DAYS_OF_FULL, service_pb.EXPLAIN_FULL))
    with pytest.raises(InvalidRequest, match="explain is EXPLAIN_FULL"):
        steps.check(lasting(DAYS_OF_FULL + 1, service_pb.EXPLAIN_FULL))


def test_days_that_several_outages_cover_count_once() -> None:
    message = lasting(1_000)
    for start in range(0, 900, 3):
        message.outages.add().started_at.seconds = start * DAY  # ongoing
    steps = Steps(0)
    assert steps.of(message) == 301 + 1_000
    message.outages.add().started_at.seconds = 2_000 * DAY  # after as_of: malformed, and no work
    assert steps.of(message) == 302 + 1_000


def test_one_outage_is_never_too_much() -> None:
    """As is taken for granted where questions are looked at one by one."""
    message = lasting(MAX_INSTANT // DAY)
    outage, subscriber = message.outages[0], message.subscriber
    outage.services.extend([facts_pb.SERVICE_DATA] * LIST_ITEMS)
    outage.areas.extend(["x"] * LIST_ITEMS)
    for index in range(LIST_ITEMS):
        outage.attributes[str(index)].integer = subscriber.attributes[str(index)].integer = 1
    assert Steps(0).of(message) <= QUESTION_STEPS


def test_what_is_said_of_an_outage_is_counted_too() -> None:
    """Each word of it is work where it is wrong."""
    message = lasting(0)
    alone = Steps(0).of(message)
    message.outages[0].services.extend([facts_pb.SERVICE_DATA] * 4)
    message.outages[0].areas.extend(["x"] * 2)
    assert Steps(0).of(message) == alone + 3
    message.outages[0].attributes["x"].integer = 1
    message.subscriber.attributes["x"].integer = 1
    assert Steps(0).of(message) == alone + 3 + 4


def test_the_rows_of_a_message_are_bounded_together() -> None:
    """What the defaults say is counted for each row that takes it."""
    shared = service_pb.BatchDefaults(outages=lasting(24_999).outages)
    steps = Steps(0, shared)
    for _ in range(MESSAGE_STEPS // 25_000):
        steps.add(service_pb.ComputeCompensationRequest())
    with pytest.raises(InvalidRequest, match="at most 20 such items"):
        steps.add(lasting(0))


def shared_long_outage() -> service_pb.BatchComputeRequest:
    """1.8 kB that took 40 seconds."""
    batch = service_pb.BatchComputeRequest(defaults=defaults())
    batch.defaults.outages[0].started_at.seconds = 0
    batch.defaults.outages[0].ended_at.seconds = batch.defaults.as_of.seconds
    batch.defaults.explain = service_pb.EXPLAIN_FULL
    for _ in range(255):
        batch.items.add().subscriber.CopyFrom(question().subscriber)
    return batch


def own_long_outages() -> service_pb.BatchComputeRequest:
    """None of them by itself too long."""
    return service_pb.BatchComputeRequest(items=[lasting(DAYS_OF_FULL, service_pb.EXPLAIN_FULL)] * 30)


def many_shared_outages() -> service_pb.BatchComputeRequest:
    """Half a megabyte that took 22 seconds in columns."""
    batch = service_pb.BatchComputeRequest(defaults=defaults())
    for index in range(1, LIST_ITEMS):
        outage = batch.defaults.outages.add()
        outage.CopyFrom(batch.defaults.outages[0])
        outage.outage_id = f"o-{index}"
    for _ in range(MESSAGE_STEPS // LIST_ITEMS + 1):
        batch.items.add().subscriber.CopyFrom(question().subscriber)
    return batch


@pytest.mark.parametrize("made", [own_long_outages, many_shared_outages])
def test_rows_that_are_too_much_together_are_refused_before_the_first_is_decided(
    made: Callable[[], service_pb.BatchComputeRequest],
) -> None:
    batch = made()

    def never(_: Request) -> Decision:
        raise AssertionError("no row is decided")

    with running(Rigged(never)) as server:
        told = refused(lambda: server.compensation.BatchCompute(batch))
        assert code_name(told) == "INVALID_ARGUMENT"
        assert [violation.field for violation in details_of(told)["BadRequest"].field_violations] == ["items"]
        assert "send at most" in told.message
        assert server.metric("makegood_rows_in_error_total") == 0


def test_rows_too_long_by_themselves_fail_alone_and_name_what_to_look_at(server: Running) -> None:
    results = server.compensation.BatchCompute(shared_long_outage()).results
    assert {code_name(result.error) for result in results} == {"INVALID_ARGUMENT"}
    assert "explain is EXPLAIN_FULL" in results[0].error.message


def test_columns_refuse_as_rows_do(server: Running) -> None:
    told = refused(lambda: server.compensation.BatchCompute(many_shared_outages()))
    assert f"send at most {MESSAGE_STEPS // LIST_ITEMS} such items" in told.message


def own_long_plain_outages() -> service_pb.BatchComputeRequest:
    """Each with some twenty thousand days of its own."""
    return service_pb.BatchComputeRequest(items=[lasting(20_000)] * (MESSAGE_STEPS // 20_001 + 1))


@pytest.mark.skipif(not from_environment().compiled, reason="rows are answered from bytes to bytes where that is compiled")
@pytest.mark.parametrize("made", [many_shared_outages, own_long_plain_outages])
def test_of_rows_that_are_too_much_together_few_are_worked_on_before_they_are_refused(
    policies: PolicySet, made: Callable[[], service_pb.BatchComputeRequest]
) -> None:
    """Five hundred rows that share a thousand outages took 7.8 s until they were."""
    with running(policies) as server:
        told = refused(lambda: server.compensation.BatchCompute(made()))
        assert f"send at most {len(made().items) - 1} such items" in told.message
        wire = server.process._service._in_force.current.wire
        assert wire is not None
        assert wire.take(ANYBODY).steps < MESSAGE_STEPS / 10


@pytest.mark.parametrize("of_one", [0, 1])
def test_rows_of_as_many_steps_as_may_be_are_answered_and_one_step_more_is_refused(server: Running, of_one: int) -> None:
    """Of twenty rows that share what they say, and one that says something of its own."""
    batch = service_pb.BatchComputeRequest(defaults=defaults())
    batch.defaults.outages[0].ended_at.seconds = batch.defaults.outages[0].started_at.seconds + 24_999 * DAY
    del batch.defaults.outages[1:]
    batch.defaults.as_of.seconds = batch.defaults.outages[0].ended_at.seconds
    for number in range(MESSAGE_STEPS // 25_000):
        batch.items.add(request_id=str(number), subscriber=question().subscriber)
    assert Steps(0, batch.defaults).of(batch.items[0]) == 25_000
    for _ in range(of_one):
        batch.items[0].granted_before.add(outage_id="another")
    if not of_one:
        results = server.compensation.BatchCompute(batch).results
        assert [result.request_id for result in results] == [item.request_id for item in batch.items]
        return
    told = refused(lambda: server.compensation.BatchCompute(batch))
    assert f"send at most {len(batch.items) - 1} such items" in told.message


# ------------------------------------------------------------------------------------------------------- who has gone


def test_a_batch_ends_soon_after_its_caller_left() -> None:
    """Between any two rows, however long each takes."""
    decided, left = [0], Event()

    def slowly(_: Request) -> Decision:
        decided[0] += 1
        time.sleep(0.03)
        left.wait(PATIENCE_SECONDS)
        return decision()

    with running(Rigged(slowly)) as server:
        call = server.compensation.BatchCompute.future(service_pb.BatchComputeRequest(items=[question()] * 200))
        eventually(lambda: decided[0])
        call.cancel()
        time.sleep(0.1)
        left.set()
        eventually(lambda: server.metric("makegood_grpc_calls_in_flight") == 0)
        assert decided[0] < 20


# ------------------------------------------------------------------------------------------------------ what is answered


LONG = "y" * 10_000


def long_policy_id(batch: service_pb.BatchComputeRequest) -> None:
    batch.defaults.policy.policy_id = LONG


def long_version(batch: service_pb.BatchComputeRequest) -> None:
    batch.defaults.policy.version = LONG


def long_attribute(batch: service_pb.BatchComputeRequest) -> None:
    batch.defaults.outages[0].attributes[LONG].integer = 1


def many_attributes(batch: service_pb.BatchComputeRequest) -> None:
    for index in range(200):
        batch.defaults.outages[0].attributes[f"{index:015d}"].integer = 1


def long_party(batch: service_pb.BatchComputeRequest) -> None:
    batch.defaults.outages[0].responsible_party = LONG


def long_language(batch: service_pb.BatchComputeRequest) -> None:
    batch.defaults.mode = service_pb.MODE_PROACTIVE_NOTICE
    batch.defaults.notice.languages.append(LONG)


@pytest.mark.parametrize(
    "made_long", [long_policy_id, long_version, long_attribute, many_attributes, long_party, long_language]
)
def test_what_a_batch_says_once_is_not_answered_in_each_row(
    server: Running, made_long: Callable[[service_pb.BatchComputeRequest], None]
) -> None:
    batch = service_pb.BatchComputeRequest(defaults=defaults())
    made_long(batch)
    for _ in range(1_000):
        batch.items.add().subscriber.CopyFrom(question().subscriber)
    answer = server.compensation.BatchCompute(batch)
    assert all(result.HasField("error") for result in answer.results)
    assert answer.ByteSize() < 12 * batch.ByteSize() + ERROR_BYTES


def test_defaults_are_bounded_by_the_rows_that_they_stand_for(server: Running) -> None:
    batch = service_pb.BatchComputeRequest(items=[question()])
    batch.defaults.policy.policy_id = "x" * (SHARED_BYTES // 1_000)
    batch.items.extend([question()] * 998)
    assert len(server.compensation.BatchCompute(batch).results) == 999
    batch.items.append(question())
    told = refused(lambda: server.compensation.BatchCompute(batch))
    assert "send at most 999 items" in told.message


@pytest.mark.parametrize(
    "asked",
    [
        lambda message: message.subscriber.attributes[LONG].SetInParent(),
        lambda message: message.already_granted.quantities.update({LONG: -1}),
        lambda message: setattr(message.policy, "policy_id", LONG),
        lambda message: setattr(message.policy, "version", LONG),
    ],
)
def test_a_text_of_the_caller_is_cut_in_an_error(
    server: Running, asked: Callable[[service_pb.ComputeCompensationRequest], None]
) -> None:
    message = question()
    asked(message)
    told = refused(lambda: server.compensation.ComputeCompensation(message))
    assert "…" in told.message
    assert "y" * 250 not in str(told)


def test_errors_of_rows_are_told_in_short_once_they_are_too_much() -> None:
    whole = status(InvalidRequest([Violation("outages", "x")] * 10))
    asked_bytes = 1_000
    fitting = (ERROR_BYTES + ERROR_BYTES_OF_ONE_ASKED * asked_bytes) // whole.ByteSize()
    errors = RowErrors(asked_bytes)
    assert [errors.told(whole) for _ in range(fitting)] == [whole] * fitting
    short = errors.told(whole)
    assert (short.code, short.message, list(short.details)) == (whole.code, IN_SHORT, [])
