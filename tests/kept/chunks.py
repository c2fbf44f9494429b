"""Which requests there are, in chunks that processes share out: by seed and number, and those that people wrote."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import cycle, islice
from typing import Final

from policy.calculator import rules
from policy.calculator.codes import EXPLAINS
from policy.calculator.request import Request
from policy.language.catalog import load_policy, load_versions
from tests.judge.against import EVERY_WORD, generator_of
from tests.kept.answering import Answerer, compiled
from tests.kept.drawing import Asked, Drawer, Kind, in_order, with_a_notice
from tests.strategies.any_policy_made_up import made_up
from tests.strategies.any_policy_made_up_small import made_up_small
from tests.strategies.grid import GRID
from tests.support.cases import load_cases, load_published
from tests.support.library import CATALOG, DEFAULT_POLICY_ID

CHUNK: Final = 500
SAMPLE: Final = 80
"""Requests of the chunk of each version that has the number 0, and is asked in every run of the tests."""
CHUNKS_OF_A_VERSION: Final = 13
CHUNKS_WITH_NOTICES: Final = 6
MADE_UP: Final = 400
"""Policies that nobody wrote, the numbers of every other one of which fit 64 bits more often than not."""
OF_MADE_UP: Final = 50
FIRST: Final = "0"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Requests under a name, answered by what ``answerer`` makes. ``of``: what they are counted under."""

    name: str
    of: str
    count: int
    draw: Callable[[], Iterator[tuple[Asked, Answerer]]]

    @property
    def is_of_the_sample(self) -> bool:
        """Whether it is asked in every run of the tests."""
        return self.name.endswith(f"/{FIRST}")


@cache
def chunks() -> Mapping[str, Chunk]:
    """All of them by name, first those of the sample, then those of all versions in turn."""
    made = [*_of_versions(), *_with_notices(), *_of_made_up(), *_written()]
    return {each.name: each for each in sorted(made, key=lambda each: not each.is_of_the_sample)}


@cache
def _versions() -> tuple[rules.Version, ...]:
    return (*load_versions(CATALOG), *load_policy(EVERY_WORD))


@cache
def _catalog() -> Answerer:
    return Answerer(compiled(_versions(), DEFAULT_POLICY_ID))


# ------------------------------------------------------------------------------------------- every version of the catalog


def _of_versions() -> Iterator[Chunk]:
    for number in range(CHUNKS_OF_A_VERSION + 1):
        first, count = (0, SAMPLE) if number == 0 else (SAMPLE + (number - 1) * CHUNK, CHUNK)
        for version in _versions():
            yield _of_version(version.policy_id, version.version, number, range(first, first + count))


def _of_version(policy_id: str, version: str, number: int, numbers: range) -> Chunk:
    name = f"{policy_id}/{version}/{number}"
    return Chunk(name, policy_id, len(numbers), partial(_of_catalog, policy_id, version, None, numbers))


def _with_notices() -> Iterator[Chunk]:
    """More of what few versions have."""
    for version in (each for each in _versions() if each.notice is not None):
        for number in range(CHUNKS_WITH_NOTICES):
            numbers = range(number * CHUNK, (number + 1) * CHUNK)
            draw = partial(_of_catalog, version.policy_id, version.version, with_a_notice, numbers)
            yield Chunk(f"notices/{version.policy_id}/{version.version}/{number + 1}", "notices", CHUNK, draw)


def _of_catalog(policy_id: str, version: str, always: Kind | None, numbers: range) -> Iterator[tuple[Asked, Answerer]]:
    return _drawn(_drawer(policy_id, version, always), _catalog(), numbers)


@cache
def _drawer(policy_id: str, version: str, always: Kind | None) -> Drawer:
    versions = {each.version: each for each in _versions() if each.policy_id == policy_id}
    return Drawer(generator_of(versions[version], tuple(versions.values())), f"{policy_id}/{version}", always)


def _drawn(drawer: Drawer, answerer: Answerer, numbers: range) -> Iterator[tuple[Asked, Answerer]]:
    return ((drawer.asked(number), answerer) for number in numbers)


# ----------------------------------------------------------------------------------------------- policies that nobody wrote


def _of_made_up() -> Iterator[Chunk]:
    of_a_chunk = CHUNK // OF_MADE_UP
    yield Chunk(f"made-up/{FIRST}", "made-up", 2 * OF_MADE_UP, partial(_made_up, range(MADE_UP, MADE_UP + 2)))
    for number in range(MADE_UP // of_a_chunk):
        policies = range(number * of_a_chunk, (number + 1) * of_a_chunk)
        yield Chunk(f"made-up/{number + 1}", "made-up", CHUNK, partial(_made_up, policies))


def _made_up(policies: Sequence[int]) -> Iterator[tuple[Asked, Answerer]]:
    for number in policies:
        version = (made_up_small if number % 2 else made_up)(f"kept {number}")
        drawer = Drawer(generator_of(version, (version,)), f"made-up {number}")
        yield from _drawn(drawer, Answerer(compiled((version,), version.policy_id)), range(OF_MADE_UP))


# ------------------------------------------------------------------------------------------------------ written by people


def _written() -> Iterator[Chunk]:
    """All cases, each with every explanation; and the grid around the limits of the default policy."""
    yield from _in_parts("cases", lambda: _every_explanation(_cases()))
    for axis in GRID:
        yield from _in_parts(f"grid/{axis.__name__}", partial(_explained_in_turn, axis))


def _in_parts(name: str, requests: Callable[[], Iterator[Request]]) -> Iterator[Chunk]:
    left = sum(1 for _ in requests())
    for number in range(-(-left // CHUNK)):
        first, count = number * CHUNK, min(CHUNK, left - number * CHUNK)
        yield Chunk(f"{name}/{number + 1}", name.partition("/")[0], count, partial(_part, requests, first, count))


def _part(requests: Callable[[], Iterator[Request]], first: int, count: int) -> Iterator[tuple[Asked, Answerer]]:
    return ((in_order(request), _catalog()) for request in islice(requests(), first, first + count))


@cache
def _cases() -> tuple[Request, ...]:
    cases = (*load_cases("cn_standard"), *load_published(), *load_cases("malformed"))
    return tuple(replace(each.request, policy_id=each.request.policy_id or DEFAULT_POLICY_ID) for each in cases)


def _every_explanation(requests: Sequence[Request]) -> Iterator[Request]:
    for request in requests:
        sound = request.explain in EXPLAINS
        yield from (replace(request, explain=explain) for explain in EXPLAINS) if sound else (request,)


def _explained_in_turn(requests: Callable[[], Iterator[Request]]) -> Iterator[Request]:
    return (replace(request, explain=explain) for request, explain in zip(requests(), cycle(EXPLAINS), strict=False))
