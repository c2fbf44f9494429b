"""Many requests for every version of the catalog, in chunks that processes share out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.program import Program
from tests.columns.both import Both, batch_of
from tests.columns.drawing import POLICIES, PROGRAMS, as_it_is, forgetful, generator_of

CHUNK = 500
EXPLAIN = ("NONE", "NONE", "NONE", "SUMMARY", "SUMMARY", "FULL")

both = cache(lambda: Both(POLICIES))


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a chunk. ``otherwise``: the first row that is answered otherwise, if there is one."""

    policy_id: str
    rows: int
    together: int
    otherwise: str


def tasks(rows: int, seed: int) -> Iterator[tuple[int, str, int]]:
    """(number of the version, seed, rows) of each chunk; all versions in turn."""
    each = -(-rows // len(PROGRAMS))
    for start in range(0, each, CHUNK):
        for number in range(len(PROGRAMS)):
            yield number, f"{seed}/{number}/{start}", min(CHUNK, each - start)


def run(number: int, seed: str, rows: int) -> Done:
    """Answers a chunk twice."""
    program, random = PROGRAMS[number], Random(seed)
    generator = generator_of(program)
    drawn = (random.choice((as_it_is, forgetful))(generator, generator.request(random), random) for _ in range(rows))
    requests = [replace(each, explain=random.choice(EXPLAIN)) for each in drawn]
    before = both().together
    columns, one_by_one = both().answers(batch_of(requests))
    otherwise = "" if columns == one_by_one else told(program, seed, columns, one_by_one)
    return Done(program.version.policy_id, rows, both().together - before, otherwise)


def told(program: Program, seed: str, columns: bytes, one_by_one: bytes) -> str:
    """The first row that differs."""
    answers = [service_pb.BatchComputeResponse.FromString(each).results for each in (columns, one_by_one)]
    for row, (left, right) in enumerate(zip(*answers, strict=True)):
        if left != right:
            where = f"{program.version.policy_id} {program.version.version}, seed {seed}, row {row}"
            return f"{where}\nin columns: {left}\nby itself: {right}"
    return f"{program.version.policy_id}, seed {seed}: the same answers in other bytes"
