"""Keys over columns: the forms of :mod:`policy.calculator.keys`, a matrix of integers and the texts beside it."""

from binascii import hexlify
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from policy.calculator.columns.frame import Frame
from policy.calculator.columns.intervals import texts_of
from policy.calculator.columns.questions import Given, Ints
from policy.calculator.keys import ABSENT, KEY_BYTES, Keys, grant_mark, outages_form
from policy.calculator.request import NoticeRequest

Digests = NDArray[np.uint8]
"""A digest of KEY_BYTES for each row."""
KEY_TEXT: Final = f"S{2 * KEY_BYTES}"
KeyTexts = NDArray[np.bytes_]
"""A key for each row, in hexadecimal; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Runs:
    """The distinct runs of outages that rows are about, and for each row the place of its own among them."""

    bounds: Sequence[tuple[int, int]]
    place: Ints

    @classmethod
    def of(cls, frame: Frame, rows: Ints) -> "Runs":
        """For ``rows``; what stands at others means nothing."""
        first, last = frame.questions.first_outage[rows], frame.questions.last_outage[rows]
        combined = (first << 31) | last
        if (combined[1:] > combined[:-1]).all():  # each row has outages of its own, as they come from the bytes
            place = np.arange(len(combined))
        else:
            combined, place = np.unique(combined, return_inverse=True)
        places = np.zeros(frame.count, np.int64)
        places[rows] = place
        return cls([(each >> 31, each & 0x7FFFFFFF) for each in combined.tolist()], places)


class ColumnKeys:
    """The keys of one version's decisions, many at once."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._outage = [*keys.outage_facts, *keys.outage_attributes]

    def decision_ids(self, frame: Frame, rows: Ints, runs: Runs) -> KeyTexts:
        """The ids of the decisions on ``rows``."""
        questions, keys = frame.questions, self._keys
        columns = [questions.mode, *(_filled(questions.facts[name]) for name in keys.subscriber_facts)]
        if keys.reads_cycle:
            cycles = questions.cycles
            columns += [np.where(cycles.given, edge, ABSENT) for edge in (cycles.started_at, cycles.ended_at)]
        columns += [_filled(questions.facts[name]) for name in keys.subscriber_attributes]
        known = questions.cycle_known
        columns += [np.where(known, questions.cycle.get(name, np.int64(0)), ABSENT) for name in keys.cycle]
        columns += [np.broadcast_to(questions.before.get(name, np.int64(0)), questions.mode.shape) for name in keys.benefits]
        as_of_is_read = np.full(frame.count, keys.reads_as_of) | frame.any_view(frame.view_ongoing)
        columns.append(np.where(as_of_is_read, questions.as_of, ABSENT))
        claims = questions.claims
        if claims is None:
            columns += [np.full(frame.count, ABSENT)] * 4
        else:
            columns += [
                np.where(claims.given, column, ABSENT)
                for column in (claims.channel, claims.claimed_at, claims.started_at, claims.ended_at)
            ]
        columns.append(questions.last_outage - questions.first_outage)
        data, width = _packed([column[rows] for column in columns], keys.version_digest)
        outages, texts = self._outages_forms(frame, runs), self._texts(frame, rows)
        places = runs.place[rows].tolist()
        digests = [
            sha256(data[at : at + width] + outages[place] + text).digest()
            for at, place, text in zip(range(0, len(data), width), places, texts, strict=True)
        ]
        return _hexadecimal(_together(digests))

    @staticmethod
    def _texts(frame: Frame, rows: Ints) -> list[bytes]:
        """Of each of ``rows``: the subscriber, and the notice that is asked for."""
        ids = list(map(frame.questions.subscriber_ids.__getitem__, rows.tolist()))
        suffixes = [_notice_suffix(notice) for notice in frame.questions.notices]
        if not any(suffixes):
            return ids
        return [text + suffixes[asked] for text, asked in zip(ids, frame.questions.notice[rows].tolist(), strict=True)]

    def _outages_forms(self, frame: Frame, runs: Runs) -> list[bytes]:
        """How each run of outages stands in the form. A run of one, the usual one, is a line of a matrix and its texts."""
        outages, keys = frame.questions.outages, self._keys
        columns = [outages.started_at, _filled(outages.ended_at), *(_filled(outages.facts[name]) for name in self._outage)]
        if keys.reads_services:
            columns.append(outages.services)
        ids, parties = outages.ids, outages.parties
        told = [ids, *([parties] if keys.reads_party else ())]
        told += [texts_of(outages.intervals[name]) for name in keys.outage_intervals]
        texts = ids if len(told) == 1 else [b"\x1f".join(each) for each in zip(*told, strict=True)]
        lines, width = _packed(columns)
        forms = []
        for first, last in runs.bounds:
            if last - first == 1:
                forms.append(lines[first * width : last * width] + texts[first] + b"\x1f")
                continue
            order = sorted(range(first, last), key=ids.__getitem__)
            numbers = [int(column[outage]) for outage in order for column in columns]
            forms.append(sha256(outages_form(numbers, [texts[outage].decode() for outage in order])).digest())
        return forms

    def stems(self, frame: Frame, rows: Ints, runs: Runs) -> Digests:
        """What all grants on each of ``rows`` share: policy id, subscriber and the set of outages."""
        subscribers, outages = frame.questions.subscriber_ids, frame.questions.outages.ids
        sets = [
            b"\x1f" + outages[first]
            if last - first == 1
            else b"".join([b"\x1f" + each for each in sorted(outages[first:last])])
            for first, last in runs.bounds
        ]
        prefix, places = f"makegood-grant-1\x1f{self._keys.policy_id}\x1f".encode(), runs.place[rows].tolist()
        return _together(
            [sha256(prefix + subscribers[row] + sets[place]).digest() for row, place in zip(rows.tolist(), places, strict=True)]
        )

    @staticmethod
    def grant_keys(stems: Digests, benefit: str, granted_before: Ints) -> KeyTexts:
        """The keys of grants of ``benefit`` on rows with these stems."""
        distinct, place = np.unique(granted_before, return_inverse=True)
        marks = np.frombuffer(b"".join([grant_mark(benefit, before) for before in distinct.tolist()]), np.uint8)
        return _hexadecimal(stems ^ marks.reshape(-1, KEY_BYTES)[place])


def _together(digests: Sequence[bytes]) -> Digests:
    """The first bytes of each."""
    if not digests:
        return np.zeros((0, KEY_BYTES), np.uint8)
    return np.frombuffer(b"".join(digests), np.uint8).reshape(len(digests), -1)[:, :KEY_BYTES]


def _hexadecimal(digests: Digests) -> KeyTexts:
    return np.frombuffer(hexlify(digests.tobytes()), KEY_TEXT)


def _packed(columns: Sequence[Ints], before: bytes = b"") -> tuple[bytes, int]:
    """The lines of a matrix of eight-byte integers, each after ``before``, one after the other; and the length of a line."""
    ahead = np.frombuffer(before, "<i8")
    matrix = np.empty((len(columns[0]), len(ahead) + len(columns)), "<i8")
    matrix[:, : len(ahead)] = ahead
    for place, column in enumerate(columns, len(ahead)):
        matrix[:, place] = column
    return matrix.tobytes(), matrix.shape[1] * 8


def _filled(given: Given) -> Ints:
    return np.where(given.given, given.numbers, ABSENT)


def _notice_suffix(notice: NoticeRequest | None) -> bytes:
    if notice is None:
        return b""
    return "".join(f"\x1f{text}" for text in (notice.channel, *sorted(set(notice.languages)))).encode()
