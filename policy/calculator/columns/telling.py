"""What tells answers apart but for their numbers: a number for each row and each thing that the answer hangs on."""

from collections.abc import Mapping

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.clock import ColumnClockRun
from policy.calculator.columns.frame import Axis, Frame
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.spans import by_row, laid
from policy.calculator.columns.unknown import is_of_outage
from policy.calculator.columns.working import Working
from policy.calculator.stages import Stage

Told = dict[str, Ints | Mask]
"""Columns by what they tell. Rows that agree in all of them are of one shape, also rows of batches that are told alike."""


class Telling:
    """Tells the answers of one version apart."""

    def __init__(self, version: rules.Version, figures: Mapping[str, Axis]) -> None:
        """``figures``: those of the version that are read, by name."""
        self._version, self._benefits = version, [benefit.name for benefit in version.benefits]
        self._figures = figures if version.unsettled else {}

    def told(self, work: Working) -> Told:
        """All that outcome, reasons, warnings and grants hang on."""
        frame, questions = work.frame, work.frame.questions
        told: Told = {"mode": questions.mode, "cycle known": questions.cycle_known, "summary": questions.summary}
        if questions.claims is not None:
            told["claim"] = questions.claims.given
        liable = np.zeros(frame.size("view"), np.bool_)
        for name, run in work.clocks.items():
            told[f"clock {name} ran"] = run.ran
            told[f"clock {name} refuses"] = run.refusal
            told[f"clock {name} zero"] = np.where(run.refusal == Stage.LIABLE, run.zero, 0)
            told[f"clock {name} ongoing"] = frame.bits(run.counted & frame.view_ongoing)
            told[f"clock {name} unpublished"] = run.unpublished
            liable = liable | run.liable
            if questions.claims is not None:
                told[f"clock {name} exceeded"] = self._exceeds(frame, run)
        told["provisional"] = frame.any_view(liable & frame.view_ongoing)
        for name, worked in zip(self._benefits, work.benefits, strict=True):
            told[f"benefit {name} refused"], told[f"benefit {name} capped"] = worked.stage, worked.capped
            told[f"benefit {name} on claim"], told[f"benefit {name} reached cycle"] = (
                worked.claim_required,
                worked.reached_cycle,
            )
            told |= {f"benefit {name} {number} refused": stage for number, stage in enumerate(worked.components)}
        if work.shares is not None:
            told["shares"], told["unnamed party"] = work.shares.total > 0, work.shares.unnamed(frame.count)
        if work.not_weighed is not None:
            told["not weighed"] = work.not_weighed
        for name, axis in self._figures.items():
            live = frame.read_live.get(name)
            if live is not None:
                told[f"figure {name}"] = frame.any_view(live) if axis == "view" else live
        return told

    def _exceeds(self, frame: Frame, run: ColumnClockRun) -> Mask:
        """Whether less of the claimed interval is on record than the policy asks."""
        claims, rule = frame.questions.claims, self._version.claims
        none = np.zeros(frame.count, np.bool_)
        if claims is None or rule is None or rule.warn_below is None:
            return none
        start = np.maximum(frame.view_start, claims.started_at[frame.view_row])
        end = np.minimum(frame.view_end, claims.ended_at[frame.view_row])
        of = np.flatnonzero(run.counted & claims.given[frame.view_row] & (start < end) & ~frame.hard[frame.view_row])
        zero = np.zeros(len(of), np.int64)
        spans = laid(frame.view_row[of], start[of], end[of], of, zero, zero, zero)
        recorded = by_row(frame.count, spans.row, spans.lengths())
        claimed = claims.ended_at - claims.started_at
        below: Mask = recorded * rule.warn_below.denominator < rule.warn_below.numerator * claimed
        return below & claims.given


def lacking(frame: Frame) -> Told:
    """Which facts each row needs and lacks, and the clauses that need them."""
    told: Told = {}
    for place, unknown in enumerate(frame.lacks):
        for field, clause in unknown.items():
            if is_of_outage(field):
                for number in np.unique(clause[clause != 0]).tolist():
                    told[f"{place} {field} {number}"] = frame.bits(clause == number)
            else:
                told[f"{place} {field}"] = clause
    return told
