"""What one version asks of a request besides: its attributes and their types, its currency, benefits, channels, languages."""

from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from functools import partial

from policy.calculator import codes, rules
from policy.calculator.checks import (
    MAX_ITEMS,
    MAX_QUANTITY,
    MAX_TEXT_LENGTH,
    Report,
    check_interval,
    check_money,
    found_by,
    is_interval,
)
from policy.calculator.contract import FIELD_OF
from policy.calculator.cycle import BILLING_CYCLE, days_in
from policy.calculator.errors import Violation
from policy.calculator.facts import RATIO_DENOMINATOR
from policy.calculator.loading import plain
from policy.calculator.local_time import LocalTime
from policy.calculator.lowering.values import MONTH_LENGTHS
from policy.calculator.reads import divides_by_cycle
from policy.calculator.request import AttributeValue, GrantedBefore, Instant, Interval, Money, Outage, Request


class RequestRules:
    """The demands of one version, gathered when it is loaded."""

    def __init__(self, version: rules.Version, reads: Mapping[str, rules.Fact], local: LocalTime) -> None:
        self._version = version
        self._local = local
        self._divides_by_cycle = divides_by_cycle(version)
        declared = {fact.field: fact for fact in (*version.accepted, *version.facts)} | dict(reads)
        self._subscriber = {fact.name: fact for fact in declared.values() if fact.of == "subscriber" and fact.attribute}
        self._outage = {fact.name: fact for fact in declared.values() if fact.of == "outage" and fact.attribute}
        core = [fact for fact in declared.values() if fact.of == "subscriber" and not fact.attribute]
        self._bounded = [fact for fact in core if fact.at_most is not None]
        self._reads_fee = "subscriber.monthly_fee" in reads
        self._reads_plan_type = "subscriber.plan_type" in reads
        self._specified = [name for name in ("cause", "impact") if f"outages[].{name}" in reads]
        self._benefits = tuple(benefit.name for benefit in version.benefits)
        self._by_month = frozenset(benefit.name for benefit in version.benefits if benefit.for_each == "month")
        notice = version.notice
        self._languages = tuple(dict.fromkeys(each.language for each in (*notice.templates, *notice.further))) if notice else ()

    def violations_of(self, request: Request, most: int) -> list[Violation]:
        """The violations that this version sees, ``most`` at the most; the request may have others besides."""
        return found_by(partial(self._look, request), most)

    def _look(self, request: Request, report: Report) -> None:
        self._check_subscriber(request, report)
        for index, outage in enumerate(request.outages if len(request.outages) <= MAX_ITEMS else ()):
            self._check_outage(index, outage, report)
        self._check_way(request, report)
        if request.already_granted:
            self._check_names("already_granted", request.already_granted, report)
            self._check_no_month(request.already_granted, report)
        if request.granted_before and len(request.granted_before) <= MAX_ITEMS:
            self._check_granted_before(request.granted_before, report)

    def _check_subscriber(self, request: Request, report: Report) -> None:
        subscriber = request.subscriber
        if subscriber is None:
            return
        if self._reads_plan_type and not subscriber.plan_type:
            report("subscriber.plan_type", _unspecified("plan_type"))
        fee = subscriber.monthly_fee
        if self._reads_fee and fee is not None and fee.currency_code != self._version.currency_code:
            report("subscriber.monthly_fee.currency_code", self._currency())
        for fact in self._bounded:
            given = plain(getattr(subscriber, fact.field.removeprefix("subscriber.")))
            if given is not None and fact.at_most is not None and given > fact.at_most:
                report(fact.field, f"must be at most {fact.at_most}")
        cycle = subscriber.billing_cycle
        if self._divides_by_cycle and cycle is not None and is_interval(cycle):
            days = days_in(cycle, self._local.day_of)
            if days not in MONTH_LENGTHS:
                report(BILLING_CYCLE.field, f"has {days} local days; the policy divides by 28 to 31")
        if subscriber.granted_this_cycle:
            self._check_names("subscriber.granted_this_cycle", subscriber.granted_this_cycle, report)
        by_month = subscriber.granted_by_month
        for month, given in by_month.items() if len(by_month) <= MAX_ITEMS else ():
            self._check_names(f'subscriber.granted_by_month["{month}"]', given, report)
        if subscriber.attributes:
            self._check_attributes("subscriber", subscriber.attributes, self._subscriber, report)

    def _check_outage(self, index: int, outage: Outage, report: Report) -> None:
        for name in self._specified:
            if not getattr(outage, name):
                report(f"outages[{index}].{name}", _unspecified(name))
        if outage.attributes:
            self._check_attributes(f"outages[{index}]", outage.attributes, self._outage, report)

    def _check_way(self, request: Request, report: Report) -> None:
        claims, notice = self._version.claims, self._version.notice
        if request.mode == codes.APPLICATION and claims is None:
            report("mode", f"policy {self._version.policy_id} takes no applications")
        elif request.claim is not None and claims is not None and claims.channels:
            known = request.claim.channel in codes.CLAIM_CHANNELS
            if known and request.claim.channel not in claims.channels:
                report("claim.channel", f"the policy takes claims by {', '.join(claims.channels)}")
        if request.mode == codes.PROACTIVE_NOTICE and notice is None:
            report("mode", f"policy {self._version.policy_id} has no notice templates")
        elif request.notice is not None:
            for number, language in enumerate(request.notice.languages):
                if language and language not in self._languages:
                    report(f"notice.languages[{number}]", f"the policy has templates in {', '.join(self._languages)}")

    def _check_names(self, field: str, given: Mapping[str, int], report: Report) -> None:
        for name in given if len(given) <= MAX_ITEMS else ():
            if name not in self._benefits:
                report(f'{field}.quantities["{name}"]', self._no_benefit())

    def _check_no_month(self, given: Mapping[str, int], report: Report) -> None:
        for name in given if len(given) <= MAX_ITEMS else ():
            if name in self._by_month:
                report(
                    f'already_granted.quantities["{name}"]', "is for each month; tell it by outage and month, in granted_before"
                )

    def _check_granted_before(self, given: Sequence[GrantedBefore], report: Report) -> None:
        for number, each in enumerate(given):
            if each.benefit and each.benefit not in self._benefits:
                report(f"granted_before[{number}].benefit", self._no_benefit())
            elif each.benefit in self._by_month and not each.month:
                report(f"granted_before[{number}].month", f"is required: {each.benefit} is for each month, such as 2026-03")
            elif each.benefit and each.benefit not in self._by_month and each.month:
                report(f"granted_before[{number}].month", f"is to be left out: {each.benefit} is not for each month")

    def _no_benefit(self) -> str:
        return f"is no benefit of the policy; its benefits are {', '.join(self._benefits)}"

    def _check_attributes(
        self, path: str, given: Mapping[str, AttributeValue | None], declared: Mapping[str, rules.Fact], report: Report
    ) -> None:
        if len(given) > MAX_ITEMS:
            return
        for name, value in given.items():
            field = f'{path}.attributes["{name}"]'
            fact = declared.get(name)
            if fact is not None:
                self._check_value(field, fact, value, report)
            elif declared:
                close = get_close_matches(name, declared, n=1) if len(name) <= MAX_TEXT_LENGTH else ()
                hint = f"; did you mean {close[0]}?" if close else ""
                report(field, f"is not declared by the policy, which reads {', '.join(sorted(declared))}{hint}")
            else:
                report(field, f"is not declared by the policy, which reads no attributes of {path.split('[', 1)[0]}")

    def _check_value(self, field: str, fact: rules.Fact, value: AttributeValue | None, report: Report) -> None:
        if value is None or not _is_of_type(value, fact.type):
            report(field, f"must be {_TYPE_WORDS[fact.type]}")
            return
        match value:
            case Money():
                check_money(field, value, report)
                if value.currency_code != self._version.currency_code:
                    report(f"{field}.currency_code", self._currency())
            case str() if value not in fact.codes:
                report(field, f"is not a known value; it is one of {', '.join(fact.codes)}")
            case tuple():
                for number, span in enumerate(value):
                    check_interval(f"{field}.intervals[{number}]", span, report)
            case Fraction() if RATIO_DENOMINATOR % value.denominator:
                report(field, f"its denominator must divide {RATIO_DENOMINATOR}")
        _check_bound(field, fact, value, report)

    def _currency(self) -> str:
        return f"policy {self._version.policy_id} counts in {self._version.currency_code}"


def _check_bound(field: str, fact: rules.Fact, value: AttributeValue, report: Report) -> None:
    number = value.amount_minor if isinstance(value, Money) else value
    if isinstance(value, bool) or not isinstance(number, int | Fraction):
        return
    limit = MAX_QUANTITY if fact.at_most is None else fact.at_most
    if number < 0 and not isinstance(value, Money):  # negative money is already reported
        report(field, "must not be negative")
    elif number > limit:
        report(field, f"must be at most {limit}")


_TYPE_WORDS: dict[rules.FactType, str] = {
    "money": "money",
    "number": "a whole number",
    "bytes": "a whole number of bytes",
    "seconds": "a whole number of seconds",
    "ratio": "an exact ratio",
    "yes or no": "yes or no",
    "codes": "a code",
    "instant": "an instant",
    "date": "a date",
    "intervals": "a list of intervals",
}


def _is_of_type(value: AttributeValue, wanted: rules.FactType) -> bool:
    match wanted:
        case "money":
            return isinstance(value, Money)
        case "number" | "bytes" | "seconds":
            return isinstance(value, int) and not isinstance(value, bool)
        case "ratio":
            return isinstance(value, Fraction) or (isinstance(value, int) and not isinstance(value, bool))
        case "yes or no":
            return isinstance(value, bool)
        case "codes":
            return isinstance(value, str)
        case "instant":
            return isinstance(value, Instant)
        case "date":
            return isinstance(value, date)
        case "intervals":
            return isinstance(value, tuple) and all(isinstance(span, Interval) for span in value)


def _unspecified(name: str) -> str:
    return f"is not specified; it is one of {', '.join(FIELD_OF[name].codes)}"
