"""The big run: ``python -m tests.wire --messages 1000000 [--seed N] [--compiled | --source]``.

Changes messages of every version of the catalog, in a few places each or not at all, and answers them from bytes to bytes and
the ordinary way. Prints the first that is answered otherwise; the exit status says whether there is one.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from time import monotonic

from makegood.v1 import compensation_service_pb2 as service_pb
from native.choice import from_environment
from policy import Request
from policy.calculator.program import Program
from server.wire import rows
from tests.support.telling import tell
from tests.wire.both import Both, batch_of
from tests.wire.drawing import POLICIES, PROGRAMS, as_it_is, forgetful, generator_of
from tests.wire.mutating import mutated

AT_ONCE = 200
WHOLE = 12
CHANGED = 0.8


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs, reports."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other messages (%(default)s)")
    parser.add_argument("--source", action="store_true", help="run the sources, also where they are compiled")
    asked = parser.parse_args(arguments)
    choice = from_environment()
    both = Both(POLICIES, rows if asked.source or not choice.compiled else choice.module("server.wire.rows"))
    begun, random, done = monotonic(), Random(asked.seed), 0
    while done < asked.messages:
        program = PROGRAMS[done // AT_ONCE % len(PROGRAMS)]
        whole = batch_of([_drawn(program, random) for _ in range(WHOLE)])
        messages = [item.SerializeToString() for item in whole.items]
        items = [
            mutated(random.choice(messages), random) if random.random() < CHANGED else random.choice(messages)
            for _ in range(AT_ONCE)
        ]
        fast, ordinary = both.of_items(items, _defaults(whole, random))
        for item, one, other in zip(items, fast, ordinary, strict=True):
            if one != other:
                tell(f"{program.version.policy_id} {program.version.version}\nitem: {item.hex()}\n{one.hex()}\n{other.hex()}")
                return 1
        done += AT_ONCE
    alike = both.counts()[0] == both.counts()[1]
    counted = "alike" if alike else "OTHERWISE"
    tell(f"{done} messages, {both.fast} from bytes to bytes, none otherwise, counted {counted}, {monotonic() - begun:.0f} s")
    return int(not alike)


def _drawn(program: Program, random: Random) -> Request:
    generator = generator_of(program)
    drawn = random.choice((as_it_is, as_it_is, forgetful))(generator, generator.request(random), random)
    return replace(drawn, explain=random.choice(("NONE", "SUMMARY")))


def _defaults(batch: service_pb.BatchComputeRequest, random: Random) -> bytes:
    stated = service_pb.BatchDefaults(outages=batch.items[0].outages, mode=batch.items[0].mode)
    whole = stated.SerializeToString()
    return random.choice((b"", b"", whole, whole, mutated(whole, random)))


if __name__ == "__main__":
    sys.exit(main())
