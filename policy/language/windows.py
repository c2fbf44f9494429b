"""Windows that repeat by local time, as one of maintenance: ``{every: SUNDAY, from: 02:00, to: 06:00}``."""

from typing import Final

from policy.calculator import rules
from policy.language.codes import CODE_SET_PATTERN
from policy.language.days import DAY, TIME_PATTERN, is_time, read_weekdays, second_at
from policy.language.scope import Scope
from policy.language.shapes import text
from policy.language.words import Form, Word, read_form, text_of
from policy.language.yaml_tree import Node

WINDOW_EXAMPLE: Final = "{every: SUNDAY, from: 02:00, to: 06:00}"
_EVERY_DAY: Final = "day"
_EVERY_PATTERN: Final = rf"{_EVERY_DAY}|{CODE_SET_PATTERN}"


def _every(scope: Scope, node: Node) -> tuple[int, ...]:
    days = text_of(node, scope.report, "every:")
    return rules.EVERY_DAY if days.text == _EVERY_DAY else read_weekdays(scope, days)


def _time(scope: Scope, node: Node) -> int:
    time = text_of(node, scope.report, "a time of day")
    if not is_time(time.text):
        scope.report.refuse(time.at, f"{time.text!r} is no time of day", "write it as 02:00")
    return second_at(time.text)


WINDOW: Final[Form[Scope]] = Form(
    name="a window",
    doc="A time that repeats by the wall clock of the policy's zone.",
    words={
        "every": Word("day, or weekdays joined by or", text(_EVERY_PATTERN), _every, required=True),
        "from": Word("the time of day at which it begins", text(TIME_PATTERN), _time, required=True),
        "to": Word(
            "the time of day at which it ends; before from:, it is of the next day", text(TIME_PATTERN), _time, required=True
        ),
    },
)


def read_window(scope: Scope, node: Node) -> tuple[rules.Window, ...]:
    """A window, as one that lies in one day, or as two where it goes on over midnight."""
    reading = read_form(WINDOW, scope, node, scope.report)
    days, start, end = reading.values["every"], reading.values["from"], reading.values["to"]
    if start == DAY:
        scope.report.refuse(node.at, "a window begins before 24:00", "write from: 00:00 of the next day")
    if start == end:
        scope.report.refuse(node.at, "the window is empty", "a whole day is from: 00:00, to: 24:00")
    if start < end:
        return (rules.Window(days, start, end),)
    evening = rules.Window(days, start, DAY)
    following = tuple(sorted((day + 1) % 7 for day in days))
    return (evening, rules.Window(following, 0, end)) if end else (evening,)
