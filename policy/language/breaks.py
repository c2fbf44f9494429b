"""``breaks:`` what a benefit does not keep, said by its author with the reason; ``check`` shows the counterexample."""

from collections.abc import Collection
from typing import Final

from policy.calculator import rules
from policy.language.benefits import Offered
from policy.language.problems import did_you_mean, listed
from policy.language.proofs.names import EXCLUDING, MORE, SPLITTING
from policy.language.scope import Scope
from policy.language.shapes import NAME_PATTERN, any_of, map_of, text
from policy.language.words import Form, Word, keep, read_all, read_form, text_of
from policy.language.yaml_tree import Map, Node, Text

_REASONS: Final = map_of(NAME_PATTERN, any_of(text(), map_of(NAME_PATTERN, text(), at_least=1)), at_least=1)

BREAKS: Final[Form[Scope]] = Form(
    name="breaks",
    doc="Properties that a benefit, or a component of it, by its nature does not keep, each with the reason.",
    words={
        MORE: Word("why counted time that contains other counted time can pay less", _REASONS, keep),
        EXCLUDING: Word("why leaving out a cause can pay more", _REASONS, keep),
        SPLITTING: Word("why one outage told as two that touch can pay more", _REASONS, keep),
    },
)


def read_breaks(scope: Scope, node: Node, benefits: tuple[Offered, ...]) -> tuple[rules.Break, ...]:
    """What the policy says its ``benefits`` break."""
    reading = read_form(BREAKS, scope, node, scope.report)
    if isinstance(node, Map) and not node.entries:
        scope.report.refuse(node.at, "breaks: names no property", "remove it")
    read: list[list[rules.Break]] = read_all(
        tuple(reading.values.items()), lambda entry: _of_property(scope, entry[0], entry[1], benefits)
    )
    return tuple(each for breaks in read for each in breaks)


def _of_property(scope: Scope, name: str, node: Node, benefits: tuple[Offered, ...]) -> list[rules.Break]:
    known = {benefit.name: benefit for benefit in benefits}
    if not isinstance(node, Map) or not node.entries:
        hint = f"write the reason under its name: {{{next(iter(known), 'credit')}: ...}}"
        scope.report.refuse(node.at, f"{name}: does not say which benefit breaks it", hint)
    breaks: list[rules.Break] = []

    def read(entry: tuple[Text, Node]) -> None:
        key, inner = entry
        _check_known(scope, key, known, "benefit")
        if not isinstance(inner, Map):
            breaks.append(rules.Break(name, key.text, "", _reason(scope, inner)))
            return
        for part, reason in inner.entries:
            _check_known(scope, part, known[key.text].components, f"component of {key.text}")
            breaks.append(rules.Break(name, key.text, part.text, _reason(scope, reason)))

    read_all(node.entries, read)
    return breaks


def _check_known(scope: Scope, name: Text, known: Collection[str], what: str) -> None:
    if name.text not in known:
        hint = did_you_mean(name.text, known, f"there is {listed(list(known))}" if known else "write the reason alone")
        scope.report.refuse(name.at, f"there is no {what} {name.text}", hint)


def _reason(scope: Scope, node: Node) -> str:
    return " ".join(text_of(node, scope.report, "the reason").text.split())
