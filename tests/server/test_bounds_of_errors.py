"""What is wrong with a message is looked for as far as it is told, and no further: counted as work, not timed."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from policy import Decision, PolicySet, Request
from policy.calculator import validate, validate_for
from policy.calculator.checks import ENOUGH_VIOLATIONS, MAX_TEXT_LENGTH, MAX_VIOLATIONS
from policy.calculator.errors import InvalidRequest, Violation
from policy.calculator.memory import Memory
from policy.calculator.request import Outage, Subscriber
from server.limits import LIST_ITEMS, MESSAGE_ELEMENTS, SMALL_BYTES
from server.list_counter import ListCounter
from tests.server.messages import details_of
from tests.server.running import Rigged, Running, code_name, refused, running
from tests.server.samples import AS_OF, question

SEVERAL_VERSIONS = "uk-ofcom-repair"
EACH_APART = "kr-terms"
"""Each interruption is an occasion by itself."""
PADDING = service_pb.ComputeCompensationRequest(request_id="x" * SMALL_BYTES).SerializeToString()
EMPTY_SUBSCRIBER = b"\x1a\x00"
EMPTY_DEFAULTS = b"\x0a\x00"


def wrong_in_many_places(policy_id: str = "") -> service_pb.ComputeCompensationRequest:
    message = question()
    message.policy.policy_id = policy_id
    for number in range(LIST_ITEMS):
        message.subscriber.granted_this_cycle.quantities[f"none-{number}"] = -1
        message.granted_before.add()
    return message


def test_no_more_violations_of_a_question_are_looked_for_than_are_told(server: Running) -> None:
    told = refused(lambda: server.compensation.ComputeCompensation(wrong_in_many_places()))
    assert f"more than {MAX_VIOLATIONS} fields in all" in told.message
    row = server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=[wrong_in_many_places()])).results[0]
    listed = details_of(row.error)["BadRequest"].field_violations
    assert len(listed) == MAX_VIOLATIONS + 1, "and a word that there are more"


def test_violations_end_where_there_are_enough(policies: PolicySet, monkeypatch: pytest.MonkeyPatch) -> None:
    """One question of 0.8 MiB compared 50,000 violations with those of each of seven versions, for minutes."""
    made = Counter[str]()

    def counted(field: str, message: str) -> Violation:
        made[field] += 1
        return Violation(field, message)

    monkeypatch.setattr("policy.calculator.checks.Violation", counted)
    outages = (Outage("o", None),)
    names = {f"{number:04d}": 0 for number in range(LIST_ITEMS)}
    subscriber = Subscriber("s", granted_by_month={f"{1980 + each}-01": names for each in range(20)})
    with pytest.raises(InvalidRequest) as told:
        policies.decide(Request(subscriber, outages, "AUTOMATIC", AS_OF, SEVERAL_VERSIONS))
    assert 0 < len(told.value.violations) <= ENOUGH_VIOLATIONS
    assert made.total() <= 2 * ENOUGH_VIOLATIONS


def test_once_errors_are_told_in_short_one_violation_of_a_row_is_looked_for() -> None:
    """40 kB, of which 10,000 rows shared 40 empty outages, took 9 s to word each."""
    asked: list[int] = []

    def decide(_: Request) -> Decision:
        raise InvalidRequest([Violation(f"outages[{number}].started_at", "is required") for number in range(MAX_VIOLATIONS)])

    class Noting(Rigged):
        def decide(self, request: Request, most_violations: int = 0) -> Decision:
            asked.append(most_violations)
            return super().decide(request, most_violations)

    batch = service_pb.BatchComputeRequest(items=[question()] * 100)
    with running(Noting(decide)) as server:
        answer = server.compensation.BatchCompute(batch)
    in_full = sum(bool(result.error.details) for result in answer.results)
    assert 0 < in_full < 50
    assert asked == [ENOUGH_VIOLATIONS] * (in_full + 1) + [1] * (99 - in_full)


def test_names_too_long_to_be_meant_are_not_compared_with_those_that_are_declared(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of 14 MiB took 9 s."""
    compared: list[int] = []

    def noted(name: str, *_: Any, **__: Any) -> list[str]:
        compared.append(len(name))
        return []

    monkeypatch.setattr(validate_for, "get_close_matches", noted)
    message = question()
    message.policy.policy_id = EACH_APART
    for length in (MAX_TEXT_LENGTH, MAX_TEXT_LENGTH + 1):
        message.subscriber.attributes["y" * length].integer = 1
    refused(lambda: server.compensation.ComputeCompensation(message))
    assert compared == [MAX_TEXT_LENGTH]


def test_the_first_outage_of_an_id_is_gathered_once_for_all_others(
    policies: PolicySet, monkeypatch: pytest.MonkeyPatch
) -> None:
    gathered = [0]
    real = validate._said

    def counted(outage: Outage) -> Any:
        gathered[0] += 1
        return real(outage)

    monkeypatch.setattr(validate, "_said", counted)
    same = [Outage("o", AS_OF - 7200, AS_OF - 3600, areas=tuple(map(str, range(n, n + 2)))) for n in (0,) * 100]
    validate.violations_of(Request(Subscriber("s"), tuple(same), "AUTOMATIC", AS_OF), policies.zone_names)
    assert gathered[0] == len(same)


# --------------------------------------------------------------------------------------------------------------- pieces


def test_what_is_no_list_and_comes_in_many_pieces_is_not_joined() -> None:
    """Eight million of them took 1 GB and 4 s."""
    lists = ListCounter()
    lists.check_question(PADDING + EMPTY_SUBSCRIBER * LIST_ITEMS)
    with pytest.raises(InvalidRequest, match=f"subscriber: comes in {LIST_ITEMS + 1} pieces; at most {LIST_ITEMS}"):
        lists.check_question(PADDING + EMPTY_SUBSCRIBER * (LIST_ITEMS + 1))
    with pytest.raises(InvalidRequest, match="more than"):
        lists.check_items([EMPTY_SUBSCRIBER * (MESSAGE_ELEMENTS + 2)])


def test_defaults_in_many_pieces_are_refused(server: Running) -> None:
    call = server.unary("/makegood.v1.CompensationService/BatchCompute")
    call(EMPTY_DEFAULTS * LIST_ITEMS)
    told = refused(lambda: call(EMPTY_DEFAULTS * (LIST_ITEMS + 1)))
    assert (code_name(told), told.message.partition(":")[0]) == ("INVALID_ARGUMENT", "defaults")


def languages(batch: service_pb.BatchComputeRequest, number: int) -> None:
    batch.defaults.notice.channel = decision_pb.NOTICE_CHANNEL_SMS
    batch.defaults.notice.languages.extend(["en"] * number)


def intervals(batch: service_pb.BatchComputeRequest, number: int) -> None:
    found = batch.defaults.outages.add().attributes["x"].intervals.intervals
    for _ in range(number - 2):
        found.add()


@pytest.mark.parametrize("made", [languages, intervals])
def test_the_lists_of_defaults_count_in_each_row(
    server: Running, made: Callable[[service_pb.BatchComputeRequest, int], None]
) -> None:
    batch = service_pb.BatchComputeRequest(items=[question()] * 4_000)
    made(batch, MESSAGE_ELEMENTS // 4_000)
    ListCounter().check_shared(batch.defaults.SerializeToString(), 4_000)
    made(batch, 3)
    told = refused(lambda: server.compensation.BatchCompute(batch))
    assert [each.field for each in details_of(told)["BadRequest"].field_violations] == ["defaults"]
    assert f"for each of 4000 items; at most {MESSAGE_ELEMENTS} together" in told.message


# ------------------------------------------------------------------------------------------------------------ occasions


def test_occasions_that_lack_a_fact_do_not_each_look_at_every_outage(
    policies: PolicySet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question with a thousand of them took 1.7 s, where it takes 0.05."""
    looked = [0]
    real = Memory.unknown

    def counted(self: Memory, *given: Any) -> bool:
        looked[0] += 1
        return real(self, *given)

    monkeypatch.setattr(Memory, "unknown", counted)

    def looked_at(number: int) -> int:
        looked[0] = 0
        starts = [AS_OF - 20_000 * each for each in range(1, number + 1)]
        outages = tuple(
            Outage(str(each), start, start + 10_000, "SOFTWARE_FAULT", "LOSS", ("DATA",)) for each, start in enumerate(starts)
        )
        subscriber = Subscriber("s", "DATA", customer_type="CONSUMER", payment="POSTPAID")
        decision = policies.decide(Request(subscriber, outages, "AUTOMATIC", AS_OF, EACH_APART, "2023"))
        assert decision.outcome == "CANNOT_DECIDE"
        assert len(decision.occasions) == number
        return looked[0]

    assert looked_at(40) < 2.5 * looked_at(20)
