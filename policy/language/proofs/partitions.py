"""What holds because of how a file is read, looked at again in the rules that came of it: tables, bands and caps.

The reader refuses a table with a hole or an overlap, so these three are proved for whatever was loaded. They are checked here
a second time over the loaded rules, by other means, and counted for the report.
"""

from collections.abc import Iterator
from fractions import Fraction

from policy.calculator import rules
from policy.language.proofs.names import CAPS, TABLES, WEEK
from policy.language.proofs.parts import codes_of
from policy.language.proofs.walk import figure_value, inner_values, rules_of

DAY_SECONDS = 86_400
_UPWARD = ("less than", "at most")

Choice = rules.CodeChoice | rules.Ladder | rules.Tiers


def counted(number: int, what: str) -> str:
    """``1 cap``, ``2 caps``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def tables(version: rules.Version) -> rules.Property:
    """Each choice gives one answer to every subject, so a table of choices within choices does to all its columns together."""
    doubts: list[rules.Doubt] = []
    found = 0
    unreached: list[str] = []
    for rule in rules_of(version):
        clause = rule.clause.id if rule.clause else ""
        for choice in _choices(rule.what):
            found += 1
            doubts += [rules.Doubt(rule.path, word, clause, why) for word, why in _amiss(choice)]
            unreached += [f"{'.'.join(rule.path)}: {step}" for step in _unreached(choice)]
    because = "nothing is chosen" if not found else f"{counted(found, 'choice')}, one answer to every value of what is asked"
    because += f"; never reached: {', '.join(unreached)}" if unreached else ""
    return rules.Property(TABLES, not doubts, because, tuple(doubts))


def _choices(what: rules.Value | rules.Tiers | rules.Condition) -> Iterator[Choice]:
    if isinstance(what, rules.Tiers):
        yield what
    yield from (each for each in inner_values(what) if isinstance(each, rules.CodeChoice | rules.Ladder))


def _amiss(choice: Choice) -> Iterator[tuple[str, str]]:
    match choice:
        case rules.CodeChoice():
            known, taken = codes_of(choice.subject), [code for codes, _ in choice.cases for code in codes]
            yield from ((code, "stands in two cases") for code in sorted(set(taken)) if taken.count(code) > 1)
            if choice.otherwise is None:
                missing = sorted(set(known) - set(taken)) if known else ["any code"]
                yield from ((code, "stands in no case") for code in missing)
        case rules.Ladder(steps=steps):
            limits = [_rank(bound) for bound, _ in steps if isinstance(bound.value, rules.Constant)]
            if len({bound.op in _UPWARD for bound, _ in steps}) > 1:
                yield steps[0][0].op, "looks the other way than another bound"
            elif len(steps) > 1 and (len(limits) < len(steps) or limits != sorted(set(limits))):
                yield steps[0][0].op, "is not the narrowest bound"
        case rules.Tiers(steps=tiers):
            uppers = [upper for upper, _ in tiers]
            if uppers != sorted(set(uppers)) or uppers[0] < 1:
                yield choice.by, "has tiers that are not one above the other"


def _rank(bound: rules.Bound) -> tuple[Fraction, bool]:
    """Narrowest first: of two bounds at one limit, less than is within at most, and more than within at least."""
    assert isinstance(bound.value, rules.Constant)
    limit = bound.value.value if bound.op in _UPWARD else -bound.value.value
    return limit, bound.op in ("at most", "at least")


def tables_unreached(what: rules.Value | rules.Tiers | rules.Condition) -> Iterator[str]:
    """Steps of the choices within ``what`` that no value which a request may give can reach."""
    for choice in _choices(what):
        yield from _unreached(choice)


def _unreached(choice: Choice) -> Iterator[str]:
    """Steps that no value which a request may give can reach."""
    if not isinstance(choice, rules.Ladder):
        return
    subject = figure_value(choice.subject)
    if not isinstance(subject, rules.Fact) or subject.at_most is None:
        return
    for bound, _ in choice.steps:
        if not isinstance(bound.value, rules.Constant):
            continue
        limit, most = bound.value.value, subject.at_most
        if bound.op in _UPWARD and limit >= most + (bound.op == "less than"):
            yield f"what is not {bound.op} {limit}, for {subject.name} is at most {most}"
        if bound.op not in _UPWARD and limit >= most + (bound.op == "at least"):
            yield f"{bound.op} {limit}, for {subject.name} is at most {most}"


def week(version: rules.Version) -> rules.Property:
    """Bands of working and of other days run from midnight to midnight, so those of a week have no gap and no overlap."""
    doubts = [
        rules.Doubt(("measures", measure.name), "by", measure.clause.id, "its bands do not make up a day")
        for measure in version.measures
        if not all(_is_whole([band for band in measure.bands if day in band.weekdays]) for day in rules.EVERY_DAY)
    ]
    bands = sum(len(measure.bands) for measure in version.measures)
    because = f"{counted(bands, 'band')} of {counted(len(version.measures), 'measure')}, 00:00 to 24:00 on every kind of day"
    return rules.Property(WEEK, not doubts, because if version.measures else "all time weighs the same", tuple(doubts))


def _is_whole(bands: list[rules.Band]) -> bool:
    """Whether the bands of a weekday run from midnight to midnight."""
    reached = 0
    for band in bands:
        if band.from_second != reached or band.until_second <= reached or min(band.working, band.other) < 0:
            return False
        reached = band.until_second
    return reached == DAY_SECONDS


def caps(version: rules.Version) -> rules.Property:
    """A cap comes after rounding and is itself first taken down to the unit of rounding, so what it leaves is both."""
    doubts = []
    found = 0
    for benefit in version.benefits:
        path, clause = ("benefits", benefit.name), benefit.components[0].clause.id
        if benefit.unit < 1:
            doubts.append(rules.Doubt((*path, "round"), "round", clause, "is to no whole number of base units"))
        caps_of = {
            "at most": benefit.at_most,
            "at most per cycle": benefit.at_most_per_cycle,
            "at most per month": benefit.at_most_per_month,
        }
        for word, cap in caps_of.items():
            if cap is None:
                continue
            found += 1
            if any(each.value < 0 for each in inner_values(cap, through_names=True) if isinstance(each, rules.Constant)):
                doubts.append(rules.Doubt((*path, word), word, clause, "is below 0"))
    because = f"{counted(found, 'cap')}, taken down to the unit of rounding and applied after it"
    return rules.Property(CAPS, not doubts, because if found else "nothing is capped", tuple(doubts))
