"""The facts of a case: subscriber, outages, claim and notice, by short names, contract names, and a policy's attributes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from policy.calculator import codes, contract, rules
from policy.calculator.contract import Field, FieldKind
from policy.calculator.request import Claim, GrantedBefore, NoticeRequest, Outage, Subscriber
from policy.language.problems import Refused, Report, did_you_mean, listed
from policy.language.words import items_of, text_of
from policy.language.yaml_tree import List, Map, Node, Text
from policy.tools.cases.known import Known
from policy.tools.cases.naming import Entries, Names
from policy.tools.cases.values import Reader, Unreadable

NOT_GIVEN: Final = "not given"
_BEFORE: Final = "as in {o-1: {data: 330 MiB}}, or {o-1: {credit: {2026-03: 5.00 EUR}}} where it is for each month"


@dataclass(frozen=True, slots=True)
class Context:
    """What reading a case needs: what the policy declares, how strictly values are read, and where problems go."""

    known: Known
    read: Reader
    report: Report

    def value(self, node: Node, what: str, read: Callable[[Text], Any]) -> Any:
        """A value in one line. Raises Refused."""
        text = node if isinstance(node, Text) and self.read.lenient else text_of(node, self.report, what)
        try:
            return read(text)
        except Unreadable as error:
            self.report.refuse(node.at, f"{what}: {error}", error.suggestion)

    def values(self, node: Node, what: str, read: Callable[[Text], Any]) -> tuple[Any, ...]:
        """A list of values; one may stand alone."""
        return tuple(self.value(item, what, read) for item in items_of(node))

    def quantities(self, node: Node, what: str) -> dict[str, int]:
        """Quantities by benefit, each as its kind is paid. Raises Refused."""
        if not isinstance(node, Map):
            self.report.refuse(node.at, f"{what} is a map of benefits to quantities", "{} for none")
        return {key.text: self._quantity(key, value) for key, value in node.entries}

    def amounts(self, node: Node, what: str) -> dict[str, int | tuple[int, ...]]:
        """By benefit what it comes to in all, or a list of what it comes to in each occasion. Raises Refused."""
        if not isinstance(node, Map):
            self.report.refuse(node.at, f"{what} is a map of benefits to quantities", "{} for none")
        return {
            key.text: tuple(self._quantity(key, each) for each in value.items)
            if isinstance(value, List)
            else self._quantity(key, value)
            for key, value in node.entries
        }

    def by_month(self, node: Node, what: str) -> dict[str, dict[str, int]]:
        """Quantities by local month and benefit. Raises Refused."""
        if not isinstance(node, Map):
            self.report.refuse(node.at, f"{what} is a map of months", "as in {2026-03: {credit: 5.00 EUR}}")
        return {key.text: self.quantities(value, key.text) for key, value in node.entries}

    def granted_before(self, node: Node) -> tuple[GrantedBefore, ...]:
        """What was granted before by outage and benefit, and by month where the benefit is for each month. Raises Refused."""
        if not isinstance(node, Map):
            self.report.refuse(node.at, "before is a map of outages to what was granted for each", _BEFORE)
        found: list[GrantedBefore] = []
        for outage, of_outage in node.entries:
            if not isinstance(of_outage, Map):
                self.report.refuse(of_outage.at, f"{outage.text} is a map of benefits to quantities", _BEFORE)
            for benefit, value in of_outage.entries:
                if isinstance(value, Map):
                    found += [
                        GrantedBefore(outage.text, benefit.text, self._quantity(benefit, each), month.text)
                        for month, each in value.entries
                    ]
                else:
                    found.append(GrantedBefore(outage.text, benefit.text, self._quantity(benefit, value)))
        return tuple(found)

    def benefit(self, node: Node) -> str:
        """The name of a benefit. Raises Refused."""
        text = text_of(node, self.report, "a benefit")
        self._kind(text)
        return text.text

    def _quantity(self, benefit: Text, node: Node) -> int:
        kind = self._kind(benefit)
        quantity: int = self.value(node, benefit.text, lambda text: self.read.granted(text, kind))
        return quantity

    def _kind(self, benefit: Text) -> str | None:
        kind = self.known.kinds.get(benefit.text)
        if kind is None and not self.read.lenient:
            hint = did_you_mean(benefit.text, self.known.kinds, f"its benefits are {listed(list(self.known.kinds))}")
            self.report.refuse(benefit.at, f"the policy has no benefit {benefit.text}", hint)
        return kind


Read = Callable[[Context, Node, str], Any]


def _one(read: Callable[[Reader, Text], Any]) -> Read:
    return lambda context, node, what: context.value(node, what, lambda text: read(context.read, text))


def _code(known: tuple[str, ...]) -> Read:
    return _one(lambda reader, text: reader.code(text, known))


def _codes(known: tuple[str, ...]) -> Read:
    return lambda context, node, what: context.values(node, what, lambda text: context.read.code(text, known))


_TEXT: Final[Read] = _one(lambda _, text: text.text)
_TEXTS: Final[Read] = lambda context, node, what: context.values(node, what, lambda text: text.text)  # noqa: E731  a row of the tables
_MONEY: Final[Read] = _one(Reader.money)
_BYTES: Final[Read] = _one(lambda reader, text: reader.whole(text, "bytes"))
_INSTANT: Final[Read] = _one(Reader.instant)
_INTERVAL: Final[Read] = _one(Reader.interval)
_INTERVALS: Final[Read] = lambda context, node, what: context.values(node, what, context.read.interval)  # noqa: E731  as above
_QUANTITIES: Final[Read] = Context.quantities
_BY_MONTH: Final[Read] = Context.by_month


@dataclass(frozen=True, slots=True)
class Slot:
    """A fact of the contract: its short name, the name it goes by elsewhere, and the field that it fills."""

    short: str
    name: str
    field: str
    read: Read


_BY_KIND: Final[Mapping[FieldKind, Callable[[Field], Read]]] = MappingProxyType(
    {
        "code": lambda field: _code(field.codes),
        "codes": lambda field: _codes(field.codes),
        "money": lambda _: _MONEY,
        "quantity": lambda _: _BYTES,
        "texts": lambda _: _TEXTS,
        "instant": lambda _: _INSTANT,
        "interval": lambda _: _INTERVAL,
        "intervals": lambda _: _INTERVALS,
        "quantities": lambda _: _QUANTITIES,
        "quantities by month": lambda _: _BY_MONTH,
    }
)


def _slots(fields: tuple[Field, ...]) -> tuple[Slot, ...]:
    """Attributes go by their own names."""
    return tuple(
        Slot(
            field.short, field.fact or field.name, field.name, _BY_KIND[field.kind](field) if field.kind in _BY_KIND else _TEXT
        )
        for field in fields
        if field.kind != "attributes"
    )


SUBSCRIBER: Final = _slots(contract.SUBSCRIBER)
OUTAGE: Final = _slots(contract.OUTAGE)
CLAIM: Final = _slots(contract.CLAIM)
NOTICE: Final = (
    Slot("channel", "channel", "channel", _code(codes.NOTICE_CHANNELS)),
    Slot("languages", "languages", "languages", _TEXTS),
)
_NO_ATTRIBUTES: Final[Mapping[str, rules.Fact]] = MappingProxyType({})


def subscriber_of(context: Context, names: Names, node: Node) -> Subscriber:
    """The subscriber of a case. Raises Refused."""
    fields = _fields(context, names.entries(node), SUBSCRIBER, "a subscriber", context.known.attributes["subscriber"])
    return Subscriber(**{"subscriber_id": "s-1"} | fields)


def outages_of(context: Context, names: Names, node: Node) -> tuple[Outage, ...]:
    """The outages of a case. Raises Refused."""
    attributes = context.known.attributes["outage"]
    outages = []
    for number, item in enumerate(items_of(node), 1):
        absent: dict[str, Any] = {"outage_id": f"o-{number}", "started_at": None, "impact": "LOSS"}
        fields = _fields(context, names.entries(item), OUTAGE, "an outage", attributes)
        if "started_at" not in fields and not context.read.lenient:
            context.report.refuse(item.at, "an outage lacks from:", "the instant at which it began")
        outages.append(Outage(**absent | fields))
    return tuple(outages)


def claim_of(context: Context, names: Names, node: Node) -> Claim:
    """The claim of a case. Raises Refused."""
    absent: dict[str, Any] = {"channel": "", "claimed_at": None, "started_at": None, "ended_at": None}
    return Claim(**absent | _fields(context, names.entries(node), CLAIM, "a claim", None))


def notice_of(context: Context, node: Node) -> NoticeRequest:
    """Which messages a case asks for. Raises Refused."""
    return NoticeRequest(**_fields(context, Names("notice", None, context.report).entries(node), NOTICE, "notice", None))


def _fields(
    context: Context, entries: Entries, slots: tuple[Slot, ...], what: str, attributes: Mapping[str, rules.Fact] | None
) -> dict[str, Any]:
    """Fields by name, an attribute under its own; ``attributes`` None: it can have none."""
    by_name = {name: slot for slot in slots for name in (slot.name, slot.short)}
    fields: dict[str, Any] = {}
    own: dict[str, Any] = {}
    broken = False
    for key, node in entries.values():
        try:
            if attributes is not None and (key.text in attributes or (context.read.lenient and key.text not in by_name)):
                own[key.text] = _attribute(context, key.text, node, attributes.get(key.text))
            elif key.text in by_name:
                slot = by_name[key.text]
                if slot.field in fields:
                    context.report.refuse(key.at, f"{slot.short} and {slot.name} are one fact", "keep one of them")
                fields[slot.field] = None if _is_not_given(node) else slot.read(context, node, key.text)
            else:
                _unknown(context, key, what, slots, attributes or _NO_ATTRIBUTES)
        except Refused:
            broken = True
    if broken:
        raise Refused
    fields = {name: value for name, value in fields.items() if value is not None}
    own = {name: value for name, value in own.items() if value is not None}
    return fields | {"attributes": own} if own else fields


def _is_not_given(node: Node) -> bool:
    return isinstance(node, Text) and node.text == NOT_GIVEN


def _attribute(context: Context, name: str, node: Node, fact: rules.Fact | None) -> Any:
    if _is_not_given(node):
        return None
    if fact is None:
        return context.value(node, name, context.read.undeclared)
    if fact.type != "intervals":
        return context.value(node, name, lambda text: context.read.attribute(text, fact))
    if isinstance(node, Text) and node.text == "none":
        return ()
    return context.values(node, name, context.read.interval)


def _unknown(context: Context, key: Text, what: str, slots: tuple[Slot, ...], attributes: Mapping[str, rules.Fact]) -> None:
    names = (*(slot.short for slot in slots), *(slot.name for slot in slots), *attributes)
    elsewhere = next((of for of, facts in context.known.attributes.items() if key.text in facts), None)
    hint = (
        f"it is a fact of the {elsewhere}"
        if elsewhere
        else did_you_mean(key.text, names, f"its facts are {listed(list(names))}")
    )
    context.report.refuse(key.at, f"{what} has no fact {key.text}", hint)
