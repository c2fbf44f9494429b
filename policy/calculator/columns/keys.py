"""Keys over columns: the forms of :mod:`policy.calculator.keys`, a matrix of integers and the texts beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.column import NoColumns
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Given, Ints
from policy.calculator.keys import KEY_HEX_DIGITS, Keys, outages_digest
from policy.calculator.request import NoticeRequest

_ABSENT = -1


@dataclass(frozen=True, slots=True)
class Runs:
    """The distinct runs of outages that rows are about, and for each row the place of its own among them."""

    bounds: Sequence[tuple[int, int]]
    place: Ints

    @classmethod
    def of(cls, frame: Frame, rows: Ints) -> "Runs":
        """For ``rows``; what stands at others means nothing."""
        first, last = frame.questions.first_outage[rows], frame.questions.last_outage[rows]
        combined, place = np.unique((first << 31) | last, return_inverse=True)
        places = np.zeros(frame.count, np.int64)
        places[rows] = place
        return cls([(each >> 31, each & 0x7FFFFFFF) for each in combined.tolist()], places)


class ColumnKeys:
    """The keys of one version's decisions, many at once."""

    def __init__(self, keys: Keys, facts: Sequence[rules.Fact]) -> None:
        if any(fact.type == "intervals" or fact.name == "billing_cycle" for fact in facts):
            raise NoColumns("a key that holds intervals")
        self._keys = keys
        self._subscriber = [*keys.subscriber_facts, *keys.subscriber_attributes]
        self._outage = [*keys.outage_facts, *keys.outage_attributes]

    def decision_ids(self, frame: Frame, rows: Ints, runs: Runs) -> list[str]:
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
        data, width = _packed([column[rows] for column in columns])
        digests = self._digests(frame, runs)
        suffixes = [_notice_suffix(notice) for notice in questions.notices]
        ids, prefix = questions.subscriber_ids, keys.version_digest
        places, notice = runs.place[rows].tolist(), questions.notice[rows].tolist()
        return [
            sha256(prefix + data[at : at + width] + digests[place] + ids[row] + suffixes[asked]).hexdigest()[:KEY_HEX_DIGITS]
            for at, place, row, asked in zip(range(0, len(data), width), places, rows.tolist(), notice, strict=True)
        ]

    def _digests(self, frame: Frame, runs: Runs) -> list[bytes]:
        """The digest of each run of outages. A run of one, the usual one, is a line of a matrix and its texts."""
        outages, keys = frame.questions.outages, self._keys
        columns = [outages.started_at, _filled(outages.ended_at), *(_filled(outages.facts[name]) for name in self._outage)]
        if keys.reads_services:
            columns.append(outages.services)
        ids, parties = outages.ids, outages.parties
        texts = [b"\x1f".join(pair) for pair in zip(ids, parties, strict=True)] if keys.reads_party else ids
        one, width = _packed([np.ones(len(ids), np.int64), *columns])
        digests = []
        for first, last in runs.bounds:
            if last - first == 1:
                digests.append(sha256(one[first * width : last * width] + texts[first]).digest())
                continue
            order = sorted(range(first, last), key=ids.__getitem__)
            numbers = [last - first, *(int(column[outage]) for outage in order for column in columns)]
            digests.append(outages_digest(numbers, [texts[outage].decode() for outage in order]))
        return digests

    def stems(self, frame: Frame, rows: Ints, runs: Runs) -> dict[int, bytes]:
        """What the keys of all grants on each of ``rows`` begin with: policy id, subscriber and the set of outages."""
        ids, outages = frame.questions.subscriber_ids, frame.questions.outages
        sets = [b"".join([b"\x1f" + each for each in sorted(outages.ids[first:last])]) for first, last in runs.bounds]
        prefix = f"makegood-grant-1\x1f{self._keys.policy_id}\x1f".encode()
        places = runs.place[rows].tolist()
        return {row: prefix + ids[row] + sets[place] for row, place in zip(rows.tolist(), places, strict=True)}

    def grant_keys(self, frame: Frame, rows: Ints, benefit: str, stems: Mapping[int, bytes]) -> list[str]:
        """The keys of grants of ``benefit`` on ``rows``."""
        before = np.broadcast_to(frame.questions.before.get(benefit, np.int64(0)), frame.count)[rows].tolist()
        suffixes = {number: f"\x1f{benefit}\x1f{number}".encode() for number in set(before)}
        return [
            sha256(stems[row] + suffixes[number]).hexdigest()[:KEY_HEX_DIGITS]
            for row, number in zip(rows.tolist(), before, strict=True)
        ]


def _packed(columns: Sequence[Ints]) -> tuple[bytes, int]:
    """The lines of a matrix of eight-byte integers, one after the other, and the length of a line."""
    matrix = np.stack(columns, axis=1).astype("<i8", order="C")
    return matrix.tobytes(), matrix.shape[1] * 8


def _filled(given: Given) -> Ints:
    return np.where(given.given, given.numbers, _ABSENT)


def _notice_suffix(notice: NoticeRequest | None) -> bytes:
    if notice is None:
        return b""
    return "".join(f"\x1f{text}" for text in (notice.channel, *sorted(set(notice.languages)))).encode()
