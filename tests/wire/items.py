"""What the big runs try: items and defaults that are right, nearly right, and not at all."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any, Final

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy import Request
from policy.calculator.checks import MAX_ITEMS
from policy.calculator.program import Program
from server.envelope import field
from tests.server.messages import message_of
from tests.server.samples import question
from tests.wire.both import Both, batch_of, enveloped
from tests.wire.composing import Composer, reordered
from tests.wire.drawing import POLICIES, PROGRAMS, as_it_is, forgetful, generator_of
from tests.wire.mutating import mutated

COMPOSER: Final = Composer(POLICIES)
WHOLE: Final = 12
AS_IT_IS, STRIPPED, BY_DESCRIPTOR = 0.05, 0.1, 0.4
"""Parts of the items that are left right, that leave to the batch what it may state, and that are changed by descriptors; of
the others bytes are changed."""


STATED: Final = frozenset(each.name for each in service_pb.BatchDefaults.DESCRIPTOR.fields)
MOST_DRAWN: Final = 4 * WHOLE
IsPlain = Callable[[bytes], bool]
"""Whether an item is answered from bytes to bytes."""


class Items:
    """Items for one version, made of ``WHOLE`` that were drawn for it, as far as may be of such as ``is_plain``."""

    def __init__(self, program: Program, random: Random, is_plain: IsPlain) -> None:
        self._random = random
        batch = batch_of([drawn(program, random) for _ in range(MOST_DRAWN)])
        self._whole = sorted(batch.items, key=lambda item: not is_plain(item.SerializeToString()))[:WHOLE]
        self._bytes = [item.SerializeToString() for item in self._whole]

    def item(self) -> bytes:
        """One of them, changed or not."""
        random = self._random
        number, kind = random.randrange(WHOLE), random.random()
        if kind < AS_IT_IS:
            return self._bytes[number]
        if kind < AS_IT_IS + STRIPPED:
            return stripped(self._whole[number])
        if kind < AS_IT_IS + STRIPPED + BY_DESCRIPTOR:
            return changed(self._whole[number], random)
        return mutated(self._bytes[number], random)

    def defaults(self) -> bytes:
        """What a batch states once; often nothing, often nothing that is wrong."""
        random = self._random
        stated = stated_of(random.choice(self._whole))
        kind = random.random()
        if kind < 0.4:
            return b""
        if kind < 0.7:
            return stated.SerializeToString()
        if kind < 0.9:
            return changed(stated, random)
        return mutated(stated.SerializeToString(), random)


def batches_of_all(both: Both, random: Random, count: int, of_each: int = 1) -> Iterator[bytes]:
    """For every version of the catalog so many batches of so many items."""
    for program in PROGRAMS:
        items = Items(program, random, lambda item: both.alone(item) is not None)
        for _ in range(of_each):
            yield enveloped([items.item() for _ in range(count)], items.defaults())


def stated_of(item: service_pb.ComputeCompensationRequest) -> service_pb.BatchDefaults:
    """What an item says of all that a batch may state."""
    stated = service_pb.BatchDefaults()
    for said, value in item.ListFields():
        if said.name in STATED:
            stated.MergeFrom(service_pb.BatchDefaults(**{said.name: value}))
    return stated


def stripped(item: service_pb.ComputeCompensationRequest) -> bytes:
    """An item that leaves to its batch all that may be stated there."""
    left = service_pb.ComputeCompensationRequest.FromString(item.SerializeToString())
    for name in STATED:
        left.ClearField(name)  # type: ignore[arg-type]  # a name that is read off a descriptor
    data: bytes = left.SerializeToString()
    return data


def with_long_lists(item: service_pb.ComputeCompensationRequest) -> Iterator[bytes]:
    """The item over and over, each time with one list or map of the contract of as many elements as are taken, and one more."""
    for path in _lists(item.DESCRIPTOR, ()):
        for count in (MAX_ITEMS, MAX_ITEMS + 1):
            copy = service_pb.ComputeCompensationRequest.FromString(item.SerializeToString())
            COMPOSER.lengthen(copy, path, count)
            yield copy.SerializeToString()


def rare_items() -> Iterator[bytes]:
    """Batches of one item each, of what chance hardly comes upon; see also :func:`long_items`."""
    item = question()
    outage = item.outages.pop()
    for service in range(7):  # one by one, as nobody writes a list of numbers any more
        one = outage.SerializeToString() + bytes([facts_pb.Outage.SERVICES_FIELD_NUMBER << 3, service])
        whole = field(service_pb.ComputeCompensationRequest.OUTAGES_FIELD_NUMBER, one)
        yield enveloped([item.SerializeToString() + whole], b"")
    for channel, languages in itertools.product(decision_pb.NoticeChannel.values(), ((), ("zh-CN",), ("xx",), ("zh-CN",) * 2)):
        told = question()
        told.mode = service_pb.MODE_PROACTIVE_NOTICE
        told.notice.channel = channel
        told.notice.languages.extend(languages)
        yield enveloped([told.SerializeToString()], b"")
    days = question()
    COMPOSER.lengthen(days, ("outages",), MAX_ITEMS)
    for each in days.outages:  # more work together than one question may be
        each.started_at.seconds -= 100 * 86_400
    yield enveloped([days.SerializeToString()], b"")


def emptied_items() -> Iterator[bytes]:
    """Batches of two items: one that is right, and the same with a message somewhere in it that says nothing."""
    random = Random(1)
    for program in PROGRAMS:
        item = message_of(drawn(program, random))
        for path in _messages(item, ()):
            copy = service_pb.ComputeCompensationRequest.FromString(item.SerializeToString())
            inner: Any = copy
            for step in path:
                inner = getattr(inner, step) if isinstance(step, str) and not hasattr(inner, "items") else inner[step]
            inner.Clear()
            yield enveloped([item.SerializeToString(), copy.SerializeToString()], b"")


def _messages(message: Message, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """The ways to every message inside."""
    for said, value in message.ListFields():
        if said.message_type is None:
            continue
        if said.message_type.GetOptions().map_entry:
            inner = [(key, value[key]) for key in value if isinstance(value[key], Message)]
        elif said.is_repeated:
            inner = list(enumerate(value))
        else:
            inner = []
            yield (*path, said.name)
            yield from _messages(value, (*path, said.name))
        for key, each in inner:
            yield (*path, said.name, key)
            yield from _messages(each, (*path, said.name, key))


def long_items() -> Iterator[bytes]:
    """Batches of one item, which has a long list."""
    for item in with_long_lists(question()):
        yield enveloped([item], b"")


def _lists(descriptor: Descriptor, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for each in descriptor.fields:
        if each.is_repeated:
            yield (*path, each.name)
        if each.message_type is not None:
            yield from _lists(each.message_type, (*path, each.name))


def changed(message: Message, random: Random) -> bytes:
    """A copy that is changed by its descriptor, in one place or in a few, and at times written in another order."""
    copy = type(message).FromString(message.SerializeToString())
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        COMPOSER.change(copy, random)
    data: bytes = copy.SerializeToString()
    return reordered(data, random) if random.random() < 0.1 else data


def drawn(program: Program, random: Random) -> Request:
    """A request for a version, explained in a way that goes from bytes to bytes."""
    generator = generator_of(program)
    request = random.choice((as_it_is, as_it_is, forgetful))(generator, generator.request(random), random)
    return replace(request, explain=random.choice(("NONE", "SUMMARY")))
