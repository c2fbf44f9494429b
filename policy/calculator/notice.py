"""The messages that tell a customer what happened, when, what is granted, and how long it is valid."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import gcd
from string import Formatter
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Amount:
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


def write(rule: NoticeRule, asked: NoticeRequest | None, facts: NoticeFacts, local: LocalTime) -> tuple[NoticeMessage, ...]:
    """The messages that were asked for, in the policy's order; ``asked`` None or empty fields: all that the policy has.

    They are those about what ``facts`` are about; a top-up without a text of its own is told as a grant.

    Times are the wall clock of ``local``, the policy's zone.
    """
    asked = asked or NoticeRequest()
    told: dict[str, dict[str, str]] = {}
    messages = []
    for template in _templates(rule, facts.about):
        if asked.channel not in ("", template.channel) or (asked.languages and template.language not in asked.languages):
            continue
        if template.language not in told:
            told[template.language] = _told(rule.words[template.language], rule.units, facts, local)
        messages.append(_message(template, told[template.language]))
    return tuple(messages)


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


def _told(words: NoticeWords, units: Mapping[str, int], facts: NoticeFacts, local: LocalTime) -> dict[str, str]:
    """What the placeholders of a template stand for in one language."""
    causes = dict.fromkeys(words.causes[cause] for cause in facts.causes)
    return {
        "cause": _list(words, tuple(causes)),
        "start": local.format(facts.started_at, words.time),
        "end": local.format(facts.ended_at, words.time),
        "clock": _duration(words, facts.clock_seconds),
        "grants": _list(words, [_grant(words, units[grant.benefit], grant) for grant in facts.grants]),
        "whole": _list(words, [_grant(words, units[each.benefit], each) for each in facts.whole]),
    }


def _grant(words: NoticeWords, unit: int, grant: Grant | Amount) -> str:
    phrase = words.grants[grant.benefit]
    text = phrase.one if grant.quantity == unit else phrase.other
    quantity = _money(grant.quantity, unit) if grant.kind == "CREDIT" else _quantity(grant.quantity, unit)
    return text.format(quantity=quantity, valid_for=_duration(words, grant.valid_for_seconds))


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
