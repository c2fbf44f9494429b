"""A question from flags: the subscriber, the outages and how it is asked. Problems name the flag and come all at once."""

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.timestamp_pb2 import Timestamp

from clients import enums, parsing, quantities
from clients.errors import BadInput
from clients.quantities import Measured
from clients.tables import damage
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import (
    MODE_APPLICATION,
    MODE_AUTOMATIC,
    ComputeCompensationRequest,
    Explain,
    Mode,
)

Read = TypeVar("Read")

OUTAGE_HELP = """\
an outage: START/END,CAUSE[,more]
  START, END    2026-03-04T08:00+08:00; leave END empty while the outage goes on
  CAUSE         EQUIPMENT_FAILURE, SOFTWARE_FAULT, CONSTRUCTION_DAMAGE, NATURAL_DISASTER, …, or UNKNOWN
  LOSS          or DEGRADED (default LOSS)
  id=ID         the recorded id; needed for a claim, since grants are booked under it
  party=NAME    who answers for it, when a third party does
  services=…    services lost, for example DATA+VOICE (default: all)
  announced=TIME, reported=TIME
  NAME=VALUE    a fact that only some policies read
"""

QUANTITY_HELP = """\
BENEFIT=N: a benefit of the policy and a quantity, each benefit once
  data=1000MiB  voice=10min  value_added=2days  credit="5.00 CNY"  bonus=10%
  without a unit: bytes, seconds, days, minor units or hundredths of a percent, as the benefit is counted (voice=600)
OUTAGE:BENEFIT=N: the same for one outage; of a benefit that is for each month, OUTAGE@2026-03:BENEFIT=N
"""
_OF_A_SUBSCRIBER = (
    *("plan_type", "fee", "currency", "allowance", "remaining", "value_added", "customer_type", "payment", "billing_cycle"),
    *("granted_this_cycle", "nothing_granted_this_cycle", "attribute"),
)
"""Flags that say something of a subscriber who is given by flags; --zone also says in which zone times are shown."""


_DETAILS = frozenset(("id", "party", "services", "announced", "reported"))
"""Fields of an outage that are named in the flag; any other name is an attribute."""


class Flags:
    """Reads flags and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.measured: list[Measured] = []
        """Quantities with a unit, to be held against the policy."""

    def read(self, flag: str, text: str, read: Callable[[str], Read]) -> Read | None:
        """``read(text)``; a ValueError becomes a problem of that flag."""
        try:
            return read(text)
        except ValueError as error:
            self.problems.append(f"{flag}: {error}")
            return None

    def word(self, flag: str, text: str, enum: EnumDescriptor) -> int:
        """Number of an enum value, or 0 and a problem."""
        return self.read(flag, text, lambda word: enums.number(enum, word)) or 0

    def instant(self, flag: str, text: str) -> Timestamp:
        """An instant; an empty one and a problem where the text is none."""
        return Timestamp(seconds=self.read(flag, text, parsing.instant) or 0)

    def stop_if_wrong(self) -> None:
        """Raises BadInput with every problem found so far."""
        if self.problems:
            raise BadInput("these flags have to be mended", [f"  {problem}" for problem in self.problems])


def refuse_beside_file(arguments: argparse.Namespace, flags: Flags) -> None:
    """A fact of the subscriber that stands in no file would otherwise be dropped without a word."""
    flags.problems += [
        f"--{name.replace('_', '-')}: is for a subscriber who is given by flags; write it into {arguments.file}"
        for name in _OF_A_SUBSCRIBER
        if getattr(arguments, name)
    ]


def fill_subscriber(arguments: argparse.Namespace, into: facts_pb2.Subscriber, flags: Flags) -> None:
    """The subscriber that the flags describe; what no flag says stays absent."""
    into.subscriber_id = flags.read("--subscriber", arguments.subscriber, _identity) or ""
    if arguments.plan_type:
        into.plan_type = facts_pb2.PlanType.ValueType(
            flags.word("--plan-type", arguments.plan_type, facts_pb2.PlanType.DESCRIPTOR)
        )
    if arguments.fee is not None:
        currency = (arguments.currency or "CNY").strip().upper()
        into.monthly_fee.currency_code = currency
        into.monthly_fee.amount_minor = (
            flags.read("--fee", arguments.fee, lambda text: parsing.amount_minor(text, currency)) or 0
        )
    if (
        arguments.allowance is not None
        and (allowance := flags.read("--allowance", arguments.allowance, parsing.volume)) is not None
    ):
        into.data_allowance_bytes = allowance
    if (
        arguments.remaining is not None
        and (remaining := flags.read("--remaining", arguments.remaining, parsing.volume)) is not None
    ):
        into.data_remaining_bytes = remaining
    into.value_added_services.extend(flags.read("--value-added", code, _identity) or "" for code in arguments.value_added)
    if arguments.customer_type:
        number = flags.word("--customer-type", arguments.customer_type, facts_pb2.CustomerType.DESCRIPTOR)
        into.customer_type = facts_pb2.CustomerType.ValueType(number)
    if arguments.payment:
        into.payment = facts_pb2.Payment.ValueType(flags.word("--payment", arguments.payment, facts_pb2.Payment.DESCRIPTOR))
    into.time_zone = arguments.zone
    _fill_cycle(arguments, into, flags)
    for pair in arguments.attribute:
        name, equals, text = pair.partition("=")
        if not equals:
            flags.problems.append(f"--attribute: {pair!r} is not NAME=VALUE")
        elif name in into.attributes:
            flags.problems.append(f"--attribute: {name} stands twice")
        elif (attribute := flags.read("--attribute", text, parsing.attribute)) is not None:
            into.attributes[name].CopyFrom(attribute)


def _fill_cycle(arguments: argparse.Namespace, into: facts_pb2.Subscriber, flags: Flags) -> None:
    """The billing cycle, and what it was granted."""
    if arguments.billing_cycle is not None and (span := flags.read("--billing-cycle", arguments.billing_cycle, parsing.span)):
        into.billing_cycle.CopyFrom(parsing.interval(*span))
    _fill_quantities("--granted-this-cycle", arguments.granted_this_cycle, into.granted_this_cycle, flags)
    if arguments.nothing_granted_this_cycle:
        if arguments.granted_this_cycle:
            flags.problems.append("--nothing-granted-this-cycle: contradicts --granted-this-cycle; give one of them")
        into.granted_this_cycle.SetInParent()


def fill_asking(arguments: argparse.Namespace, into: ComputeCompensationRequest, flags: Flags) -> None:
    """How it is asked: policy, mode, as_of, explanation. A flag wins over what a file says."""
    if arguments.policy is not None:
        into.policy.policy_id = arguments.policy
    if arguments.version is not None:
        into.policy.version = arguments.version
    if arguments.mode:
        into.mode = Mode.ValueType(flags.word("--mode", arguments.mode, Mode.DESCRIPTOR))
    elif not into.mode:
        into.mode = MODE_APPLICATION if into.HasField("claim") else MODE_AUTOMATIC
    if arguments.as_of is not None:
        into.as_of.CopyFrom(flags.instant("--as-of", arguments.as_of))
    _fill_quantities("--already-granted", arguments.already_granted, into.already_granted, flags)
    _fill_before(arguments.granted_before, into, flags)
    if arguments.explain:
        into.explain = Explain.ValueType(flags.word("--explain", arguments.explain, Explain.DESCRIPTOR))


def fill_claim(arguments: argparse.Namespace, into: ComputeCompensationRequest, flags: Flags) -> None:
    """The application that the flags describe, over the one that a file holds."""
    into.mode = MODE_APPLICATION
    claim = into.claim
    if not arguments.channel and not claim.channel:
        flags.problems.append("--channel: say how the claim came in")
    if arguments.claimed is None and not (claim.HasField("started_at") and claim.HasField("ended_at")):
        flags.problems.append("--claimed: say which time the customer lost, START/END")
    if arguments.channel:
        claim.channel = facts_pb2.ClaimChannel.ValueType(
            flags.word("--channel", arguments.channel, facts_pb2.ClaimChannel.DESCRIPTOR)
        )
    if arguments.claimed is not None and (span := flags.read("--claimed", arguments.claimed, parsing.span)) is not None:
        claim.started_at.seconds, claim.ended_at.seconds = span
    for text in arguments.earlier:
        if (earlier := flags.read("--earlier", text, parsing.span)) is not None:
            claim.earlier.append(parsing.interval(*earlier))
    if arguments.claimed_at is not None:
        claim.claimed_at.CopyFrom(flags.instant("--claimed-at", arguments.claimed_at))
    elif not claim.HasField("claimed_at"):
        # The claim is made in the instant at which the facts are looked at. Where that is now, it is written down, lest a
        # server whose clock is a little behind finds a claim from the future.
        if not into.HasField("as_of"):
            into.as_of.seconds = int(datetime.now(UTC).timestamp())
        claim.claimed_at.CopyFrom(into.as_of)


def fill_outage(text: str, number: int, into: facts_pb2.Outage, flags: Flags) -> None:
    """One --outage; ``number`` gives it an id where the flag names none."""
    span, *rest = [part.strip() for part in text.split(",")]
    start, slash, end = span.partition("/")
    if "，" in text:
        flags.problems.append(f"--outage {text!r}: between its parts stand commas (,) and not ，")
        return
    if not slash:
        flags.problems.append(f"--outage: {span!r} is not START/END; leave END empty while the outage goes on")
    into.outage_id = f"outage-{number}"
    into.started_at.CopyFrom(flags.instant("--outage", start))
    if end not in ("", ".."):
        into.ended_at.CopyFrom(flags.instant("--outage", end))
    impacts = enums.codes(facts_pb2.Impact.DESCRIPTOR)
    told: set[str] = set()
    for part in rest:
        name, equals, value = part.partition("=")
        is_impact = part.upper() in impacts or (equals and name.lower() == "impact")
        is_cause = not is_impact and (not equals or name.lower() == "cause")
        what = "its impact" if is_impact else "its cause" if is_cause else name
        if what in told:
            flags.problems.append(f"--outage {text!r}: {what} stands twice; one outage has one")
        told.add(what)
        if is_impact:
            into.impact = facts_pb2.Impact.ValueType(flags.word("--outage", value or part, facts_pb2.Impact.DESCRIPTOR))
        elif is_cause:
            into.cause = facts_pb2.Cause.ValueType(flags.word("--outage", value or part, facts_pb2.Cause.DESCRIPTOR))
        else:
            _outage_detail(name, value, into, flags)
    into.impact = into.impact or facts_pb2.IMPACT_LOSS
    if "its cause" not in told:
        flags.problems.append(f"--outage {text!r}: say its cause, for example EQUIPMENT_FAILURE, or UNKNOWN")


def _identity(text: str) -> str:
    """A text that names somebody or something. The server judges its characters, and cannot tell that NULL is no name."""
    if damage.is_null_mark(text.strip()):
        raise ValueError(f"{text!r} is what some programs write for no value; leave it out")
    return text


def _outage_detail(name: str, value: str, into: facts_pb2.Outage, flags: Flags) -> None:
    """NAME=VALUE of an outage: a field of the contract, else an attribute that a policy declares."""
    if name not in _DETAILS and (known := name.strip().lower()) in _DETAILS:
        flags.problems.append(f"--outage {name}={value}: write {known}={value}")
    elif not value.strip():
        flags.problems.append(f"--outage {name}=: is empty; give a value, or leave it out")
    elif name == "id":
        into.outage_id = flags.read("--outage id", value, _identity) or ""
    elif name == "party":
        into.responsible_party = flags.read("--outage party", value, _identity) or ""
    elif name == "services":
        for word in value.split("+"):
            into.services.append(
                facts_pb2.Service.ValueType(flags.word("--outage services", word, facts_pb2.Service.DESCRIPTOR))
            )
    elif name == "announced":
        into.announced_at.CopyFrom(flags.instant("--outage announced", value))
    elif name == "reported":
        into.reported_at.CopyFrom(flags.instant("--outage reported", value))
    elif (attribute := flags.read(f"--outage {name}", value, parsing.attribute)) is not None:
        into.attributes[name].CopyFrom(attribute)


def _fill_quantities(flag: str, pairs: Sequence[str], into: facts_pb2.Quantities, flags: Flags) -> None:
    """BENEFIT=QUANTITY of a flag, each benefit once; over what a file says of the same benefits."""
    told: set[str] = set()
    for pair in pairs:
        read = flags.read(flag, pair, quantities.read)
        if read is None:
            continue
        benefit, quantity, measured = read
        if benefit in told:
            flags.problems.append(f"{flag}: {benefit} stands twice; give the sum of what was granted")
        told.add(benefit)
        into.quantities[benefit] = quantity
        if measured is not None:
            flags.measured.append(measured)


def _fill_before(texts: Sequence[str], into: ComputeCompensationRequest, flags: Flags) -> None:
    """OUTAGE:BENEFIT=QUANTITY of --granted-before, each outage, benefit and month once; over what a file says of the same."""
    told: set[tuple[str, str, str]] = set()
    for text in texts:
        of, colon, pair = text.rpartition(":")
        outage_id, at, month = of.rpartition("@")
        if not (at and parsing.is_month(month)):
            outage_id, month = of, ""
        if not (colon and outage_id):
            flags.problems.append(f"--granted-before: {text!r} is not OUTAGE:BENEFIT=QUANTITY, for example out-17:data=780MiB")
            continue
        read = flags.read("--granted-before", pair, quantities.read)
        if read is None:
            continue
        benefit, quantity, measured = read
        of_what = outage_id, benefit, month
        if of_what in told:
            flags.problems.append(f"--granted-before: {benefit} of {outage_id} stands twice; give the sum of what was granted")
        told.add(of_what)
        same = [each for each in into.granted_before if (each.outage_id, each.benefit, each.month) == of_what]
        entry = same[0] if same else into.granted_before.add(outage_id=outage_id, benefit=benefit, month=month)
        entry.quantity = quantity
        if measured is not None:
            flags.measured.append(measured)
