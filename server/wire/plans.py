"""The plan of a version: what of a record it asks for, where that goes in memory, and the pieces of its answers."""

from array import array
from dataclasses import dataclass
from typing import Any, Final

from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy.calculator import codes, rules
from policy.calculator.checks import MAX_QUANTITY
from policy.calculator.decision import Reason
from policy.calculator.facts import RATIO_DENOMINATOR
from policy.calculator.keys import grant_mark
from policy.calculator.lowering.assembler import Bank, Reg
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.clock_time import ClockTime
from policy.calculator.lowering.occasion_list import KINDS
from policy.calculator.memory import HERE
from policy.calculator.program import Program
from policy.calculator.reads import divides_by_cycle
from policy.calculator.stages import REASON, Stage
from server.envelope import field
from server.translate.words import number_by_word
from server.wire import places as at
from server.wire.lines import Lines
from server.wire.notices import Notices

_ROW_FACTS: Final = {
    "monthly_fee": at.FEE,
    "data_allowance": at.ALLOWANCE,
    "data_remaining": at.REMAINING,
    "plan_type": at.PLAN_TYPE,
    "customer_type": at.CUSTOMER_TYPE,
    "payment": at.PAYMENT,
    "value_added_services": at.ADDED_SERVICES,
    "claim": at.IS_CLAIM,
    "claimed_at": at.CLAIMED_AT,
    "as_of": at.AS_OF,
}
_OUTAGE_FACTS: Final = {
    "started_at": at.STARTED,
    "ended_at": at.ENDED,
    "reported_at": at.REPORTED,
    "announced_at": at.ANNOUNCED,
    "cause": at.CAUSE,
    "impact": at.IMPACT,
    "notice": at.NOTICE_SECONDS,
}
_TYPES: Final = {
    "money": at.MONEY,
    "number": at.INTEGER,
    "bytes": at.INTEGER,
    "seconds": at.INTEGER,
    "ratio": at.RATIO,
    "yes or no": at.YES_OR_NO,
    "codes": at.TEXT,
    "instant": at.INSTANT,
    "date": at.DATE,
    "intervals": at.INTERVALS,
}
_RESOLVED_PLACES: Final = 2
"""Of an attribute: its number, or where its list begins and how long it is."""
LARGEST_MILLIONTHS: Final = 2**62
FOREVER: Final = 2**40

_REASON, _GRANT, _QUOTE = decision_pb.Reason, decision_pb.Grant, decision_pb.Quote


@dataclass(frozen=True, slots=True)
class Plan:
    """``numbers``: a head by the names of :mod:`places`, and lists that it tells of; ``pieces``: bytes of answers."""

    program: Program
    numbers: "array[int]"
    pieces: bytes
    notices: Notices
    lines: Lines


def has_plan(program: Program) -> bool:
    """Whether a version can be answered from bytes to bytes: it fits 64 bits, and reads no fact that is new to the reader."""
    known = {*_ROW_FACTS, *_OUTAGE_FACTS, "billing_cycle"}
    facts = [*program.version.facts, *program.reads.values()]
    return program.lowered.fits and all(fact.attribute or fact.name in known for fact in facts)


class Planner:
    """Makes the plan of a version."""

    def __init__(self, program: Program) -> None:
        self._program, self._version, self._lowered = program, program.version, program.lowered
        self._table = [0] * at.PLAN_HEAD
        self._pieces = bytearray(b"\0")
        self._known: dict[bytes, int] = {}
        declared = {fact.field: fact for fact in program.version.facts} | dict(program.reads)
        attributes = [fact for fact in declared.values() if fact.attribute]
        self._core = [fact for fact in declared.values() if fact.of == "subscriber" and not fact.attribute]
        benefits = len(program.version.benefits)
        self._of_row = self._resolved(attributes, "subscriber", at.RESOLVED + 2 * benefits)
        self._of_outage = self._resolved(attributes, "outage", at.OUTAGE_RESOLVED)

    @staticmethod
    def _resolved(attributes: list[rules.Fact], of: str, first: int) -> dict[str, int]:
        """Where each attribute stands in a record once it is resolved."""
        names = [fact.name for fact in attributes if fact.of == of]
        return {name: first + number * _RESOLVED_PLACES for number, name in enumerate(names)}

    def plan(self) -> Plan:
        """The plan."""
        self._memory()
        self._facts()
        self._checks()
        self._keys()
        self._benefits()
        self._groups()
        self._answer()
        return Plan(self._program, array("q", self._table), bytes(self._pieces), Notices(self._program), Lines(self._program))

    # ------------------------------------------------------------------------------------------------------- helpers

    def _address(self, reg: Reg) -> int:
        return self._lowered.layout.address(reg, HERE)

    def _piece(self, content: bytes) -> list[int]:
        """Where a piece is among the bytes, and how long it is."""
        if content not in self._known:
            self._known[content] = len(self._pieces)
            self._pieces += content
        return [self._known[content], len(content)]

    def _list(self, numbers: list[int]) -> int:
        first = len(self._table)
        self._table += numbers
        return first

    def _set(self, **places: int) -> None:
        for name, number in places.items():
            self._table[getattr(at, name)] = number

    # --------------------------------------------------------------------------------------------------- into memory

    def _memory(self) -> None:
        lowered, layout, regs = self._lowered, self._lowered.layout, self._lowered.request
        version = self._version
        until = version.in_force_until
        self._set(
            MILLION=RATIO_DENOMINATOR,
            LARGEST=2**63 - 1,
            MOST_QUANTITY=MAX_QUANTITY,
            FIRST_ROW=layout.first_row,
            FIRST_MONTH=layout.first_month,
            MONTH_PLACES=layout.month_places,
            ROW_FIRST_OUTAGE=layout.first_outage,
            OUTAGE_PLACES=layout.outage_places,
            AT_CLAIM=self._address(regs.claim_given),
            AT_CLAIMED_AT=self._address(regs.claimed_at),
            AT_CLAIM_START=self._address(regs.claim_start),
            AT_CLAIM_END=self._address(regs.claim_end),
            AT_APPLICATION=self._address(regs.is_application),
            AT_NOTICE=self._address(regs.is_notice),
            AT_AS_OF=self._address(regs.as_of),
            AT_CYCLE_TOLD=self._address(regs.cycle_told),
            AT_CLAIMED_FROM=self._address(regs.claimed_from),
            AT_CLAIMED_UNTIL=self._address(regs.claimed_until),
            AT_GAPS=self._address(regs.gaps),
            AT_BEFORE=self._address(regs.granted_before),
            AT_BY_MONTH=self._address(regs.granted_by_month),
            WIDENS=version.claims is not None and version.claims.widen_seconds is not None,
            WIDEN=0 if version.claims is None else version.claims.widen_seconds or 0,
            OCCASION_PLACES=layout.occasion_places,
            IN_FORCE_FROM=version.in_force_from.toordinal(),
            IN_FORCE_UNTIL=FOREVER if until is None else until.toordinal(),
            ZONE_AT=lowered.asm.zone,
        )

    def _facts(self) -> None:
        facts = self._lowered.facts
        for held, of_outage in ((facts.row, False), (facts.outage, True)):
            loads: list[int] = []
            for fact, reg in held.values():
                to = reg.number if of_outage else self._address(reg)
                loads += [self._place(fact), to, self._bits(fact), self._how(fact)]
            count, first = len(loads) // at.LOAD_PLACES, self._list(loads)
            if of_outage:
                self._set(OUTAGE_LOADS=first, OUTAGE_LOADS_COUNT=count)
            else:
                self._set(ROW_LOADS=first, ROW_LOADS_COUNT=count)

    def _place(self, fact: rules.Fact) -> int:
        if fact.attribute:
            return (self._of_outage if fact.of == "outage" else self._of_row)[fact.name]
        if fact.name == "billing_cycle":
            return at.CYCLE_START
        return (_OUTAGE_FACTS if fact.of == "outage" else _ROW_FACTS)[fact.name]

    def _bits(self, fact: rules.Fact) -> int:
        """Where the bits of its codes are listed; 0 for a number."""
        if fact.type != "codes":
            return 0
        words = ("NONE", "MADE") if fact.name == "claim" and not fact.attribute else fact.codes
        return self._list([self._lowered.codes.bit(word) for word in words])

    @staticmethod
    def _how(fact: rules.Fact) -> int:
        if fact.name == "billing_cycle" and not fact.attribute:
            return at.LOAD_CYCLE
        if fact.type == "intervals":
            return at.LOAD_INTERVALS if fact.if_absent is None else at.LOAD_INTERVALS_OR_NONE
        return at.LOAD_ALWAYS if fact.name == "notice" and not fact.attribute else at.LOAD_GIVEN

    # ------------------------------------------------------------------------------------------------ what is asked

    def _checks(self) -> None:
        version, reads = self._version, self._program.reads
        limits: list[int] = []
        for fact in self._core:
            if fact.at_most is not None:
                limits += [_ROW_FACTS[fact.name], fact.at_most]
        currency = self._piece(version.currency_code.encode())
        claims, notice = version.claims, version.notice
        channels = 0
        if claims is not None:
            taken = claims.channels or codes.CLAIM_CHANNELS
            channels = sum(1 << number for number, channel in enumerate(codes.CLAIM_CHANNELS) if channel in taken)
        languages = tuple(dict.fromkeys(each.language for each in notice.templates)) if notice else ()
        self._set(
            READS_FEE="subscriber.monthly_fee" in reads,
            CURRENCY=currency[0],
            CURRENCY_BYTES=currency[1],
            LIMITS=self._list(limits),
            LIMITS_COUNT=len(limits) // 2,
            NEEDS_PLAN="subscriber.plan_type" in reads,
            NEEDS_CAUSE="outages[].cause" in reads,
            NEEDS_IMPACT="outages[].impact" in reads,
            CHANNELS=channels,
            HAS_NOTICE=notice is not None,
            LANGUAGE_COUNT=len(languages),
            LANGUAGE_TABLE=self._list([number for each in languages for number in self._piece(each.encode())]),
            DIVIDES=divides_by_cycle(version),
        )
        declared = {fact.field: fact for fact in version.facts} | dict(reads)
        attributes = [fact for fact in declared.values() if fact.attribute]
        for of, table, count in (
            ("subscriber", "FACT_TABLE", "FACTS_DECLARED"),
            ("outage", "OUTAGE_FACT_TABLE", "OUTAGE_FACTS_DECLARED"),
        ):
            facts = [fact for fact in attributes if fact.of == of]
            listed = [number for fact in facts for number in self._declared(fact)]
            self._set(**{table: self._list(listed), count: len(facts)})
        self._set(
            RESOLVED_END=at.RESOLVED + 2 * len(version.benefits) + len(self._of_row) * _RESOLVED_PLACES,
            OUTAGE_RESOLVED_END=at.OUTAGE_RESOLVED + len(self._of_outage) * _RESOLVED_PLACES,
        )

    def _declared(self, fact: rules.Fact) -> list[int]:
        most = MAX_QUANTITY if fact.at_most is None else fact.at_most
        if fact.type == "money":
            most = min(most, MAX_QUANTITY)
        if fact.type == "ratio":
            most = min(most * RATIO_DENOMINATOR, LARGEST_MILLIONTHS)
        listed = self._list([number for code in fact.codes for number in self._piece(code.encode())])
        to = (self._of_outage if fact.of == "outage" else self._of_row)[fact.name]
        return [*self._piece(fact.name.encode()), _TYPES[fact.type], most, listed, len(fact.codes), to]

    # ------------------------------------------------------------------------------------------------------------ keys

    def _keys(self) -> None:
        """The places whose numbers go into a decision's id, in their frozen order; see :class:`policy.calculator.keys.Keys`."""
        keys, benefits = self._program.keys, [each.name for each in self._version.benefits]
        facts = self._program.reads
        row = [at.MODE, *[_ROW_FACTS[name] for name in keys.subscriber_facts]]
        row += [at.CYCLE_START, at.CYCLE_END] if keys.reads_cycle else []
        intervals = {fact.name for fact in facts.values() if fact.type == "intervals" and fact.of == "subscriber"}
        row += [self._of_row[name] for name in keys.subscriber_attributes if name not in intervals]
        row += [at.RESOLVED + len(benefits) + benefits.index(name) for name in keys.cycle]
        row += [at.RESOLVED + number for number in range(len(benefits))]
        outage = [_OUTAGE_FACTS[name] for name in keys.outage_facts]
        outage += [self._of_outage[name] for name in keys.outage_attributes]
        policy = self._piece(f"makegood-grant-1\x1f{self._version.policy_id}\x1f".encode())
        texts = [self._of_row[name] for name in keys.subscriber_attributes if name in intervals]
        of_outages = [self._of_outage[name] for name in keys.outage_intervals]
        self._set(
            KEY_ROW=self._list(row),
            KEY_ROW_COUNT=len(row),
            KEY_OUTAGE=self._list(outage),
            KEY_OUTAGE_COUNT=len(outage),
            KEY_MONTH=self._list([benefits.index(name) for name in keys.by_month]),
            KEY_MONTH_COUNT=len(keys.by_month),
            KEY_TEXTS=self._list(texts),
            KEY_TEXTS_COUNT=len(texts),
            KEY_OUTAGE_TEXTS=self._list(of_outages),
            KEY_OUTAGE_TEXTS_COUNT=len(of_outages),
            READS_SERVICES=keys.reads_services,
            READS_PARTY=keys.reads_party,
            READS_AS_OF=keys.reads_as_of,
            DIGEST=self._piece(keys.version_digest)[0],
            POLICY_NAME=policy[0],
            POLICY_NAME_BYTES=policy[1],
        )

    # ---------------------------------------------------------------------------------------------------------- answer

    def _benefits(self) -> None:
        regs = self._lowered.request
        times_of: dict[int, list[ClockTime]] = {}
        for group in self._lowered.occasions:
            times_of |= {benefit.number: list(group.times.values()) for benefit in group.benefits}
        table: list[int] = []
        for each in self._lowered.benefits:
            rule, times = each.rule, times_of[each.number]
            made = [0] * at.BENEFIT_PLACES
            made[at.BENEFIT_NAME : at.BENEFIT_NAME_BYTES + 1] = self._piece(rule.name.encode())
            made[at.BENEFIT_IN_CYCLE] = self._address(regs.granted_in_cycle[rule.name])
            made[at.BENEFIT_BY_MONTH] = rule.for_each == "month"
            made[at.BENEFIT_AT_STAGE] = _of_occasion(each.stage)
            made[at.BENEFIT_AT_QUANTITY] = _of_occasion(each.bounds.quantity)
            made[at.BENEFIT_AT_GRANTED] = _of_occasion(each.granted)
            made[at.BENEFIT_AT_BEFORE] = _of_occasion(each.bounds.before)
            made[at.BENEFIT_AT_SHARES] = _of_occasion(each.shares)
            made[at.BENEFIT_COMPONENTS] = self._list(_components(each, times))
            made[at.BENEFIT_COMPONENTS_COUNT] = len(each.components)
            self._terms(made, each, _GRANT, at.BENEFIT_FRONT, at.BENEFIT_BACK)
            self._terms(made, each, _QUOTE, at.BENEFIT_QUOTE_FRONT, at.BENEFIT_QUOTE_BACK)
            made[at.BENEFIT_MARK] = self._piece(grant_mark(rule.name, 0))[0]
            made[at.BENEFIT_NAMED : at.BENEFIT_NAMED_BYTES + 1] = self._piece(_REASON(benefit=rule.name).SerializeToString())
            table += made
        self._set(BENEFITS=len(self._lowered.benefits), BENEFIT_TABLE=self._list(table))

    def _terms(self, made: list[int], each: Benefit, kind: type[Any], front_at: int, back_at: int) -> None:
        """What stands before the quantity of a grant or a quote, and what after it."""
        rule, kinds = each.rule, number_by_word(decision_pb.BenefitKind.DESCRIPTOR)
        front = kind(benefit=rule.name, kind=kinds[rule.kind])
        back = kind(currency_code=rule.currency_code, valid_for_seconds=rule.valid_for_seconds, clause=each.clause)
        if each.window is not None:
            back.window.started_at.seconds, back.window.ended_at.seconds = each.window.started_at, each.window.ended_at
        made[front_at : front_at + 2] = self._piece(front.SerializeToString())
        made[back_at : back_at + 2] = self._piece(back.SerializeToString())

    def _groups(self) -> None:
        """Benefits that share their occasions, with the clocks that count in these."""
        table: list[int] = []
        for group in self._lowered.occasions:
            times: list[int] = []
            for time in group.times.values():
                made = [0] * at.TIME_PLACES
                made[at.TIME_AT_STAGE], made[at.TIME_AT_SPANS] = _of_occasion(time.stage), _of_occasion(time.spans)
                times += made
            row = [0] * at.GROUP_PLACES
            row[at.GROUP_KIND], row[at.GROUP_AT_LIST] = KINDS[group.kind], self._address(group.list)
            row[at.GROUP_BENEFITS] = self._list([benefit.number for benefit in group.benefits])
            row[at.GROUP_BENEFITS_COUNT] = len(group.benefits)
            row[at.GROUP_TIMES] = self._list(times)
            names = decision_pb.Occasion(benefits=[benefit.rule.name for benefit in group.benefits])
            row[at.GROUP_NAMES : at.GROUP_NAMES_BYTES + 1] = self._piece(names.SerializeToString())
            table += row
        self._set(GROUPS=len(self._lowered.occasions), GROUP_TABLE=self._list(table))

    def _answer(self) -> None:
        lowered, answer, recourse = self._lowered, self._lowered.answer, self._lowered.recourse
        stamp = self._program.stamp
        policy = decision_pb.PolicyStamp(
            policy_id=stamp.policy_id, version=stamp.version, sha256=stamp.sha256, engine_version=stamp.engine_version
        )
        told = self._piece(field(decision_pb.Decision.POLICY_FIELD_NUMBER, policy.SerializeToString()))
        money = self._piece(facts_pb.Money(currency_code=self._version.currency_code).SerializeToString())
        reasons = number_by_word(decision_pb.ReasonCode.DESCRIPTOR)
        refusals = [_REASON(code=reasons[REASON[stage]]) for stage in Stage]  # type: ignore[arg-type]
        cited = [_REASON(clause=clause) for clause in lowered.clauses.ids]
        stages = [number for each in refusals for number in self._piece(each.SerializeToString())]
        self._set(
            AT_OUTCOME=self._address(answer.outcome),
            AT_REASONS=self._address(answer.reasons),
            AT_WARNINGS=self._address(answer.warnings),
            AT_OUTSIDE=self._address(answer.outside),
            AT_OCCASION_OUTCOME=_of_occasion(answer.occasion_outcome),
            AT_OCCASION_REASONS=_of_occasion(answer.occasion_reasons),
            CORRECTIONS=number_by_word(decision_pb.Corrections.DESCRIPTOR)[self._program.corrections],
            AT_MERGED=self._address(lowered.time.merged),
            AT_KEPT=self._address(lowered.time.kept),
            AT_WEIGHED=self._address(lowered.time.weighed),
            WEIGHT_SCALE=lowered.weight_scale,
            STAMP=told[0],
            STAMP_BYTES=told[1],
            HAS_RECOURSE=recourse is not None,
            AT_PARTIES=0 if recourse is None else self._address(recourse.parties),
            RECOURSE_MONEY=money[0],
            RECOURSE_MONEY_BYTES=money[1],
            STAGES=self._list(stages),
            STAGE_REASONS=self._list([reasons[REASON[stage]] for stage in Stage]),
            PIECES=self._list([number for piece in answer.pieces for number in self._said(piece)]),
            CLAUSES=self._list([number for each in cited for number in self._piece(each.SerializeToString())]),
            MISSING_FACT=reasons["MISSING_FACT"],
        )

    def _said(self, piece: "object") -> list[int]:
        """A reason or a warning: what it says, and of one that names an outage what stands around its number."""
        made = [0] * at.PIECE_PLACES
        if isinstance(piece, Reason):
            number = number_by_word(decision_pb.ReasonCode.DESCRIPTOR)[piece.code]
            said = _REASON(code=number, field=piece.field, clause=piece.clause, benefit=piece.benefit)  # type: ignore[arg-type]
            whole, made[at.PIECE_NUMBER] = said.SerializeToString(), number
        else:
            number = number_by_word(decision_pb.WarningCode.DESCRIPTOR)[piece.code]  # type: ignore[attr-defined]
            warning = decision_pb.Warning(code=number, field=piece.field, clause=piece.clause)  # type: ignore[arg-type, attr-defined]
            whole = warning.SerializeToString()
            before, hole, after = piece.field.partition("[]")  # type: ignore[attr-defined]
            if hole and piece.code == "OUTAGE_ONGOING":  # type: ignore[attr-defined]
                assert not piece.clause  # type: ignore[attr-defined]  # INVARIANT: the field is the last
                whole = decision_pb.Warning(code=number).SerializeToString()  # type: ignore[arg-type]
                made[at.PIECE_BEFORE : at.PIECE_BEFORE_BYTES + 1] = self._piece(f"{before}[".encode())
                made[at.PIECE_AFTER : at.PIECE_AFTER_BYTES + 1] = self._piece(f"]{after}".encode())
        made[at.PIECE : at.PIECE_BYTES + 1] = self._piece(whole)
        return made


def _of_occasion(reg: Reg) -> int:
    """Where a register is in the record of an occasion."""
    assert reg.bank == Bank.OCCASION, reg  # INVARIANT: of all that is worked out occasion by occasion
    return reg.number


def _components(benefit: Benefit, times: list[ClockTime]) -> list[int]:
    """The components of a benefit, with the place of the clock that counts for each among those of its occasions."""
    made: list[int] = []
    for each in benefit.components:
        row = [0] * at.COMPONENT_PLACES
        row[at.COMPONENT_AT_STAGE], row[at.COMPONENT_AT_PARTS] = _of_occasion(each.stage), _of_occasion(each.parts)
        row[at.COMPONENT_TIME] = -1 if each.clock is None else times.index(each.clock)
        made += row
    return made
