"""``notice:`` the messages that tell a customer of an outage and of what is granted."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from policy.calculator import codes, rules
from policy.calculator.notice import NEEDED, PLACEHOLDERS
from policy.language.benefits import Offered
from policy.language.clauses import read_clause
from policy.language.currencies import DECIMALS
from policy.language.kinds import BOUNDS, PAID_IN
from policy.language.notice_words import OutageSpan, by_benefit, languages, read_text, read_words
from policy.language.problems import Refused, listed
from policy.language.scalars import read_scalar
from policy.language.scope import Scope
from policy.language.shapes import CLAUSE, LANGUAGE_PATTERN, NAME_PATTERN, map_of, ref, text
from policy.language.words import Form, Word, read_all, read_form, text_of
from policy.language.yaml_tree import Map, Node, Text


@dataclass(frozen=True, slots=True)
class _Message:
    """Whose messages are read, and what they are about."""

    told: OutageSpan
    about: rules.About

    def body(self, node: Node) -> str:
        """The text of a message, in which what it is about has to be said."""
        report = self.told.scope.report
        body = read_text(self.told, node, PLACEHOLDERS[self.about], "a message")
        for needed in NEEDED[self.about]:
            if f"{{{needed}}}" not in body:
                report.refuse(node.at, f"the message does not say {{{needed}}}, {_MEANT[needed]}", f"say {{{needed}}} in it")
        return body

    def title(self, node: Node) -> str:
        """The title of a message."""
        return read_text(self.told, node, PLACEHOLDERS[self.about], "a title")


_MEANT: Final = {
    "grants": "what is granted",
    "whole": "what it comes to",
    "start": "since when the outage lasts",
}

PUSH: Final[Form[_Message]] = Form(
    name="a push message",
    doc="A message with a title.",
    words={
        "title": Word("its title", text(), _Message.title, required=True),
        "body": Word("its text", text(), _Message.body, required=True),
    },
)


def _sms(message: _Message, node: Node) -> list[rules.Template]:
    def read(entry: tuple[Text, Node]) -> rules.Template:
        language, body = entry
        if isinstance(body, Map):
            message.told.scope.report.refuse(body.at, "a short message has no title", "write its text alone")
        return rules.Template(codes.SMS, language.text, "", message.body(body), message.about)

    return read_all(languages(message.told, node, "sms:"), read)


def _push(message: _Message, node: Node) -> list[rules.Template]:
    def read(entry: tuple[Text, Node]) -> rules.Template:
        language, inner = entry
        reading = read_form(PUSH, message, inner, message.told.scope.report)
        return rules.Template(codes.PUSH, language.text, reading.values["title"], reading.values["body"], message.about)

    return read_all(languages(message.told, node, "push:"), read)


def _sms_granted(told: OutageSpan, node: Node) -> list[rules.Template]:
    return _sms(_Message(told, "granted"), node)


def _push_granted(told: OutageSpan, node: Node) -> list[rules.Template]:
    return _push(_Message(told, "granted"), node)


MESSAGES: Final[Form[_Message]] = Form(
    name="messages",
    doc="Messages about something else than what is granted.",
    words={
        "sms": Word("short messages by language", map_of(LANGUAGE_PATTERN, text(), at_least=1), _sms),
        "push": Word("push messages by language", map_of(LANGUAGE_PATTERN, ref("push"), at_least=1), _push),
    },
)


def _about(about: rules.About) -> Callable[[OutageSpan, Node], list[rules.Template]]:
    def read(told: OutageSpan, node: Node) -> list[rules.Template]:
        reading = read_form(MESSAGES, _Message(told, about), node, told.scope.report)
        found = [*reading.get("sms", ()), *reading.get("push", ())]
        if not found:
            told.scope.report.refuse(node.at, f"{about}: lacks sms: or push:", "give at least one message")
        return found

    return read


def _quantities(told: OutageSpan, node: Node) -> dict[str, int]:
    def read(entry: tuple[Offered, Node]) -> tuple[str, int]:
        benefit, each = entry
        unit = text_of(each, told.scope.report, "the quantity")
        if not benefit.kind:
            raise Refused  # the kind cannot be read, which has been reported
        typed = read_scalar(told.scope, unit, BOUNDS, PAID_IN[benefit.kind])
        if not isinstance(typed.value, rules.Constant) or typed.value.value.denominator != 1 or not typed.value.value:
            told.scope.report.refuse(
                unit.at, f"{unit.text} is nothing to count in", "one or more whole base units, as in 1 MiB"
            )
        if benefit.kind == "CREDIT" and typed.value.value != Fraction(10 ** DECIMALS[told.scope.currency]):
            told.scope.report.refuse(
                unit.at, f"money is told in {told.scope.currency}, not in {unit.text}", "write one of the currency"
            )
        return benefit.name, typed.value.value.numerator

    return dict(read_all(tuple(by_benefit(told, node, "quantities:")), read))


def _clause(told: OutageSpan, node: Node) -> rules.Clause:
    return read_clause(told.scope, node)


NOTICE: Final[Form[OutageSpan]] = Form(
    name="notice",
    doc="The messages of proactive notice. Without this section the policy writes none.",
    words={
        "clause": Word("where it comes from", CLAUSE, _clause, required=True),
        "quantities": Word(
            "what {quantity} counts, by benefit: 1 MiB", map_of(NAME_PATTERN, text()), _quantities, required=True
        ),
        "sms": Word("short messages by language", map_of(LANGUAGE_PATTERN, text(), at_least=1), _sms_granted),
        "push": Word("push messages by language", map_of(LANGUAGE_PATTERN, ref("push"), at_least=1), _push_granted),
        "known": Word("messages that an outage is known", ref("messages"), _about("known")),
        "top up": Word("messages about what is added to what was granted before", ref("messages"), _about("top up")),
        "correction": Word("messages that less stands than was granted", ref("messages"), _about("correction")),
        "words": Word(
            "how each language says the parts", map_of(LANGUAGE_PATTERN, ref("notice_words")), read_words, required=True
        ),
    },
)


def read_notice(scope: Scope, node: Node, benefits: tuple[Offered, ...]) -> rules.NoticeRule:
    """The messages of a policy: short ones first, languages in the order of the file."""
    reading = read_form(NOTICE, OutageSpan(scope, benefits), node, scope.report)
    assert isinstance(node, Map)  # anything else is refused
    templates = (*reading.get("sms", ()), *reading.get("push", ()))
    if not templates:
        scope.report.refuse(node.at, "notice lacks sms: or push:", "give at least one message")
    words: dict[str, rules.NoticeWords] = reading.values["words"]
    further = tuple(each for about in ("known", "top up", "correction") for each in reading.get(about, ()))
    _check_languages(scope, node, (*templates, *further), words)
    units = MappingProxyType(reading.values["quantities"])
    return rules.NoticeRule(reading.values["clause"], templates, MappingProxyType(words), units, further)


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
