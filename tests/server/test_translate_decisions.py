"""A decision says on the wire what the calculator said."""

from dataclasses import replace
from fractions import Fraction

import pytest

from makegood.v1 import decision_pb2 as decision_pb
from policy import (
    Decision,
    Explanation,
    Grant,
    Input,
    Interval,
    Line,
    NoticeMessage,
    Occasion,
    OutageAmount,
    OutagePart,
    Quote,
    Reason,
    Recourse,
    Stamp,
    Warn,
)
from policy.calculator import codes
from server.translate.decisions import DecisionWriter
from tests.server.messages import decision_of
from tests.server.samples import DECISION, GRANT, decision

EVERY_FIELD = Decision(
    decision_id="d" * 32,
    outcome="GRANTED",
    reasons=(Reason("CAPPED", "5", "", "data"), Reason("MISSING_FACT", "4", "subscriber.monthly_fee", "")),
    warnings=(Warn("OUTAGE_ONGOING", "3", "outages[0].ended_at"),),
    grants=(
        Grant(
            "k" * 32, "data", "DATA_BYTES", 2**60, "", 2_592_000, None, "3.1.2", 0, (OutagePart("a", 2**60), OutagePart("b", 0))
        ),
        Grant("l" * 32, "refund", "CREDIT", 1, "KRW", 0, Interval(5, 9), "7", 1, (OutagePart("a", 1),)),
    ),
    quotes=(
        Quote("data", "DATA_BYTES", 2**61, "", 1, Interval(6, 7), "3", 2),
        Quote("refund", "CREDIT", 2, "KRW", 0, None, "7", 0),
    ),
    occasions=(
        Occasion(1, 2, ("a", "b"), "", None, "GRANTED", (Reason("CAPPED", "5", "", "data"),), ("data", "refund")),
        Occasion(3, 4, ("a",), "2026-03", None, "NOT_ELIGIBLE", (Reason("CAP_EXHAUSTED", "5", "", ""),), ("refund",)),
        Occasion(0, 5, ("c",), "", Interval(0, 9), "PROVISIONAL", (), ("data",)),
    ),
    recourse=(
        Recourse("", 1, "CNY", (OutageAmount("a", 1),)),
        Recourse("grid", 780, "CNY", (OutageAmount("b", 700), OutageAmount("c", 80))),
    ),
    notice=(
        NoticeMessage("SMS", "zh-CN", "", "尊敬的客户", 2, "UCS_2"),
        NoticeMessage("PUSH", "en", "We are sorry", "Service was down", 0, ""),
    ),
    explanation=Explanation(
        lines=(Line("benefits.data", "3.1.2", True, (Input("W", "95/2", "h"),), "1900", "MiB", "in words"),),
        clauses=(("3.1.2", {"zh-CN": "结合用户套餐类型", "en": "by plan"}),),
    ),
    policy=Stamp("cn-standard", "2026-01", "a" * 64, "1.0"),
    as_of=0,
    clock_seconds=0,
    weighted_seconds=Fraction(95, 2),
    corrections="CLAW_BACK",
)
NOTHING_REACHED = decision(outcome="NOT_ELIGIBLE", grants=(), occasions=(), clock_seconds=None, weighted_seconds=None)


def written(answer: Decision) -> decision_pb.Decision:
    message = decision_pb.Decision()
    DecisionWriter().write(answer, message)
    return decision_pb.Decision.FromString(message.SerializeToString())


@pytest.mark.parametrize("answer", [EVERY_FIELD, NOTHING_REACHED], ids=["every_field", "nothing_reached"])
def test_every_field_of_a_decision_reaches_the_caller(answer: Decision) -> None:
    assert decision_of(written(answer)) == answer


@pytest.mark.parametrize("outcome", codes.OUTCOMES)
def test_every_outcome_can_be_said(outcome: str) -> None:
    assert decision_of(written(decision(outcome=outcome))).outcome == outcome


@pytest.mark.parametrize("kind", codes.BENEFIT_KINDS)
def test_every_kind_of_benefit_can_be_said(kind: str) -> None:
    grant = replace(GRANT, kind=kind)
    assert decision_of(written(decision(grants=(grant,)))).grants == (grant,)


@pytest.mark.parametrize("word", codes.CORRECTIONS)
def test_every_kind_of_correction_can_be_said(word: str) -> None:
    assert decision_of(written(decision(corrections=word))).corrections == word


def test_a_word_that_the_contract_lacks_is_never_said_as_another() -> None:
    with pytest.raises(KeyError):
        written(decision(outcome="MAYBE"))


def test_an_ordinary_decision_is_as_it_was_made() -> None:
    assert decision_of(written(DECISION)) == DECISION
