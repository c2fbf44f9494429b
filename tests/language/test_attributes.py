"""What one version of a policy asks of a request, all of its versions accept: a file of requests can span a change."""

from pathlib import Path
from typing import Final

import pytest

from policy.calculator.errors import InvalidRequest
from policy.calculator.request import Money, Outage, Request, Subscriber
from policy.language.catalog import load_policy
from policy.language.load import compile_versions
from policy.language.problems import CatalogError
from tests.language.small import policy_directory, small

EARLIER: Final = (
    small('{version: "1", from: 2025-01-01, to: 2026-01-01}')
    .replace(
        "  monthly_fee: {at most: 10000.00 EUR}",
        "  average_bill: {of: subscriber, type: money, at most: 100.00 EUR}\n  monthly_fee: {at most: 10000.00 EUR}",
    )
    .replace("round:", "times: {by: average_bill, at least 50.00 EUR: 2, otherwise: 1}\n    round:")
)
LATER: Final = small('{version: "2", from: 2026-01-01, to: open}')
MARCH_2026: Final = 1_772_438_400
"""Monday, 2 March 2026, 08:00 UTC."""


def request(bill: Money | int, name: str = "average_bill") -> Request:
    subscriber = Subscriber("anna", monthly_fee=Money("EUR", 6000), attributes={name: bill})
    return Request(subscriber, (Outage("o1", MARCH_2026, MARCH_2026 + 26 * 3600),), "AUTOMATIC", MARCH_2026 + 10**6)


def test_an_attribute_that_another_version_declares_is_accepted_and_does_not_matter(tmp_path: Path) -> None:
    policies = compile_versions(load_policy(policy_directory(tmp_path, {"1.yaml": EARLIER, "2.yaml": LATER})), "small")
    granted = [policies.decide(request(Money("EUR", cents))).grants[0].quantity for cents in (4900, 5000)]
    assert granted == [400, 400]


def test_it_is_held_to_the_type_that_the_other_version_gives_it(tmp_path: Path) -> None:
    policies = compile_versions(load_policy(policy_directory(tmp_path, {"1.yaml": EARLIER, "2.yaml": LATER})), "small")
    with pytest.raises(InvalidRequest, match="average_bill"):
        policies.decide(request(49))


def test_an_attribute_that_no_version_declares_is_refused_by_name(tmp_path: Path) -> None:
    policies = compile_versions(load_policy(policy_directory(tmp_path, {"1.yaml": EARLIER, "2.yaml": LATER})), "small")
    with pytest.raises(InvalidRequest, match="middle_bill"):
        policies.decide(request(Money("EUR", 4900), "middle_bill"))


def test_an_attribute_of_two_types_is_refused_where_the_later_file_declares_it(tmp_path: Path) -> None:
    other = (
        EARLIER.replace('"1", from: 2025-01-01, to: 2026-01-01', '"2", from: 2026-01-01, to: open')
        .replace("type: money, at most: 100.00 EUR", "type: number, at most: 100")
        .replace("at least 50.00 EUR", "at least 50")
    )
    with pytest.raises(CatalogError) as refused:
        load_policy(policy_directory(tmp_path, {"1.yaml": EARLIER, "2.yaml": other}))
    (problem,) = refused.value.problems
    assert problem.path.endswith("2.yaml")
    assert other.splitlines()[problem.line - 1][problem.column - 1 :].startswith("average_bill")
    assert problem.message == "average_bill is a whole number here, and an amount of money in another version of the policy"
    assert problem.suggestion == "give it one type in all versions, or another name"
