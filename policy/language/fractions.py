"""``liable:`` weighs measured time alone: a fraction on a clock whose time nothing measures is a slip."""

from collections.abc import Iterator
from fractions import Fraction

from policy.calculator import rules
from policy.language.problems import FILE_START, At, Report
from policy.language.yaml_tree import Map

_ALL_OR_NOTHING = (Fraction(0), Fraction(1))


def report_idle_fractions(root: Map, version: rules.Version, report: Report) -> None:
    """Reports each ``liable:`` of the file ``root`` that gives more than 0 and 1, where no measure asks how much."""
    measured = set(_measured(version))
    for clock in version.clocks:
        if clock.name in measured or all(value in _ALL_OR_NOTHING for each in clock.liable for value in _leaves(each)):
            continue
        report.add(
            _liable_at(root, clock.name),
            f"nothing measures the time of clock {clock.name}, so its fractions have no effect",
            "measure it: declare time: {clause: ..., by: time_of_day, 00:00 to 24:00: 1} under measures: and count "
            "{started: 1 time h}; or give 0 and 1 alone",
        )


def _leaves(value: rules.Value) -> Iterator[Fraction | None]:
    """What a value may come to; None: what is not known before a request."""
    match value:
        case rules.Constant(value=constant):
            yield constant
        case rules.Named(figure=figure):
            yield from _leaves(figure.value)
        case rules.Larger(values=values):
            for each in values:
                yield from _leaves(each)
        case rules.CodeChoice(cases=cases, otherwise=otherwise):
            for _, each in cases:
                yield from _leaves(each)
            if otherwise is not None:
                yield from _leaves(otherwise)
        case rules.Ladder(steps=steps, otherwise=otherwise):
            for _, each in steps:
                yield from _leaves(each)
            yield from _leaves(otherwise)
        case _:
            yield None


def _measured(version: rules.Version) -> Iterator[str]:
    """The clocks of whose time a measure is taken anywhere: in a count or in a test of time."""
    for clock in version.clocks:
        if any(map(_measures, clock.only)):
            yield clock.name
    for benefit in version.benefits:
        for component in benefit.components:
            if component.clock is None:
                continue
            counts = isinstance(component.count, rules.Units) and component.count.measure is not None
            if counts or (benefit.granted.when is not None and _measures(benefit.granted.when)):
                yield component.clock.name


def _measures(condition: rules.Condition) -> bool:
    match condition:
        case rules.TimeIn(measure=measure):
            return measure is not None
        case rules.AnyOf(conditions=conditions) | rules.AllOf(conditions=conditions):
            return any(map(_measures, conditions))
    return False


def _liable_at(root: Map, clock: str) -> At:
    """Where ``liable:`` of a clock stands."""
    node = root
    for name in ("clocks", clock):
        inner = node.get(name)
        assert isinstance(inner, Map)  # INVARIANT: the version was read from it
        node = inner
    return next((key.at for key, _ in node.entries if key.text == "liable"), FILE_START)
