"""What is kept: digests of what each chunk asks, of what is decided and of what is refused, under a version of the engine."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields, is_dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.request import Request
from tests.kept.answering import is_refusal
from tests.kept.chunks import Chunk
from tests.kept.drawing import Asked
from tests.server.messages import message_of

FILE: Final = Path(__file__).with_name("answers.json")
DIGITS: Final = 24
"""Of a digest, in base 16: 96 bits."""


@dataclass(frozen=True, slots=True)
class Digests:
    """Of one chunk: how many requests, what they ask, what is decided of them, and what refused."""

    count: int
    asked: str
    decided: str
    refused: str


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the engine that answers were kept under, the digest of them all, and why they are others than before."""

    engine: str
    digest: str
    why: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The file. ``versions``: the oldest first."""

    versions: tuple[Version, ...]
    chunks: Mapping[str, Digests]

    @property
    def digest(self) -> str:
        """Of all chunks: it moves with any of them."""
        lines = (" ".join((name, *map(str, astuple(each)))) for name, each in sorted(self.chunks.items()))
        return digest_of(line.encode() for line in lines)


def read(path: Path = FILE) -> Kept:
    """The file as it stands; nothing where there is none."""
    if not path.exists():
        return Kept((), {})
    held = json.loads(path.read_text(encoding="utf-8"))
    return Kept(
        tuple(Version(**each) for each in held["versions"]), {name: Digests(*each) for name, each in held["chunks"].items()}
    )


def write(kept: Kept, path: Path = FILE) -> None:
    """A line for each version and each chunk, so that a change shows where it is."""
    versions = ",\n".join(json.dumps(_plain(each), ensure_ascii=False) for each in kept.versions)
    chunks = ",\n".join(json.dumps(name) + ": " + json.dumps(astuple(each)) for name, each in sorted(kept.chunks.items()))
    path.write_text(f'{{"versions": [\n{versions}\n],\n"chunks": {{\n{chunks}\n}}}}\n', encoding="utf-8")


def answers_of(chunk: Chunk) -> Iterator[tuple[Asked, bytes]]:
    """Every request of a chunk, and what it is answered now."""
    return ((asked, answerer.answer(asked)) for asked, answerer in chunk.draw())


def digests_of(answers: Iterable[tuple[Asked, bytes]]) -> Digests:
    """What is kept of them."""
    held = list(answers)
    numbered = [(str(number).encode(), answer) for number, (_, answer) in enumerate(held)]
    decided, refused = (
        digest_of(part for pair in numbered if is_refusal(pair[1]) is wanted for part in pair) for wanted in (False, True)
    )
    return Digests(len(held), digest_of(asked_bytes(asked) for asked, _ in held), decided, refused)


def digest_of(parts: Iterable[bytes]) -> str:
    """Of the parts in their order, each with its length."""
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:DIGITS]


def as_message(asked: Asked) -> service_pb.ComputeCompensationRequest | None:
    """The question as a caller sends it; None where no message asks just this."""
    if not isinstance(asked, Request):
        return asked
    if not asked.explain:  # a message that leaves it out asks for none, where the library wants to be told
        return None
    try:
        return message_of(asked)
    except ValueError:  # a number beyond 64 bits
        return None


def asked_bytes(asked: Asked) -> bytes:
    """The question as bytes that are always the same."""
    message = as_message(asked)
    if message is not None:
        return message.SerializeToString(deterministic=True)
    return json.dumps(_plain(asked), ensure_ascii=False, sort_keys=True, default=str).encode()


def _plain(part: Any) -> Any:
    """What a dataclass says, without what it leaves out."""
    if is_dataclass(part):
        told = {each.name: _plain(getattr(part, each.name)) for each in fields(part)}
        return {name: value for name, value in told.items() if value not in (None, "", (), [], {})}
    if isinstance(part, Mapping):
        return {name: _plain(value) for name, value in part.items()}
    return [_plain(each) for each in part] if isinstance(part, tuple | list) else part
