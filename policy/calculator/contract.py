"""The fields of the contract, said once: what each holds, which codes, by what name policies read it, its place in a key.

Reading, validation, keys, request files and case files are made from these tables. To add a fact to the contract: the field in
protos/, a row here, and the field of the dataclass in :mod:`policy.calculator.request`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from policy.calculator import codes, rules

FieldKind = Literal[
    "id",
    "text",
    "texts",
    "code",
    "codes",
    "money",
    "quantity",
    "instant",
    "interval",
    "intervals",
    "quantities",
    "quantities by month",
    "zone",
    "attributes",
]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message. ``name`` is that of the message and of the dataclass.

    ``codes``: the words that a code may be. ``fact``: by what name a policy reads it, "" if none does. ``in_key``: its place
    among the numbers that a decision's id is made of; places are only ever added. ``short``: what case files call it.
    """

    name: str
    kind: FieldKind
    codes: tuple[str, ...] = ()
    fact: str = ""
    in_key: int | None = None
    short: str = ""


SUBSCRIBER: Final = (
    Field("subscriber_id", "id", short="id"),
    Field("plan_type", "code", codes.PLAN_TYPES, fact="plan_type", in_key=0, short="plan"),
    Field("customer_type", "code", codes.CUSTOMER_TYPES, fact="customer_type", in_key=5, short="customer"),
    Field("payment", "code", codes.PAYMENTS, fact="payment", in_key=6, short="payment"),
    Field("monthly_fee", "money", fact="monthly_fee", in_key=1, short="fee"),
    Field("data_allowance_bytes", "quantity", fact="data_allowance", in_key=2, short="allowance"),
    Field("data_remaining_bytes", "quantity", fact="data_remaining", in_key=3, short="remaining"),
    Field("value_added_services", "texts", fact="value_added_services", in_key=4, short="vas"),
    Field("time_zone", "zone", short="zone"),
    Field("billing_cycle", "interval", short="billing"),
    Field("granted_this_cycle", "quantities", short="cycle"),
    Field("granted_by_month", "quantities by month", short="months"),
    Field("attributes", "attributes"),
)
"""In the order in which what is wrong with them is told."""

OUTAGE: Final = (
    Field("outage_id", "id", short="id"),
    Field("started_at", "instant", fact="started_at", short="from"),
    Field("ended_at", "instant", fact="ended_at", short="to"),
    Field("reported_at", "instant", fact="reported_at", in_key=2, short="reported"),
    Field("announced_at", "instant", fact="announced_at", in_key=3, short="announced"),
    Field("cause", "code", codes.CAUSES, fact="cause", in_key=0, short="cause"),
    Field("impact", "code", codes.IMPACTS, fact="impact", in_key=1, short="impact"),
    Field("time_source", "code", codes.TIME_SOURCES, short="source"),
    Field("services", "codes", codes.SERVICES, short="services"),
    Field("areas", "texts", short="areas"),
    Field("responsible_party", "text", short="party"),
    Field("attributes", "attributes"),
)

CLAIM: Final = (
    Field("channel", "code", codes.CLAIM_CHANNELS, short="channel"),
    Field("claimed_at", "instant", fact="claimed_at", short="at"),
    Field("started_at", "instant", short="from"),
    Field("ended_at", "instant", short="to"),
    Field("earlier", "intervals", short="earlier"),
)

GRANTED_BEFORE: Final = (
    Field("outage_id", "id", short="outage"),
    Field("benefit", "text", short="benefit"),
    Field("quantity", "quantity", short="quantity"),
    Field("month", "text", short="month"),
)

_TYPES: Final[Mapping[FieldKind, rules.FactType]] = MappingProxyType(
    {"code": "codes", "money": "money", "quantity": "bytes", "texts": "number", "instant": "instant"}
)


def _facts(of: rules.Of, path: str, fields: tuple[Field, ...]) -> list[rules.Fact]:
    return [
        rules.Fact(
            name=each.fact, of=of, type=_TYPES[each.kind], field=f"{path}.{each.name}", attribute=False, codes=each.codes
        )
        for each in fields
        if each.fact
    ]


def _fact(name: str, of: rules.Of, kind: rules.FactType, field: str, known: tuple[str, ...] = ()) -> rules.Fact:
    return rules.Fact(name=name, of=of, type=kind, field=field, attribute=False, codes=known)


FACTS: Final[Mapping[str, rules.Fact]] = MappingProxyType(
    {
        fact.name: fact
        for fact in (
            *_facts("subscriber", "subscriber", SUBSCRIBER),
            *_facts("outage", "outages[]", OUTAGE),
            _fact("notice", "outage", "seconds", "outages[].announced_at"),
            _fact("claim", "claim", "codes", "claim", ("MADE", "NONE")),
            *_facts("claim", "claim", CLAIM),
            _fact("as_of", "request", "instant", "as_of"),
        )
    }
)
"""What every policy can read by name. ``value_added_services`` is read as their number; ``notice`` is start less announcement,
0 where there is none; ``claim`` says whether one was made."""

FIELD_OF: Final[Mapping[str, Field]] = MappingProxyType(
    {each.fact: each for each in (*SUBSCRIBER, *OUTAGE, *CLAIM) if each.fact}
)
"""The field of each fact that is one."""
