"""Days and times of day as they are written: MONDAY to SUNDAY, 00:00 to 24:00."""

import re
from typing import Final

from policy.calculator import rules
from policy.language.codes import read_codes_of
from policy.language.kinds import Typed
from policy.language.scope import Scope
from policy.language.yaml_tree import Text

DAY: Final = 86_400
"""Seconds of a day, which are counted by the wall clock."""
TIME_PATTERN: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00"
WEEKDAYS: Final = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
WEEKDAY: Final = Typed(rules.Code(WEEKDAYS), "code", WEEKDAYS)

_TIME: Final = re.compile(TIME_PATTERN)


def is_time(text: str) -> bool:
    """Whether ``text`` is a time of day."""
    return _TIME.fullmatch(text) is not None


def second_at(time: str) -> int:
    """Seconds from midnight by the wall clock to a time of day."""
    hour, minute = time.split(":")
    return int(hour) * 3600 + int(minute) * 60


def read_weekdays(scope: Scope, node: Text) -> tuple[int, ...]:
    """Which days of the week ``node`` names: 0 is Monday."""
    named = read_codes_of(scope, node, Text("weekday", True, node.at), WEEKDAY)
    return tuple(number for number, day in enumerate(WEEKDAYS) if day in named)
