"""``notice:`` the messages that tell a customer of an outage and of what is granted, and the words that they are made of."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from policy.calculator import codes, rules
from policy.calculator.local_time import unknown_directives
from policy.calculator.notice import COUNT_PLACEHOLDERS, GRANT_PLACEHOLDERS, MESSAGE_PLACEHOLDERS, unknown_placeholders
from policy.language.benefits import Offered
from policy.language.clauses import check_language, read_clause
from policy.language.currencies import DECIMALS
from policy.language.kinds import BOUNDS, PAID_IN
from policy.language.problems import did_you_mean, listed
from policy.language.scalars import read_codes, read_scalar
from policy.language.scope import Scope
from policy.language.shapes import CLAUSE, CODES_PATTERN, LANGUAGE_PATTERN, NAME_PATTERN, any_of, map_of, ref, text
from policy.language.words import Form, Word, keep, read_all, read_form, read_partly, text_of
from policy.language.yaml_tree import Map, Node, Text

_PHRASE_SHAPE: Final = any_of(text(), ref("phrase"))


@dataclass(frozen=True, slots=True)
class Told:
    """What messages are read with: the names, and the benefits that they tell of."""

    scope: Scope
    benefits: tuple[Offered, ...]


def _said(told: Told, node: Node, allowed: AbstractSet[str], what: str) -> str:
    """A text in which only the ``allowed`` placeholders stand."""
    said = text_of(node, told.scope.report, what)
    for stray in unknown_placeholders(said.text, allowed):
        hint = f"{what} may name {', '.join(f'{{{name}}}' for name in sorted(allowed))}; a brace itself is written twice"
        told.scope.report.refuse(said.at, f"{stray} stands for nothing in {what}", hint)
    return said.text


def _body(told: Told, node: Node) -> str:
    body = _said(told, node, MESSAGE_PLACEHOLDERS, "a message")
    if "{grants}" not in body:
        told.scope.report.refuse(node.at, "the message does not say {grants}, what is granted", "say {grants} in it")
    return body


def _title(told: Told, node: Node) -> str:
    return _said(told, node, MESSAGE_PLACEHOLDERS, "a title")


PUSH: Final[Form[Told]] = Form(
    name="a push message",
    doc="A message with a title.",
    words={"title": Word("its title", text(), _title, required=True), "body": Word("its text", text(), _body, required=True)},
)


def _languages(told: Told, node: Node, what: str) -> tuple[tuple[Text, Node], ...]:
    if not isinstance(node, Map) or not node.entries:
        told.scope.report.refuse(node.at, f"{what} is a map of languages", f"en: and {what} in English, and so on")
    for language, _ in node.entries:
        check_language(language, told.scope.report)
    return node.entries


def _sms(told: Told, node: Node) -> list[rules.Template]:
    def read(entry: tuple[Text, Node]) -> rules.Template:
        language, body = entry
        if isinstance(body, Map):
            told.scope.report.refuse(body.at, "a short message has no title", "write its text alone")
        return rules.Template(codes.SMS, language.text, "", _body(told, body))

    return read_all(_languages(told, node, "sms:"), read)


def _push(told: Told, node: Node) -> list[rules.Template]:
    def read(entry: tuple[Text, Node]) -> rules.Template:
        language, message = entry
        reading = read_form(PUSH, told, message, told.scope.report)
        return rules.Template(codes.PUSH, language.text, reading.values["title"], reading.values["body"])

    return read_all(_languages(told, node, "push:"), read)


def _phrase(told: Told, node: Node, allowed: AbstractSet[str], needed: str, what: str) -> rules.Phrase:
    """One text, or one for exactly 1 and another for every other number, which has to say the number."""
    if not isinstance(node, Map):
        one = other = _said(told, node, allowed, what)
    else:
        reading = read_form(PHRASE, told, node, told.scope.report)
        one, other = (_said(told, reading.values[word], allowed, what) for word in ("one", "other"))
    if needed not in other:
        told.scope.report.refuse(node.at, f"{what} does not say {needed}", f"say {needed} in it")
    return rules.Phrase(one, other)


def _count_phrase(told: Told, node: Node) -> rules.Phrase:
    return _phrase(told, node, COUNT_PLACEHOLDERS, "{n}", "a phrase of a number")


PHRASE: Final[Form[Told]] = Form(
    name="a phrase",
    doc="One text where the number is exactly 1, another for every other number.",
    words={
        "one": Word("for exactly 1", text(), keep, required=True),
        "other": Word("for any other number", text(), keep, required=True),
    },
)


def _time(told: Told, node: Node) -> str:
    pattern = text_of(node, told.scope.report, "time:")
    for stray in unknown_directives(pattern.text):
        hint = "directives are %Y %y %m %d %H %M %S %j %z, and %-m and so on without leading zero"
        told.scope.report.refuse(pattern.at, f"{stray} is no directive of a time", hint)
    return pattern.text


def _joint(told: Told, node: Node) -> str:
    if not isinstance(node, Text):
        told.scope.report.refuse(node.at, "what joins is a text", 'quote it: ", "')
    return node.text


def _causes(told: Told, node: Node) -> dict[str, str]:
    """A phrase for every cause."""
    report = told.scope.report
    if not isinstance(node, Map):
        report.refuse(node.at, "causes: is a map", "EQUIPMENT_FAILURE: and what it is called, and so on; otherwise: the rest")
    said: dict[str, str] = {}
    for key, phrase in node.entries:
        if key.text == "otherwise":
            continue
        for code in read_codes(told.scope, key).codes:
            if code not in codes.CAUSES:
                report.refuse(
                    key.at, f"cause is never {code}", did_you_mean(code, codes.CAUSES, f"causes are {', '.join(codes.CAUSES)}")
                )
            if code in said:
                report.refuse(key.at, f"{code} is covered twice", "each cause has one phrase")
            said[code] = _said(told, phrase, frozenset(), "the phrase of a cause")
    rest = node.get("otherwise")
    missing = [code for code in codes.CAUSES if code not in said]
    if missing and rest is None:
        report.refuse(node.at, f"causes: leaves out {listed(missing)}", "add them, or otherwise:")
    if rest is not None:
        if not missing:
            report.refuse(rest.at, "otherwise: is never reached: every cause has its phrase", "remove it")
        said |= dict.fromkeys(missing, _said(told, rest, frozenset(), "the phrase of a cause"))
    return {code: said[code] for code in codes.CAUSES}


def _by_benefit(told: Told, node: Node, what: str) -> list[tuple[Offered, Node]]:
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


def _grants(told: Told, node: Node) -> dict[str, rules.Phrase]:
    def read(entry: tuple[Offered, Node]) -> tuple[str, rules.Phrase]:
        benefit, each = entry
        phrase = _phrase(told, each, GRANT_PLACEHOLDERS, "{quantity}", f"the phrase of {benefit.name}")
        if not benefit.lasts and "{valid_for}" in phrase.one + phrase.other:
            told.scope.report.refuse(
                each.at, f"{benefit.name} has no valid for:, so {{valid_for}} says nothing", "remove one or add the other"
            )
        return benefit.name, phrase

    return dict(read_all(tuple(_by_benefit(told, node, "grants:")), read))


WORDS: Final[Form[Told]] = Form(
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


def _words(told: Told, node: Node) -> dict[str, rules.NoticeWords]:
    def read(entry: tuple[Text, Node]) -> tuple[str, rules.NoticeWords]:
        language, each = entry
        said: dict[str, Any] = read_form(WORDS, told, each, told.scope.report).values
        causes, grants = MappingProxyType(said["causes"]), MappingProxyType(said["grants"])
        plain = {word: said[word] for word in ("time", "days", "hours", "minutes", "seconds", "between", "comma")}
        return language.text, rules.NoticeWords(**plain, and_=said["and"], causes=causes, grants=grants)

    return dict(read_all(_languages(told, node, "words:"), read))


def _quantities(told: Told, node: Node) -> dict[str, int]:
    def read(entry: tuple[Offered, Node]) -> tuple[str, int]:
        benefit, each = entry
        unit = text_of(each, told.scope.report, "the quantity")
        typed = read_scalar(told.scope, unit, BOUNDS, PAID_IN.get(benefit.kind))
        if not isinstance(typed.value, rules.Constant) or typed.value.value.denominator != 1 or not typed.value.value:
            told.scope.report.refuse(
                unit.at, f"{unit.text} is nothing to count in", "one or more whole base units, as in 1 MiB"
            )
        if benefit.kind == "CREDIT" and typed.value.value != Fraction(10 ** DECIMALS[told.scope.currency]):
            told.scope.report.refuse(
                unit.at, f"money is told in {told.scope.currency}, not in {unit.text}", "write one of the currency"
            )
        return benefit.name, typed.value.value.numerator

    return dict(read_all(tuple(_by_benefit(told, node, "quantities:")), read))


def _clause(told: Told, node: Node) -> rules.Clause:
    return read_clause(told.scope, node)


NOTICE: Final[Form[Told]] = Form(
    name="notice",
    doc="The messages of proactive notice. Without this section the policy writes none.",
    words={
        "clause": Word("where it comes from", CLAUSE, _clause, required=True),
        "quantities": Word(
            "what {quantity} counts, by benefit: 1 MiB", map_of(NAME_PATTERN, text()), _quantities, required=True
        ),
        "sms": Word("short messages by language", map_of(LANGUAGE_PATTERN, text(), at_least=1), _sms),
        "push": Word("push messages by language", map_of(LANGUAGE_PATTERN, ref("push"), at_least=1), _push),
        "words": Word("how each language says the parts", map_of(LANGUAGE_PATTERN, ref("notice_words")), _words, required=True),
    },
)


def read_notice(scope: Scope, node: Node, benefits: tuple[Offered, ...]) -> rules.NoticeRule:
    """The messages of a policy, in the order of the file."""
    reading = read_partly(NOTICE, Told(scope, benefits), node, scope.report)
    reading.check()
    assert isinstance(node, Map)  # anything else is refused
    order = [key.text for key, _ in node.entries if key.text in ("sms", "push")]
    templates = tuple(template for word in order for template in reading.values[word])
    if not templates:
        scope.report.refuse(node.at, "notice lacks sms: or push:", "give at least one message")
    words: dict[str, rules.NoticeWords] = reading.values["words"]
    _check_languages(scope, node, templates, words)
    units = MappingProxyType(reading.values["quantities"])
    return rules.NoticeRule(reading.values["clause"], templates, MappingProxyType(words), units)


def _check_languages(
    scope: Scope, node: Map, templates: tuple[rules.Template, ...], words: dict[str, rules.NoticeWords]
) -> None:
    """Every language that a message uses has its words, and no other has."""
    used = list(dict.fromkeys(template.language for template in templates))
    at = next(key.at for key, _ in node.entries if key.text == "words")
    missing, idle = [each for each in used if each not in words], [each for each in words if each not in used]
    if missing:
        scope.report.refuse(at, f"words: leaves out {listed(missing)}, in which a message is written", f"add {missing[0]}:")
    if idle:
        scope.report.refuse(
            at, f"words: has {listed(idle)}, in which no message is written", "add the message, or remove the words"
        )
