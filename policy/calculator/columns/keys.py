"""Keys over columns: the forms of :mod:`policy.calculator.keys`, a matrix of integers and the texts beside it."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.column import NoColumns
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Given, Ints
from policy.calculator.keys import KEY_HEX_DIGITS, Keys, outages_digest
from policy.calculator.request import NoticeRequest

_ABSENT = -1


class ColumnKeys:
    """The keys of one version's decisions, many at once."""

    def __init__(self, keys: Keys, facts: Sequence[rules.Fact]) -> None:
        if any(fact.type == "intervals" or fact.name == "billing_cycle" for fact in facts):
            raise NoColumns("a key that holds intervals")
        self._keys = keys
        self._subscriber = [*keys.subscriber_facts, *keys.subscriber_attributes]
        self._outage = [*keys.outage_facts, *keys.outage_attributes]

    def decision_ids(self, frame: Frame, rows: Ints) -> list[str]:
        """The ids of the decisions on ``rows``."""
        questions, keys = frame.questions, self._keys
        columns = [questions.mode, *(_filled(questions.facts[name]) for name in self._subscriber)]
        known = questions.cycle_known
        columns += [np.where(known, questions.cycle.get(name, np.int64(0)), _ABSENT) for name in keys.cycle]
        columns += [np.broadcast_to(questions.before.get(name, np.int64(0)), questions.mode.shape) for name in keys.benefits]
        as_of_is_read = np.full(frame.count, keys.reads_as_of) | frame.any_view(frame.view_ongoing)
        columns.append(np.where(as_of_is_read, questions.as_of, _ABSENT))
        claims = questions.claims
        if claims is None:
            columns += [np.full(frame.count, _ABSENT)] * 4
        else:
            columns += [
                np.where(claims.given, column, _ABSENT)
                for column in (claims.channel, claims.claimed_at, claims.started_at, claims.ended_at)
            ]
        matrix = np.stack([column[rows] for column in columns], axis=1).astype("<i8", order="C")
        width, data = matrix.shape[1] * 8, matrix.tobytes()
        digests, place = self._outages(frame, rows)
        suffixes = [_notice_suffix(notice) for notice in questions.notices]
        ids, prefix, notice = questions.subscriber_ids, keys.version_digest, questions.notice[rows].tolist()
        return [
            sha256(prefix + data[at : at + width] + digests[slot] + ids[row] + suffixes[asked]).hexdigest()[:KEY_HEX_DIGITS]
            for at, slot, row, asked in zip(range(0, len(data), width), place, rows.tolist(), notice, strict=True)
        ]

    def _outages(self, frame: Frame, rows: Ints) -> tuple[list[bytes], list[int]]:
        """The digest of each distinct run of outages, and which one each row is about."""
        runs, place = _runs(frame, rows)
        outages, keys = frame.questions.outages, self._keys
        columns = [outages.started_at, _filled(outages.ended_at), *(_filled(outages.facts[name]) for name in self._outage)]
        if keys.reads_services:
            columns.append(outages.services)
        integers = [column.tolist() for column in columns]
        digests = []
        for first, last in runs:
            numbers, texts = [last - first], []
            for outage in sorted(range(first, last), key=lambda outage: outages.ids[outage]):
                numbers += [column[outage] for column in integers]
                texts.append(outages.ids[outage].decode())
                if keys.reads_party:
                    texts.append(outages.parties[outage].decode())
            digests.append(outages_digest(numbers, texts))
        return digests, place

    def grant_keys(self, frame: Frame, rows: Ints, benefit: str) -> list[str]:
        """The keys of grants of ``benefit`` on ``rows``."""
        runs, place = _runs(frame, rows)
        ids, outages = frame.questions.subscriber_ids, frame.questions.outages
        sets = [b"".join(b"\x1f" + each for each in sorted(outages.ids[first:last])) for first, last in runs]
        prefix = f"makegood-grant-1\x1f{self._keys.policy_id}\x1f".encode()
        before = np.broadcast_to(frame.questions.before.get(benefit, np.int64(0)), frame.count)[rows].tolist()
        suffixes = {number: f"\x1f{benefit}\x1f{number}".encode() for number in set(before)}
        return [
            sha256(prefix + ids[row] + sets[slot] + suffixes[number]).hexdigest()[:KEY_HEX_DIGITS]
            for row, slot, number in zip(rows.tolist(), place, before, strict=True)
        ]


def _runs(frame: Frame, rows: Ints) -> tuple[list[tuple[int, int]], list[int]]:
    """The distinct runs of outages that rows are about, and the place of each row's among them."""
    first, last = frame.questions.first_outage[rows], frame.questions.last_outage[rows]
    combined, place = np.unique((first << 31) | last, return_inverse=True)
    return [(each >> 31, each & 0x7FFFFFFF) for each in combined.tolist()], place.tolist()


def _filled(given: Given) -> Ints:
    return np.where(given.given, given.numbers, _ABSENT)


def _notice_suffix(notice: NoticeRequest | None) -> bytes:
    if notice is None:
        return b""
    return "".join(f"\x1f{text}" for text in (notice.channel, *sorted(set(notice.languages)))).encode()
