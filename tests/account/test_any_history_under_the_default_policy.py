"""The same histories as the real calculator decides them, against the judge of the default policy, asked cycle by cycle."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from clients.account.asking import Asking
from clients.account.records import Answer, Ask, Question
from clients.enums import code
from makegood.v1 import facts_pb2
from policy import PolicySet
from policy.calculator.request import Interval, Money, Outage, Request, Subscriber
from tests import reference
from tests.account.calculator import real
from tests.account.kept_in import SUBSCRIBER
from tests.account.slow_account import Stands
from tests.account.test_any_history import AnyHistory
from tests.account.test_second_day import GIB, at


class UnderDefaultPolicy(AnyHistory):
    """What the machine of the other module says, in March, with the facts of a DATA plan at 129.00."""

    whole: Asking
    base = at("03-07 00:00")
    most_in_cycle = 30 * GIB

    def facts(self, rate: int | None) -> bytes:
        subscriber = facts_pb2.Subscriber(plan_type=facts_pb2.PLAN_TYPE_DATA, data_allowance_bytes=20 * GIB)
        subscriber.monthly_fee.currency_code = "CNY"
        subscriber.monthly_fee.amount_minor = 12900
        if rate is not None:
            subscriber.data_remaining_bytes = 20 * GIB // rate**3
        return subscriber.SerializeToString(deterministic=True)

    def asked(self, claws_back: bool) -> Ask:
        def ask(question: Question) -> Answer:
            return replace(self.whole(question), claws_back=claws_back)

        return ask

    def slow(self, on_record: list[facts_pb2.Outage], rates: Mapping[str, int]) -> Stands:
        result = Stands({}, {})
        if not on_record:
            return result
        outages = {each.outage_id: _outage(each) for each in on_record}
        first = self.judged(list(outages.values()), rates[on_record[0].outage_id], None, None)
        granted = [Counter({"data": self.taken().get(number, 0)}) for number in range(len(self.cycles))]
        for interruption in sorted(first.interruptions, key=lambda each: each.started_at):
            held = [outages[each] for each in interruption.outage_ids]
            earliest = min(held, key=lambda each: (each.started_at, each.outage_id))
            number = next(n for n, cycle in enumerate(self.cycles) if cycle.holds(interruption.started_at))
            alone = self.judged(held, rates[earliest.outage_id], number, granted[number])
            assert not alone.malformed
            for each in alone.interruptions:
                for benefit, parts in each.grants.items():
                    granted[number][benefit] += sum(parts.values())
                    for outage_id, part in parts.items():
                        if part:
                            result.grants[outage_id, benefit, number] = part
            for party, amounts in alone.recourse.items():
                result.recourse |= {(party, outage_id): amount for outage_id, amount in amounts.items()}
        return result

    def judged(self, outages: list[Outage], left: int, number: int | None, granted: Counter[str] | None) -> Any:
        cycle = None if number is None else Interval(*self.cycles[number])
        subscriber = Subscriber(
            SUBSCRIBER, "DATA", Money("CNY", 12900), 20 * GIB, left, billing_cycle=cycle, granted_this_cycle=granted
        )
        return reference.decide(Request(subscriber, tuple(outages), "AUTOMATIC", self.now))


def test_any_history_under_the_default_policy_ends_as_the_records_stand(policies: PolicySet) -> None:
    """Caps of an interruption and of a cycle bind, weights of the hours differ, and the table takes each outage's own facts."""
    UnderDefaultPolicy.whole = real(policies)
    few = settings(max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(UnderDefaultPolicy, settings=few)


def _outage(message: facts_pb2.Outage) -> Outage:
    return Outage(
        message.outage_id,
        message.started_at.seconds,
        message.ended_at.seconds if message.HasField("ended_at") else None,
        code(facts_pb2.Cause.DESCRIPTOR, message.cause),
        "LOSS",
        tuple(code(facts_pb2.Service.DESCRIPTOR, each) for each in message.services),
        message.responsible_party,
    )
