"""The progress file beside a result: what the run was asked, how far it is, and what it counted.

It is replaced in one step after each part, once the part itself is on disk. A rerun goes on from it only with the same
inputs, byte for byte, and the same flags: otherwise one result would hold the answers to two questions.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from clients import alike
from clients.alike import Alike
from clients.billing import areas
from clients.billing.areas import AreaCounts
from clients.billing.totals import Counts
from clients.errors import BadInput
from clients.tables import opening
from clients.tables.rows import Position
from clients.writing import sync_folder, writing

FORMAT = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What a run is asked: everything that the bytes of its result depend on, but for the policy on the server."""

    subscribers: str
    """Size and SHA-256 of the file, as are ``outages``."""
    outages: str
    flags: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. ``spool_bytes``: the length of the spool that belongs to it."""

    question: Question
    as_of: int
    position: Position
    spool_bytes: int
    counts: Counts = field(default_factory=Counter)
    errors: Alike = alike.NONE
    areas: AreaCounts = field(default_factory=AreaCounts)
    finished: bool = False

    def advanced(
        self,
        position: Position,
        spool_bytes: int,
        counts: Counts,
        errors: Alike = alike.NONE,
        area_counts: AreaCounts | None = None,
    ) -> "Progress":
        """After one more part."""
        return replace(
            self,
            position=position,
            spool_bytes=spool_bytes,
            counts=self.counts + counts,
            errors=self.errors.plus(errors),
            areas=self.areas if area_counts is None else self.areas.plus(area_counts),
        )


def path_beside(out: Path) -> Path:
    """The progress file of a result."""
    return out.with_name(out.name + ".progress")


def fingerprint(path: Path) -> str:
    """Size and SHA-256: a copy or a touched file is the same, one that was edited anywhere is not. Of a folder, its parts."""
    try:
        return "; ".join(_fingerprint(part) for part in opening.files(path))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return f"{file.tell()} bytes, sha256 {digest}"


def load(path: Path) -> Progress | None:
    """The progress on record; None: there is none. Raises BadInput when the file cannot be understood."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise BadInput(f"{path} was written by another version of this command; begin anew with --restart")
        return Progress(
            question=Question(**document["question"]),
            as_of=document["as_of"],
            position=Position(**document["position"]),
            spool_bytes=document["spool_bytes"],
            counts=Counter({tuple(key): number for *key, number in document["counts"]}),
            errors=alike.from_document(document["errors"]),
            areas=areas.from_document(document["areas"]),
            finished=document["finished"],
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} is damaged ({error}); begin anew with --restart") from error


def save(progress: Progress, path: Path) -> None:
    """Replace the progress file in one step that survives a power cut."""
    document = {
        "format": FORMAT,
        "question": asdict(progress.question),
        "as_of": progress.as_of,
        "position": asdict(progress.position),
        "spool_bytes": progress.spool_bytes,
        "counts": [[*key, number] for key, number in progress.counts.items()],
        "errors": progress.errors.document(),
        "areas": progress.areas.document(),
        "finished": progress.finished,
    }
    new = path.with_name(path.name + ".new")
    with writing(path):
        with new.open("w", encoding="utf-8") as file:
            file.write(json.dumps(document, ensure_ascii=False))  # at once, for it is written after each part
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        sync_folder(path)


def differences(was: Question, now: Question) -> list[str]:
    """What a rerun asks differently from the run that it would go on with."""
    found = [
        f"  the {name} file is another: it had {before} and has {after}"
        for name, before, after in (("subscribers", was.subscribers, now.subscribers), ("outages", was.outages, now.outages))
        if before != after
    ]
    found += [
        f"  --{name} was {was.flags.get(name)!r} and is {now.flags.get(name)!r}"
        for name in sorted({*was.flags, *now.flags})
        if was.flags.get(name) != now.flags.get(name)
    ]
    return found
