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
        month = instant(_next_month(self.day(start)), 0, limits.zone)
        at = random.choice(
            (start, end, end, end, (start + end) // 2, end + random.choice(limits.lengths), start + 31 * DAY, month)
        )
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

    def cycle(self, outages: Sequence[Outage], random: Random) -> Interval:
        """Of 28 to 31 local days: more often from the first outage on, or shortly before; else so that some leave it."""
        anchors = [at for each in outages for at in (each.started_at, each.ended_at) if at is not None]
        edge = random.choice(anchors or [self.moment(random)])
        if anchors and random.randrange(3):
            first = min(anchors) - random.choice((0, 0, HOUR, DAY, 3 * DAY))
            edge = max(0, instant(self.day(first), 0, self.limits.zone) if random.randrange(2) else first)
            length = timedelta(days=random.choice((28, 29, 30, 30, 31)))
            return Interval(edge, instant(self.day(edge) + length, 0, self.limits.zone))
        if random.randrange(2):
            edge = instant(self.day(edge), 0, self.limits.zone)
        length = timedelta(days=random.choice((28, 29, 30, 30, 31)))
        second = random.choice(self.limits.times_of_day)
        if random.randrange(2):
            return Interval(edge, instant(self.day(edge) + length, second, self.limits.zone))
        return Interval(max(0, instant(self.day(edge) - length, second, self.limits.zone)), edge)

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

    def months(self, outages: Sequence[Outage], random: Random) -> list[str]:
        """Local months, "2026-03", that outages begin in, or the ones beside; no two alike."""
        days = [self.day(each.started_at or 0) for each in outages] or [self.day(self.moment(random))]
        around = {day + timedelta(days=by) for day in days for by in (0, 0, 31)}
        return sorted({f"{day:%Y-%m}" for day in around})

    def day(self, seconds: int) -> date:
        return datetime.fromtimestamp(seconds, self.limits.zone).date()


def _next_month(day: date) -> date:
    """The first of the month after."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
