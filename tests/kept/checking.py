"""Chunks answered anew and held to what is kept of them; and, where an answer is meant to be another, kept anew."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from policy.language.load import engine
from tests.kept.answering import BROKEN
from tests.kept.chunks import chunks
from tests.kept.digests import Digests, Kept, Version, answers_of, digests_of
from tests.kept.dumps import SHOWN, differing, dump


class SameVersion(Exception):
    """Answers changed, and the version that they are given under did not."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a chunk.

    ``differing``: what people read of its answers that others dumped otherwise, as far as shown; ``left_out``: how many
    are not. ``broken``: what the first that is no answer at all broke by.
    """

    chunk: str
    digests: Digests
    differing: tuple[str, ...] = ()
    left_out: int = 0
    broken: str = ""


def run(name: str, dump_to: Path | None = None, against: Path | None = None) -> Done:
    """Answers one chunk; dumps it, and holds it to what other code has dumped, where that is asked for."""
    answers = [*answers_of(chunks()[name])]
    if dump_to is not None:
        dump(answers, dump_to, name)
    found = [] if against is None else differing(answers, against, name)
    broken = next((answer.decode() for _, answer in answers if answer.startswith(BROKEN)), "")
    return Done(name, digests_of(answers), tuple(found[:SHOWN]), len(found[SHOWN:]), broken)


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
    for told, one, other in (
        ("decided", before.decided, done.digests.decided),
        ("refused", before.refused, done.digests.refused),
    ):
        if one != other:
            return f"{done.chunk} is {told} otherwise{done.broken and f', and breaks: {done.broken}'}"
    return ""


def kept_anew(kept: Kept, found: Mapping[str, Digests], why: str) -> Kept:
    """The file for what was found. Raises SameVersion where a request is decided otherwise under the same version.

    What is refused has no id that the version is part of; it may be said otherwise, or better, under the same version.
    """
    same = {
        name: (before, each)
        for name, each in found.items()
        if (before := kept.chunks.get(name)) is not None and before.asked == each.asked
    }
    decided = sorted(name for name, (before, each) in same.items() if before.decided != each.decided)
    refused = any(before.refused != each.refused for before, each in same.values())
    versions, now = kept.versions, engine()
    moved = not versions or versions[-1].engine != now
    if decided and not moved:
        raise SameVersion(
            f"{len(decided)} chunks are decided otherwise ({', '.join(decided[:SHOWN])} …) under the version {now} as before;"
            " move `version` in pyproject.toml, install, and write them again"
        )
    if not (moved or refused):  # the answers to requests that were not asked before
        versions, why = versions[:-1], versions[-1].why
    return Kept((*versions, Version(now, Kept((), found).digest, why)), found)
