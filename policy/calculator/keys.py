"""Keys: the id of a decision and the key of a grant, the same on every replica, for ever.

A key is the first 128 bits of SHA-256 over a canonical form: all integers as eight bytes each, then all texts with a control
character between them. Lists stand behind their count, and no text of a valid request holds a control character, so no two
different facts have one form. The forms are frozen: a change of theirs is a change of every key, and would let a grant be
booked twice.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from fractions import Fraction
from hashlib import sha256
from struct import pack
from typing import Any, Final

from policy.calculator import rules
from policy.calculator.facts import Row, View
from policy.calculator.request import AttributeValue, Instant, Money, Outage, Subscriber

KEY_HEX_DIGITS: Final = 32
_ABSENT: Final = -1
"""Stands for what was not given; no valid fact is negative."""


class Form:
    """A canonical form under way: integers and texts, in the order in which they are added."""

    __slots__ = ("integers", "texts")

    def __init__(self, *texts: str) -> None:
        self.integers: list[int] = []
        self.texts: list[str] = list(texts)

    def integer(self, number: int | None) -> None:
        """A number, an instant, a quantity; None where it was not given."""
        self.integers.append(_ABSENT if number is None else number)

    def set_of(self, texts: Collection[str]) -> None:
        """Texts whose order and repeats mean nothing."""
        given = sorted(set(texts)) if len(texts) > 1 else texts
        self.integers.append(len(given))
        self.texts.extend(given)

    def money(self, amount: Money | None) -> None:
        """An amount with its currency; None where it was not given."""
        if amount is None:
            self.integers.append(_ABSENT)
        else:
            self.integers.append(amount.amount_minor)
            self.texts.append(amount.currency_code)

    def quantities(self, quantities: Mapping[str, int] | None) -> None:
        """Quantities by name; a quantity of 0 is the same as none, not known is not."""
        if quantities is None:
            self.integers.append(_ABSENT)
            return
        given = sorted(name for name, quantity in quantities.items() if quantity)
        self.integers.append(len(given))
        self.integers.extend([quantities[name] for name in given])
        self.texts.extend(given)

    def value(self, value: AttributeValue | None) -> None:
        """An attribute, behind a letter for its type."""
        match value:
            case None:
                self.texts.append("absent")
            case bool():
                self.texts.append("yes" if value else "no")
            case int():
                self.texts.append("integer")
                self.integers.append(value)
            case Fraction():
                self.texts.append("ratio")
                self.integers += [value.numerator, value.denominator]
            case str():
                self.texts += ["text", value]
            case Money():
                self.texts.append("money")
                self.money(value)
            case Instant(seconds=seconds):
                self.texts.append("instant")
                self.integers.append(seconds)
            case date():
                self.texts.append("date")
                self.integers.append(value.toordinal())
            case tuple():
                self.texts.append("intervals")
                self.integers.append(len(value))
                for span in sorted(value, key=lambda span: (span.started_at, span.ended_at)):
                    self.integers += [span.started_at, span.ended_at]

    def digest(self) -> Any:
        """The hash object of the form."""
        integers = self.integers
        return sha256(pack(f"<{len(integers) + 1}q", len(integers), *integers) + "\x1f".join(self.texts).encode())


_SUBSCRIBER: Final[dict[str, Callable[[Form, Subscriber], None]]] = {
    "subscriber.plan_type": lambda form, s: form.texts.append(s.plan_type),
    "subscriber.monthly_fee": lambda form, s: form.money(s.monthly_fee),
    "subscriber.data_allowance_bytes": lambda form, s: form.integer(s.data_allowance_bytes),
    "subscriber.data_remaining_bytes": lambda form, s: form.integer(s.data_remaining_bytes),
    "subscriber.value_added_services": lambda form, s: form.integer(len(s.value_added_services)),
    "subscriber.customer_type": lambda form, s: form.texts.append(s.customer_type),
    "subscriber.payment": lambda form, s: form.texts.append(s.payment),
}
_OUTAGE: Final[dict[str, Callable[[Form, Outage], None]]] = {
    "outages[].cause": lambda form, o: form.texts.append(o.cause),
    "outages[].impact": lambda form, o: form.texts.append(o.impact),
    "outages[].reported_at": lambda form, o: form.integer(o.reported_at),
    "outages[].announced_at": lambda form, o: form.integer(o.announced_at),
    "outages[].responsible_party": lambda form, o: form.texts.append(o.responsible_party),
}


class Keys:
    """Makes the keys of one version's decisions. Only what the version reads goes in, so an unread field changes nothing."""

    def __init__(self, version: rules.Version, engine_version: str, reads: Mapping[str, rules.Fact]) -> None:
        self._policy_id = version.policy_id
        self._prefix = ("makegood-decision-1", version.sha256, engine_version)
        read = set(reads)
        if version.recourse is not None:
            read.add("outages[].responsible_party")
        if version.notice is not None:
            read.add("outages[].cause")
        self._subscriber = [add for field, add in _SUBSCRIBER.items() if field in read]
        self._outage = [add for field, add in _OUTAGE.items() if field in read]
        self._subscriber_attributes = sorted(fact.name for fact in reads.values() if fact.attribute and fact.of == "subscriber")
        self._outage_attributes = sorted(fact.name for fact in reads.values() if fact.attribute and fact.of == "outage")
        self._services = any(clock.services is not None for clock in version.clocks)
        self._cycle = [benefit.name for benefit in version.benefits if benefit.at_most_per_cycle is not None]
        self._as_of = "as_of" in reads

    def decision_id(self, row: Row) -> str:
        """The id of the decision on ``row``. ``as_of`` counts only where an outage goes on, for only then is it read."""
        request, subscriber = row.request, row.subscriber
        form = Form(*self._prefix, request.mode, subscriber.subscriber_id)
        for of_subscriber in self._subscriber:
            of_subscriber(form, subscriber)
        for name in self._subscriber_attributes:
            form.value(subscriber.attributes.get(name))
        if self._cycle:
            cycle = subscriber.granted_this_cycle
            form.quantities(cycle and {name: cycle.get(name, 0) for name in self._cycle})
        form.quantities(request.already_granted)
        views = row.views if len(row.views) < 2 else sorted(row.views, key=lambda view: view.outage.outage_id)
        form.integers.append(len(views))
        for view in views:
            self._add_outage(form, view)
        if self._as_of or any([view.outage.ended_at is None for view in views]):
            form.integer(request.as_of)
        claim = request.claim
        if claim is not None:
            form.texts.append(claim.channel)
            form.integers += [at or 0 for at in (claim.claimed_at, claim.started_at, claim.ended_at)]
        if request.notice is not None:
            form.texts.append(request.notice.channel)
            form.set_of(request.notice.languages)
        return str(form.digest().hexdigest()[:KEY_HEX_DIGITS])

    def _add_outage(self, form: Form, view: View) -> None:
        outage = view.outage
        form.texts.append(outage.outage_id)
        form.integers.append(view.start)
        form.integer(outage.ended_at)
        for add in self._outage:
            add(form, outage)
        if self._services:
            form.set_of(outage.services)
        for name in self._outage_attributes:
            form.value(outage.attributes.get(name))

    def grant_stem(self, row: Row) -> Any:
        """What the keys of all grants on ``row`` begin with: subscriber, policy id and the set of outages."""
        form = Form("makegood-grant-1", row.subscriber.subscriber_id, self._policy_id)
        form.set_of([view.outage.outage_id for view in row.views])
        return form.digest()

    def grant_key(self, stem: Any, benefit: str, granted_before: int) -> str:
        """The key of a grant: a repeat has the same, a top-up after a corrected record (more granted before) a new one."""
        digest = stem.copy()
        digest.update(f"\x1f{benefit}\x1f{granted_before}".encode())
        return str(digest.hexdigest()[:KEY_HEX_DIGITS])
