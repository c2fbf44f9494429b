"""Recourse is for time that somebody answers for; a grant for no time is nobody's, though it is the outage's."""

from datetime import date
from fractions import Fraction
from pathlib import Path

from policy import Instant, Interval, Money, Outage, Request, Subscriber
from policy.calculator.decision import OutagePart
from policy.language.catalog import load_policy
from policy.language.load import compile_versions

EVERY_WORD = Path(__file__).parents[1] / "language" / "every-word"
MONDAY = 1_770_033_600


def test_what_is_granted_for_a_number_alone_is_recovered_from_nobody() -> None:
    """The outage is over before its clock begins to count; the dropped calls are paid all the same."""
    subscriber = Subscriber(
        "s-1", plan_type="VOICE", monthly_fee=Money("GBP", 3000), data_allowance_bytes=100, data_remaining_bytes=50,
        customer_type="BUSINESS", payment="PREPAID", granted_this_cycle={},
        billing_cycle=Interval(MONDAY - 86_400, MONDAY + 27 * 86_400),
        attributes={"nation": "SCOTLAND", "average_bill": Money("GBP", 6200), "joined_on": date(2020, 1, 1), "dropped_calls": 7,
                    "use_factor": Fraction(1), "waited": 7200, "has_gateway": False},
    )  # fmt: skip
    outage = Outage(
        "o-1", MONDAY, MONDAY + 60, "CONSTRUCTION_DAMAGE", "LOSS", ("FIXED_DATA",), "digger", reported_at=MONDAY,
        attributes={"towers_out": 12, "in_district": True, "known_at": Instant(MONDAY)},
    )  # fmt: skip
    request = Request(subscriber, (outage,), "AUTOMATIC", MONDAY + 86_400, explain="FULL")
    decision = compile_versions(load_policy(EVERY_WORD), "every-word").decide(request)
    assert {grant.benefit: grant.quantity for grant in decision.grants} == {"minutes": 7 * 60}
    assert [grant.parts for grant in decision.grants] == [(OutagePart("o-1", 7 * 60),)]
    assert decision.recourse == ()
