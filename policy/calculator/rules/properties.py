"""Properties: what the structure of a version says of it. No decision reads them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doubt:
    """A word that may break a property.

    ``path``: the words of the file under which it stands. ``clause``: the id of its rule. ``why``: how it might break it.
    """

    path: tuple[str, ...]
    word: str
    clause: str
    why: str


@dataclass(frozen=True, slots=True)
class Property:
    """What the structure of a version says of one property: ``proved``, and by what argument; or what stands against it.

    ``doubts`` are words that may break it; whether they do is for :mod:`policy.tools` to find out, by a counterexample.
    """

    name: str
    proved: bool
    because: str
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Break:
    """``breaks``: a property that a benefit does not keep, as the policy says of itself, and why.

    ``component``: the one of the benefit that does not; "" where it is the benefit as a whole.
    """

    property: str
    benefit: str
    component: str
    reason: str
