"""The tables of the account and of the register. Instants are whole seconds since 1970 UTC, quantities whole base units.

What a person can be known by stands in the tables that begin with ``person_``, and nowhere else but for the subscriber's id.
``booking``, ``recourse`` and ``decision`` are only ever added to; the database itself refuses anything else.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

METADATA: Final = MetaData()
CANNOT_DECIDE: Final = "CANNOT_DECIDE"
NEEDS_REVIEW: Final = "NEEDS_REVIEW"
APPENDED: Final = (
    *("booking", "recourse", "decision", "over_granted", "outage_revision", "outage_area", "outage_before"),
    *("threshold", "closed_period", "tombstone", "desk_claim", "verdict", "verdict_amount"),
    *("former_booking", "former_place", "delivery", "granted_elsewhere"),
)
"""Tables of which no row is changed or taken away."""


def _key(name: str) -> "Column[str]":
    return Column(name, Text, primary_key=True)


def _number(name: str, *, key: bool = False, optional: bool = False) -> "Column[int]":
    return Column(name, BigInteger, primary_key=key, nullable=optional, autoincrement=False)


def _text(name: str) -> "Column[str]":
    return Column(name, Text, nullable=False)


OUTAGE_REVISION: Final = Table(
    "outage_revision",
    METADATA,
    _key("outage_id"),
    _number("revision", key=True),
    _text("state"),  # current, withdrawn or retired
    _text("what"),  # entered, grew, shrank, cause …: what the revision changed, by words of register.py
    Column("message", LargeBinary, nullable=False),  # the contract's Outage, without areas and end
    _text("said_by"),
    _text("reason"),
    _number("known_at"),
)
OUTAGE_AREA: Final = Table(
    "outage_area",
    METADATA,
    _key("outage_id"),
    _number("revision", key=True),
    _key("area"),  # "": everywhere
    _number("ended_at", optional=True),  # none: it goes on there
)
OUTAGE_BEFORE: Final = Table("outage_before", METADATA, _key("outage_id"), _key("before_id"))
ACCOUNT: Final = Table(
    "account",
    METADATA,
    _key("subscriber_id"),
    _number("revision"),
    _text("policy_id"),
    Column("claws_back", Boolean, nullable=False),
)
ACCOUNT_CYCLE: Final = Table(
    "account_cycle", METADATA, _key("subscriber_id"), _number("started_at", key=True), _number("ended_at")
)
KEPT: Final = Table(
    "kept",
    METADATA,
    _key("subscriber_id"),
    _key("outage_id"),
    Column("automatic", Boolean, nullable=False),
    Column("unsettled", Boolean, nullable=False),
    _number("outage_revision"),
    _number("account_revision"),
    Index("kept_by_outage", "outage_id"),
)
KEPT_CYCLE: Final = Table(
    "kept_cycle",
    METADATA,
    _key("subscriber_id"),
    _key("outage_id"),
    _number("started_at", key=True),
    _number("ended_at"),
)
WAITING: Final = Table(
    "waiting",
    METADATA,
    _key("subscriber_id"),
    _key("outage_id"),
    _text("outcome"),  # CANNOT_DECIDE: it stays new; NEEDS_REVIEW: it was decided, and a person decides the rest
    _text("why"),
    _number("since"),
    _text("said_by"),  # who entered it: whoever ran or claimed first
    Index("waiting_by_outage", "outage_id"),
)
VERDICT: Final = Table(
    "verdict",
    METADATA,
    _key("subscriber_id"),
    _key("outage_id"),
    _number("account_revision", key=True),
    _number("outage_revision"),
    _text("outcome"),  # of what waited: of CANNOT_DECIDE it takes the place, beside NEEDS_REVIEW it stands
    _text("said_by"),
    _text("reason"),
    _number("said_at"),
)
VERDICT_AMOUNT: Final = Table(
    "verdict_amount",
    METADATA,
    _key("subscriber_id"),
    _key("outage_id"),
    _number("account_revision", key=True),
    _key("benefit"),
    _number("cycle_started_at"),
    _number("cycle_ended_at"),
    _number("quantity"),  # above 0; a verdict without any rejects
)
DESK_CLAIM: Final = Table(
    "desk_claim",
    METADATA,
    _number("claim_number", key=True),
    _number("step", key=True),  # one for each time that it was filed and another thing became of it
    _text("subscriber_id"),
    _text("outcome"),
    _text("reasons"),  # a list, JSON
    _text("outages"),  # ids of those that it is about, a list, JSON
    _number("account_revision"),
    _text("said_by"),
    _text("reason"),
    _number("said_at"),
    Index("desk_claim_by_subscriber", "subscriber_id"),
)
PERSON_CLAIM: Final = Table(
    "person_claim",
    METADATA,
    _number("claim_number", key=True),
    _text("subscriber_id"),
    Column("channel", Integer, nullable=False),
    _number("claimed_at"),
    _number("started_at"),
    _number("ended_at"),
    _number("kept_at"),
    Index("person_claim_by_subscriber", "subscriber_id"),
)
CLAIM: Final = Table(
    "claim",
    METADATA,
    _key("subscriber_id"),
    _key("claim_id"),
    Column("channel", Integer, nullable=False),
    _number("claimed_at"),
    _number("started_at"),
    _number("ended_at"),
    _number("account_revision"),
)
PERSON_FACT: Final = Table(
    "person_fact",
    METADATA,
    _key("subscriber_id"),
    _key("outage_id"),
    Column("facts", LargeBinary, nullable=False),
    _text("areas"),  # a list, JSON
    _number("kept_at"),
)
PERSON_WAITING: Final = Table(
    "person_waiting",
    METADATA,
    _key("subscriber_id"),
    _key("outage_id"),
    _text("areas"),  # for which it waits, a list, JSON; without a row: not known
    _number("kept_at"),
    Index("person_waiting_by_outage", "outage_id"),
)
PERSON_QUESTION: Final = Table(
    "person_question",
    METADATA,
    _key("subscriber_id"),
    _number("account_revision", key=True),
    _number("number", key=True),
    Column("question", LargeBinary, nullable=False),
    _number("kept_at"),
)
DECISION: Final = Table(
    "decision",
    METADATA,
    _key("subscriber_id"),
    _number("account_revision", key=True),
    _number("number", key=True),
    _text("outcome"),
    _text("reasons"),  # a list, JSON
    _text("policy_id"),
    _text("policy_version"),
    _text("policy_sha256"),
    _text("engine_version"),
    _text("question_sha256"),
    Column("answer", LargeBinary, nullable=False),
    _number("as_of"),
    _number("decided_at"),
    _text("said_by"),
    _text("reason"),
)
POLICY_TEXT: Final = Table(
    "policy_text", METADATA, _key("sha256"), _text("policy_id"), _text("policy_version"), _text("content")
)


def _place() -> "tuple[Column[str] | Column[int], ...]":
    return (
        _key("subscriber_id"),
        _number("account_revision", key=True),
        _key("outage_id"),
        _key("benefit"),
        _number("cycle_started_at", key=True),
        _number("cycle_ended_at"),
    )


def _said() -> "tuple[Column[str] | Column[int], ...]":
    return (_number("booked_at"), _number("effective_at"), _text("said_by"), _text("reason"))


BOOKING: Final = Table(
    "booking",
    METADATA,
    *_place(),
    _number("quantity"),  # with its sign
    _text("kind"),
    _text("currency_code"),
    _number("valid_for_seconds"),
    _number("run_id"),  # 0: of no run
    *_said(),
    Index("booking_by_run", "run_id"),
    Index("booking_by_time", "booked_at"),
    Index("booking_by_outage", "outage_id"),
)
RECOURSE: Final = Table(
    "recourse",
    METADATA,
    _key("subscriber_id"),
    _number("account_revision", key=True),
    _key("outage_id"),
    _key("party"),
    _key("currency_code"),
    _number("amount_minor"),  # below 0: a credit note
    _number("run_id"),
    *_said(),
    Index("recourse_by_run", "run_id"),
    Index("recourse_by_time", "booked_at"),
    Index("recourse_by_party", "party", "booked_at"),
)
OVER_GRANTED: Final = Table("over_granted", METADATA, *_place(), _number("quantity"))
OUTBOX: Final = Table(
    "outbox",
    METADATA,
    # Numbered by the database; SQLite numbers only a column that is called INTEGER.
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    _text("subscriber_id"),
    _number("account_revision"),
    _text("outage_id"),
    _text("benefit"),
    _number("cycle_started_at"),
    _number("written_at"),
    sqlite_autoincrement=True,
)
DELIVERED: Final = "DELIVERED"
REFUSED: Final = "REFUSED"
DELIVERY: Final = Table(
    "delivery",
    METADATA,
    _key("subscriber_id"),
    _number("account_revision", key=True),  # whose bookings were delivered or refused, all of them
    _number("attempt", key=True),
    _text("outcome"),
    _text("why"),
    _text("ledger"),
    _text("said_by"),
    _number("said_at"),
    Index(
        "delivery_refused",
        "subscriber_id",
        sqlite_where=text("outcome = 'REFUSED'"),
        postgresql_where=text("outcome = 'REFUSED'"),
    ),
)
RUN: Final = Table(
    "run",
    METADATA,
    _number("run_id", key=True),
    _text("question_sha256"),  # of what it reads and how, by which the same command finds it again
    _text("what"),  # the same, JSON, for a person
    _text("policies"),  # SHA-256 of all versions that may decide in it, a list, JSON
    _text("engine_version"),  # that decides in it; "": nothing was decided yet
    _number("as_of"),
    _text("state"),  # by words of runs.py
    _number("line"),
    _number("offset"),
    _text("counted"),  # what it met so far, JSON
    _text("proposed"),  # what it would book in all, JSON; "": it was not worked out before
    _text("said_by"),
    _text("reason"),
    _number("begun_at"),
    _text("approved_by"),
    _text("approved_because"),
    Index("run_by_question", "question_sha256"),
)
THRESHOLD: Final = Table(
    "threshold",
    METADATA,
    _number("number", key=True),
    _text("benefit"),  # or recourse, by currency: recourse.CNY
    _number("quantity", optional=True),  # none: no limit any more
    _text("said_by"),
    _text("reason"),
    _number("said_at"),
)
CLOSED_PERIOD: Final = Table(
    "closed_period",
    METADATA,
    _number("closed_until", key=True),
    _text("time_zone"),
    _number("bookings"),
    _text("sha256"),  # of all that was booked before, as an export of it says
    _text("said_by"),
    _text("reason"),
    _number("closed_at"),
)
TOMBSTONE: Final = Table(
    "tombstone",
    METADATA,
    _key("subscriber_id"),
    _key("outage_id"),  # "": the person as a whole
    _number("erased_at", key=True),
    _text("said_by"),
    _text("reason"),
)
FORMER_BOOKING: Final = Table(
    "former_booking",
    METADATA,
    _key("subscriber_id"),
    _number("account_revision", key=True),  # of its rows in booking, one for each outage whose part is known
    _text("grant_key"),
    _text("outage_ids"),  # those of its occasion, a list, JSON
    _text("outage_revisions"),  # of those that the register held when it was taken over, an object, JSON
    Column("key_follows", Boolean, nullable=False),
    _number("started_at", optional=True),  # of its occasion; none: not known
    _number("cycle_started_at", optional=True),  # of the billing cycle that it is for as a whole, where it is for one
    _number("cycle_ended_at", optional=True),
    _text("month"),  # "2026-03" where it is for one as a whole
    _text("window_started_at"),
    _text("window_ended_at"),
    _text("decision_id"),
    _text("policy_id"),
    _text("policy_version"),
    _number("booked_at"),  # by the ledger that it stood in
    _text("ledger"),
    _number("taken_over_at"),
    Index("former_booking_by_key", "grant_key", unique=True),
)
FORMER_PLACE: Final = Table(
    "former_place",
    METADATA,
    _key("subscriber_id"),
    _number("account_revision", key=True),  # of the former booking
    _number("cycle_started_at"),  # of the cycle in which it was found to lie when the account was first settled
    _number("cycle_ended_at"),
)
GRANTED_ELSEWHERE: Final = Table(
    "granted_elsewhere",
    METADATA,
    _key("subscriber_id"),
    _number("account_revision", key=True),
    _key("reference"),  # by whoever granted it; what is entered later under the same one takes its place
    _key("benefit"),
    _number("cycle_started_at", key=True),
    _number("cycle_ended_at"),
    _number("quantity"),  # in all under the reference, 0 where it was none
    _text("said_by"),
    _text("reason"),
    _number("said_at"),
)
