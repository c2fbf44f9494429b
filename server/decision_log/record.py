"""A record: one line of JSON with a checksum at its end, made of an answer and read back from a file.

    {"log": "makegood-decision-1", "at": …, "method": …, "row": …, "now": …, "engine": …, "default_policy": …, "question": …,
     "defaults": …, "outcome" or "code" and "fields": …, "policy": …, "as_of": …, "answer": …, "lacks": […],
     "key": …, "sealed": …, "crc32": …}

``question`` and ``defaults`` are messages of the contract, ``answer`` is a Decision, all in base64 and without what names
somebody; that is in ``sealed``. The checksum tells a line that a disk or a hand has changed from one that decides otherwise.
"""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

import orjson
from google.protobuf.message import DecodeError
from google.rpc import status_pb2

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from server.decision_log.sealing import CannotOpen, Keys

FORM: Final = "makegood-decision-1"
_START: Final = f'{{"log":"{FORM}"'.encode()
_CHECKED: Final = re.compile(rb',"crc32":"([0-9a-f]{8})"}')
_CHECKED_BYTES: Final = len(',"crc32":"00000000"}')
_SEALED: Final = re.compile(rb',"key":"([A-Za-z0-9._-]+)","sealed":"([A-Za-z0-9+/=]+)"\Z')


class Unreadable(Exception):
    """A line is no record; the text says what it is instead."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a line holds, as far as it could be opened.

    ``question`` and ``defaults`` are whole again where what was sealed could be opened. ``answer`` is a decision or the status
    of a refusal, or None. ``lacks``: what it was recorded without; ``sealed``: why what is sealed was not opened. Where either
    says something it cannot be decided again. ``key``: the id of the key that sealed.
    """

    told: Mapping[str, Any]
    question: bytes
    defaults: bytes
    answer: decision_pb.Decision | status_pb2.Status | None
    lacks: tuple[str, ...]
    sealed: str
    key: str = ""

    @property
    def why_not_replayed(self) -> str:
        """Why it cannot be decided again; "" where it can."""
        if self.lacks:
            return f"it was recorded without {', '.join(self.lacks)}"
        return self.sealed


def line_of(told: Mapping[str, Any], private: Mapping[str, Any], keys: Keys) -> bytes:
    """The line for what is ``told`` in clear, and (``private``) sealed where there are keys, else left out."""
    clear = orjson.dumps({"log": FORM, **told})[:-1]
    if keys.seals_with:
        sealed = keys.seal(orjson.dumps(private), clear)
        clear += f',"key":"{keys.seals_with}","sealed":"{sealed}"'.encode()
    return clear + b',"crc32":"%08x"}\n' % crc32(clear)


def record_of(line: bytes, keys: Keys) -> Record:
    """Reads a line, without its end. Raises Unreadable."""
    if not line.startswith(_START):
        raise Unreadable("it is no record of a decision log: a record begins with " + _START.decode())
    checked = _CHECKED.fullmatch(line, len(line) - _CHECKED_BYTES) if len(line) > _CHECKED_BYTES else None
    if checked is None:
        raise Unreadable("the record is cut: its end is missing")
    held = line[:-_CHECKED_BYTES]
    if int(checked[1], 16) != crc32(held):
        raise Unreadable("the record is damaged: its checksum is another one")
    sealed = _SEALED.search(held)
    clear = held[: sealed.start()] if sealed else held
    try:
        told = orjson.loads(clear + b"}")
        return _record(told, clear, sealed, keys)
    except (orjson.JSONDecodeError, DecodeError, binascii.Error, KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable("the record holds something else than a release of this form writes") from None


def _record(told: dict[str, Any], clear: bytes, sealed: re.Match[bytes] | None, keys: Keys) -> Record:
    lacks = tuple(str(each) for each in told.get("lacks", ()))
    private: dict[str, Any] = {}
    why_sealed = ""
    if sealed is not None:
        try:
            private = orjson.loads(keys.open(sealed[1].decode(), sealed[2].decode(), clear))
        except CannotOpen as error:
            why_sealed = str(error)
    question = service_pb.ComputeCompensationRequest.FromString(_bytes(told, "question"))
    if private.get("subscriber_id"):
        question.subscriber.subscriber_id = str(private["subscriber_id"])
    question.request_id = str(private.get("request_id", ""))
    defaults = service_pb.BatchDefaults.FromString(_bytes(told, "defaults"))
    if not isinstance(told["now"], int) or not isinstance(told["default_policy"], str) or not isinstance(told["engine"], str):
        raise TypeError
    return Record(
        told,
        question.SerializeToString(deterministic=True),
        defaults.SerializeToString(deterministic=True),
        _answer(told, private),
        lacks,
        why_sealed,
        sealed[1].decode() if sealed else "",
    )


def _answer(told: Mapping[str, Any], private: Mapping[str, Any]) -> decision_pb.Decision | status_pb2.Status | None:
    if "code" in told:
        if "error" in private:
            return status_pb2.Status.FromString(b64decode(private["error"], validate=True))
        return status_pb2.Status(code=int(told["code"]))
    if "answer" not in told:
        return None
    decision = decision_pb.Decision.FromString(_bytes(told, "answer"))
    decision.decision_id = str(private.get("decision_id", ""))
    for grant, key in zip(decision.grants, private.get("grant_keys", ()), strict=bool(private)):
        grant.grant_key = str(key)
    return decision


def _bytes(told: Mapping[str, Any], name: str) -> bytes:
    return b64decode(told.get(name, ""), validate=True)


def encoded(data: bytes) -> str:
    """Bytes as a text of JSON."""
    return b64encode(data).decode()
