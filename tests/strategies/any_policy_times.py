"""When outages of a request for any version begin, and how long they last: around the edges and lengths of the version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from policy.calculator.request import Interval, Outage
from tests.strategies.any_policy_limits import DAY, HOUR, Limits, instant

NEAR: Final = (-1, 0, 0, 1)


@dataclass(frozen=True, slots=True)
class Times:
    """Draws instants and lengths of time."""

    limits: Limits

    def moment(self, random: Random) -> int:
        limits = self.limits
        span = (limits.last_day - limits.first_day).days
        day = random.choice(limits.days) if random.randrange(2) else limits.first_day + timedelta(random.randrange(span))
        second = random.choice(limits.times_of_day) + random.choice(NEAR)
        second = random.randrange(DAY) if random.randrange(3) == 0 else second
        return max(instant(day, second, limits.zone), 0)

    def start(self, before: Sequence[Outage], random: Random) -> int:
        """Around an earlier outage, or around an edge of a day on which something happens."""
        limits = self.limits
        if not before or random.randrange(8) == 0:
            return self.moment(random)
        other = random.choice(before)
        start = other.started_at or 0
        end = other.ended_at or start + HOUR
        at = random.choice((start, end, end, (start + end) // 2, end + random.choice(limits.lengths), start + 31 * DAY))
        return max(at + random.choice(NEAR) * random.choice((1, 1, 60, HOUR)), 0)

    def length(self, start: int, random: Random) -> int:
        """A length of the policy or several, a unit beside it; or until a local midnight; or any."""
        limits = self.limits
        match random.randrange(8):
            case 0:
                return random.randrange(1, 4 * DAY)
            case 1:
                return random.choice((1, 59, 60, 2 * DAY, 7 * DAY, random.randrange(1, 45 * DAY)))
            case 2 | 3:
                day = self.day(start) + timedelta(days=random.randrange(1, 6))
                return max(1, instant(day, random.choice(limits.times_of_day), limits.zone) - start + random.choice(NEAR))
        length = random.choice(limits.lengths) * random.choice((1, 1, 1, 1, 2, 3)) + random.choice((0, *limits.lengths))
        return max(1, length + random.choice(NEAR))

    def cycle(self, random: Random) -> Interval:
        """Of 28 to 31 local days, beginning at some edge."""
        start = self.moment(random)
        first = self.day(start)
        if random.randrange(2):
            start = instant(first, 0, self.limits.zone)
        day = first + timedelta(days=random.choice((28, 29, 30, 30, 31)))
        return Interval(start, instant(day, random.choice(self.limits.times_of_day), self.limits.zone))

    def intervals(self, start: int, end: int, random: Random) -> tuple[Interval, ...]:
        """None to three, inside or across the outage, or over midnights of days before it ends."""
        spans = []
        for _ in range(random.choice((0, 1, 1, 2, 3))):
            first = random.choice((start, start - DAY, (start + end) // 2, random.randrange(start, end)))
            if random.randrange(2):
                first = instant(self.day(random.randrange(start, end)), 0, self.limits.zone) + random.choice(NEAR)
            length = random.choice((1, HOUR, DAY, 2 * DAY, end - start, random.randrange(1, 2 * DAY))) + random.choice(NEAR)
            spans.append(Interval(max(first, 0), max(first, 0) + max(length, 1)))
        return tuple(spans)

    def day(self, seconds: int) -> date:
        return datetime.fromtimestamp(seconds, self.limits.zone).date()
