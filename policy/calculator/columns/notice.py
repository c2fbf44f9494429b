"""Notices over columns: rows that are told the same are told it once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from policy.calculator.codes import CAUSES
from policy.calculator.columns.clock import ColumnClockRun
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.decision import Decision, NoticeMessage
from policy.calculator.local_time import LocalTime
from policy.calculator.notice import NoticeFacts, write
from policy.calculator.rules import NoticeRule


class ColumnNotice:
    """The messages of a version."""

    def __init__(self, rule: NoticeRule, local: LocalTime) -> None:
        self._rule, self._local = rule, local

    def messages(
        self,
        frame: Frame,
        rows: Mask,
        clocks: Mapping[str, ColumnClockRun],
        seconds: Ints,
        shapes: Sequence[Decision],
        shape: Ints,
        quantities: Mapping[str, Ints],
    ) -> dict[int, tuple[NoticeMessage, ...]]:
        """What each of ``rows`` is told of what it may book."""
        lost: dict[int, list[tuple[int, int, int]]] = {}
        for run in clocks.values():
            if run.spans is not None:
                told = rows[run.spans.row] & run.ran[run.spans.row]
                for row, start, end, view in zip(
                    *(each[told].tolist() for each in (run.spans.row, run.spans.start, run.spans.end, run.spans.view)),
                    strict=True,
                ):
                    lost.setdefault(row, []).append((start, end, view))
        cause = frame.fact("cause", "view").numbers
        known: dict[tuple[object, ...], tuple[NoticeMessage, ...]] = {}
        messages: dict[int, tuple[NoticeMessage, ...]] = {}
        for row, spans in lost.items():
            spans.sort()
            causes = tuple(dict.fromkeys(CAUSES[int(cause[view])] for _, _, view in spans))
            grants = tuple(
                replace(grant, quantity=int(quantities[grant.benefit][row]))
                for grant in shapes[int(shape[row])].grants
                if grant.grant_key
            )
            asked = frame.questions.notices[int(frame.questions.notice[row])]
            facts = NoticeFacts(spans[0][0], max(end for _, end, _ in spans), int(seconds[row]), causes, ())
            key = (int(frame.questions.notice[row]), facts, *((grant.benefit, grant.quantity) for grant in grants))
            if key not in known:
                known[key] = write(self._rule, asked, replace(facts, grants=grants), self._local)
            messages[row] = known[key]
        return messages
