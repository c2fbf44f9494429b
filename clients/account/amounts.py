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


def of(settlement: Settlement) -> dict[Of, Amount]:
    """What one settlement would write; over-granted is what stands so after it, in the cycles that it settled."""
    found: dict[Of, Amount] = {}

    def add(what: Of, amount: Amount) -> None:
        found[what] = found.get(what, Amount()).plus(amount)

    for place, quantity in settlement.bookings.items():
        add(_benefit(settlement, place.benefit), _signed(quantity))
    for place, quantity in settlement.over_granted.items():
        if place.benefit in settlement.benefits:
            add(_benefit(settlement, place.benefit), Amount(over_granted=quantity))
    for due, amount in settlement.recourse.items():
        add(Of(RECOURSE, due.party, due.currency_code), _signed(amount))
    return found


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


def _signed(quantity: int) -> Amount:
    return Amount(added=quantity) if quantity > 0 else Amount(taken_back=-quantity)
