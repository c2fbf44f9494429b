"""Values in one line: quantities, shares, quotients, names and codes; and whether a value fits where it stands."""

import re
from dataclasses import replace
from fractions import Fraction
from typing import Final, NoReturn

from policy.calculator import rules
from policy.calculator.contract import FACTS
from policy.language.currencies import DECIMALS
from policy.language.kinds import NOUNS, NUMERIC, Place, Type, Typed, example, with_units
from policy.language.problems import did_you_mean
from policy.language.quantities import DAY_SECONDS, NotAQuantity, Quantity, looks_like_quantity, read_quantity
from policy.language.scope import Scope
from policy.language.shapes import CODES_PATTERN, NAME_PATTERN
from policy.language.yaml_tree import Text

BASIS_POINTS: Final = 10_000
"""A percentage is paid in hundredths of a percent."""

_SHARE = re.compile(rf"(.+) of (?P<of>{NAME_PATTERN})")
_DAY_SHARE = re.compile(rf"(\d+)/days_in_(month|cycle) of (?P<of>{NAME_PATTERN})")
_QUOTIENT = re.compile(rf"({NAME_PATTERN}) / ({NAME_PATTERN})")
_DIVIDED = re.compile(rf"({NAME_PATTERN}) ?/ ?(\d+)")
_WITHOUT_OF = re.compile(rf"(\d+/\d+|\d+(?:\.\d+)? ?%|\d+/days_in_(?:month|cycle)) (?P<of>{NAME_PATTERN})")
_SIGNED = re.compile(r"[€$£¥₩₹] ?(\d+(?:\.\d+)?)")
_DECIMAL = re.compile(r"(\d+)\.(\d+)")
_FITS: Final = frozenset({("ratio", "number"), ("number", "ratio"), ("codes", "code")})
_NAME = re.compile(NAME_PATTERN)
_MOST_TIMES: Final = 10
"""Schemes pay up to ten times a fee for the time lost; none was found that pays more."""
_CODES = re.compile(CODES_PATTERN)


def read_scalar(scope: Scope, node: Text, place: Place, want: Type | None) -> Typed:
    """The value that one line writes, fitted to the type that its place wants; None: any that can be a figure."""
    text = node.text
    if match := _DAY_SHARE.fullmatch(text):
        return fitted(scope, node, _day_share(scope, node, match, place), want)
    if match := _SHARE.fullmatch(text):
        return fitted(scope, node, _share(scope, node, match, place), want)
    if match := _QUOTIENT.fullmatch(text):
        return fitted(scope, node, _quotient(scope, node, match, place), want)
    if (match := _WITHOUT_OF.fullmatch(text)) and match["of"] in (*scope.figures, *scope.facts, *FACTS):
        hint = f"write {match[1]} of {match['of']}"
        scope.report.refuse(node.at, f"{text!r} is no value: a share of {match['of']} says of", hint)
    if match := _SIGNED.fullmatch(text):
        hint = f"write {match[1]} {scope.currency}"
        scope.report.refuse(node.at, f"{text!r} is no value: an amount of money ends with its currency", hint)
    if looks_like_quantity(text):
        if place.factor:
            refuse_bare_percentage(scope, node)
        return _quantity(scope, node, want)
    if _NAME.fullmatch(text):
        return fitted(scope, node, scope.value(node, place), want)
    if divided := _DIVIDED.fullmatch(text):
        hint = f"write 1/{divided[2]} of {divided[1]}"
        scope.report.refuse(node.at, f"{text!r} is no value: a name is not divided by a number", hint)
    if not _CODES.fullmatch(text):
        known = (*scope.figures, *scope.facts, *FACTS)
        hint = did_you_mean(text, known, "a quantity, a name in snake_case, or codes in UPPER_CASE joined by or")
        scope.report.refuse(node.at, f"{text!r} is no value" if text else "a value is missing", hint)
    return fitted(scope, node, read_codes(scope, node), want)


def read_codes(scope: Scope, node: Text) -> Typed:
    """``DATA`` or ``VOICE or SMS``."""
    if not _CODES.fullmatch(node.text):
        hint = f"write {node.text.upper()}" if re.fullmatch(CODES_PATTERN, node.text.replace(" or ", "_").upper()) else ""
        scope.report.refuse(node.at, f"{node.text!r} is no code", hint or "codes are UPPER_CASE words, joined by or")
    codes = tuple(node.text.split(" or "))
    for number, code in enumerate(codes):
        if code in codes[:number]:
            scope.report.refuse(node.at, f"{code} is named twice")
    written = tuple((code, node.at) for code in codes)
    return Typed(rules.Code(codes), "code" if len(codes) == 1 else "codes", codes, written=written)


def fitted(scope: Scope, node: Text, typed: Typed, want: Type | None) -> Typed:
    """``typed`` as its place wants it. Raises Refused where it is of another type."""
    given = typed.type
    if want in ("start", None) and isinstance(fact := typed.value, rules.Fact) and given == "instant" and fact.of == "outage":
        return replace(typed, value=rules.Start(0, "seconds", fact), type="start")
    if want is None:
        if given not in NUMERIC | {"code", "codes", "quotient", "start"}:
            scope.report.refuse(
                node.at, f"{node.text} is {NOUNS[given]}, which is no value by itself", "test it in a condition"
            )
        return typed
    if want == "basis points" and given in ("ratio", "number"):
        return replace(typed, value=rules.Share(Fraction(BASIS_POINTS), typed.value), type="basis points")
    if given != want and (want, given) not in _FITS:
        _misfit(scope, node, given, want)
    return typed


def _misfit(scope: Scope, node: Text, given: Type, want: Type) -> NoReturn:
    if given == "quotient":
        hint = "by: may choose by it; an exact share is written 1/30 of ..."
        scope.report.refuse(node.at, f"{node.text} is a quotient, which is compared and never divided", hint)
    hint = f"as in {example(want, scope.currency if want == 'money' else '')}" if want in NUMERIC else ""
    scope.report.refuse(node.at, f"{node.text} is {NOUNS[given]}; {NOUNS[want]} is needed here", hint)


def _quantity(scope: Scope, node: Text, want: Type | None) -> Typed:
    """A quantity, in the base unit of the type that is wanted."""
    quantity = quantity_of(scope, node)
    value, kind = quantity.value, quantity.type
    if want == "basis points" and kind == "ratio":
        if quantity.unit != "%":
            scope.report.refuse(node.at, f"{node.text} lacks its unit", "a percentage is written 10 %")
        return Typed(rules.Constant(value * BASIS_POINTS), "basis points")
    if want == "seconds" and kind == "days":
        return Typed(rules.Constant(value * DAY_SECONDS), "seconds")
    if kind == "ratio" and want in ("money", "bytes", "seconds", "days"):
        lacks_unit(scope, node, want)
    return fitted(scope, node, Typed(rules.Constant(value), kind), want)


def refuse_bare_percentage(scope: Scope, node: Text) -> None:
    """Refuses a factor of more than 10 without a sign: 150 is meant as 150 %, and would be 150 times as much."""
    if node.text.isdecimal() and int(node.text) > _MOST_TIMES:
        hint = f"write {node.text} %; {node.text} times as much is written {node.text}/1"
        scope.report.refuse(node.at, f"{node.text} lacks its unit: it would be {node.text} times as much", hint)


def lacks_unit(scope: Scope, node: Text, want: Type) -> NoReturn:
    """Refuses a number where a quantity of the type is wanted, and says which units that has."""
    currency = scope.currency if want == "money" else ""
    hint = with_units(node.text, want, currency) if node.text.isdecimal() else f"as in {example(want, currency)}"
    scope.report.refuse(node.at, f"{node.text} lacks its unit; {NOUNS[want]} is needed here", hint)


def _as_money(scope: Scope, node: Text) -> str:
    """What a bare decimal number is as money of the policy, to end a suggestion; "" where it can be none."""
    number = _DECIMAL.fullmatch(node.text) if node.plain else None
    if number is None or not scope.has_currency or len(number[2]) > DECIMALS[scope.currency]:
        return ""
    return f", as in {number[1]}.{number[2]:0<{DECIMALS[scope.currency]}} {scope.currency}"


def quantity_of(scope: Scope, node: Text) -> Quantity:
    """The quantity that a line writes; money only in the currency of the policy."""
    try:
        quantity = read_quantity(node.text, plain=node.plain)
    except NotAQuantity as error:
        scope.report.refuse(node.at, str(error), error.suggestion + _as_money(scope, node))
    if quantity.type == "money" and quantity.unit != scope.currency:
        scope.report.refuse(
            node.at, f"{node.text}: the policy pays in {scope.currency}", f"write the amount in {scope.currency}"
        )
    return quantity


def _share(scope: Scope, node: Text, match: re.Match[str], place: Place) -> Typed:
    before = node.part(0, match.end(1))
    if _NAME.fullmatch(before.text):
        message = f"{before.text} is a name; only a number stands before of, as in 1/30 of {match['of']}"
        scope.report.refuse(before.at, message, f"write {match['of']}, and {before.text} under times:")
    ratio = quantity_of(scope, before)
    if ratio.type != "ratio":
        scope.report.refuse(
            node.at, f"{match[1]} of {match[2]}: a share is a ratio", "as in 1/30 of monthly_fee, 10 % of monthly_fee"
        )
    of = _shared(scope, node, match, place)
    return replace(of, value=rules.Share(ratio.value, of.value))


def _day_share(scope: Scope, node: Text, match: re.Match[str], place: Place) -> Typed:
    """A share by the days of the month in which a part begins, or of the billing cycle."""
    by_month = match[2] == "month"
    if by_month and not place.month:
        scope.report.refuse(node.at, "a share by days_in_month stands only under pay:", "a component's parts begin in a month")
    of = _shared(scope, node, match, place)
    if of.by_month:
        scope.report.refuse(node.at, f"{match['of']} is a share by days_in_month already")
    if by_month:
        return replace(of, value=rules.MonthShare(int(match[1]), of.value), by_month=True)
    scope.read_cycle()
    return replace(of, value=rules.CycleShare(int(match[1]), of.value), axes=of.axes | {"subscriber"})


def _shared(scope: Scope, node: Text, match: re.Match[str], place: Place) -> Typed:
    name = node.part(match.start("of"))
    of = scope.value(name, place)
    if of.type not in NUMERIC:
        scope.report.refuse(name.at, f"{name.text} is {NOUNS[of.type]}; nothing can be shared of it")
    return of if of.type != "number" else replace(of, type="ratio")


def _quotient(scope: Scope, node: Text, match: re.Match[str], place: Place) -> Typed:
    over, under = node.part(0, match.end(1)), node.part(match.start(2))
    above, below = scope.value(over, place), scope.value(under, place)
    for name, typed in ((over, above), (under, below)):
        if typed.type not in NUMERIC:
            scope.report.refuse(name.at, f"{name.text} is {NOUNS[typed.type]}; a quotient is of quantities")
    if above.type != below.type:
        message = f"{over.text} is {NOUNS[above.type]} and {under.text} {NOUNS[below.type]}; a quotient is of two alike"
        scope.report.refuse(node.at, message)
    return Typed(rules.Quotient(above.value, below.value), "quotient", axes=above.axes | below.axes)
