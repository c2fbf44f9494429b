"""What a customer is told, as the field of a decision; kept, since the rows of a batch are often told the same."""

from typing import Final

from makegood.v1 import decision_pb2 as decision_pb
from policy.calculator import codes
from policy.calculator.notice import Amount, NoticeFacts
from policy.calculator.program import Program
from policy.calculator.request import NoticeRequest
from server.translate.decisions import DecisionWriter

MOST_KEPT: Final = 1_024
Asked = tuple[int, tuple[bytes, ...]]
"""By which way (its place in the contract, below 0 for all), and in which languages."""
Told = tuple[Asked, int, int, int, tuple[int, ...], tuple[tuple[int, int], ...]]


class Notices:
    """Writes the notices of a version, if it has any.

    ``tells_more``: it has messages about something else than what is granted; those are written the ordinary way.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        notice = program.version.notice
        self.tells_more = notice is not None and bool(notice.further)
        self._writer = DecisionWriter()
        self._kept: dict[Told, bytes] = {}

    def field(self, told: Told) -> bytes:
        """What was asked for, when it began and ended, counted seconds, causes in order (below 0: not given), and grants.

        A grant is the place of its benefit in the policy, and how much.
        """
        known = self._kept.get(told)
        if known is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            known = self._kept[told] = self._written(told)
        return known

    def _written(self, told: Told) -> bytes:
        (channel, languages), started_at, ended_at, seconds, causes, granted = told
        notices, benefits = self._program.notices, self._program.lowered.benefits
        assert notices is not None  # INVARIANT: a version without is not asked
        grants = []
        for number, quantity in granted:
            rule = benefits[number].rule
            grants.append(Amount(rule.name, rule.kind, quantity, rule.valid_for_seconds))
        words = tuple([codes.CAUSES[cause] if cause >= 0 else "" for cause in causes])
        asked = NoticeRequest(
            codes.NOTICE_CHANNELS[channel] if channel >= 0 else "", tuple([each.decode() for each in languages])
        )
        message = decision_pb.Decision()
        messages = notices.write(asked, NoticeFacts(started_at, ended_at, seconds, words, tuple(grants)))
        if messages:
            self._writer.write_notice(messages, message)
        return message.SerializeToString(deterministic=True)
