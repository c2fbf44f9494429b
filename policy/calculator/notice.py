"""The messages that tell a customer what happened, when, what is granted, and how long it is valid."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import gcd
from string import Formatter
from typing import Final, NamedTuple

from policy.calculator import codes, sms
from policy.calculator.decision import Grant, NoticeMessage
from policy.calculator.local_time import LocalTime
from policy.calculator.request import NoticeRequest
from policy.calculator.rules import About, NoticeRule, NoticeWords, Phrase, Template

MESSAGE_PLACEHOLDERS: Final = frozenset({"cause", "start", "end", "clock", "grants"})
"""What a template about what is granted may name."""
PLACEHOLDERS: Final[Mapping[About, AbstractSet[str]]] = {
    "granted": MESSAGE_PLACEHOLDERS,
    "known": frozenset({"cause", "start"}),
    "top up": MESSAGE_PLACEHOLDERS | {"whole"},
    "correction": MESSAGE_PLACEHOLDERS | {"whole"},
}
"""What a template may name, by what it is about."""
NEEDED: Final[Mapping[About, tuple[str, ...]]] = {
    "granted": ("grants",),
    "known": ("start",),
    "top up": ("grants", "whole"),
    "correction": ("grants", "whole"),
}
"""What a message has to say, by what it is about."""
GRANT_PLACEHOLDERS: Final = frozenset({"quantity", "valid_for"})
"""What the phrase of a benefit may name."""
COUNT_PLACEHOLDERS: Final = frozenset({"n"})
"""What the phrase of a number of days, hours, minutes or seconds may name."""

_DAY_SECONDS: Final = 86_400


class Amount(NamedTuple):
    """So much of a benefit, in base units."""

    benefit: str
    kind: str
    quantity: int
    valid_for_seconds: int


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What a notice tells. ``causes`` are codes in the order in which their outages began; what repeats is said once.

    ``grants``: what is granted; of a correction, what was granted before. ``whole``: what that comes to with what was granted
    before; of a correction, what of it stands.
    """

    started_at: int
    ended_at: int
    clock_seconds: int
    causes: tuple[str, ...]
    grants: tuple[Grant | Amount, ...]
    about: About = "granted"
    whole: tuple[Amount, ...] = ()


class NoticeWriter:
    """Writes the messages of a version; its texts are taken apart once. ``local``: the zone whose wall clock is told."""

    def __init__(self, rule: NoticeRule, local: LocalTime) -> None:
        self._units = rule.units
        self._local = local
        self._templates = {about: _templates(rule, about) for about in PLACEHOLDERS}
        self._languages = {language: _Language(words) for language, words in rule.words.items()}

    def write(self, asked: NoticeRequest | None, facts: NoticeFacts) -> tuple[NoticeMessage, ...]:
        """The messages that were asked for, in the policy's order; ``asked`` None or empty fields: all that the policy has.

        They are those about what ``facts`` are about; a top-up without a text of its own is told as a grant.
        """
        asked = asked or NoticeRequest()
        told: dict[str, dict[str, str]] = {}
        grants, whole = self._measured(facts.grants), self._measured(facts.whole)
        messages = []
        for template in self._templates[facts.about]:
            language = template.language
            if asked.channel not in ("", template.channel) or (asked.languages and language not in asked.languages):
                continue
            if language not in told:
                told[language] = self._languages[language].told(facts, grants, whole, self._local)
            messages.append(_message(template, told[language]))
        return tuple(messages)

    def _measured(self, amounts: Sequence[Grant | Amount]) -> "list[Measured]":
        return [_measured(each, self._units[each.benefit]) for each in amounts]


class Measured(NamedTuple):
    """An amount, with its quantity in writing; ``is_one``: it is one unit."""

    benefit: str
    quantity: str
    is_one: bool
    valid_for_seconds: int


class _Language:
    """One language's words."""

    def __init__(self, words: NoticeWords) -> None:
        self._words = words
        # By benefit and how long it is valid, which the policy says too: what stands around the quantity, of one and of others.
        self._phrases: dict[tuple[str, int], tuple[list[str], list[str]]] = {}

    def told(
        self, facts: NoticeFacts, grants: Sequence[Measured], whole: Sequence[Measured], local: LocalTime
    ) -> dict[str, str]:
        """What the placeholders of a template stand for."""
        words = self._words
        causes = dict.fromkeys([words.causes[cause] for cause in facts.causes])
        return {
            "cause": _list(words, tuple(causes)),
            "start": local.format(facts.started_at, words.time),
            "end": local.format(facts.ended_at, words.time),
            "clock": _duration(words, facts.clock_seconds),
            "grants": _list(words, [self._grant(each) for each in grants]),
            "whole": _list(words, [self._grant(each) for each in whole]),
        }

    def _grant(self, amount: Measured) -> str:
        key = amount.benefit, amount.valid_for_seconds
        phrases = self._phrases.get(key)
        if phrases is None:
            phrase, valid_for = self._words.grants[amount.benefit], _duration(self._words, amount.valid_for_seconds)
            phrases = self._phrases[key] = _around(phrase.one, valid_for), _around(phrase.other, valid_for)
        return amount.quantity.join(phrases[0 if amount.is_one else 1])


def unknown_placeholders(text: str, allowed: AbstractSet[str]) -> tuple[str, ...]:
    """What stands in braces and is not ``allowed``, for whoever loads a text; a lone brace is named as itself."""
    try:
        pieces = list(Formatter().parse(text))
    except ValueError as error:
        return ("}" if "Single '}'" in str(error) else "{",)
    return tuple(
        f"{{{name}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}}}"
        for _, name, spec, conversion in pieces
        if name is not None and (name not in allowed or spec or conversion)
    )


def _templates(rule: NoticeRule, about: About) -> tuple[Template, ...]:
    own = tuple([each for each in rule.further if each.about == about])
    if about not in ("granted", "top up"):
        return own
    return tuple({(each.channel, each.language): each for each in (*rule.templates, *own)}.values())


def _message(template: Template, told: Mapping[str, str]) -> NoticeMessage:
    title, body = template.title.format_map(told), template.body.format_map(told)
    segments, encoding = sms.segments(body) if template.channel == codes.SMS else (0, "")
    return NoticeMessage(template.channel, template.language, title, body, segments, encoding)


def _measured(amount: Grant | Amount, unit: int) -> Measured:
    quantity = amount.quantity
    text = _money(quantity, unit) if amount.kind == "CREDIT" else _quantity(quantity, unit)
    return Measured(amount.benefit, text, quantity == unit, amount.valid_for_seconds)


def _around(text: str, valid_for: str) -> list[str]:
    """What stands before, between and behind the places of {quantity}."""
    pieces = [""]
    for literal, name, _, _ in Formatter().parse(text):
        pieces[-1] += literal
        if name == "quantity":
            pieces.append("")
        elif name is not None:
            pieces[-1] += valid_for
    return pieces


def _money(amount_minor: int, unit: int) -> str:
    """An amount with all the decimals of its currency: the unit is one major unit, a power of ten minor ones."""
    whole, rest = divmod(amount_minor, unit)
    decimals = len(str(unit)) - 1
    return f"{whole}.{rest:0{decimals}}" if decimals else str(whole)


def _quantity(base: int, unit: int) -> str:
    """``base`` in units, exact: whole, else with the decimals that it has, else with a fraction, as in "8 1/3"."""
    whole, rest = divmod(base, unit)
    if not rest:
        return str(whole)
    common = gcd(rest, unit)
    rest, unit = rest // common, unit // common
    decimals = _decimals(unit)
    if decimals is None:
        return f"{whole} {rest}/{unit}" if whole else f"{rest}/{unit}"
    return f"{whole}.{rest * 10**decimals // unit:0{decimals}}"


def _decimals(denominator: int) -> int | None:
    """How many decimals a fraction in lowest terms over ``denominator`` has; None: without end."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None


def _duration(words: NoticeWords, seconds: int) -> str:
    """A length of time: in days if it is whole days, else in hours, minutes and seconds without those that are 0."""
    if seconds and seconds % _DAY_SECONDS == 0:
        return _count(words.days, seconds // _DAY_SECONDS)
    parts = ((words.hours, seconds // 3600), (words.minutes, seconds // 60 % 60), (words.seconds, seconds % 60))
    said = [_count(phrase, number) for phrase, number in parts if number]
    return words.between.join(said) or _count(words.minutes, 0)


def _count(phrase: Phrase, number: int) -> str:
    return (phrase.one if number == 1 else phrase.other).format(n=number)


def _list(words: NoticeWords, items: Sequence[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return words.comma.join(items[:-1]) + words.and_ + items[-1]
