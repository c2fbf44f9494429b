"""Well-formed requests for any version, drawn with a bias to its limits.

One generator serves both the quick draw, from a seeded :class:`random.Random`, and Hypothesis, which lends a ``Random`` that it
shrinks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from math import floor
from random import Random
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from policy.calculator import rules
from policy.calculator.codes import CAUSES, CLAIM_CHANNELS, CUSTOMER_TYPES, IMPACTS, PAYMENTS, PLAN_TYPES, SERVICES
from policy.calculator.request import (
    AttributeValue,
    Claim,
    Instant,
    Interval,
    Money,
    NoticeRequest,
    Outage,
    Request,
    Subscriber,
)
from tests.judge import Verdict, version_for
from tests.strategies.any_policy_granted import Booked, consistent
from tests.strategies.any_policy_limits import DAY, HOUR, MAX_QUANTITY, Limits, instant, limits_of
from tests.strategies.any_policy_times import NEAR, Times

IDS: Final = ("a", "b", "B", "o-10", "o-9", "é", "停电")
PARTIES: Final = ("", "grid", "a", "contractor-7", "供电局")
OPTIONAL: Final[Mapping[str, dict[str, Any]]] = {
    "monthly_fee": {"monthly_fee": None},
    "data_allowance": {"data_allowance_bytes": None},
    "data_remaining": {"data_remaining_bytes": None},
    "customer_type": {"customer_type": ""},
    "payment": {"payment": ""},
    "billing_cycle": {"billing_cycle": None},
    "reported_at": {"reported_at": None},
    "announced_at": {"announced_at": None},
}
"""Facts of the contract that a request may leave out: the field, and what it then holds."""
Told = TypeVar("Told", Subscriber, Outage)
RATIO_DENOMINATOR: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Generator:
    """Draws requests for one version. ``versions`` are all of its policy; ``owed`` tells what a request comes to."""

    version: rules.Version
    versions: Sequence[rules.Version]
    limits: Limits
    times: Times
    booked: Booked
    owed: Callable[[Request], Verdict]

    def request(self, random: Random) -> Request:
        """One request; now and then without some facts, or with what was granted before tuned to what is owed, or beside it."""
        request = self._plain(random)
        if random.randrange(4) == 0:
            for _ in range(random.choice((1, 1, 2, 3))):
                request = self.without_a_fact(request, random)
        if random.randrange(4) == 0:
            request = self.booked.around(self.owed(_never_granted(request)), request, random)
        unnamed = replace(request, version="")
        return unnamed if random.randrange(2) and version_for(self.versions, unnamed) is self.version else request

    def _plain(self, random: Random) -> Request:
        version = self.version
        modes = ["AUTOMATIC"] * 3 + ["PROACTIVE_NOTICE"] * (version.notice is not None)
        mode = random.choice(modes + ["APPLICATION"] * 2 * (version.claims is not None))
        nothing_recorded = mode == "APPLICATION" and random.randrange(20) == 0
        outages = () if nothing_recorded else self._outages(random)
        claim = self._claim(outages, random) if mode == "APPLICATION" else None
        later = random.choice((0, 0, 1, HOUR, DAY - 1, DAY, 40 * DAY, *self.limits.lengths))
        before, already = self.booked.before(outages, random)
        asked = Request(
            subscriber=self._subscriber(outages, random),
            outages=outages,
            mode=mode,
            as_of=_latest(outages, claim) + later,
            policy_id=version.policy_id,
            version=version.version,
            claim=claim,
            notice=random.choice((None, NoticeRequest())) if mode == "PROACTIVE_NOTICE" else None,
            already_granted=already,
            granted_before=before,
        )
        return consistent(asked)

    def without_a_fact(self, request: Request, random: Random) -> Request:
        """The request with a fact that the version reads left out, of the subscriber or of one of the outages."""
        subscriber = request.subscriber
        assert subscriber is not None
        fact = random.choice([each for each in self.limits.facts.values() if each.attribute or each.name in OPTIONAL] or [None])
        if fact is None:
            return request
        if fact.of == "subscriber":
            return replace(request, subscriber=_without(subscriber, fact))
        forgetful = random.choice([each.outage_id for each in request.outages] or [""])
        outages = (_without(each, fact) if each.outage_id == forgetful else each for each in request.outages)
        return replace(request, outages=tuple(outages))

    # ------------------------------------------------------------------------------------------------------ subscriber

    def _subscriber(self, outages: Sequence[Outage], random: Random) -> Subscriber:
        bytes_left = self._amount("data_remaining", random)
        allowance = self._amount("data_allowance", random)
        if random.randrange(2):
            tenth, half = allowance // 10, allowance // 2
            bytes_left = max(0, random.choice((tenth, half, allowance, allowance // 20)) + random.choice(NEAR))
        return Subscriber(
            subscriber_id=random.choice(("s-1", "用户-2")),
            plan_type=self._code("plan_type", PLAN_TYPES, random),
            monthly_fee=Money(self.version.currency_code, self._amount("monthly_fee", random)),
            data_allowance_bytes=allowance,
            data_remaining_bytes=bytes_left,
            value_added_services=random.choice(((), ("MUSIC",), ("MUSIC", "VIDEO"))),
            customer_type=self._code("customer_type", CUSTOMER_TYPES, random),
            payment=self._code("payment", PAYMENTS, random),
            time_zone=random.choice(("", "Asia/Urumqi")),
            billing_cycle=self.times.cycle(outages, random) if random.randrange(6) else None,
            granted_this_cycle=random.choice((None, {}, self.booked.quantities(random))),
            granted_by_month=random.choice(({}, self.booked.by_month(outages, random))),
            attributes=self._attributes("subscriber", random, {}),
        )

    def _code(self, name: str, codes: Sequence[str], random: Random) -> str:
        """A code, more often one that a condition asks for."""
        return random.choice(self.limits.asked.get(name, codes) if random.randrange(2) else codes)

    def _services(self, random: Random) -> tuple[str, ...]:
        known = self.limits.asked.get("services", SERVICES) if random.randrange(2) else SERVICES
        return tuple(random.sample(known, random.randrange(1, min(len(known), 3) + 1)))

    def _amount(self, name: str, random: Random) -> int:
        """An amount around the limits of a fact, or any that it may have."""
        fact = self.limits.facts.get(name)
        most = MAX_QUANTITY if fact is None or fact.at_most is None else fact.at_most
        if fact is not None and fact.type == "ratio":
            most = RATIO_DENOMINATOR * (2 if fact.at_most is None else fact.at_most)
        limits = self.limits.of_fact.get(name, (0,))
        drawn = random.choice(limits) + random.choice((*NEAR, 2))
        if random.randrange(2):
            drawn = random.randrange(min(most, 10 ** random.randrange(1, 18)) + 1)
        return min(max(drawn, 0), most)

    # ----------------------------------------------------------------------------------------------------------- claim

    def _claim(self, outages: Sequence[Outage], random: Random) -> Claim:
        """Around the outages and the margins, covered around the share that is enough, made around the deadline."""
        rule = self.version.claims
        assert rule is not None
        anchors = [at for outage in outages for at in (outage.started_at, outage.ended_at) if at is not None]
        anchors = anchors or [self.times.moment(random)]
        margin = rule.widen_seconds or 0
        start, end = (random.choice(anchors) + random.choice(NEAR) + random.choice((-margin, 0, 0, margin)) for _ in range(2))
        if random.randrange(2) and rule.warn_below:
            end = start + floor((max(anchors) - start) / rule.warn_below) + random.choice(NEAR)
        start = max(start, 0)
        end = end if end > start else start + self.times.length(start, random)
        within = 30 * DAY if rule.within_seconds is None else rule.within_seconds
        made = random.choice((end, random.choice(anchors) + within + random.choice(NEAR), end + self.times.length(end, random)))
        if rule.before is not None and random.randrange(8) == 0:
            made = instant(rule.before, 0, self.limits.zone) + random.choice(NEAR)
        channel = random.choice(rule.channels or CLAIM_CHANNELS)
        return Claim(channel, max(made, 0), start, end, self._earlier(anchors, margin, random))

    def _earlier(self, anchors: Sequence[int], margin: int, random: Random) -> tuple[Interval, ...]:
        """None to two earlier claims around the outages, whose margins touch or stand apart."""
        spans = []
        for _ in range(random.choice((0, 0, 1, 1, 2))):
            start = max(0, random.choice(anchors) + random.choice((0, margin, -margin, 2 * margin, HOUR)) + random.choice(NEAR))
            spans.append(Interval(start, start + random.choice((1, 60, HOUR, self.times.length(start, random)))))
        return tuple(spans)

    # --------------------------------------------------------------------------------------------------------- outages

    def _outages(self, random: Random) -> tuple[Outage, ...]:
        """One to four under ids of their own, overlapping, touching or apart, some repeated, in any order."""
        outages: list[Outage] = []
        for outage_id in random.sample(IDS, random.choice((1, 1, 2, 2, 3, 3, 4, 5))):
            if outages and random.randrange(6) == 0:  # the same span under another id
                other = random.choice(outages)
                outages.append(self._outage(outage_id, other.started_at or 0, other.ended_at, random))
            else:
                start = self.times.start(outages, random)
                end = None if random.randrange(12) == 0 else start + self.times.length(start, random)
                outages.append(self._outage(outage_id, start, end, random))
        if random.randrange(6) == 0:
            outages.append(replace(random.choice(outages)))
        random.shuffle(outages)
        return tuple(outages)

    def _outage(self, outage_id: str, start: int, end: int | None, random: Random) -> Outage:
        around = (start, start, start + 1, start - HOUR, start + HOUR, (end or start + DAY) - 1, start - 3 * DAY)
        notice = self.limits.of_fact.get("notice", (0,))
        announced = random.choice((None, start - random.choice(notice) + random.choice(NEAR), start + HOUR))
        return Outage(
            outage_id=outage_id,
            started_at=start,
            ended_at=end,
            cause=self._code("cause", CAUSES if random.randrange(2) else CAUSES[:1], random),
            impact=self._code("impact", IMPACTS, random),
            services=random.choice(((), (), self._services(random))),
            responsible_party=random.choice(PARTIES),
            reported_at=max(0, random.choice(around)),
            announced_at=None if announced is None else max(0, announced),
            areas=random.choice(((), ("021", "010"))),
            time_source=random.choice(("", "NETWORK_ALARM")),
            attributes=self._attributes("outage", random, {"start": start, "end": end or start + DAY}),
        )

    # ------------------------------------------------------------------------------------------------------ attributes

    def _attributes(self, of: rules.Of, random: Random, span: Mapping[str, int]) -> dict[str, AttributeValue | None]:
        declared = [each for each in self.limits.facts.values() if each.attribute and each.of == of]
        return {each.name: self._attribute(each, random, span) for each in declared}

    def _attribute(self, fact: rules.Fact, random: Random, span: Mapping[str, int]) -> AttributeValue:
        start = span.get("start") or self.times.moment(random)
        match fact.type:
            case "codes":
                return self._code(fact.name, fact.codes, random)
            case "yes or no":
                return random.randrange(2) == 0
            case "instant":
                return Instant(max(0, start + random.choice((0, 1, -HOUR, HOUR, 12 * HOUR, 2 * DAY)) + random.choice(NEAR)))
            case "date":
                return self.times.day(start) + timedelta(days=random.choice((-1, 0, 0, 1, -400)))
            case "intervals":
                return self.times.intervals(start, span.get("end", start + DAY), random)
        amount = self._amount(fact.name, random)
        if fact.type == "ratio":
            return Fraction(amount, RATIO_DENOMINATOR)
        return Money(self.version.currency_code, amount) if fact.type == "money" else amount


def generator_for(version: rules.Version, versions: Sequence[rules.Version], owed: Callable[[Request], Verdict]) -> Generator:
    """A generator; what it needs to know of the version is worked out once."""
    limits = limits_of(version)
    times = Times(limits)
    return Generator(version, versions, limits, times, Booked(version, times), owed)


def requests_of(generator: Generator) -> st.SearchStrategy[Request]:
    """The same requests, as Hypothesis draws and shrinks them."""
    return st.randoms(use_true_random=False).map(generator.request)


def _never_granted(request: Request) -> Request:
    """The request of somebody who was never granted anything."""
    assert request.subscriber is not None
    subscriber = replace(request.subscriber, granted_this_cycle={}, granted_by_month={})
    return replace(request, already_granted={}, granted_before=(), subscriber=subscriber)


def _without(told: Told, fact: rules.Fact) -> Told:
    """A subscriber or an outage without a fact."""
    changes: dict[str, Any] = OPTIONAL.get(fact.name, {})
    if fact.attribute:
        changes = {"attributes": {name: value for name, value in told.attributes.items() if name != fact.name}}
    return replace(told, **changes)


def _latest(outages: Sequence[Outage], claim: Claim | None) -> int:
    """The earliest as_of under which nothing of a request lies in the future."""
    ends = [outage.ended_at or 0 for outage in outages]
    starts = [(outage.started_at or 0) + 1 for outage in outages]
    claimed = [claim.claimed_at or 0, claim.ended_at or 0, (claim.started_at or 0) + 1] if claim else []
    earlier = [each.ended_at for each in claim.earlier] if claim else []
    return max([*ends, *starts, *claimed, *earlier])
