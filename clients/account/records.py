"""What a settlement works with. Instants are whole seconds since 1970 UTC, quantities whole base units of a benefit's kind."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, TypeVar


class Cycle(NamedTuple):
    """A billing cycle, [start, end)."""

    start: int
    end: int

    def holds(self, instant: int) -> bool:
        """Whether an instant lies in it."""
        return self.start <= instant < self.end


NO_CYCLE: Final = Cycle(0, 0)
"""Where all is put that a subscriber without billing cycles is owed."""


UNKNOWN_CYCLE: Final = Cycle(-1, -1)
"""Where the account has what a ledger of before booked, which does not say in which cycle."""
UNKNOWN_OUTAGE: Final = ""
"""Of what it booked for several outages together, and does not say how much for which."""


class Place(NamedTuple):
    """What a quantity is booked for."""

    outage_id: str
    benefit: str
    cycle: Cycle


class Due(NamedTuple):
    """Who owes recourse, for which outage."""

    party: str
    outage_id: str
    currency_code: str


class Benefit(NamedTuple):
    """What a quantity of a benefit is. ``kind`` and ``currency_code`` as the contract names them; 0: no limit."""

    kind: str
    currency_code: str
    valid_for_seconds: int


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """An outage as the register has it for one subscriber. ``ended_at`` None: it goes on.

    One is itself alone, and is looked up as such: in a settlement there is one of each outage.

    ``message``: the contract's Outage, serialized, without areas. ``current``: it is neither withdrawn nor retired, and hits
    the subscriber. ``after``: ids that it took the place of, by a split, a merge or a new name, however long ago.
    """

    outage_id: str
    revision: int
    started_at: int
    ended_at: int | None
    message: bytes
    current: bool = True
    after: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[int, str]:
        """Place in time."""
        return (self.started_at, self.outage_id)


class Claim(NamedTuple):
    """A customer's claim, as the contract has it. ``channel``: number of the code."""

    claim_id: str
    channel: int
    claimed_at: int
    started_at: int
    ended_at: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decided of an outage that waited. ``amounts``: above 0, of one cycle; empty: rejected.

    ``instead``: it could not be decided, and the verdict takes the place of a decision for as long as the outage is at
    ``revision``. Else the verdict stands beside what the service decides, until there is another.
    """

    outage_id: str
    revision: int
    instead: bool
    amounts: Mapping[Place, int]
    benefits: Mapping[str, Benefit] = field(default_factory=dict)
    """Of what is decided now; what was booked before is known."""
    areas: tuple[str, ...] | None = None
    """For which the outage waited; None: not known."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the account keeps of an outage that it decided, whether or not anything was granted."""

    facts: bytes | None
    """The contract's Subscriber as at the outage, serialized, without what is known of cycles and months; None: erased."""
    areas: tuple[str, ...]
    automatic: bool
    """Decided unasked; it counts as claimed, whole."""
    revision: int
    """Of the outage, as it was asked about; below the register's: it is new again."""
    cycles: frozenset[Cycle] = frozenset()
    """In which it was last decided: where the occasions begin that it is in."""
    unsettled: bool = False
    """A claim booked upward only, and something remains that a run has to reverse."""


@dataclass(frozen=True, slots=True)
class Former:
    """What a ledger of before booked for an occasion, on facts that nobody knows any more.

    ``revision``: of the account when it was taken over. ``parts``: by outage, or of UNKNOWN_OUTAGE. ``outages``: of each of the
    occasion, the revision that the register held then, or its first. ``started_at`` None: not known. ``cycle``: where it was
    found to lie when the account was first settled, or what it is for as a whole; None: not found yet.
    """

    revision: int
    benefit: str
    parts: Mapping[str, int]
    outages: Mapping[str, int]
    started_at: int | None
    cycle: Cycle | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One subscriber's account as read. ``revision`` 0: there is none yet."""

    subscriber_id: str
    revision: int = 0
    cycles: tuple[Cycle, ...] = ()
    kept: Mapping[str, Kept] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    booked: Mapping[Place, int] = field(default_factory=dict)
    """Sums that are not 0."""
    claimed: Mapping[Due, int] = field(default_factory=dict)
    """Of third parties, minor units, less what was credited; sums that are not 0."""
    benefits: Mapping[str, Benefit] = field(default_factory=dict)
    """Of each benefit that was ever booked, as booked last."""
    claws_back: bool = False
    """The word on corrections that the account was settled by last; it holds where no other is known."""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """By outage, what a person decided of it last."""
    over_granted: Mapping[Place, int] = field(default_factory=dict)
    """What is booked beyond what stands, and stays so, as it was told last; amounts that are not 0."""
    former: tuple[Former, ...] = ()
    """Its parts stand in ``booked`` with UNKNOWN_CYCLE."""
    elsewhere: Mapping[tuple[str, Cycle], int] = field(default_factory=dict)
    """What others granted, by benefit and cycle, as it was said last; it counts under the cap, and is nobody's to reverse."""


class Question(NamedTuple):
    """What is asked of the service. ``claims`` empty: mode automatic; else the first is the new one, the others came earlier.

    ``cycle`` and ``granted_this_cycle`` None: not told, for it is asked only which occasions there are. ``granted_by_month``:
    of those months that are told, by name what was granted; None: no cap is of a month.
    """

    subscriber_id: str
    facts: bytes
    outages: tuple[Record, ...]
    claims: tuple[Claim, ...]
    cycle: Cycle | None
    granted_this_cycle: tuple[tuple[str, int], ...] | None
    as_of: int
    granted_by_month: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] | None = None


class Occasion(NamedTuple):
    """What was decided by itself."""

    started_at: int
    ended_at: int
    outage_ids: frozenset[str]


class Grant(NamedTuple):
    """What an occasion, by its place, is granted of a benefit. ``parts``: by outage."""

    occasion: int
    benefit: str
    of: Benefit
    parts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision. ``lacks``: fields that it needs and that were not given; nothing is granted then.

    ``refused``: why the service refused the question itself; "" where it decided.
    """

    occasions: tuple[Occasion, ...] = ()
    grants: tuple[Grant, ...] = ()
    due: Mapping[Due, int] = field(default_factory=dict)
    outcome: str = ""
    reasons: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    refused: str = ""
    claws_back: bool = False
    """The policy's word on corrections: claw back; else set off."""
    policy: tuple[str, str, str, str] = ("", "", "", "")
    """Policy id, version, SHA-256 of its text in canonical form, engine version."""
    question: bytes = b""
    """As it was sent."""
    answer: bytes = b""
    """As it came."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a policy decides for and has caps of, beyond interruptions and outages; ``zone``: of its local days."""

    zone: str = "UTC"
    for_each_month: bool = False
    for_each_cycle: bool = False
    capped_by_month: bool = False
    corrections: tuple[tuple[int, bool], ...] = ()
    """Of each version in order of time: the first instant of its first date, and whether its word is claw back."""

    def claws_back(self, at: int) -> bool | None:
        """The word on corrections of the version that holds at an instant; None: the service does not say."""
        begun = [word for start, word in self.corrections if start <= at] or [word for _, word in self.corrections[:1]]
        return begun[-1] if begun else None


Result = TypeVar("Result")
Steps = Generator[Question, Answer, Result]
"""Something that is worked out with questions on the way: it yields each, and is sent its answer."""


class Ask(Protocol):
    """How the service is asked; the same question gives the same answer."""

    def __call__(self, question: Question) -> Answer:
        """The answer. Raises ClientError where there is none."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a settlement is to do."""

    as_of: int
    facts: bytes | None = None
    """Of the subscriber as a file says; None: only outages that were decided before can be decided again."""
    areas: tuple[str, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    """Billing cycles that it says, beside those that the account knows."""
    scope: frozenset[str] | None = None
    """Outages that it is about; None: all that hit the subscriber."""
    claim: Claim | None = None
    """A customer's claim is decided; None: a run."""
    everything: bool = False
    """Decide again also what is not new."""
    verdict: Verdict | None = None
    """A person decided what waited; ``scope`` is its outage."""
    terms: Terms = field(default_factory=Terms)
    corrected: bool = False
    """The facts are better than those that are kept, and take their place for the outages of the scope."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is missing in the account, to be written in one transaction."""

    bookings: Mapping[Place, int]
    recourse: Mapping[Due, int]
    over_granted: Mapping[Place, int]
    """As it stands in the cycles that were settled; what is not named is 0 there."""
    settled: frozenset[Cycle]
    kept: Mapping[str, Kept]
    cycles: tuple[Cycle, ...]
    benefits: Mapping[str, Benefit]
    decisions: tuple[Answer, ...]
    claws_back: bool
    waiting: Mapping[str, str]
    """Of each outage that stays new: why."""
    reviews: Mapping[str, str]
    """Of each outage that was decided, but for something that a person has to decide: what."""
    accepted: Claim | None = None
    """The claim, where it met what counts and was in time."""
    verdict: Verdict | None = None
    """A person's, to be written with what it books."""
    areas: tuple[str, ...] | None = None
    """Of the subscriber, as the work said; None: it did not say."""
    placed: Mapping[int, Cycle] = field(default_factory=dict)
    """Where former bookings were found to lie, by their revision."""
