"""Sums of what settlements book: by benefit or by third party, what is added, what is taken back and what is over-granted."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from clients.account.records import Settlement

RECOURSE: Final = "RECOURSE"


class Of(NamedTuple):
    """Of what an amount is. Recourse has RECOURSE for its kind, and for its name the party."""

    kind: str
    name: str
    currency_code: str

    @property
    def threshold(self) -> str:
        """By which name a threshold holds of it."""
        return f"recourse.{self.currency_code}" if self.kind == RECOURSE else self.name


class Amount(NamedTuple):
    """Base units, or minor units of money; none is negative. Of recourse, what is taken back is credited."""

    added: int = 0
    taken_back: int = 0
    over_granted: int = 0

    def plus(self, other: "Amount") -> "Amount":
        """Both."""
        return Amount(*(one + another for one, another in zip(self, other, strict=True)))

    @property
    def largest(self) -> int:
        """By which it is held against others."""
        return max(self)


Amounts = Mapping[Of, Amount]


def of(*settlements: Settlement) -> dict[Of, Amount]:
    """What settlements would write; over-granted is what stands so after them, in the cycles that they settled."""
    sums: dict[Of, list[int]] = {}
    for each in settlements:
        for place, quantity in each.bookings.items():
            _add(sums, _benefit(each, place.benefit), quantity)
        for due, amount in each.recourse.items():
            _add(sums, Of(RECOURSE, due.party, due.currency_code), amount)
        for place, quantity in each.over_granted.items():
            sums.setdefault(_benefit(each, place.benefit), [0, 0, 0])[_OVER_GRANTED] += quantity
    return {what: Amount(*numbers) for what, numbers in sums.items()}


_OVER_GRANTED: Final = Amount._fields.index("over_granted")


def _add(sums: dict[Of, list[int]], what: Of, quantity: int) -> None:
    sums.setdefault(what, [0, 0, 0])[quantity < 0] += abs(quantity)


def summed(many: Iterable[Amounts]) -> dict[Of, Amount]:
    """All together."""
    found: dict[Of, Amount] = {}
    for amounts in many:
        for what, amount in amounts.items():
            found[what] = found.get(what, Amount()).plus(amount)
    return found


def by_threshold(amounts: Amounts) -> dict[str, Amount]:
    """Summed by the name that a threshold has."""
    found: dict[str, Amount] = {}
    for what, amount in amounts.items():
        found[what.threshold] = found.get(what.threshold, Amount()).plus(amount)
    return found


def document(amounts: Amounts) -> list[list[Any]]:
    """For the database; :func:`from_document` reads it."""
    return [[*what, *amount] for what, amount in sorted(amounts.items())]


def from_document(rows: Iterable[Iterable[Any]]) -> dict[Of, Amount]:
    """What :func:`document` wrote."""
    return {Of(kind, name, currency): Amount(*numbers) for kind, name, currency, *numbers in rows}


def exceeding(amounts: Amounts, thresholds: Mapping[str, int]) -> Iterator[tuple[str, int, int]]:
    """Names of which more would be added, or taken back, than a threshold lets one person do: name, amount, threshold."""
    for name, amount in sorted(by_threshold(amounts).items()):
        most = max(amount.added, amount.taken_back)
        if name in thresholds and most > thresholds[name]:
            yield name, most, thresholds[name]


def _benefit(settlement: Settlement, name: str) -> Of:
    benefit = settlement.benefits[name]
    return Of(benefit.kind, name, benefit.currency_code)
