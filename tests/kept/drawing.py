"""The requests: of one version, most of them sound, the others lacking, spoilt, or with numbers that nothing was made for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.codes import EXPLAINS, MODES, PROACTIVE_NOTICE
from policy.calculator.request import Claim, NoticeRequest, Outage, Request, Subscriber
from tests.kept.slips import slipped
from tests.kept.wide import widened
from tests.server.messages import message_of
from tests.strategies.any_policy import Generator
from tests.strategies.malformed import ONE_OUTAGE, WHOLE

Asked = Request | service_pb.ComputeCompensationRequest
"""A question as the library takes it, or as a caller sends it, with slips that the library's form cannot hold."""

Kind = Callable[[Generator, Request, Random], Asked]
MOST_FORGOTTEN: Final = 6
DAY: Final = 86_400
FARTHER: Final = tuple(sign * days * DAY for sign in (-1, 1) for days in (366, 4000, 12_000))
CHANNELS: Final = ("", "SMS", "PUSH")
LANGUAGES: Final = ((), ("en",), ("zh",), ("zh-CN", "en"), ("xx",), ("en", "en"), ("",))


@dataclass(frozen=True, slots=True)
class Drawer:
    """Draws requests for one version, each by a seed of its own: whatever is drawn before it, it is the same.

    ``always``: what becomes of every one of them, where that is not left to chance.
    """

    generator: Generator
    seed: str
    always: Kind | None = None

    def asked(self, number: int) -> Asked:
        """The request of that number."""
        random = Random(f"{self.seed}/{number}")
        (kind,) = [self.always] if self.always else random.choices([*KINDS], [*KINDS.values()])
        request = replace(self.generator.request(random), explain=random.choice(EXPLAINS))
        asked = kind(self.generator, request, random)
        return in_order(asked) if isinstance(asked, Request) else asked


def in_order(request: Request) -> Request:
    """The request with all that goes by name in the order of the names, as a message is read."""

    def sorted_by_name(part: Subscriber | Outage) -> Any:
        return replace(part, attributes=dict(sorted(part.attributes.items())))

    subscriber = request.subscriber
    if subscriber is not None:
        cycle = subscriber.granted_this_cycle
        granted = None if cycle is None else dict(sorted(cycle.items()))
        subscriber = replace(sorted_by_name(subscriber), granted_this_cycle=granted)
    return replace(
        request,
        subscriber=subscriber,
        outages=tuple(map(sorted_by_name, request.outages)),
        already_granted=dict(sorted(request.already_granted.items())),
    )


def with_a_notice(_: Generator, request: Request, random: Random) -> Asked:
    """Such that the subscriber is told in advance, in one of the ways that there are."""
    notice = NoticeRequest(random.choice(CHANNELS), random.choice(LANGUAGES))
    return replace(request, mode=PROACTIVE_NOTICE, claim=None, notice=random.choice((None, notice, notice)))


def as_it_is(_: Generator, request: Request, __: Random) -> Asked:
    """Sound, now and then without a fact."""
    return request


def forgetful(generator: Generator, request: Request, random: Random) -> Asked:
    """Without several of the facts that the version reads."""
    for _ in range(random.randrange(1, MOST_FORGOTTEN)):
        request = generator.without_a_fact(request, random)
    return request


def repeated(__: Generator, request: Request, random: Random) -> Asked:
    """Outages told more than once, their lists the other way round, in any order."""
    outages = [*request.outages]
    for _ in range(random.choice((1, 2, 5)) if outages else 0):
        again = random.choice(outages)
        outages.append(replace(again, services=again.services[::-1], areas=again.areas[::-1]))
    random.shuffle(outages)
    return replace(request, outages=tuple(outages))


def in_any_mode(_: Generator, request: Request, random: Random) -> Asked:
    """In a mode that the request was not made for, with whatever a notice may be asked for."""
    mode = random.choice((PROACTIVE_NOTICE, PROACTIVE_NOTICE, *MODES))
    notice = NoticeRequest(random.choice(CHANNELS), random.choice(LANGUAGES))
    claim = request.claim if random.randrange(4) == 0 else None
    return replace(request, mode=mode, claim=claim, notice=notice if mode == PROACTIVE_NOTICE else None)


def elsewhere(generator: Generator, request: Request, random: Random) -> Asked:
    """At another time, or of another policy or version than it was made for."""
    if random.randrange(2):
        return replace(_moved(request, random.choice(FARTHER)), version=random.choice(("", request.version)))
    versions = [each.version for each in generator.versions]
    policy_id = random.choice((request.policy_id, request.policy_id, "", "cn-standard", "no-such-policy"))
    return replace(request, policy_id=policy_id, version=random.choice(("", "no-such-version", *versions)))


def spoilt(__: Generator, request: Request, random: Random) -> Asked:
    """With one to four changes, most of which make it malformed."""
    for _ in range(random.randrange(1, 5)):
        request = random.choice(WHOLE)(request) if random.randrange(2) else _with_an_outage_spoilt(request, random)
    return request


def wide(generator: Generator, request: Request, random: Random) -> Asked:
    """With numbers about the limits of 64 bits and far beyond."""
    return widened(request, random.choice([benefit.name for benefit in generator.version.benefits]), random)


def slipping(_: Generator, request: Request, random: Random) -> Asked:
    """As a message with slips in any of its fields."""
    message = message_of(request)
    slipped(message, random)
    return message


KINDS: Final[Mapping[Kind, int]] = {
    as_it_is: 42,
    forgetful: 12,
    repeated: 5,
    in_any_mode: 6,
    elsewhere: 4,
    spoilt: 10,
    wide: 12,
    slipping: 9,
}
"""How many of each in a hundred."""


def _moved(request: Request, seconds: int) -> Request:
    """All of it so many seconds later, but for what attributes tell."""

    def later(at: int | None) -> int | None:
        return None if at is None else max(at + seconds, 0)

    def moved(outage: Outage) -> Outage:
        names = ("started_at", "ended_at", "reported_at", "announced_at")
        changes: dict[str, Any] = {name: later(getattr(outage, name)) for name in names}
        return replace(outage, **changes)

    claim = request.claim
    if claim is not None:
        claim = Claim(claim.channel, later(claim.claimed_at), later(claim.started_at), later(claim.ended_at))
    return replace(request, outages=tuple(map(moved, request.outages)), claim=claim, as_of=max(request.as_of + seconds, 0))


def _with_an_outage_spoilt(request: Request, random: Random) -> Request:
    """One outage spoilt, told again with another content, or cut to nothing around its start."""
    if not request.outages:
        return request
    index = random.randrange(len(request.outages))
    outage = request.outages[index]
    changes = random.choice(ONE_OUTAGE)
    if random.randrange(3) == 0:
        changes = {"ended_at": (outage.started_at or 1_780_000_000) + random.choice((-1, 0, 1))}
    changed = replace(outage, **changes)
    rest = request.outages[index + 1 :] if random.randrange(2) else request.outages[index:]
    return replace(request, outages=(*request.outages[:index], changed, *rest))
