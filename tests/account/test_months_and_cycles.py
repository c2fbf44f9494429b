"""Policies that decide for each month or billing cycle, or have a cap of a month: the account ends as the records stand."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from clients.account.records import Ask, Claim, Cycle, Terms, Work
from clients.account.service import check, terms
from clients.errors import BadInput, ExitCode
from makegood.v1 import facts_pb2
from makegood.v1.decision_pb2 import CORRECTIONS_CLAW_BACK, CORRECTIONS_SET_OFF
from makegood.v1.facts_pb2 import Date
from makegood.v1.policy_service_pb2 import (
    FOR_EACH_ALL_TOGETHER,
    FOR_EACH_BILLING_CYCLE,
    FOR_EACH_INTERRUPTION,
    FOR_EACH_MONTH,
    GetPolicyResponse,
)
from policy import PolicySet
from tests.account.calculator import real
from tests.account.conftest import Run
from tests.account.kept_in import InMemory
from tests.account.simple_service import HOUR, SimpleService
from tests.account.slow_account import Stands, stands
from tests.account.test_any_history import EDGES, AnyHistory
from tests.clients.server_process import DEFAULT_POLICY, ServerProcess

FEBRUARY = 31 * 24 * HOUR
"""Of 1970, in UTC."""
MONTH_EDGE = 60 * HOUR


class CappedByMonth(AnyHistory):
    """A month ends in the middle of the second cycle, so that both of its cycles share the cap of a month with another."""

    base = FEBRUARY - MONTH_EDGE
    terms = Terms(capped_by_month=True)

    def asked(self, claws_back: bool) -> Ask:
        return SimpleService(claws_back=claws_back, months=lambda instant: "1970-02" if instant >= FEBRUARY else "1970-01")

    def slow(self, on_record: list[facts_pb2.Outage], rates: Any) -> Stands:
        shifted = []
        for each in on_record:
            moved = facts_pb2.Outage()
            moved.CopyFrom(each)
            moved.started_at.seconds -= self.base
            if each.HasField("ended_at"):
                moved.ended_at.seconds -= self.base
            shifted.append(moved)
        return stands(
            self.on_paper(shifted, rates), EDGES, self.now - self.base, elsewhere=self.taken(), months=[0, MONTH_EDGE]
        )


TestCappedByMonth = CappedByMonth.TestCase
TestCappedByMonth.settings = settings(
    max_examples=int(os.environ.get("MAKEGOOD_HISTORIES", "25")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def at(text: str, year: int = 2026) -> int:
    return int(datetime.strptime(f"{year}-{text} +0100", "%Y-%m-%d %H:%M %z").timestamp())


def outage(outage_id: str, start: str, end: str, year: int = 2026) -> facts_pb2.Outage:
    made = facts_pb2.Outage(outage_id=outage_id, cause=facts_pb2.CAUSE_EQUIPMENT_FAILURE, impact=facts_pb2.IMPACT_LOSS)
    made.services.append(facts_pb2.SERVICE_FIXED_DATA)
    made.started_at.seconds, made.ended_at.seconds = at(start, year), at(end, year)
    return made


def fee(minor: int, currency: str = "EUR") -> facts_pb2.Subscriber:
    person = facts_pb2.Subscriber(payment=facts_pb2.PAYMENT_POSTPAID)
    person.monthly_fee.currency_code, person.monthly_fee.amount_minor = currency, minor
    return person


def work(person: facts_pb2.Subscriber, of: Terms, *cycles: Cycle, **more: Any) -> Work:
    return Work(at("06-01 00:00"), person.SerializeToString(deterministic=True), cycles=cycles, terms=of, **more)


def booked(kept_in: InMemory) -> dict[str, int]:
    sums: dict[str, int] = {}
    for place, quantity in kept_in.account.booked.items():
        sums[place.benefit] = sums.get(place.benefit, 0) + quantity
    return sums


APRIL = Cycle(at("04-01 00:00"), at("05-01 00:00"))
MAY = Cycle(at("05-01 00:00"), at("06-01 00:00"))
OF_CYCLES = Terms("Europe/Lisbon", for_each_cycle=True)
OF_APRIL = (
    outage("o1", "04-06 08:00", "04-06 18:00"),
    outage("o2", "04-10 08:00", "04-10 18:00"),
    outage("o3", "04-20 08:00", "04-20 14:00"),
)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_outages_of_one_billing_cycle_count_together_in_whatever_order_they_come(
    order: tuple[int, ...], policies: PolicySet
) -> None:
    """pt-129: 10 h, 10 h and 6 h in April's 720 h are 26 h, above 24: 30.00 x 26/720 = 1.08. Nothing before the third."""
    kept_in, ask = InMemory(), real(policies, "pt-129")
    for number in order:
        assert booked(kept_in) == {}
        kept_in.enter(OF_APRIL[number])
        kept_in.settle(work(fee(3000), OF_CYCLES, APRIL), ask)
    assert booked(kept_in) == {"credit": 108}
    assert not kept_in.settle(work(fee(3000), OF_CYCLES, APRIL, everything=True), ask).bookings


def test_another_cycle_is_settled_by_itself(policies: PolicySet) -> None:
    kept_in, ask = InMemory(), real(policies, "pt-129")
    for each in (*OF_APRIL, outage("o4", "05-06 08:00", "05-07 20:00")):
        kept_in.enter(each)
    found = kept_in.settle(work(fee(3000), OF_CYCLES, APRIL, MAY), ask)
    assert booked(kept_in) == {"credit": 108 + 30 * 36 * 100 // 744}
    kept_in.withdraw("o3")
    kept_in.settle(work(fee(3000), OF_CYCLES, APRIL, MAY), ask)
    assert sum(kept_in.over.values()) == 108, "20 h are not above 24"
    assert {place.cycle for place in found.bookings} == {APRIL, MAY}


def test_an_outage_in_two_cycles_waits_for_a_person_where_the_cycle_is_what_is_decided(policies: PolicySet) -> None:
    kept_in = InMemory()
    kept_in.enter(outage("o1", "04-29 08:00", "05-02 18:00"))
    found = kept_in.settle(work(fee(3000), OF_CYCLES, APRIL, MAY), real(policies, "pt-129"))
    assert "its occasions begin in different billing cycles" in found.waiting["o1"]
    assert not found.bookings


def test_without_a_billing_cycle_what_is_for_each_cycle_waits(policies: PolicySet) -> None:
    kept_in = InMemory()
    kept_in.enter(OF_APRIL[0])
    found = kept_in.settle(work(fee(3000), OF_CYCLES), real(policies, "pt-129"))
    assert "subscriber.billing_cycle" in found.waiting["o1"]


def claim(number: int, start: str, end: str, year: int = 2026) -> Claim:
    until = at(end, year)
    return Claim(f"C{number}", facts_pb2.CLAIM_CHANNEL_WEB, until + 86400, at(start, year), until)


def test_a_cap_of_a_month_holds_over_claims_one_by_one(policies: PolicySet) -> None:
    """nl-7.1a: 13 h are a thirtieth of 2.50, brought up to 1.00; three in March come to its 2.50, and April has its own."""
    kept_in, of = InMemory(), Terms("Europe/Amsterdam", capped_by_month=True)
    days = ("03-02", "03-09", "03-16", "04-02")
    for number, day in enumerate(days):
        kept_in.enter(outage(f"o{number}", f"{day} 08:00", f"{day} 21:00"))
    claims = [claim(number, f"{day} 08:00", f"{day} 21:00") for number, day in enumerate(days)]
    for number in (2, 0, 3, 1):
        kept_in.settle(work(fee(250), of, claim=claims[number]), real(policies, "nl-7.1a"))
    assert booked(kept_in) == {"subscription": 250 + 100}
    by_outage: dict[str, int] = {}
    for place, quantity in kept_in.account.booked.items():
        by_outage[place.outage_id] = by_outage.get(place.outage_id, 0) + quantity
    assert sum(by_outage[each] for each in ("o0", "o1", "o2") if each in by_outage) == 250
    assert by_outage["o3"] == 100


def test_days_of_a_month_are_paid_once_whatever_is_claimed_when(policies: PolicySet) -> None:
    """it-73-11: 5.00 for each local day. Two interruptions of one day, claimed one after the other, are one day."""
    kept_in, of, ask = InMemory(), Terms("Europe/Rome", for_each_month=True), real(policies, "it-73-11")
    spans = [("03-18 09:00", "03-18 10:00"), ("03-18 12:00", "03-18 13:00"), ("03-20 12:00", "03-20 13:00")]
    sums = []
    for number, span in enumerate(spans):
        kept_in.enter(outage(f"o{number}", *span, year=2012))
        kept_in.settle(work(facts_pb2.Subscriber(), of, claim=claim(number, *span, year=2012)), ask)
        sums.append(booked(kept_in))
    assert sums == [{"internet": 500}, {"internet": 500}, {"internet": 1000}]


@pytest.fixture(scope="module")
def with_cycles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that has pt-129 as well."""
    folder = tmp_path_factory.mktemp("pt-129")
    server = ServerProcess(folder)
    shutil.copytree(DEFAULT_POLICY.parent / "pt-129", folder / "catalog" / "pt-129")
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_runs_settle_a_billing_cycle_as_its_outages_become_known(
    run_real: Run, with_cycles: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """10 h and 10 h of April are nothing yet; with 6 h more they are 26 h, 1.08; and without the first again nothing."""
    monkeypatch.setenv("MAKEGOOD_ADDRESS", with_cycles.address)
    Path("s.csv").write_text(
        "subscriber_id,area,plan_type,monthly_fee_minor,currency_code,billing_cycle_started_at,billing_cycle_ended_at\n"
        "1,A,DATA,3000,EUR,2026-04-01T00:00:00+01:00,2026-05-01T00:00:00+01:00\n"
    )
    told, of = [], ("--policy", "pt-129", "--as-of", "2026-06-01T00:00:00Z")
    for day, hours in (("06", 10), ("10", 10), ("20", 6)):
        end = f"2026-04-{day}T{8 + hours:02}:00:00+01:00"
        row = f"o{day},2026-04-{day}T08:00:00+01:00,{end},EQUIPMENT_FAILURE,FIXED_DATA,A\n"
        Path("o.csv").write_text("outage_id,started_at,ended_at,cause,services,areas\n" + row)
        assert run_real("outages", "import", "o.csv", "--reason", "reports")[0] == ExitCode.DONE
        code, out, err = run_real("run", "--subscribers", "s.csv", *of, "--reason", "a night")
        assert code == ExitCode.DONE, err
        told.append(out.splitlines()[-1])
    assert told == ["nothing new was booked", "nothing new was booked", "booked credit: 1.08 EUR for 1 subscriber"]
    run_real("reverse", "--outage", "o06", *of, "--reason", "none")
    over = [line for line in run_real("audit", "1")[1].splitlines() if line.startswith("over-granted")]
    assert sum(float(line.split()[2]) for line in over) == pytest.approx(1.08)
    assert run_real("verify") == (ExitCode.DONE, "the account holds together\n", "")


def version(zone: str, kind: int, field: str = "") -> GetPolicyResponse:
    made = GetPolicyResponse(policy_id="p", time_zone=zone)
    made.version.for_each["b"] = kind  # type: ignore[assignment]
    if field:
        made.facts.add(field=field)
    return made


def test_terms_are_those_of_all_versions_together() -> None:
    both = [
        version("Europe/Rome", FOR_EACH_MONTH),
        version("Europe/Rome", FOR_EACH_INTERRUPTION, "subscriber.granted_by_month"),
    ]
    assert terms(both) == Terms("Europe/Rome", for_each_month=True, capped_by_month=True)
    assert terms([version("UTC", FOR_EACH_BILLING_CYCLE)]) == Terms("UTC", for_each_cycle=True)
    assert terms([version("UTC", FOR_EACH_INTERRUPTION)]) == Terms()
    before, after = version("Asia/Shanghai", FOR_EACH_INTERRUPTION), version("Asia/Shanghai", FOR_EACH_INTERRUPTION)
    before.version.in_force_from.MergeFrom(Date(year=2025, month=1, day=1))
    before.version.corrections = CORRECTIONS_SET_OFF
    after.version.in_force_from.MergeFrom(Date(year=2026, month=3, day=1))
    after.version.corrections = CORRECTIONS_CLAW_BACK
    midnight = 1_772_294_400  # 2026-02-28T16:00Z
    words = terms([before, after])
    assert [words.claws_back(at) for at in (0, midnight - 1, midnight, midnight + 1)] == [False, False, True, True]
    assert terms([version("UTC", FOR_EACH_INTERRUPTION)]).claws_back(0) is None, "a server of before does not say"
    with pytest.raises(BadInput, match="versions with other local days: Europe/Rome, UTC"):
        terms([version("UTC", FOR_EACH_MONTH), version("Europe/Rome", FOR_EACH_MONTH)])


def test_what_is_decided_for_all_outages_of_a_question_is_refused() -> None:
    with pytest.raises(BadInput, match="decides b for all outages of a question together"):
        check(version("UTC", FOR_EACH_ALL_TOGETHER))
