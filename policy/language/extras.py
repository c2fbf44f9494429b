"""``claims:``, ``recourse:`` and ``corrections:``: applications, claims on third parties, and what was booked beyond."""

import re
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal

from policy.calculator import codes, rules
from policy.language.benefits import Offered, read_round
from policy.language.bounds import read_counted_date
from policy.language.choices import read_value
from policy.language.clauses import read_clause
from policy.language.components import Paid
from policy.language.conditions import read_condition
from policy.language.kinds import NOUNS, PAID_IN, RECOURSE, TIMES, example
from policy.language.lengths import read_seconds
from policy.language.problems import Refused, did_you_mean
from policy.language.scalars import quantity_of, read_codes, read_scalar
from policy.language.scope import Scope
from policy.language.shapes import (
    CLAUSE,
    CODES_PATTERN,
    CONDITION,
    DATE_PATTERN,
    NAME_PATTERN,
    SCALAR,
    choice_of,
    map_of,
    ref,
    text,
)
from policy.language.words import Form, Word, keep, read_form, read_partly, text_of
from policy.language.yaml_tree import Map, Node, Text

_LOCAL_DAYS = re.compile(r"(\d{1,5}) local days?")
_RATE = re.compile(r"(.+) per (\S+)")


def _channels(scope: Scope, node: Node) -> tuple[str, ...]:
    channels = text_of(node, scope.report, "channels:")
    named = read_codes(scope, channels).codes
    for code in named:
        if code not in codes.CLAIM_CHANNELS:
            hint = did_you_mean(code, codes.CLAIM_CHANNELS, f"channels are {', '.join(codes.CLAIM_CHANNELS)}")
            scope.report.refuse(channels.at, f"there is no channel {code}", hint)
    return named


def _within(scope: Scope, node: Node) -> tuple[int | None, int | None]:
    """Seconds, or local days; neither where it is open."""
    length = text_of(node, scope.report, "within:")
    if days := _LOCAL_DAYS.fullmatch(length.text):
        return None, int(days[1])
    return (None if length.text == "open" else read_seconds(scope, length)), None


def _before(scope: Scope, node: Node) -> date:
    return read_counted_date(scope, text_of(node, scope.report, "before:"))


def _widen(scope: Scope, node: Node) -> int:
    return read_seconds(scope, text_of(node, scope.report, "widen:"))


def _part(scope: Scope, node: Node) -> Fraction:
    share = text_of(node, scope.report, "the share")
    if share.text.isdecimal():
        scope.report.refuse(
            share.at, f"{share.text} lacks its unit; a share is needed here", f"write {share.text} %; all is 100 %"
        )
    typed = read_value(scope, share, TIMES, "ratio")
    if not isinstance(typed.value, rules.Constant) or not 0 < typed.value.value <= 1:
        scope.report.refuse(share.at, f"{share.text} is no share", "more than 0 and at most 100 %")
    return typed.value.value


CLAIMS: Final[Form[Scope]] = Form(
    name="claims",
    doc="Applications by customers. Without this section the policy takes none.",
    words={
        "clause": Word("where it comes from", CLAUSE, read_clause, required=True),
        "channels": Word("through which they come; all channels where it is left out", text(CODES_PATTERN), _channels),
        "within": Word(
            "how long after the last counted outage ended, as 30 days or 30 local days; or open", text(), _within, required=True
        ),
        "before": Word("the first local date on which every claim is late", text(DATE_PATTERN), _before),
        "widen": Word(
            "outages are cut to the claimed interval, widened by this on each side; not cut where it is left out",
            text(),
            _widen,
        ),
        "warn below": Word(
            "the part of the claimed interval on record below which a grant says CLAIM_EXCEEDS_RECORD", text(), _part
        ),
    },
)


def read_claims(scope: Scope, node: Node) -> rules.Claims:
    """How applications are taken."""
    reading = read_form(CLAIMS, scope, node, scope.report)
    within_seconds, within_local_days = reading.values["within"]
    return rules.Claims(
        clause=reading.values["clause"],
        channels=reading.get("channels", codes.CLAIM_CHANNELS),
        within_seconds=within_seconds,
        within_local_days=within_local_days,
        before=reading.get("before"),
        widen_seconds=reading.get("widen"),
        warn_below=reading.get("warn below"),
    )


def _owed_by(scope: Scope, node: Node) -> rules.Condition:
    return read_condition(scope, node, RECOURSE)


def _round(scope: Scope, node: Node) -> tuple[rules.Rounding, int]:
    return read_round(Paid(scope, "money"), node)


RECOURSE_FORM: Final[Form[Scope]] = Form(
    name="recourse",
    doc="Claims on third parties out of finished grants.",
    words={
        "clause": Word("where it comes from", CLAUSE, read_clause, required=True),
        "from": Word("which outages have a party to ask", CONDITION, _owed_by, required=True),
        "share": Word("how much of the value of its parts of the grants is owed for each", SCALAR, _part, required=True),
        "value": Word("what a grant is worth, by benefit: 0.02 CNY per MiB", map_of(NAME_PATTERN, text()), keep, required=True),
        "round": Word("how that is rounded, once for each outage", ref("round"), _round, required=True),
    },
)


def read_recourse(scope: Scope, node: Node, benefits: tuple[Offered, ...]) -> rules.RecourseRule:
    """The claims on third parties, out of the grants of ``benefits``."""
    kinds = {benefit.name: benefit.kind for benefit in benefits}
    reading = read_partly(RECOURSE_FORM, scope, node, scope.report)
    value = _values(scope, reading.values["value"], kinds) if "value" in reading.values else {}
    reading.check()
    rounding, unit = reading.values["round"]
    return rules.RecourseRule(
        clause=reading.values["clause"],
        owed_by=reading.values["from"],
        share=reading.values["share"],
        value_minor_per_unit=MappingProxyType(value),
        rounding=rounding,
        unit_minor=unit,
    )


HOW: Final[tuple[Literal["set off", "claw back"], ...]] = ("set off", "claw back")
NO_CLAUSE: Final = rules.Corrections("set off", None)
"""What holds where a policy does not say."""


def _how(scope: Scope, node: Node) -> Literal["set off", "claw back"]:
    said = text_of(node, scope.report, "corrections:")
    known = next((each for each in HOW if said.text == each), None)
    if known is None:
        hint = did_you_mean(said.text, HOW, "write set off, or claw back")
        scope.report.refuse(said.at, f"nothing is corrected by {said.text!r}", hint)
    return known


CORRECTIONS: Final[Form[Scope]] = Form(
    name="corrections",
    doc="What becomes of what was booked beyond what stands, once a record shrank.",
    words={
        "clause": Word("where it comes from", CLAUSE, read_clause, required=True),
        "is": Word("set off against what else is owed in the cycle, or claw back", choice_of(*HOW), _how, required=True),
    },
)


def read_corrections(scope: Scope, node: Node) -> rules.Corrections:
    """``claw back`` or ``set off``; or which of them it is, with its clause."""
    if isinstance(node, Text):
        return rules.Corrections(_how(scope, node), None)
    reading = read_form(CORRECTIONS, scope, node, scope.report)
    return rules.Corrections(reading.values["is"], reading.values["clause"])


def _values(scope: Scope, node: Node, kinds: dict[str, str]) -> dict[str, Fraction]:
    """What each benefit is worth in minor units per base unit. Money is worth itself where nothing is said."""
    report = scope.report
    if not isinstance(node, Map):
        report.refuse(node.at, "value: is a map", "benefit: 0.02 CNY per MiB")
    worth: dict[str, Fraction] = {}
    for key, rate in node.entries:
        if key.text not in kinds:
            report.refuse(
                key.at, f"there is no benefit {key.text}", did_you_mean(key.text, kinds, f"benefits are {', '.join(kinds)}")
            )
        worth[key.text] = _rate(scope, rate, kinds[key.text])
    for name, kind in kinds.items():
        if name not in worth:
            if kind not in ("CREDIT", ""):
                report.refuse(node.at, f"value: leaves out {name}", f"add {name}: and what it is worth")
            worth[name] = Fraction(1)
    return {name: worth[name] for name in kinds}


def _rate(scope: Scope, node: Node, kind: str) -> Fraction:
    rate = text_of(node, scope.report, "a rate")
    match = _RATE.fullmatch(rate.text)
    if match is None:
        scope.report.refuse(rate.at, f"{rate.text!r} is no rate", "write it as 0.02 CNY per MiB")
    if not kind:
        raise Refused  # the kind of the benefit cannot be read, which has been reported
    price = quantity_of(scope, rate.part(0, match.end(1)))
    if price.type != "money":
        scope.report.refuse(rate.at, f"{match[1]} is {NOUNS[price.type]}; a rate is an amount of money per unit")
    unit = rate.part(match.start(2))
    one = Text(f"{example(PAID_IN[kind], scope.currency).split()[0] if kind == 'CREDIT' else 1} {unit.text}", True, unit.at)
    per = read_scalar(scope, one, TIMES, PAID_IN[kind])
    if not isinstance(per.value, rules.Constant):
        scope.report.refuse(unit.at, f"{unit.text} is no unit", "write it as 0.02 CNY per MiB")
    return price.value / per.value.value
