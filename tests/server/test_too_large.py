"""A row of which an amount goes beyond 64 bits fails alone, and is told the same by every way in."""

from collections.abc import Iterator
from typing import Final

import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy.language.load import compile_versions
from tests.proofs.small_schemes import version_of
from tests.server.messages import details_of
from tests.server.running import Running, code_name, refused, running
from tests.server.samples import question

HOUR: Final = 3600
MOST: Final = 2**56
"""What a request may say of an amount on which the policy sets no bound: 128 times it is 2^63."""
MOST_BYTES: Final = 922_337_203
"""At 10^10 cents for each, more would be worth 2^63 cents."""
SCHEME: Final = """\
policy: small
title: An amount without a bound
source: made up for tests
language: en
versions:
  - {version: "2026", from: 2026-01-01, to: open}
zone: Europe/Amsterdam
currency: EUR
for each: interruption
clauses:
  1: "Every hour is worth the fee, and as much data as is left; who caused it pays for the data."
clocks:
  outage: {clause: 1}
benefits:
  credit: {clause: 1, kind: CREDIT, count: {started: 1 h}, pay: monthly_fee, round: {half up: 0.01 EUR}, granted: automatically}
  data: {clause: 1, kind: DATA_BYTES, count: {started: 1 h}, pay: data_remaining, round: {half up: 1 B}, granted: automatically}
recourse:
  clause: 1
  from: {cause: POWER_SUPPLY}
  share: 100 %
  value: {data: 100000000.00 EUR per B}
  round: {half up: 0.01 EUR}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """On a policy that puts no bound on what it multiplies."""
    with running(compile_versions((version_of(SCHEME),), "small")) as up:
        yield up


def asked(name: str, hours: int, fee: int = 100, left: int = 0) -> service_pb.ComputeCompensationRequest:
    message = question(name)
    outage = message.outages[0]
    outage.ended_at.seconds = outage.started_at.seconds + hours * HOUR
    outage.cause, outage.responsible_party = facts_pb.CAUSE_POWER_SUPPLY, "grid"
    message.as_of.seconds = outage.ended_at.seconds
    message.subscriber.monthly_fee.currency_code, message.subscriber.monthly_fee.amount_minor = "EUR", fee
    message.subscriber.data_remaining_bytes = left
    return message


WHAT_FITS: Final = {"a grant": asked("fits", 127, fee=MOST), "recourse": asked("fits", 1, left=MOST_BYTES)}
TOO_LARGE: Final = {"a grant": asked("over", 128, fee=MOST), "recourse": asked("over", 1, left=MOST_BYTES + 1)}

every_number = pytest.mark.parametrize("number", TOO_LARGE)


@every_number
def test_what_does_not_fit_64_bits_is_told_as_that_and_the_last_that_fits_is_answered(server: Running, number: str) -> None:
    answered = server.compensation.ComputeCompensation(WHAT_FITS[number]).decision
    assert (
        max(*(grant.quantity for grant in answered.grants), *(owed.amount.amount_minor for owed in answered.recourse)) > 2**62
    )
    told = refused(lambda: server.compensation.ComputeCompensation(TOO_LARGE[number]))
    assert code_name(told) == "OUT_OF_RANGE"
    assert "does not fit the 64 bits" in told.message
    assert details_of(told)["ErrorInfo"].reason == "TOO_LARGE"


@every_number
@pytest.mark.parametrize("others", [2, 40])
@pytest.mark.parametrize("method", ["batch", "stream"])
def test_a_row_that_does_not_fit_fails_alone_as_a_call_of_its_own(
    server: Running, number: str, others: int, method: str
) -> None:
    usual = [asked(str(row), 5, left=row) for row in range(others)]
    items = [*usual, TOO_LARGE[number], WHAT_FITS[number]]
    results = rows_of(server, method, items)
    assert results[others].error == refused(lambda: server.compensation.ComputeCompensation(TOO_LARGE[number]))
    for item, result in zip(items, results, strict=True):
        assert result.request_id == item.request_id
        if item.request_id != "over":
            assert result.decision == server.compensation.ComputeCompensation(item).decision


def test_a_row_that_does_not_fit_is_no_incident_and_no_decision(server: Running) -> None:
    before = server.metric("makegood_decisions_total")
    refused(lambda: server.compensation.ComputeCompensation(TOO_LARGE["a grant"]))
    rows_of(server, "batch", [TOO_LARGE["recourse"]] * 40)
    assert server.metric("makegood_decisions_total") == before
    assert not [line for line in server.lines() if line["event"] == "fault"]


def rows_of(server: Running, method: str, items: list[service_pb.ComputeCompensationRequest]) -> list[service_pb.BatchResult]:
    if method == "batch":
        return list(server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=items)).results)
    (answer,) = server.compensation.StreamCompute(iter([service_pb.StreamComputeRequest(items=items)]))
    return list(answer.results)
