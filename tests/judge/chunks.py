"""Many requests for every version, in chunks that processes share out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from random import Random
from time import monotonic

from policy.calculator.request import Request
from tests.judge.against import Pair, made_up_pair, pairs
from tests.judge.shrink import shrunk

CHUNK = 500
OF_MADE_UP = 50
"""Requests that are drawn from one seed, so that any of them is drawn again the same."""

all_pairs = cache(pairs)


@dataclass(frozen=True, slots=True)
class Task:
    """A chunk of requests for one version of the catalogue, by its number; None: for a policy made up from the seed."""

    pair: int | None
    seed: str
    requests: int


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a chunk: outcomes, and of each kind of difference how many there are and one request."""

    policy_id: str
    outcomes: Counter[str]
    seconds: float
    differing: Counter[str] = field(default_factory=Counter)
    examples: dict[str, tuple[Request, str]] = field(default_factory=dict)


def run(task: Task) -> Done:
    """Decides a chunk twice."""
    pair = made_up_pair(task.seed) if task.pair is None else all_pairs()[task.pair]
    begun, random, outcomes = monotonic(), Random(task.seed), Counter[str]()
    done = Done(pair.version.policy_id, outcomes, 0.0)
    for _ in range(task.requests):
        request = pair.generator.request(random)
        judged, found = pair.compared(request)
        outcomes[judged.outcome or "refused"] += 1
        if found:
            kind = f"{pair.version.policy_id}: {', '.join(sorted(found))}"
            done.differing[kind] += 1
            if kind not in done.examples:
                small, told = smallest(pair, request)
                done.examples[kind] = small, f"{told}\n  seed {task.seed}"
    return Done(done.policy_id, outcomes, monotonic() - begun, done.differing, done.examples)


def smallest(pair: Pair, request: Request) -> tuple[Request, str]:
    """The request shrunk while it shows a difference in the same fields, and what each says of it."""
    kind = set(pair.differs(request))
    small = shrunk(request, lambda each: set(pair.differs(each)) == kind)
    told = (f"  {name}: the judge says {one!r}, the calculator {other!r}" for name, (one, other) in pair.differs(small).items())
    return small, "\n".join(told)


def made_up_tasks(decisions: int, seed: int) -> Iterator[Task]:
    """A few requests for each of many policies that nobody wrote."""
    for number in range(-(-decisions // OF_MADE_UP)):
        yield Task(None, f"{seed}/{number}", OF_MADE_UP)


def tasks(decisions: int, seed: int) -> Iterator[Task]:
    """Chunks for all versions in turn, so that a run that is stopped has seen them all."""
    names = [pair.name for pair in all_pairs()]
    left = dict.fromkeys(range(len(names)), -(-decisions // len(names)))
    number = 0
    while any(left.values()):
        for pair, name in enumerate(names):
            requests = min(CHUNK, left[pair])
            left[pair] -= requests
            if requests:
                yield Task(pair, f"{seed}/{name}/{number}", requests)
        number += 1
