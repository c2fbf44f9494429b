"""Clocks, benefits and claims as sentences, in the order in which they are applied."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from policy.calculator import rules
from policy.language.days import WEEKDAYS
from policy.language.kinds import PAID_IN
from policy.language.problems import listed
from policy.tools.describing.values import Wording, length_text, time_text

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "DATA_BYTES": "mobile data",
        "VOICE_SECONDS": "voice time",
        "VALUE_ADDED_DAYS": "days of value-added services",
        "VALIDITY_DAYS": "days of validity",
        "CREDIT": "a credit",
        "UNLIMITED_DATA": "unlimited data for a time",
        "TOP_UP_BONUS": "a bonus on the next top-up",
    }
)
"""What each kind of benefit is, to a reader."""


FOR_EACH: Final[Mapping[rules.ForEach, str]] = MappingProxyType(
    {
        "interruption": "For each interruption by itself.",
        "outage": "For each outage by itself.",
        "month": "For each month by itself.",
        "billing cycle": "For each billing cycle by itself.",
        "all together": "For all together.",
    }
)
"""What each occasion is, to a reader."""


class Sentences:
    """Says the rules of one version."""

    def __init__(self, version: rules.Version) -> None:
        self._wording = Wording(version)

    def clock(self, clock: rules.Clock) -> Iterator[str]:
        """What time counts, step by step."""
        wording = self._wording
        if clock.services is not None:
            said = wording.value(clock.services, "")
            which = said if isinstance(clock.services, rules.Code) else f"the services that *{said}* gives"
            yield f"Outages of {which}; one that names no service counts as of all."
        if clock.where is not None:
            yield f"Only where {wording.condition(clock.where)}."
        if clock.liable:
            product = " × ".join(wording.value(each, "ratio") for each in clock.liable)
            yield f"The operator answers for an outage as far as {product} says; 0 drops it."
            yield "Where outages overlap, the one for which the operator answers most counts."
        else:
            yield "The operator answers for every outage in full."
        if clock.starts is not None:
            yield f"Counting starts at {wording.value(clock.starts, 'instant')}."
        if clock.minus:
            yield f"Cut out: {listed([_cut(each) for each in clock.minus])}."
        if clock.without:
            yield f"Left out: what {listed([f'*{each.name}*' for each in clock.without])} keeps."
        for condition in clock.only:
            yield f"What is left counts only where {wording.condition(condition)}."

    def benefit(self, benefit: rules.Benefit) -> Iterator[str]:
        """What is given, from the first component to how it is granted."""
        wording, unit = self._wording, PAID_IN[benefit.kind]
        yield FOR_EACH[benefit.for_each]
        if benefit.when is not None:
            yield f"Only where {wording.condition(benefit.when)}."
        if len(benefit.components) == 1:
            yield self._component(benefit.components[0], unit)
        else:
            yield f"The {'sum' if benefit.join == 'sum' else 'larger'} of:"
            for component in benefit.components:
                yield f"  *{component.name}* (clause {component.clause.id}): {self._component(component, unit)}"
        if benefit.minus is not None:
            yield f"Less {self._limit(benefit.minus, unit)}, not below 0."
        yield f"Rounded {benefit.rounding} to {wording.amount(benefit.unit, unit)}, once."
        if benefit.at_least is not None:
            yield f"At least {self._limit(benefit.at_least, unit)}, if anything is due."
        if benefit.at_most is not None:
            yield f"At most {self._limit(benefit.at_most, unit)} for each."
        if benefit.at_most_per_cycle is not None:
            yield f"At most {self._limit(benefit.at_most_per_cycle, unit)} in a billing cycle."
        if benefit.at_most_per_month is not None:
            yield f"At most {self._limit(benefit.at_most_per_month, unit)} in a month."
        if benefit.valid_for_seconds:
            yield f"Valid for {length_text(benefit.valid_for_seconds)} from booking."
        if benefit.usable is not None:
            yield f"Usable from {benefit.usable[0]} until the end of the day before {benefit.usable[1]}."
        yield self._granted(benefit.granted, unit)

    def _limit(self, value: rules.Value, unit: str) -> str:
        """A value that stands alone in a sentence; a figure is marked as one, for its name may be a word such as least."""
        said = self._wording.value(value, unit)
        return f"the figure `{said}`" if isinstance(value, rules.Named) else said

    def _component(self, component: rules.Component, unit: str) -> str:
        for_whom = f"Where {self._wording.condition(component.when)}: " if component.when is not None else ""
        times = "".join(f", times {self._wording.value(each, 'ratio')}" for each in component.times)
        return f"{for_whom}{self._count(component)}{self._pay(component.pay, unit)}{times}."

    def _count(self, component: rules.Component) -> str:
        clock = f"*{component.clock.name}*" if component.clock is not None else ""
        match component.count:
            case rules.Once():
                return f"Once, if any time of {clock} is left: "
            case rules.Number(fact=fact):
                return f"For each of {fact.name}: "
            case rules.Units() as units:
                return f"For each {self._units(units)} of {clock}{_of_each(units)}{_rest(units)}: "

    def _units(self, units: rules.Units) -> str:
        measure = f" of {units.measure.name} time" if units.measure is not None else ""
        if not isinstance(units.length, int):
            return f"{units.length} that is {'touched' if units.rounding == 'started' else 'covered whole'}"
        part = {"exact": "", "started": "started ", "full": "full "}[units.rounding]
        exact = " (and exactly for a part of it)" if units.rounding == "exact" else ""
        return f"{part}{length_text(units.length)}{measure}{exact}"

    def _pay(self, pay: rules.Value | rules.Tiers | rules.Discretion, unit: str) -> str:
        match pay:
            case rules.Discretion():
                return "an amount that a person sets, for the source gives a right and no formula"
            case rules.Tiers(by=by, steps=steps, last=last, day_from=day_from):
                said = [f"up to {upper}: {self._wording.value(value, unit)}" for upper, value in steps]
                rates = "; ".join([*said, f"beyond: {self._wording.value(last, unit)}"])
                number = "number of the unit" if day_from is None else f"number of days since the day of {day_from.name}"
                return f"by the {number if by == 'nth' else 'total of units'} ({rates})"
            case _:
                return self._wording.value(pay, unit)

    def _granted(self, granted: rules.Granted, unit: str) -> str:
        if granted.how == "automatically":
            return "Granted automatically."
        if granted.how == "on claim":
            return "Granted on a claim only."
        assert granted.when is not None  # INVARIANT: automatically when has a condition
        return f"Granted automatically where {self._wording.condition(granted.when, unit)}; else owed on a claim."

    def claims(self, claims: rules.Claims) -> Iterator[str]:
        """How applications are taken."""
        yield f"Taken by {listed(claims.channels, 'or')}."
        if claims.within_seconds is not None:
            yield f"Within {length_text(claims.within_seconds)} of the end of the last outage that meets the claim."
        elif claims.within_local_days is not None:
            yield f"Until {claims.within_local_days} local days after the day on which the last outage that meets it ended."
        else:
            yield "However long after the outage."
        if claims.before is not None:
            yield f"Made before {claims.before}."
        if claims.widen_seconds is not None:
            yield f"Outages are cut to the claimed interval, widened by {length_text(claims.widen_seconds)} on each side."
        else:
            yield "Outages are not cut to the claimed interval."
        if claims.warn_below is not None:
            share = self._wording.amount(claims.warn_below, "percentage")
            yield f"Where less than {share} of the claimed interval is on record, the grant says so."

    def recourse(self, recourse: rules.RecourseRule) -> Iterator[str]:
        """What third parties owe."""
        share = self._wording.amount(recourse.share, "percentage")
        yield f"Owed by the responsible party of outages where {self._wording.condition(recourse.owed_by)}."
        yield f"For each of them it owes {share} of the value of its parts of the grants."
        yield f"Rounded {recourse.rounding} to {self._wording.amount(recourse.unit_minor, 'money')}, once for the outage."

    def corrections(self, corrections: rules.Corrections) -> str:
        """What becomes of what was booked beyond what stands."""
        if corrections.how == "set off":
            return "What was booked beyond what stands is set off against what else is owed in the cycle."
        return "What was booked beyond what stands is clawed back."


def _cut(cut: rules.Fact | rules.Window) -> str:
    if isinstance(cut, rules.Fact):
        return cut.name
    days = "every day" if cut.weekdays == rules.EVERY_DAY else listed([WEEKDAYS[day].capitalize() for day in cut.weekdays])
    return f"{days} from {time_text(cut.from_second)} to {time_text(cut.until_second)}"


def _of_each(units: rules.Units) -> str:
    return f", counted {units.of_each} by {units.of_each}" if units.of_each is not None else ""


def _rest(units: rules.Units) -> str:
    return f"; a rest of {units.rest[0]} {length_text(units.rest[1])} counts as one more" if units.rest is not None else ""
