"""What is asked of a value of any kind, whoever holds it: each check tells of what is wrong, by its path, and what to change.

A message never repeats a value that could identify a subscriber.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sized
from contextlib import suppress
from typing import Final

from policy.calculator import identity
from policy.calculator.errors import Violation
from policy.calculator.request import Interval, Money

MAX_TEXT_LENGTH: Final = 256
MAX_ITEMS: Final = 1_000
"""Outages of a request, services of a subscriber or an outage, areas of an outage, attributes, names of quantities, months,
earlier claims, entries of what was granted before.

A list over this limit is one violation; what is in it is not looked at.
"""
MAX_INSTANT: Final = 4_102_444_800
"""2100-01-01T00:00:00Z. Time zone rules further out are a guess."""
MAX_QUANTITY: Final = 2**56
"""Bytes, seconds, days or minor units: more than a subscriber has, and a hundred times it stays within 64 bits."""

MAX_VIOLATIONS: Final = 250
"""Of a question, that a caller is told of, so that many malformed ones make no answer many times their size; no more is looked
for than it takes to say that there are more."""
ENOUGH_VIOLATIONS: Final = MAX_VIOLATIONS + 1

_MONTH: Final = re.compile("(1969-12|19[7-9][0-9]-(0[1-9]|1[0-2])|20[0-9]{2}-(0[1-9]|1[0-2])|2100-01)")
"""Every month in which an instant between the limits can lie, whatever the zone."""

Report = Callable[[str, str], None]
"""Takes the path of an offending field, and what to change."""


class _Enough(Exception):
    """As much is wrong as was to be found."""


def found_by(look: Callable[[Report], object], most: int) -> list[Violation]:
    """What ``look`` reports, which is ended once it is ``most``: who is wrong in a thousand places is told of the first."""
    found: list[Violation] = []

    def report(field: str, message: str) -> None:
        found.append(Violation(field, message))
        if len(found) >= most:
            raise _Enough

    with suppress(_Enough):
        look(report)
    return found


def check_instant(field: str, seconds: int, report: Report) -> bool:
    """An instant in the years for which time zone rules are known; says whether it is one."""
    if 0 <= seconds <= MAX_INSTANT:
        return True
    report(field, "must be between 1970-01-01T00:00:00Z and 2100-01-01T00:00:00Z")
    return False


def check_interval(field: str, span: Interval, report: Report) -> None:
    """A half-open span whose end is after its start."""
    start = check_instant(f"{field}.started_at", span.started_at, report)
    end = check_instant(f"{field}.ended_at", span.ended_at, report)
    if start and end and span.ended_at <= span.started_at:
        report(f"{field}.ended_at", "must be after started_at")


def is_interval(span: Interval) -> bool:
    """Whether :func:`check_interval` finds nothing wrong."""
    return 0 <= span.started_at < span.ended_at <= MAX_INSTANT


def check_money(field: str, amount: Money, report: Report) -> None:
    """An amount that is not negative, in a currency whose code looks like one."""
    code = amount.currency_code
    if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
        report(f"{field}.currency_code", "must be an ISO 4217 code, three capital letters such as CNY")
    check_quantity(f"{field}.amount_minor", amount.amount_minor, report)


def check_quantities(field: str, given: Mapping[str, int], report: Report) -> None:
    """Quantities by benefit name, none negative."""
    if not is_few(field, given, report):
        return
    for name, quantity in given.items():
        if not 0 <= quantity <= MAX_QUANTITY:
            check_quantity(f'{field}.quantities["{name}"]', quantity, report)


def check_quantity(field: str, quantity: int, report: Report) -> None:
    """An amount of anything, not negative."""
    if not 0 <= quantity <= MAX_QUANTITY:
        report(field, "must not be negative" if quantity < 0 else f"must be at most {MAX_QUANTITY}")


def check_code(field: str, code: str, known: Collection[str], report: Report) -> None:
    """One of the words that are known."""
    if code not in known:
        report(field, f"{'is not specified' if not code else 'is not a known value'}; it is one of {', '.join(known)}")


def check_id(field: str, text: str, report: Report) -> None:
    """A text that names somebody or something, and is required."""
    if not text:
        report(field, "is required")
    else:
        check_text(field, text, report)


def check_text(field: str, text: str, report: Report) -> None:
    """A text that names somebody or something, or nobody."""
    if len(text) > MAX_TEXT_LENGTH:
        report(field, f"has {len(text)} characters; at most {MAX_TEXT_LENGTH} are taken")
    elif problem := identity.problem(text):
        report(field, problem)


def is_proper(text: str) -> bool:
    """Whether :func:`check_id` finds nothing wrong."""
    return 0 < len(text) <= MAX_TEXT_LENGTH and not identity.problem(text)


def check_texts(field: str, texts: tuple[str, ...], report: Report) -> None:
    """A list of texts that each name something."""
    if is_few(field, texts, report):
        for number, text in enumerate(texts):
            check_id(f"{field}[{number}]", text, report)


def is_few(field: str, items: Sized, report: Report) -> bool:
    """Whether a list or map is short enough to be looked into."""
    if len(items) <= MAX_ITEMS:
        return True
    report(field, f"has {len(items)} items; at most {MAX_ITEMS} are taken")
    return False


def check_codes(field: str, given: tuple[str, ...], known: Collection[str], report: Report) -> None:
    """A list of words that are known."""
    if is_few(field, given, report):
        for number, code in enumerate(given):
            check_code(f"{field}[{number}]", code, known, report)


def check_month(field: str, month: str, report: Report) -> None:
    """A local month."""
    if not _MONTH.fullmatch(month):
        report(field, "is no month such as 2026-03, from 1969-12 to 2100-01")


def check_by_month(field: str, given: Mapping[str, Mapping[str, int]], report: Report) -> None:
    """Quantities by local month and benefit name."""
    if not is_few(field, given, report):
        return
    for month, of_month in given.items():
        check_month(f'{field}["{month}"]', month, report)
        check_quantities(f'{field}["{month}"]', of_month, report)
