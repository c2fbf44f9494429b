"""Requests with one or several fields made malformed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st

from policy.calculator.request import Claim, GrantedBefore, Interval, Money, NoticeRequest, Outage, Request
from tests.strategies.moments import near
from tests.strategies.requests import requests

Spoiler = Callable[[Request], Request]


def of_subscriber(**changes: Any) -> Spoiler:
    """Changes fields of the subscriber."""
    return lambda request: replace(request, subscriber=request.subscriber and replace(request.subscriber, **changes))


def of_request(**changes: Any) -> Spoiler:
    """Changes fields of the request itself."""
    return lambda request: replace(request, **changes)


def of_claim(**changes: Any) -> Spoiler:
    """Changes fields of the claim, if there is one."""
    return lambda request: replace(request, claim=request.claim and replace(request.claim, **changes))


WHOLE: Final[tuple[Spoiler, ...]] = (
    of_request(subscriber=None),
    of_request(outages=()),
    of_request(mode=""),
    of_request(mode="99"),
    of_request(mode="AUTOMATIC"),
    of_request(mode="APPLICATION"),
    of_request(claim=None),
    of_request(claim=Claim("", None, None, None)),
    of_request(notice=NoticeRequest()),
    of_request(notice=NoticeRequest("99")),
    of_request(explain="99"),
    of_request(explain=""),
    of_request(already_granted={"data": -1, "voice": 0}),
    of_request(already_granted={"minutes": 1, "value_added": -1}),
    of_request(granted_before=(GrantedBefore("a", "data", 1), GrantedBefore("a", "data", 1), GrantedBefore("a", "voice", 2))),
    of_request(granted_before=(GrantedBefore("nobody", "minutes", -1), GrantedBefore("b", "data", 7, "2026-03"))),
    of_claim(earlier=(Interval(1_780_000_000, 1_780_000_000), Interval(1_780_000_000, 1_780_003_600))),
    of_claim(earlier=(Interval(1_780_003_600, 1_780_000_000), Interval(1_999_000_000, 1_999_000_060))),
    of_subscriber(granted_by_month={"2026-03": {"data": -1, "credit": 1}}),
    lambda request: replace(
        request, granted_before=tuple(GrantedBefore(each.outage_id, "data", 1) for each in request.outages)
    ),
    lambda request: replace(request, as_of=request.as_of - 1),
    lambda request: replace(request, as_of=request.as_of - 86400),
    of_subscriber(subscriber_id=""),
    of_subscriber(plan_type=""),
    of_subscriber(plan_type="99"),
    of_subscriber(customer_type="99"),
    of_subscriber(payment="99"),
    of_subscriber(monthly_fee=Money("USD", 3900)),
    of_subscriber(monthly_fee=Money("", -1)),
    of_subscriber(data_allowance_bytes=-1),
    of_subscriber(data_remaining_bytes=-1),
    of_subscriber(granted_this_cycle={"voice": -1}),
    of_subscriber(granted_this_cycle={"voice": 1, "credit": 1}),
    of_subscriber(billing_cycle=Interval(1_780_000_000, 1_780_000_000)),
    of_subscriber(attributes={"average_bill": Money("CNY", 1)}),
    of_claim(channel=""),
    of_claim(channel="99"),
    of_claim(claimed_at=None),
    of_claim(claimed_at=1_900_000_000),
    of_claim(started_at=None),
    of_claim(ended_at=None),
    of_claim(started_at=1_900_000_000),
    of_claim(ended_at=1_700_000_000),
)
ONE_OUTAGE: Final[tuple[dict[str, Any], ...]] = (
    {"outage_id": ""},
    {"outage_id": "a"},
    {"started_at": None},
    {"started_at": 1_900_000_000},
    {"ended_at": 1_700_000_000},
    {"ended_at": 1_900_000_000},
    {"cause": ""},
    {"cause": "99"},
    {"impact": ""},
    {"impact": "99"},
    {"services": ("DATA", "99", "")},
    {"time_source": "99"},
    {"attributes": {"negligence": "GROSS"}},
)


@st.composite
def of_an_outage(draw: st.DrawFn, request: Request) -> Request:
    """One outage spoilt, added again with another content, or cut to nothing around its start."""
    if not request.outages:
        return request
    index = draw(st.integers(0, len(request.outages) - 1))
    outage = request.outages[index]
    changed: Outage = draw(
        st.one_of(
            st.sampled_from(ONE_OUTAGE).map(lambda changes: replace(outage, **changes)),
            near().map(lambda by: replace(outage, ended_at=(outage.started_at or 1_780_000_000) + by)),
        )
    )
    if draw(st.booleans()):
        return replace(request, outages=(*request.outages[:index], changed, *request.outages[index + 1 :]))
    return replace(request, outages=(*request.outages, changed))


@st.composite
def spoilt_requests(draw: st.DrawFn) -> Request:
    """A request with one to four changes, most of which make it malformed."""
    request = draw(requests())
    for _ in range(draw(st.integers(1, 4))):
        spoil_whole = draw(st.booleans())
        request = draw(st.sampled_from(WHOLE))(request) if spoil_whole else draw(of_an_outage(request))
    return request
