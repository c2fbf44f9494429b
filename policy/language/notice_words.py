"""The words that messages are made of, in one language: times, numbers, causes, and how each benefit is said."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from policy.calculator import codes, rules
from policy.calculator.notice import COUNT_PLACEHOLDERS, GRANT_PLACEHOLDERS, unknown_placeholders
from policy.calculator.wall_clock import unknown_directives
from policy.language.benefits import Offered
from policy.language.choices import covering
from policy.language.clauses import check_language
from policy.language.kinds import Typed
from policy.language.problems import did_you_mean, listed
from policy.language.scope import Scope
from policy.language.shapes import CODES_PATTERN, NAME_PATTERN, any_of, map_of, ref, text
from policy.language.words import Form, Word, keep, read_all, read_form, text_of
from policy.language.yaml_tree import Map, Node, Text

_CAUSE: Final = Typed(rules.Code(codes.CAUSES), "code", codes.CAUSES)


@dataclass(frozen=True, slots=True)
class OutageSpan:
    """What messages are read with: the names, and the benefits that they tell of."""

    scope: Scope
    benefits: tuple[Offered, ...]


def read_text(told: OutageSpan, node: Node, allowed: AbstractSet[str], what: str) -> str:
    """A text in which only the ``allowed`` placeholders stand."""
    said = text_of(node, told.scope.report, what)
    for stray in unknown_placeholders(said.text, allowed):
        hint = f"{what} may name {', '.join(f'{{{name}}}' for name in sorted(allowed))}; a brace itself is written twice"
        told.scope.report.refuse(said.at, f"{stray} stands for nothing in {what}", hint)
    return said.text


def languages(told: OutageSpan, node: Node, what: str) -> tuple[tuple[Text, Node], ...]:
    """What stands for each language, by its tag."""
    if not isinstance(node, Map) or not node.entries:
        told.scope.report.refuse(node.at, f"{what} is a map of languages", "en: and what it is in English, and so on")
    for language, _ in node.entries:
        check_language(language, told.scope.report)
    return node.entries


def by_benefit(told: OutageSpan, node: Node, what: str) -> list[tuple[Offered, Node]]:
    """What stands for each benefit, in the order of the benefits."""
    report = told.scope.report
    names = [benefit.name for benefit in told.benefits]
    if not isinstance(node, Map):
        report.refuse(node.at, f"{what} is a map of benefits", f"benefits are {listed(names)}")
    for key, _ in node.entries:
        if key.text not in names:
            report.refuse(
                key.at, f"there is no benefit {key.text}", did_you_mean(key.text, names, f"benefits are {listed(names)}")
            )
    missing = [name for name in names if node.get(name) is None]
    if missing:
        report.refuse(node.at, f"{what} leaves out {listed(missing)}", "every benefit of the policy stands here")
    return [(benefit, each) for benefit in told.benefits if (each := node.get(benefit.name)) is not None]


_PHRASE_SHAPE: Final = any_of(text(), ref("phrase"))


def _phrase(told: OutageSpan, node: Node, allowed: AbstractSet[str], needed: str, what: str) -> rules.Phrase:
    """One text, or one for exactly 1 and another for every other number, which has to say the number."""
    if not isinstance(node, Map):
        one = other = read_text(told, node, allowed, what)
    else:
        reading = read_form(PHRASE, told, node, told.scope.report)
        one, other = (read_text(told, reading.values[word], allowed, what) for word in ("one", "other"))
    if needed not in other:
        told.scope.report.refuse(node.at, f"{what} does not say {needed}", f"say {needed} in it")
    return rules.Phrase(one, other)


def _count_phrase(told: OutageSpan, node: Node) -> rules.Phrase:
    return _phrase(told, node, COUNT_PLACEHOLDERS, "{n}", "a phrase of a number")


PHRASE: Final[Form[OutageSpan]] = Form(
    name="a phrase",
    doc="One text where the number is exactly 1, another for every other number.",
    words={
        "one": Word("for exactly 1", text(), keep, required=True),
        "other": Word("for any other number", text(), keep, required=True),
    },
)


def _time(told: OutageSpan, node: Node) -> str:
    pattern = text_of(node, told.scope.report, "time:")
    for stray in unknown_directives(pattern.text):
        hint = "directives are %Y %y %m %d %H %M %S %j %z, and %-m and so on without leading zero"
        told.scope.report.refuse(pattern.at, f"{stray} is no directive of a time", hint)
    return pattern.text


def _joint(told: OutageSpan, node: Node) -> str:
    if not isinstance(node, Text):
        told.scope.report.refuse(node.at, "what joins is a text", 'quote it: ", "')
    return node.text


def _causes(told: OutageSpan, node: Node) -> dict[str, str]:
    """A phrase for every cause."""
    if not isinstance(node, Map):
        told.scope.report.refuse(node.at, "causes: is a map", "EQUIPMENT_FAILURE: what it is called; otherwise: all others")
    cases = [(key, phrase) for key, phrase in node.entries if key.text != "otherwise"]
    rest = node.get("otherwise")
    sets = covering(told.scope, Text("cause", True, node.at), _CAUSE, [key for key, _ in cases], rest)
    said: dict[str, str] = {} if rest is None else dict.fromkeys(codes.CAUSES, _cause(told, rest))
    for causes, (_, phrase) in zip(sets, cases, strict=True):
        said |= dict.fromkeys(causes, _cause(told, phrase))
    return {code: said[code] for code in codes.CAUSES}


def _cause(told: OutageSpan, node: Node) -> str:
    return read_text(told, node, frozenset(), "the phrase of a cause")


def _grants(told: OutageSpan, node: Node) -> dict[str, rules.Phrase]:
    def read(entry: tuple[Offered, Node]) -> tuple[str, rules.Phrase]:
        benefit, each = entry
        phrase = _phrase(told, each, GRANT_PLACEHOLDERS, "{quantity}", f"the phrase of {benefit.name}")
        if not benefit.lasts and "{valid_for}" in phrase.one + phrase.other:
            told.scope.report.refuse(
                each.at, f"{benefit.name} has no valid for:, so {{valid_for}} says nothing", "remove one or add the other"
            )
        return benefit.name, phrase

    return dict(read_all(tuple(by_benefit(told, node, "grants:")), read))


WORDS: Final[Form[OutageSpan]] = Form(
    name="the words of a language",
    doc="How one language says the parts of a message.",
    words={
        "time": Word("how an instant is written, in numeric directives: %Y-%m-%d %H:%M", text(), _time, required=True),
        "days": Word("a number {n} of days", _PHRASE_SHAPE, _count_phrase, required=True),
        "hours": Word("a number {n} of hours", _PHRASE_SHAPE, _count_phrase, required=True),
        "minutes": Word("a number {n} of minutes", _PHRASE_SHAPE, _count_phrase, required=True),
        "seconds": Word("a number {n} of seconds", _PHRASE_SHAPE, _count_phrase, required=True),
        "between": Word("what stands between the parts of a duration", {"type": "string"}, _joint, required=True),
        "comma": Word("what joins all but the last two of a list", {"type": "string"}, _joint, required=True),
        "and": Word("what joins the last two of a list", {"type": "string"}, _joint, required=True),
        "causes": Word("what each cause is called", map_of(f"{CODES_PATTERN}|otherwise", text()), _causes, required=True),
        "grants": Word(
            "how each benefit is said, with {quantity} and {valid_for}",
            map_of(NAME_PATTERN, _PHRASE_SHAPE),
            _grants,
            required=True,
        ),
    },
)


def read_words(told: OutageSpan, node: Node) -> dict[str, rules.NoticeWords]:
    """The words of each language, by its tag."""

    def read(entry: tuple[Text, Node]) -> tuple[str, rules.NoticeWords]:
        language, each = entry
        said: dict[str, Any] = read_form(WORDS, told, each, told.scope.report).values
        causes, grants = MappingProxyType(said["causes"]), MappingProxyType(said["grants"])
        plain = {word: said[word] for word in ("time", "days", "hours", "minutes", "seconds", "between", "comma")}
        return language.text, rules.NoticeWords(**plain, and_=said["and"], causes=causes, grants=grants)

    return dict(read_all(languages(told, node, "words:"), read))
