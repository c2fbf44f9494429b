"""What is asked in batches: subscribers of all plans, with one outage for all of them or with outages of their own.

Numbers that go through all rows are made by multiplying with primes, so that every run asks the same.
"""

from collections.abc import Sequence
from typing import Final

from bench.questions import AS_OF, HOUR_SECONDS, PLANS, Question, add_outage, data_plan, lasting, shanghai, with_outages
from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import facts_pb2 as facts_pb

Batch = service_pb.BatchComputeRequest

SHORTEST_SECONDS: Final = HOUR_SECONDS // 2
"""The default policy pays nothing for less."""
LONGEST_SECONDS: Final = 24 * HOUR_SECONDS
OWN_CAUSES: Final = (facts_pb.CAUSE_EQUIPMENT_FAILURE, facts_pb.CAUSE_NATURAL_DISASTER, facts_pb.CAUSE_SOFTWARE_FAULT)
THIRD_PARTIES: Final = (facts_pb.CAUSE_CONSTRUCTION_DAMAGE, facts_pb.CAUSE_POWER_SUPPLY, facts_pb.CAUSE_UPSTREAM_CARRIER)
UNKNOWN_FIELD: Final = b"\xfa\x3f\x01x"
"""Of number 1023, a text of one letter."""
_IMPACTS: Final = (facts_pb.IMPACT_LOSS, facts_pb.IMPACT_DEGRADED)
_SPREAD_SECONDS: Final = 30 * 24 * HOUR_SECONDS


def shared(rows: int) -> Batch:
    """One outage for all: what billing sends after it."""
    message = subscribers(rows)
    message.defaults.outages.append(data_plan().outages[0])
    return message


def own(rows: int, causes: Sequence[facts_pb.Cause.ValueType] = OWN_CAUSES) -> Batch:
    """An outage for each row: somewhere in one month, from half an hour to a day long, with a cause and impact of its own."""
    message = subscribers(rows)
    first = shanghai(2026, 3, 1, 0)
    for number, item in enumerate(message.items):
        start = first + number * 7_919 % _SPREAD_SECONDS
        length = SHORTEST_SECONDS + number * 104_729 % (LONGEST_SECONDS - SHORTEST_SECONDS)
        add_outage(item, causes[number % len(causes)], start, start + length)
        outage = item.outages[0]
        outage.outage_id, outage.impact = f"outage-{number:08}", _IMPACTS[number // 2 % 2]
        if causes is THIRD_PARTIES:
            outage.responsible_party = f"contractor-{number % 10}"
    return message


def several(rows: int, outages: int) -> Batch:
    """So many overlapping outages for each row, of its own."""
    return _with_own(rows, with_outages(outages))


def of_length(rows: int, hours: int) -> Batch:
    """One outage of so many hours for each row, of its own."""
    return _with_own(rows, lasting(hours))


def explaining(batch: Batch, explain: str) -> Batch:
    """The same rows, asking for an explanation: NONE, SUMMARY or FULL."""
    asked = Batch()
    asked.CopyFrom(batch)
    asked.defaults.explain = service_pb.Explain.Value(f"EXPLAIN_{explain}")
    return asked


def of_a_newer_contract(batch: Batch) -> Batch:
    """The same rows, each with a field that this contract does not know."""
    asked = Batch()
    asked.CopyFrom(batch)
    for item in asked.items:
        item.MergeFromString(UNKNOWN_FIELD)
    return asked


def questions_of(batch: Batch) -> list[Question]:
    """Every row as a question of its own, with what the defaults say."""
    questions = []
    for item in batch.items:
        question = Question()
        question.CopyFrom(item)
        question.mode, question.as_of.seconds = batch.defaults.mode, batch.defaults.as_of.seconds
        if not question.outages:
            question.outages.extend(batch.defaults.outages)
        questions.append(question)
    return questions


def subscribers(rows: int) -> Batch:
    """So many subscribers of all plans, of the default policy, without an outage."""
    message = Batch()
    message.defaults.mode = service_pb.MODE_AUTOMATIC
    message.defaults.as_of.seconds = AS_OF
    subscribers = [plan().subscriber for _, plan in PLANS]
    for number in range(rows):
        item = message.items.add(request_id=f"row-{number}")
        item.subscriber.CopyFrom(subscribers[number % len(subscribers)])
        item.subscriber.subscriber_id = f"subscriber-{number:08}"
        item.subscriber.monthly_fee.amount_minor += 100 * (number % 97)
    return message


def _with_own(rows: int, question: Question) -> Batch:
    """The question's outages for each row, each by a second later than for the row before."""
    message = subscribers(rows)
    message.defaults.as_of.seconds = question.as_of.seconds
    for number, item in enumerate(message.items):
        for outage in question.outages:
            added = item.outages.add()
            added.CopyFrom(outage)
            added.outage_id = f"{outage.outage_id}-{number}"
            shift = number % (4 * HOUR_SECONDS)
            added.started_at.seconds += shift
            added.ended_at.seconds += shift
    return message
