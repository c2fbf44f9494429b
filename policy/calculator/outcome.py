"""The outcome of a run: the first line of the order of the answer that applies, with its reasons."""

from policy.calculator import codes
from policy.calculator.decision import Reason
from policy.calculator.trace import Run
from policy.calculator.stages import REASON, Stage


def outcome_of(run: Run) -> tuple[str, tuple[Reason, ...]]:
    """Missing facts first, then refusals, then what is owed: quoted or granted."""
    if run.missing:
        return codes.CANNOT_DECIDE, tuple(
            Reason("MISSING_FACT", clause, field) for field, clause in sorted(run.missing.items())
        )
    if not run.owed:
        return _refused(run)
    return codes.GRANTED if run.granted else codes.PROVISIONAL, tuple(_beside(run))


def _refused(run: Run) -> tuple[str, tuple[Reason, ...]]:
    """What a clock refuses it refuses for all the benefits it counts for; from counting on, each benefit has its own reason."""
    reasons: dict[Reason, None] = {}
    stage = Stage.WHEN
    for benefit, refusal in run.refusals():
        stage = refusal.stage
        name = benefit.benefit.rule.name if stage >= Stage.COUNT else ""
        reasons[Reason(REASON[stage], refusal.clause, "", name)] = None
    return codes.NEEDS_REVIEW if stage in (Stage.MATCH, Stage.DISCRETION) else codes.NOT_ELIGIBLE, tuple(reasons)


def _beside(run: Run) -> list[Reason]:
    """Reasons that stand beside something owed."""
    reasons: dict[Reason, None] = {}
    if run.row.request.claim is not None:
        for known in run.clocks_of_what_is_owed():
            if known.claim_exceeds_record:
                reasons[Reason("CLAIM_EXCEEDS_RECORD", known.clock.claims_clause)] = None
    for benefit in run.benefits:
        if benefit.capped:
            reasons[Reason("CAPPED", benefit.benefit.clause, "", benefit.benefit.rule.name)] = None
        if benefit.claim_required:
            reasons[Reason("CLAIM_REQUIRED", benefit.benefit.clause, "", benefit.benefit.rule.name)] = None
        for component in benefit.components:
            if component.refusal is not None and component.refusal.stage == Stage.DISCRETION:
                reasons[Reason("AMOUNT_AT_DISCRETION", component.refusal.clause, "", benefit.benefit.rule.name)] = None
    return list(reasons)
