"""``for each:`` what a benefit is worked out for, each by itself: its occasion; and what cannot be asked of one."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, get_args

from policy.calculator import rules
from policy.language.problems import At, Report, did_you_mean, listed
from policy.language.scope import Scope
from policy.language.words import text_of
from policy.language.yaml_tree import Node

FOR_EACH: Final[tuple[rules.ForEach, ...]] = get_args(rules.ForEach)

_WIDER: Final[Mapping[str, frozenset[rules.ForEach]]] = MappingProxyType(
    {
        "month": frozenset({"interruption", "outage", "billing cycle"}),
        "billing cycle": frozenset({"interruption", "outage", "month"}),
    }
)
"""The occasions that each scope reaches beyond."""
_OF_CYCLE: Final = ("billing cycle", "all together")


def read_for_each(report: Report, node: Node) -> rules.ForEach:
    """What a policy or a benefit is worked out for."""
    said = text_of(node, report, "for each:")
    known = next((each for each in FOR_EACH if said.text == each), None)
    if known is None:
        hint = did_you_mean(said.text, FOR_EACH, f"write {listed(list(FOR_EACH), 'or')}")
        report.refuse(said.at, f"nothing is worked out for each {said.text!r}", hint)
    return known


def check_width(scope: Scope, at: At, looked_at: rules.Scope, for_each: rules.ForEach | None, of: str = "the benefit") -> None:
    """Refuses a scope that looks wider than the occasion. ``of``: whose that is."""
    if for_each is None or for_each not in _WIDER.get(looked_at, ()):
        return
    hint = f"write for each: {looked_at} for the benefit, or look at total or interruption"
    scope.report.add(at, f"{looked_at} looks wider than each {for_each}, which {of} is worked out for", hint)


def check_of_cycle(scope: Scope, at: At, what: str, for_each: rules.ForEach | None) -> None:
    """Refuses ``what``, which is told of the subscriber as a whole, unless that is what the benefit is worked out for."""
    if for_each is not None and for_each not in _OF_CYCLE:
        message = f"{what}, and the benefit is worked out for each {for_each}"
        scope.report.refuse(at, message, "write for each: billing cycle, or for each: all together, for the benefit")
