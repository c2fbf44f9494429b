"""What is missing in the account: what stands less what is booked, by the policy's word on corrections. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
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
        for outage_id in sorted(self._entered, key=self._in_time):
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
        for benefit, cycle in _sums({*targets, *booked}):
            places = self._places(benefit, cycle, targets)
            left = _of(benefit, cycle, targets) - _of(benefit, cycle, booked)
            for place in places:
                given = min(left, targets[place] - booked.get(place, 0))
                if given > 0:
                    left -= given
                    yield place, given

    def _over_granted(self, targets: Mapping[Place, int], booked: Mapping[Place, int]) -> Iterator[tuple[Place, int]]:
        """Told of the latest outages first, which the earlier ones left too little for."""
        for benefit, cycle in _sums({*targets, *booked}):
            left = _of(benefit, cycle, booked) - _of(benefit, cycle, targets)
            for place in reversed(self._places(benefit, cycle, booked)):
                told = min(left, booked[place] - targets.get(place, 0))
                if told > 0:
                    left -= told
                    yield place, told

    def _places(self, benefit: str, cycle: Cycle, among: Mapping[Place, int]) -> list[Place]:
        found = [place for place in among if (place.benefit, place.cycle) == (benefit, cycle)]
        return sorted(found, key=lambda place: self._in_time(place.outage_id))

    def _in_time(self, outage_id: str) -> tuple[int, str]:
        return self._order.get(outage_id, (0, outage_id))


def _sums(places: Collection[Place]) -> list[tuple[str, Cycle]]:
    return sorted({(place.benefit, place.cycle) for place in places})


def _of(benefit: str, cycle: Cycle, quantities: Mapping[Place, int]) -> int:
    return sum(quantity for place, quantity in quantities.items() if (place.benefit, place.cycle) == (benefit, cycle))


def _in_all(quantities: Mapping[Place, int], like: Place) -> int:
    return _of(like.benefit, like.cycle, quantities)
