"""``expect:`` read."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from policy.calculator import codes
from policy.language.problems import Refused, did_you_mean, listed
from policy.language.quantities import looks_like_quantity
from policy.language.words import items_of
from policy.language.yaml_tree import Map, Node, Text
from policy.tools.cases.answer import REFUSALS, Because
from policy.tools.cases.expected import Expected, ExpectedOccasion, Owed
from policy.tools.cases.facts import Context
from policy.tools.cases.lines import Value
from policy.tools.cases.words import words_of

MALFORMED: Final = "malformed"
_DECIDED: Final = (
    *("outcome", "reasons", "warnings", "grants", "quotes", "recourse", "parts", "clock", "weighted", "version", "occasions"),
    "lines",
)
_OCCASION: Final = ("from", "to", "outages", "month", "billing", "outcome", "reasons", "benefits", "grants", "quotes")
_ALONE: Final = (MALFORMED, "refused")
_ABOUT: Final[Mapping[str, str]] = {"MISSING_FACT": "the path of the field", "CAPPED": "the benefit"}
"""Reasons that say nothing without what they are about."""


def read_expected(context: Context, node: Node) -> Expected:
    """What a case expects. Raises Refused."""
    found = words_of(node, "expect", (*_DECIDED, *_ALONE), context.report)
    kind = [word for word in ("outcome", *_ALONE) if word in found]
    if len(kind) != 1 or (kind[0] in _ALONE and len(found) > 1):
        context.report.refuse(node.at, "expect holds an outcome with what goes with it, or malformed: or refused: alone")
    common: dict[str, Any] = {"kinds": context.known.kinds, "currency_code": context.known.currency_code}
    if MALFORMED in found:
        paths = context.values(found[MALFORMED], MALFORMED, lambda text: text.text)
        if not paths:
            context.report.refuse(found[MALFORMED].at, "malformed: names no field", "the paths of the fields, as in subscriber")
        return Expected(malformed=frozenset(paths), **common)
    if "refused" in found:
        refused = context.value(found["refused"], "refused", lambda text: context.read.code(text, REFUSALS))
        return Expected(refused=refused, **common)
    return _decided(context, found, common)


def _decided(context: Context, found: Mapping[str, Node], common: Mapping[str, Any]) -> Expected:
    reads: dict[str, Callable[[Node], Any]] = {
        "outcome": lambda node: context.value(node, "outcome", lambda text: context.read.code(text, codes.OUTCOMES)),
        "reasons": lambda node: tuple(_because(context, each) for each in items_of(node)),
        "warnings": lambda node: frozenset(
            context.values(node, "warnings", lambda text: context.read.code(text, codes.WARNINGS))
        ),
        "grants": lambda node: context.amounts(node, "grants"),
        "quotes": lambda node: context.amounts(node, "quotes"),
        "recourse": lambda node: _recourse(context, node),
        "parts": lambda node: _parts(context, node),
        "clock": lambda node: context.value(node, "clock", lambda text: context.read.whole(text, "seconds")),
        "weighted": lambda node: context.value(node, "weighted", lambda text: context.read.quantity(text, "seconds")),
        "version": lambda node: read_version(context, node),
        "occasions": lambda node: tuple(_occasion(context, each) for each in items_of(node)),
        "lines": lambda node: _lines(context, node),
    }
    return Expected(**_fields(found, reads, {"clock": "clock_seconds", "weighted": "weighted_seconds"}), **common)


def _fields(found: Mapping[str, Node], reads: Mapping[str, Callable[[Node], Any]], names: Mapping[str, str]) -> dict[str, Any]:
    """What stands under each word, read, by the name of its field. Raises Refused, after all are looked at."""
    fields: dict[str, Any] = {}
    broken = False
    for word, node in found.items():
        try:
            fields[names.get(word, word)] = reads[word](node)
        except Refused:
            broken = True
    if broken:
        raise Refused
    return fields


def _occasion(context: Context, node: Node) -> ExpectedOccasion:
    """One of the list; what it does not say is not compared."""
    found = words_of(node, "an occasion", _OCCASION, context.report)
    reads: dict[str, Callable[[Node], Any]] = {
        "from": lambda node: context.value(node, "from", context.read.instant),
        "to": lambda node: context.value(node, "to", context.read.instant),
        "outages": lambda node: context.values(node, "outages", lambda text: text.text),
        "month": lambda node: context.value(node, "month", lambda text: text.text),
        "billing": lambda node: context.value(node, "billing", context.read.interval),
        "outcome": lambda node: context.value(node, "outcome", lambda text: context.read.code(text, codes.OUTCOMES)),
        "reasons": lambda node: tuple(_because(context, each) for each in items_of(node)),
        "benefits": lambda node: tuple(context.benefit(each) for each in items_of(node)),
        "grants": lambda node: context.quantities(node, "grants"),
        "quotes": lambda node: context.quantities(node, "quotes"),
    }
    names = {"from": "started_at", "to": "ended_at", "outages": "outage_ids", "billing": "billing_cycle"}
    return ExpectedOccasion(**_fields(found, reads, names))


def read_version(context: Context, node: Node) -> str:
    """The name of a version of the policy. Raises Refused."""
    name: str = context.value(node, "version", lambda text: text.text)
    if name not in context.known.versions and not context.read.lenient:
        hint = did_you_mean(name, context.known.versions, f"there are {listed(context.known.versions)}")
        context.report.refuse(node.at, f"the policy has no version {name}", hint)
    return name


def _because(context: Context, node: Node) -> Because:
    if isinstance(node, Map):
        if len(node.entries) != 1:
            context.report.refuse(node.at, "a reason is a code, or a code and what it is about", "as in {CAPPED: data}")
        ((code, about),) = node.entries
        return Because(_reason(context, code), context.value(about, code.text, lambda text: text.text))
    code = context.value(node, "a reason", lambda text: text)
    what = _ABOUT.get(code.text)
    if what is not None:
        context.report.refuse(node.at, f"{code.text} lacks what it is about", f"write {{{code.text}: {what}}}")
    return Because(_reason(context, code))


def _reason(context: Context, node: Text) -> str:
    return str(context.value(node, "a reason", lambda text: context.read.code(text, codes.REASONS)))


def _recourse(context: Context, node: Node) -> dict[str, Owed]:
    if not isinstance(node, Map):
        context.report.refuse(node.at, "recourse is a map of parties to amounts", "as in {grid: 7.80 CNY}")
    return {key.text: _owed(context, key, value) for key, value in node.entries}


def _owed(context: Context, party: Text, node: Node) -> Owed:
    """By a party: in all, or for each outage."""
    if isinstance(node, Map):
        return {key.text: _money(context, key, value) for key, value in node.entries}
    return _money(context, party, node)


def _money(context: Context, what: Text, node: Node) -> int:
    amount: int = context.value(node, what.text, lambda text: context.read.whole(text, "money"))
    return amount


def _parts(context: Context, node: Node) -> dict[str, dict[str, int]]:
    if not isinstance(node, Map):
        context.report.refuse(node.at, "parts is a map of outages to what is granted for each", "as in {o-1: {data: 330 MiB}}")
    return {key.text: context.quantities(value, key.text) for key, value in node.entries}


def _lines(context: Context, node: Node) -> dict[str, tuple[Value, ...]]:
    if not isinstance(node, Map):
        context.report.refuse(node.at, "lines is a map of rules to values", "as in {benefits.data.round: 330 MiB}")
    return {key.text: context.values(value, key.text, lambda text: _line_value(context, text)) for key, value in node.entries}


def _line_value(context: Context, text: Text) -> Value:
    return context.read.exact(text) if looks_like_quantity(text.text) else text.text
