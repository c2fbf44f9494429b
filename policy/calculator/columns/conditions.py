"""Conditions over columns, with "unknown" as a third value: a part that decides drops what the others do not know."""

from policy.calculator import rules
from policy.calculator.columns.column import Test, axis_of, holds_on, on
from policy.calculator.columns.frame import Axis, Frame
from policy.calculator.columns.questions import Mask
from policy.calculator.columns.unknown import Unknown, add, kept, somewhere
from policy.calculator.columns.values import ColumnValues


def condition(rule: rules.Condition, values: ColumnValues, axis: Axis) -> Test:
    """Whether ``rule`` holds, over ``axis``. Raises NoColumns."""
    match rule:
        case rules.AllOf(conditions=parts):
            return _joined([condition(part, values, axis) for part in parts], decisive=False)
        case rules.AnyOf(conditions=parts):
            return _joined([condition(part, values, axis) for part in parts], decisive=True)
        case rules.Compare(subject=subject, bound=bound):
            test, of = values.comparison(subject, bound)
            return holds_on(axis, test, of)
        case rules.IsYes(subject=subject, yes=yes):
            inner = values.column(subject)
            read, wanted = inner.read, int(yes)
            return holds_on(axis, lambda frame, live: read(frame, live) == wanted, inner.axis)
        case rules.IsOneOf(subject=subject, codes=held):
            return _is_one_of(subject, held, values, axis)
        case rules.TimeIn():
            raise AssertionError("a condition on time stands only under `only`")  # the language sees to it


def _is_one_of(subject: rules.Value, held: rules.Value, values: ColumnValues, axis: Axis) -> Test:
    sides = [values.column(subject), values.column(held)]
    over = axis_of(sides)
    left, right = (on(over, each, each.read) for each in sides)

    def is_one(frame: Frame, live: Mask) -> Mask:
        code, unknown = frame.apart(left, live)
        if unknown:  # the codes are then not asked for
            frame.note(unknown)
            live = live & ~somewhere(unknown)
        one: Mask = values.is_in[code, right(frame, live)]
        return one

    return holds_on(axis, is_one, over)


def _joined(tests: list[Test], *, decisive: bool) -> Test:
    """Any of (decisive True) or all of (decisive False)."""

    def holds(frame: Frame, live: Mask) -> Mask:
        undecided, unknown = live, Unknown()
        for test in tests:
            found, missed = frame.apart(test, undecided)
            going_on = found != decisive
            if missed:
                going_on |= somewhere(missed)
                add(unknown, missed)
            undecided = undecided & going_on
        if unknown:
            frame.note(kept(unknown, undecided))
        return live & ~undecided if decisive else undecided

    return holds
