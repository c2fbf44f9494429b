"""Every request and answer of a chunk as bytes in a file, for other code to be held to; and what differs, for people."""

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from google.protobuf.text_format import MessageToString

from makegood.v1 import decision_pb2 as decision_pb
from policy.calculator.request import Request
from tests.judge.shrink import said
from tests.kept.answering import is_refusal
from tests.kept.digests import as_message, asked_bytes
from tests.kept.drawing import Asked

SHOWN: Final = 3
"""Of the answers of a chunk that differ, as many are printed."""


@dataclass(frozen=True, slots=True)
class Dumped:
    """A line of a dump. ``asked``: a ComputeCompensationRequest, or None where no message asks just this."""

    asked: bytes | None
    answered: bytes


def dump(answers: Iterable[tuple[Asked, bytes]], directory: Path, chunk: str) -> None:
    """Writes a chunk: on each line what is asked, and what is answered, in base 64."""
    path = _path(directory, chunk)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the time and the name of the file, so that the same answers make the same file.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        for asked, answered in answers:
            request = None if as_message(asked) is None else b64encode(asked_bytes(asked)).decode()
            file.write(json.dumps({"asked": request, "answered": b64encode(answered).decode()}).encode() + b"\n")


def dumped(directory: Path, chunk: str) -> Iterator[Dumped]:
    """The lines of a chunk that :func:`dump` wrote."""
    with gzip.open(_path(directory, chunk), "rt", encoding="ascii") as file:
        for line in file:
            held = json.loads(line)
            yield Dumped(None if held["asked"] is None else b64decode(held["asked"]), b64decode(held["answered"]))


def differing(answers: Iterable[tuple[Asked, bytes]], directory: Path, chunk: str) -> list[str]:
    """Of each request that was answered otherwise, or was another request, what people read of it."""
    found: list[str] = []
    for number, ((asked, answered), before) in enumerate(zip(answers, dumped(directory, chunk), strict=True)):
        if before.asked is not None and before.asked != asked_bytes(asked):
            found.append(f"{chunk}, request {number} is not the one that was dumped: {told(asked)}")
        elif before.answered != answered:
            found.append(f"{chunk}, request {number}: {told(asked)}\n{difference(before.answered, answered)}")
    return found


def difference(before: bytes, after: bytes) -> str:
    """The lines of two answers that differ, with their neighbours."""
    lines = unified_diff(readable(before), readable(after), "dumped", "now", n=2, lineterm="")
    return "\n".join(lines) or "the same content in other bytes"


def readable(answer: bytes) -> list[str]:
    """An answer as lines of JSON; of a decision every field that is there, by the name that the contract gives it."""
    if is_refusal(answer):
        held: Any = json.loads(answer)
    else:
        held = MessageToDict(decision_pb.Decision.FromString(answer), preserving_proto_field_name=True)
    return json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True).splitlines()


def told(asked: Asked) -> str:
    """A question as people read it."""
    if isinstance(asked, Request):
        return said(asked)
    return MessageToString(asked, as_one_line=True, as_utf8=True)


def _path(directory: Path, chunk: str) -> Path:
    return directory / f"{chunk}.jsonl.gz"
