"""A service for tests of the account: a small policy true to occasions, each an interruption, with caps and parts.

One plan, two benefits. `data`: 10 for each started hour of an interruption, times the rate that the facts tell as data left;
at most 100 of an interruption and 150 of a cycle, by whole tens. `voice`: 7 for each hour, half up. An interruption under two
hours is dropped. Weather counts half, the customer's own equipment not at all, and an outage of voice alone not either.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from clients.account.records import Answer, Benefit, Claim, Due, Grant, Occasion, Question, Record
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest

HOUR: Final = 3600
MOST: Final = 100
MOST_IN_CYCLE: Final = 150
MOST_IN_MONTH: Final = 63
WIDENED: Final = HOUR // 2
LATE_AFTER: Final = 100 * HOUR
DATA: Final = Benefit("DATA_BYTES", "", 0)
VOICE: Final = Benefit("VOICE_SECONDS", "", 0)

Span = tuple[int, int]


def liability(outage: facts_pb2.Outage) -> Fraction:
    """How much of an outage's time counts."""
    if outage.services and facts_pb2.SERVICE_DATA not in outage.services:
        return Fraction(0)
    halves = {facts_pb2.CAUSE_CUSTOMER_EQUIPMENT: 0, facts_pb2.CAUSE_EXTREME_WEATHER: 1}
    return Fraction(halves.get(outage.cause, 2), 2)


class SimpleService:
    """Answers questions; ``claws_back`` is the policy's word. ``asked`` holds all questions; ``refuses``: each.

    ``months``: the month of an instant, of which voice has at most MOST_IN_MONTH, by whole sevens; None: no cap is of one.
    """

    def __init__(self, *, claws_back: bool, months: Callable[[int], str] | None = None) -> None:
        self.claws_back, self.months = claws_back, months
        self.refuses = False
        self.asked: list[Question] = []

    def __call__(self, question: Question) -> Answer:
        self.asked.append(question)
        if self.refuses:
            return Answer(refused="FAILED_PRECONDITION: for a test")
        messages = {each.outage_id: facts_pb2.Outage.FromString(each.message) for each in question.outages}
        counting = [each for each in question.outages if liability(messages[each.outage_id])]
        if question.claims and (not counting or not _claimable(question.claims[0], counting, question.as_of)):
            return self._answer(question, "NOT_ELIGIBLE")
        windows = [(each.started_at - WIDENED, each.ended_at + WIDENED) for each in question.claims]
        spans = {each.outage_id: _cut((each.started_at, _end(each, question.as_of)), windows) for each in counting}
        runs = union(span for found in spans.values() for span in found)
        occasions = tuple(
            Occasion(
                run[0], run[1], frozenset(each for each, found in spans.items() if any(_meets(run, span) for span in found))
            )
            for run in runs
        )
        kept = [number for number, run in enumerate(runs) if run[1] - run[0] >= 2 * HOUR]
        if question.cycle is not None and any(question.cycle != (0, 0) and not question.cycle.holds(runs[n][0]) for n in kept):
            return Answer(refused="begins outside of the cycle", claws_back=self.claws_back)
        subscriber = facts_pb2.Subscriber.FromString(question.facts)
        if kept and not subscriber.HasField("data_remaining_bytes"):
            return self._answer(question, "CANNOT_DECIDE", occasions, lacks=("subscriber.data_remaining_bytes",))
        return self._granted(question, messages, spans, occasions, kept, subscriber.data_remaining_bytes)

    def _granted(
        self,
        question: Question,
        messages: Mapping[str, facts_pb2.Outage],
        spans: Mapping[str, Sequence[Span]],
        occasions: Sequence[Occasion],
        kept: Sequence[int],
        rate: int,
    ) -> Answer:
        left = MOST_IN_CYCLE - dict(question.granted_this_cycle or ()).get("data", 0)
        of_months = {month: dict(granted).get("voice", 0) for month, granted in question.granted_by_month or ()}
        grants, due = list[Grant](), dict[Due, Fraction]()
        for number in kept:
            occasion = occasions[number]
            weighted = owned((occasion.started_at, occasion.ended_at), messages, spans, occasion.outage_ids)
            hours = -(-(occasion.ended_at - occasion.started_at) // HOUR)
            data = min(10 * hours * rate, MOST, max(left, 0) // 10 * 10)
            voice = int(Fraction(7 * sum(weighted.values()), HOUR) + Fraction(1, 2))
            if any(each.ended_at is None for each in question.outages if each.outage_id in occasion.outage_ids):
                continue
            left -= data
            if self.months is not None:
                month = self.months(occasion.started_at)
                voice = min(voice, max(MOST_IN_MONTH - of_months.get(month, 0), 0) // 7 * 7)
                of_months[month] = of_months.get(month, 0) + voice
            for benefit, of, quantity in (("data", DATA, data), ("voice", VOICE, voice)):
                if quantity:
                    parts = apportioned(quantity, weighted)
                    grants.append(Grant(number, benefit, of, parts))
                    for outage_id, part in parts.items():
                        party = messages[outage_id].responsible_party
                        if party and part:
                            key = Due(party, outage_id, "CNY")
                            due[key] = due.get(key, Fraction(0)) + Fraction(part, 3)
        whole = {key: int(amount + Fraction(1, 2)) for key, amount in due.items()}
        return self._answer(
            question, "GRANTED" if grants else "NOT_ELIGIBLE", occasions, grants, {k: v for k, v in whole.items() if v}
        )

    def _answer(
        self,
        question: Question,
        outcome: str,
        occasions: Sequence[Occasion] = (),
        grants: Sequence[Grant] = (),
        due: Mapping[Due, int] | None = None,
        lacks: Sequence[str] = (),
    ) -> Answer:
        return Answer(
            tuple(occasions),
            tuple(grants),
            due or {},
            outcome,
            lacks=tuple(lacks),
            claws_back=self.claws_back,
            answer=b"-",
            question=b"".join(
                ComputeCompensationRequest(outages=[facts_pb2.Outage(outage_id=each.outage_id)]).SerializeToString()
                for each in question.outages
            ),
        )


def union(spans: Iterable[Span]) -> list[Span]:
    """Unbroken runs; those that touch are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def owned(
    run: Span, messages: Mapping[str, facts_pb2.Outage], spans: Mapping[str, Sequence[Span]], ids: Collection[str]
) -> dict[str, Fraction]:
    """Weighted seconds of each outage in a run: an instant is of the greatest liability, the earliest start, the smaller id."""
    edges = sorted({edge for each in ids for span in spans[each] for edge in span if run[0] <= edge <= run[1]})
    found = dict.fromkeys(sorted(ids), Fraction(0))
    for start, end in pairwise(edges):
        there = [each for each in ids if any(span[0] <= start and end <= span[1] for span in spans[each])]
        if there:
            owner = min(there, key=lambda each: (-liability(messages[each]), messages[each].started_at.seconds, each))
            found[owner] += (end - start) * liability(messages[owner])
    return found


def apportioned(quantity: int, weights: dict[str, Fraction]) -> dict[str, int]:
    """By largest remainder, ties to the smaller id."""
    total = sum(weights.values())
    exact = {each: quantity * weight / total for each, weight in weights.items()}
    parts = {each: int(share) for each, share in exact.items()}
    rest = quantity - sum(parts.values())
    for each in sorted(exact, key=lambda key: (parts[key] - exact[key], key))[:rest]:
        parts[each] += 1
    return parts


def _claimable(claim: Claim, counting: Sequence[Record], as_of: int) -> bool:
    window = (claim.started_at - WIDENED, claim.ended_at + WIDENED)
    met = [each for each in counting if _cut((each.started_at, _end(each, as_of)), [window])]
    ends = [each.ended_at for each in met]
    return bool(met) and (None in ends or claim.claimed_at <= max(end for end in ends if end is not None) + LATE_AFTER)


def _cut(span: Span, windows: Sequence[Span]) -> list[Span]:
    if not windows:
        return [span]
    cut = [(max(span[0], start), min(span[1], end)) for start, end in union(windows)]
    return [each for each in cut if each[0] < each[1]]


def _meets(run: Span, span: Span) -> bool:
    return run[0] <= span[0] and span[1] <= run[1]


def _end(record: Record, as_of: int) -> int:
    return as_of if record.ended_at is None else record.ended_at
