"""A message of the contract as the calculator's request.

What the dataclass can hold is handed on unchecked, for the calculator has the one home of validation. What it cannot hold
(a fraction of a second, a date that does not exist, a value without a kind) is collected here as violations. This runs once
for every row: tables are built when the server starts, a field is read once, and paths are spelled only for what is wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy.calculator.checks import MAX_ITEMS
from policy.calculator.codes import NONE, PROACTIVE_NOTICE
from policy.calculator.errors import Violation
from policy.calculator.request import Claim, GrantedBefore, Interval, Money, NoticeRequest, Outage, Request, Subscriber
from server.translate.attributes import attributes
from server.translate.instants import INCOMPLETE, interval, optional_instant
from server.translate.words import word_by_number


@dataclass(frozen=True, slots=True)
class Question:
    """A request as far as it can be told, and what could not be carried into it."""

    request: Request
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for the rows of a batch that do not say otherwise, read once and shared by all of them."""

    policy_id: str = ""
    version: str = ""
    expected_sha256: str = ""
    outages: tuple[Outage, ...] = ()
    outage_violations: tuple[Violation, ...] = ()
    mode: str = ""
    as_of: int | None = None
    as_of_violations: tuple[Violation, ...] = ()
    explain: str = NONE
    notice: NoticeRequest | None = None


NO_DEFAULTS: Final = Defaults()


class RequestReader:
    """Reads messages; made once when the server starts."""

    def __init__(self) -> None:
        self._plan_types = word_by_number(facts_pb.PlanType.DESCRIPTOR)
        self._customer_types = word_by_number(facts_pb.CustomerType.DESCRIPTOR)
        self._payments = word_by_number(facts_pb.Payment.DESCRIPTOR)
        self._services = word_by_number(facts_pb.Service.DESCRIPTOR)
        self._causes = word_by_number(facts_pb.Cause.DESCRIPTOR)
        self._impacts = word_by_number(facts_pb.Impact.DESCRIPTOR)
        self._time_sources = word_by_number(facts_pb.TimeSource.DESCRIPTOR)
        self._claim_channels = word_by_number(facts_pb.ClaimChannel.DESCRIPTOR)
        self._notice_channels = word_by_number(decision_pb.NoticeChannel.DESCRIPTOR)
        self._modes = word_by_number(service_pb.Mode.DESCRIPTOR)
        self._explains = word_by_number(service_pb.Explain.DESCRIPTOR)

    def question(self, message: service_pb.ComputeCompensationRequest, now: int, default: Defaults = NO_DEFAULTS) -> Question:
        """The question that ``message`` asks, looked at ``now`` (seconds since 1970 UTC) where nothing says another instant."""
        wrong: list[Violation] = []
        policy_id, version, expected_sha256 = default.policy_id, default.version, default.expected_sha256
        if message.HasField("policy"):
            selector = message.policy
            policy_id, version, expected_sha256 = selector.policy_id, selector.version, selector.expected_sha256
        outages = self._outages(message.outages, wrong)
        if not outages and default.outages:
            outages = default.outages
            wrong.extend(default.outage_violations)
        as_of = optional_instant(message, "as_of", wrong, "")
        if as_of is None and default.as_of is not None:
            as_of = default.as_of
            wrong.extend(default.as_of_violations)
        mode = self._modes[message.mode] or default.mode
        notice = default.notice if mode == PROACTIVE_NOTICE else None
        if message.HasField("notice"):
            notice = self._notice(message.notice)
        request = Request(
            self._subscriber(message.subscriber, wrong) if message.HasField("subscriber") else None,
            outages,
            mode,
            now if as_of is None else as_of,
            policy_id,
            version,
            self._claim(message.claim, wrong) if message.HasField("claim") else None,
            notice,
            _quantities(message.already_granted) if message.HasField("already_granted") else {},
            _granted_before(message.granted_before) if message.granted_before else (),
            self._explains[message.explain] or default.explain,
            expected_sha256,
        )
        return Question(request, tuple(wrong))

    def answered_by(self, default: Defaults, message: service_pb.ComputeCompensationRequest) -> frozenset[str]:
        """The fields that ``message`` leaves to the defaults: what is wrong in one of them is to be mended there."""
        left = {
            "policy": bool(default.expected_sha256) and not message.HasField("policy"),
            "outages": bool(default.outages) and not message.outages,
            "as_of": default.as_of is not None and not message.HasField("as_of"),
            "mode": bool(default.mode) and not self._modes[message.mode],
            "explain": not self._explains[message.explain],
            "notice": default.notice is not None and not message.HasField("notice"),
        }
        return frozenset(field for field, is_left in left.items() if is_left)

    def defaults(self, message: service_pb.BatchDefaults) -> Defaults:
        """What ``message`` states for a whole batch."""
        outage_violations: list[Violation] = []
        as_of_violations: list[Violation] = []
        return Defaults(
            policy_id=message.policy.policy_id,
            version=message.policy.version,
            expected_sha256=message.policy.expected_sha256,
            outages=self._outages(message.outages, outage_violations),
            outage_violations=tuple(outage_violations),
            mode=self._modes[message.mode],
            as_of=optional_instant(message, "as_of", as_of_violations, ""),
            as_of_violations=tuple(as_of_violations),
            explain=self._explains[message.explain] or NONE,
            notice=self._notice(message.notice) if message.HasField("notice") else None,
        )

    def _subscriber(self, m: facts_pb.Subscriber, wrong: list[Violation]) -> Subscriber:
        return Subscriber(
            m.subscriber_id,
            self._plan_types[m.plan_type],
            Money(m.monthly_fee.currency_code, m.monthly_fee.amount_minor) if m.HasField("monthly_fee") else None,
            m.data_allowance_bytes if m.HasField("data_allowance_bytes") else None,
            m.data_remaining_bytes if m.HasField("data_remaining_bytes") else None,
            _texts(m.value_added_services),
            self._customer_types[m.customer_type],
            self._payments[m.payment],
            m.time_zone,
            interval(m.billing_cycle, wrong, "subscriber.billing_cycle") if m.HasField("billing_cycle") else None,
            _quantities(m.granted_this_cycle) if m.HasField("granted_this_cycle") else None,
            _by_month(m.granted_by_month) if m.granted_by_month else {},
            attributes(m.attributes, wrong, "subscriber") if m.attributes else {},
        )

    def _outages(self, messages: Sequence[facts_pb.Outage], wrong: list[Violation]) -> tuple[Outage, ...]:
        if len(messages) > MAX_ITEMS:  # that is one violation, and what is in such a list is not looked at
            return self._outages(messages[:1], []) * len(messages)
        services = self._services
        return tuple(
            [
                Outage(
                    m.outage_id,
                    optional_instant(m, "started_at", wrong, "outages", index),
                    optional_instant(m, "ended_at", wrong, "outages", index),
                    self._causes[m.cause],
                    self._impacts[m.impact],
                    tuple([services[number] for number in m.services]) if m.services else (),
                    m.responsible_party,
                    optional_instant(m, "reported_at", wrong, "outages", index),
                    optional_instant(m, "announced_at", wrong, "outages", index),
                    _texts(m.areas),
                    self._time_sources[m.time_source],
                    attributes(m.attributes, wrong, f"outages[{index}]") if m.attributes else {},
                )
                for index, m in enumerate(messages)
            ]
        )

    def _claim(self, m: facts_pb.Claim, wrong: list[Violation]) -> Claim:
        return Claim(
            self._claim_channels[m.channel],
            optional_instant(m, "claimed_at", wrong, "claim"),
            optional_instant(m, "started_at", wrong, "claim"),
            optional_instant(m, "ended_at", wrong, "claim"),
            _earlier(m.earlier, wrong) if m.earlier else (),
        )

    def _notice(self, m: service_pb.NoticeRequest) -> NoticeRequest:
        return NoticeRequest(self._notice_channels[m.channel], _texts(m.languages))


def _texts(repeated: Sequence[str]) -> tuple[str, ...]:
    """An empty repeated field takes 0.7 µs to go through, and most are."""
    return tuple(repeated) if repeated else ()


def _earlier(messages: Sequence[facts_pb.Interval], wrong: list[Violation]) -> tuple[Interval, ...]:
    if len(messages) > MAX_ITEMS:  # that is one violation, and what is in such a list is not looked at
        return (INCOMPLETE,) * len(messages)
    return tuple([interval(m, wrong, f"claim.earlier[{index}]") or INCOMPLETE for index, m in enumerate(messages)])


def _granted_before(messages: Sequence[service_pb.GrantedBefore]) -> tuple[GrantedBefore, ...]:
    return tuple([GrantedBefore(m.outage_id, m.benefit, m.quantity, m.month) for m in messages])


def _by_month(given: Mapping[str, facts_pb.Quantities]) -> dict[str, dict[str, int]]:
    """By month, in order."""
    return {month: _quantities(given[month]) for month in sorted(given)}


def _quantities(message: facts_pb.Quantities) -> dict[str, int]:
    """By name, for the order of a map on the wire is each process's own, and violations come in this one."""
    given = message.quantities
    return {name: given[name] for name in sorted(given)}
