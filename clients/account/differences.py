"""What is missing in the account: what stands less what is booked, by the policy's word on corrections. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from clients.account.records import Cycle, Place


@dataclass(frozen=True, slots=True)
class Missing:
    """``bookings``: with their sign. ``over_granted``: what is booked beyond what stands, and stays so."""

    bookings: Mapping[Place, int]
    over_granted: Mapping[Place, int] = field(default_factory=dict)


def clawed_back(targets: Mapping[Place, int], booked: Mapping[Place, int]) -> Missing:
    """Each difference, with its sign."""
    places = sorted({*targets, *booked})
    found = {place: targets.get(place, 0) - booked.get(place, 0) for place in places}
    return Missing({place: difference for place, difference in found.items() if difference})


class SetOff:
    """Nothing is taken back: what is missing of a benefit in a cycle in all is given where outages are short of what stands.

    ``order``: outages in order of time. ``family``: of each its id and those that it took the place of. ``entered``: cycles
    that each outage is decided in now.
    """

    def __init__(
        self,
        order: Mapping[str, tuple[int, str]],
        family: Mapping[str, frozenset[str]],
        entered: Mapping[str, Collection[Cycle]],
    ) -> None:
        self._order, self._family, self._entered = order, family, entered

    def missing(self, targets: Mapping[Place, int], booked: Mapping[Place, int]) -> Missing:
        """What to book, and what is over-granted after it."""
        if not booked:  # as all below comes to
            return Missing({place: quantity for place, quantity in sorted(targets.items()) if quantity > 0})
        bookings: Counter[Place] = Counter()
        after = Counter(booked)
        for place, quantity in self._moved(targets, booked):
            bookings[place] += quantity
            after[place] += quantity
        for place, quantity in self._topped_up(targets, after):
            bookings[place] += quantity
            after[place] += quantity
        over = {place: quantity for place, quantity in self._over_granted(targets, after) if quantity}
        return Missing({place: quantity for place, quantity in sorted(bookings.items()) if quantity}, over)

    def added(self, targets: Mapping[Place, int], booked: Mapping[Place, int]) -> Missing:
        """What to book where nothing at all is taken from anywhere."""
        return Missing(dict(self._topped_up(targets, booked)))

    def _moved(self, targets: Mapping[Place, int], booked: Mapping[Place, int]) -> Iterator[tuple[Place, int]]:
        """What is over-granted in a cycle that an outage left goes with it into the one that it entered. Net zero."""
        after = Counter(booked)
        for outage_id in sorted(self._entered, key=lambda each: self._order.get(each, (0, each))) if booked else ():
            own = [
                place
                for place in sorted(after)
                if place.outage_id in self._family[outage_id]
                and place.cycle not in self._entered[outage_id]
                and after[place] > targets.get(place, 0)
            ]
            for left in own:
                for cycle in sorted(self._entered[outage_id]):
                    entered = Place(outage_id, left.benefit, cycle)
                    excess = _in_all(after, left) - _in_all(targets, left)
                    room = _in_all(targets, entered) - _in_all(after, entered)
                    amount = min(after[left] - targets.get(left, 0), excess, room)
                    if amount > 0:
                        after[left] -= amount
                        after[entered] += amount
                        yield left, -amount
                        yield entered, amount

    def _topped_up(self, targets: Mapping[Place, int], booked: Mapping[Place, int]) -> Iterator[tuple[Place, int]]:
        held = _by_benefit(booked)
        for whose, places in sorted(_by_benefit(targets).items()):
            left = _sum(targets, places) - _sum(booked, held.get(whose, ()))
            if left <= 0:
                continue
            for place in sorted(places, key=self._in_time):
                given = min(left, targets[place] - booked.get(place, 0))
                if given > 0:
                    left -= given
                    yield place, given

    def _over_granted(self, targets: Mapping[Place, int], booked: Mapping[Place, int]) -> Iterator[tuple[Place, int]]:
        """Told of the latest outages first, which the earlier ones left too little for."""
        stand = _by_benefit(targets)
        for whose, places in sorted(_by_benefit(booked).items()):
            left = _sum(booked, places) - _sum(targets, stand.get(whose, ()))
            if left <= 0:
                continue
            for place in sorted(places, key=self._in_time, reverse=True):
                told = min(left, booked[place] - targets.get(place, 0))
                if told > 0:
                    left -= told
                    yield place, told

    def _in_time(self, place: Place) -> tuple[int, str]:
        return self._order.get(place.outage_id, (0, place.outage_id))


def _by_benefit(places: Iterable[Place]) -> dict[tuple[str, Cycle], list[Place]]:
    """Places of one benefit in one cycle together."""
    found: dict[tuple[str, Cycle], list[Place]] = {}
    for place in places:
        found.setdefault((place.benefit, place.cycle), []).append(place)
    return found


def _sum(quantities: Mapping[Place, int], places: Iterable[Place]) -> int:
    return sum([quantities[place] for place in places])


def _in_all(quantities: Mapping[Place, int], like: Place) -> int:
    """Of the same benefit in the same cycle."""
    alike = (place for place in quantities if (place.benefit, place.cycle) == (like.benefit, like.cycle))
    return _sum(quantities, alike)
