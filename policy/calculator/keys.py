"""Keys: the id of a decision and the key of a grant, the same on every replica, for ever.

The id of a decision is the first 128 bits of SHA-256 over a canonical form: a digest of what is the same for all decisions of a
version, integers of eight bytes each (as many for every request of the version), the outages, and texts with a control
character between them. No text of a valid request holds a control character, and no valid fact is negative, so that no two
different facts have one form. One outage stands there by its integers and texts, several by a digest of theirs, so that a
batch of rows that share a thousand outages goes through them once. What few requests have stands there by the number of its
elements, 0 for most, and a digest of them all where there are any: what was granted before by outage, earlier claims, months.

The key of a grant is the stem of its occasion (128 bits of policy, subscriber and set of outages) xor the mark of the grant
(128 bits of benefit, what was granted before, which month or cycle, which rank): a request of one occasion is hashed once, and
marks are few. Keys that differ in either part are the same by a chance of 1 in 2^128 only, as with one hash over all.

The forms are frozen: a change of theirs is a change of every key, and would let a grant be booked twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from hashlib import sha256
from operator import attrgetter
from struct import Struct, pack
from typing import Any, Final

from policy.calculator import codes, rules
from policy.calculator.contract import OUTAGE, SUBSCRIBER, Field
from policy.calculator.cycle import BILLING_CYCLE
from policy.calculator.facts import RATIO_DENOMINATOR, Row, View
from policy.calculator.request import AttributeValue, Instant, Interval, Money, Outage, Subscriber

KEY_BYTES: Final = 16
ABSENT: Final = -1
"""Stands for what was not given."""

OfSubscriber = Callable[[Subscriber], int]
OfOutage = Callable[[Outage], int]
Attributes = Mapping[str, AttributeValue | None]
Text = Callable[[Attributes], str]


def _given(value: int | None) -> int:
    return ABSENT if value is None else value


def _numbers(words: Sequence[str]) -> Mapping[str, int]:
    """The place of each word in its vocabulary, to which words are only ever added at the end."""
    return {word: number for number, word in enumerate(words)} | {"": ABSENT}


_MODE: Final = _numbers(codes.MODES)
_CLAIM_CHANNEL: Final = _numbers(codes.CLAIM_CHANNELS)
_SERVICE_BIT: Final = {word: 1 << number for number, word in enumerate(codes.SERVICES)}


def _of_fields(path: str, fields: Sequence[Field]) -> dict[str, Callable[[Any], int]]:
    """A reader of the number of each field that is in a key, by its path, in order of their places."""
    placed = sorted((field.in_key, field) for field in fields if field.in_key is not None)
    return {f"{path}.{field.name}": _of_field(field) for _, field in placed}


def _of_field(field: Field) -> Callable[[Any], int]:
    read, numbers = attrgetter(field.name), _numbers(field.codes)
    match field.kind:
        case "code":
            return lambda owner: numbers[read(owner)]
        case "money":
            return lambda owner: ABSENT if read(owner) is None else int(read(owner).amount_minor)
        case "texts":
            return lambda owner: len(read(owner))
    return lambda owner: _given(read(owner))


_SUBSCRIBER: Final = _of_fields("subscriber", SUBSCRIBER)
_OUTAGE: Final = _of_fields("outages[]", OUTAGE)
_CYCLE: Final[tuple[OfSubscriber, ...]] = (
    lambda s: ABSENT if s.billing_cycle is None else s.billing_cycle.started_at,
    lambda s: ABSENT if s.billing_cycle is None else s.billing_cycle.ended_at,
)


class Keys:
    """Makes the keys of one version's decisions. Only what the version reads goes in, so an unread field changes nothing."""

    def __init__(self, version: rules.Version, engine_version: str, reads: Mapping[str, rules.Fact]) -> None:
        self.policy_id = version.policy_id
        self.version_digest = sha256(f"makegood-decision-2\x1f{version.sha256}\x1f{engine_version}".encode()).digest()
        read = set(reads) | ({"outages[].cause"} if version.notice is not None else set())
        attributes = sorted((fact for fact in reads.values() if fact.attribute), key=lambda fact: fact.name)
        of_subscriber = [fact for fact in attributes if fact.of == "subscriber"]
        of_outage = [fact for fact in attributes if fact.of == "outage"]
        self.subscriber_facts = [reads[field].name for field in _SUBSCRIBER if field in read]
        self.outage_facts = [field.removeprefix("outages[].") for field in _OUTAGE if field in read]
        self.subscriber_attributes = [fact.name for fact in of_subscriber]
        self.outage_attributes = [fact.name for fact in of_outage if fact.type != "intervals"]
        self.outage_intervals = [fact.name for fact in of_outage if fact.type == "intervals"]
        by_cycle = any(each.for_each == "billing cycle" or each.at_most_per_cycle is not None for each in version.benefits)
        self.reads_cycle = by_cycle or BILLING_CYCLE.field in read
        self._subscriber = [number for field, number in _SUBSCRIBER.items() if field in read]
        self._subscriber += _CYCLE if self.reads_cycle else ()
        self._subscriber += [_of(_attributes_of_subscriber, number) for number in _attribute_numbers(of_subscriber)]
        self._subscriber_texts = _attribute_texts(of_subscriber)
        self._outage = [number for field, number in _OUTAGE.items() if field in read]
        self._outage += [_of(_attributes_of_outage, number) for number in _attribute_numbers(of_outage)]
        self._outage_texts = _attribute_texts(of_outage)
        self.reads_services = any(clock.services is not None for clock in version.clocks)
        self.reads_party = version.recourse is not None
        self.benefits = [benefit.name for benefit in version.benefits]
        self._benefit_numbers = {name: number for number, name in enumerate(self.benefits)}
        self._first_marks = {name: int.from_bytes(grant_mark(name, 0)) for name in self.benefits}
        self.cycle = [benefit.name for benefit in version.benefits if benefit.at_most_per_cycle is not None]
        self.by_month = [benefit.name for benefit in version.benefits if benefit.at_most_per_month is not None]
        self._no_cycle = [ABSENT] * len(self.cycle)
        self.reads_as_of = "as_of" in reads
        integers = 1 + len(self._subscriber) + len(self.cycle) + len(self.benefits) + 1 + 4 + 1 + 3
        self._integers = Struct(f"<{integers}q")

    def decision_id(self, row: Row) -> str:
        """The id of the decision on ``row``. ``as_of`` counts only where an outage goes on, for only then is it read."""
        request, subscriber = row.request, row.subscriber
        integers = [_MODE[request.mode]]
        integers += [number(subscriber) for number in self._subscriber]
        cycle, claim = subscriber.granted_this_cycle, request.claim
        integers += self._no_cycle if cycle is None else [cycle.get(name, 0) for name in self.cycle]
        before, apart = self._granted_before(row)
        integers += [before.get(name, 0) for name in self.benefits]
        as_of_is_read = self.reads_as_of or any([view.outage.ended_at is None for view in row.views])
        integers.append(request.as_of if as_of_is_read else ABSENT)
        if claim is None:
            integers += _NO_CLAIM
        else:
            instants = (claim.claimed_at, claim.started_at, claim.ended_at)
            integers += [_CLAIM_CHANNEL[claim.channel], *map(_given, instants)]
        integers.append(len(row.views))
        earlier = () if claim is None else sorted({(each.started_at, each.ended_at) for each in claim.earlier})
        months = sorted(subscriber.granted_by_month.items()) if self.by_month else ()
        integers += (len(apart), len(earlier), len(months))
        lists = self._lists_digest(apart, earlier, months) if apart or earlier or months else b""
        texts = [subscriber.subscriber_id, *[text(subscriber.attributes) for text in self._subscriber_texts]]
        if request.notice is not None:
            texts += [request.notice.channel, *sorted(set(request.notice.languages))]
        form = self.version_digest + self._integers.pack(*integers) + self._outages_form(row.views) + lists
        return sha256(form + "\x1f".join(texts).encode()).digest()[:KEY_BYTES].hex()

    def _granted_before(self, row: Row) -> tuple[Mapping[str, int], Sequence[tuple[str, int, str, int]]]:
        """What was granted before: of the only outage by benefit, told either way; else by outage, benefit and month."""
        given = row.request.granted_before
        if not given:
            return row.request.already_granted, ()
        alone = len(row.views) == 1
        of_one = {each.benefit: each.quantity for each in given if alone and not each.month}
        number = self._benefit_numbers
        apart = [
            (each.outage_id, number[each.benefit], each.month, each.quantity)
            for each in given
            if each.quantity and not (alone and not each.month)
        ]
        return of_one, sorted(apart)

    def _lists_digest(
        self,
        before: Sequence[tuple[str, int, str, int]],
        earlier: Sequence[tuple[int, int]],
        months: Sequence[tuple[str, Mapping[str, int]]],
    ) -> bytes:
        """Of what few requests have; how many elements each has stands elsewhere in the form."""
        integers = [number for _, benefit, _, quantity in before for number in (benefit, quantity)]
        integers += [instant for span in earlier for instant in span]
        integers += [given.get(name, 0) for _, given in months for name in self.by_month]
        texts = [text for outage_id, _, month, _ in before for text in (outage_id, month)] + [month for month, _ in months]
        return sha256(outages_form(integers, texts)).digest()

    def _outages_form(self, views: Sequence[View]) -> bytes:
        """Of the set of outages: their order means nothing."""
        integers: list[int] = []
        texts: list[str] = []
        for view in views if len(views) < 2 else sorted(views, key=lambda view: view.outage.outage_id):
            outage = view.outage
            integers += [view.start, _given(outage.ended_at)]
            integers += [number(outage) for number in self._outage]
            if self.reads_services:
                integers.append(sum({_SERVICE_BIT[service] for service in outage.services}))
            texts.append(outage.outage_id)
            if self.reads_party:
                texts.append(outage.responsible_party)
            texts += [text(outage.attributes) for text in self._outage_texts]
        form = outages_form(integers, texts)
        return form if len(views) == 1 else sha256(form).digest()

    def grant_stem(self, subscriber_id: str, outage_ids: Iterable[str]) -> bytes:
        """What all grants of an occasion share: policy id, subscriber and the set of outages."""
        form = "\x1f".join(("makegood-grant-1", self.policy_id, subscriber_id, *sorted(set(outage_ids))))
        return sha256(form.encode()).digest()[:KEY_BYTES]

    def grant_key(self, stem: bytes, benefit: str, granted_before: int, where: str = "", rank: int = 1) -> str:
        """The key of a grant: a repeat has the same, a top-up after a corrected record (more granted before) a new one.

        ``granted_before``: what of it was used up in the occasion. ``where``: the month ("2026-03") or cycle, as
        :func:`cycle_mark` writes it, where that is the occasion; ``rank``: among those of the same outages, in order of time.
        """
        if granted_before == 0 and rank == 1 and not where:
            mark = self._first_marks[benefit]
        else:
            mark = int.from_bytes(grant_mark(benefit, granted_before, where, rank))
        return (int.from_bytes(stem) ^ mark).to_bytes(KEY_BYTES).hex()


def grant_mark(benefit: str, granted_before: int, where: str = "", rank: int = 1) -> bytes:
    """What tells the grants for one set of outages apart."""
    form = f"makegood-mark-1\x1f{benefit}\x1f{granted_before}"
    if where:
        form += f"\x1f{where}"
    if rank > 1:
        form += f"\x1f#{rank}"
    return sha256(form.encode()).digest()[:KEY_BYTES]


def cycle_mark(cycle: Interval, at: int) -> str:
    """Of an occasion that begins at ``at`` and is a billing cycle: the one that the request gives, or what lies around it."""
    if at < cycle.started_at:
        return f"before/{cycle.started_at}"
    return f"{cycle.started_at}/{cycle.ended_at}" if at < cycle.ended_at else f"{cycle.ended_at}/after"


def outages_form(integers: Sequence[int], texts: Sequence[str]) -> bytes:
    """The integers of all outages and then their texts, in order of their ids."""
    return pack(f"<{len(integers)}q", *integers) + "".join([f"{text}\x1f" for text in texts]).encode()


_NO_CLAIM: Final = [ABSENT] * 4


def _attributes_of_subscriber(subscriber: Subscriber) -> Attributes:
    return subscriber.attributes


def _attributes_of_outage(outage: Outage) -> Attributes:
    return outage.attributes


def _of(attributes: Callable[[Any], Attributes], number: Callable[[Any], int]) -> Callable[[Any], int]:
    return lambda owner: number(attributes(owner))


def _attribute_numbers(facts: Iterable[rules.Fact]) -> list[Callable[[Attributes], int]]:
    """A reader of each attribute that is a number, a code (by its place in the version's list), an instant or a date."""

    def number(fact: rules.Fact) -> Callable[[Attributes], int]:
        name, places, scale = fact.name, _numbers(fact.codes), RATIO_DENOMINATOR if fact.type == "ratio" else 1
        return lambda attributes: _number(attributes.get(name), places, scale)

    return [number(fact) for fact in facts if fact.type != "intervals"]


def _number(value: AttributeValue | None, places: Mapping[str, int], scale: int) -> int:
    match value:
        case None:
            return ABSENT
        case str():
            return places[value]
        case Money(amount_minor=amount):
            return amount
        case Instant(seconds=seconds):
            return seconds
        case date():
            return value.toordinal()
        case int() | Fraction():
            return int(value * scale)
    raise AssertionError("intervals are texts")


def _attribute_texts(facts: Iterable[rules.Fact]) -> list[Text]:
    """A reader of each attribute that is a list of intervals: its text, whatever their order; "" where it was not given."""

    def text(name: str) -> Text:
        return lambda attributes: _spans(attributes.get(name))

    return [text(fact.name) for fact in facts if fact.type == "intervals"]


def _spans(value: AttributeValue | None) -> str:
    if not isinstance(value, tuple):
        return ""
    spans: Iterable[Interval] = sorted(value, key=lambda span: (span.started_at, span.ended_at))
    return "[" + ",".join(f"{span.started_at}-{span.ended_at}" for span in spans) + "]"
