"""Chunks answered anew and held to what is kept of them; and, where an answer is meant to be another, kept anew."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from policy.language.load import engine
from tests.kept.chunks import chunks
from tests.kept.digests import Digests, Kept, Version, answers_of, digests_of
from tests.kept.dumps import SHOWN, differing, dump


class SameVersion(Exception):
    """Answers changed, and the version that they are given under did not."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a chunk. ``differing``: what people read of its answers that others dumped otherwise."""

    chunk: str
    digests: Digests
    differing: tuple[str, ...] = ()
    left_out: int = 0


def run(name: str, dump_to: Path | None = None, against: Path | None = None) -> Done:
    """Answers one chunk; dumps it, and holds it to what other code has dumped, where that is asked for."""
    answers = [*answers_of(chunks()[name])]
    if dump_to is not None:
        dump(answers, dump_to, name)
    found = [] if against is None else differing(answers, against, name)
    return Done(name, digests_of(answers), tuple(found[:SHOWN]), len(found[SHOWN:]))


def run_all(names: Iterable[str], processes: int, dump_to: Path | None, against: Path | None) -> Iterator[Done]:
    """The same for many, as they are done."""
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for each in as_completed([pool.submit(run, name, dump_to, against) for name in names]):
            yield each.result()


def first_of(requests: int | None) -> list[str]:
    """The chunks of so many requests or a few more, the sample first; None: all."""
    names: list[str] = []
    left = requests
    for name, chunk in chunks().items():
        if left is not None:
            if left <= 0:
                break
            left -= chunk.count
        names.append(name)
    return names


def wrong_with(done: Done, kept: Kept) -> str:
    """What to say of a chunk that is not as it was kept; "" where it is."""
    before = kept.chunks.get(done.chunk)
    if before is None:
        return f"{done.chunk} is not kept"
    if before.asked != done.digests.asked:
        return f"{done.chunk} asks other requests than were kept: what draws them, or the policy, or the contract is another"
    if before.answered != done.digests.answered:
        return f"{done.chunk} is answered otherwise"
    return ""


def kept_anew(kept: Kept, found: Mapping[str, Digests], why: str) -> Kept:
    """The file for what was found. Raises SameVersion where the same request is answered otherwise under the same version."""
    changed = sorted(
        name
        for name, each in found.items()
        if (before := kept.chunks.get(name)) and before.asked == each.asked and before.answered != each.answered
    )
    versions, now = kept.versions, engine()
    if changed and versions[-1].engine == now:
        told = ", ".join(changed[:SHOWN])
        raise SameVersion(
            f"{len(changed)} chunks are answered otherwise ({told} …) under the version {now} as before;"
            " move `version` in pyproject.toml, install, and write them again"
        )
    if versions and versions[-1].engine == now:
        versions, why = versions[:-1], versions[-1].why
    return Kept((*versions, Version(now, Kept((), found).digest, why)), found)
