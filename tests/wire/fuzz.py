"""Coverage-guided: ``python -m tests.wire.fuzz --seconds 30 [--seed N] [--keep]``; needs what .ci/fuzz.txt pins.

Runs the sources as they stand. Begins with the batches of the corpus and with one of each version of the catalog; changes bytes
as libFuzzer does, or fields as the contract's descriptors have them. The first batch that is answered otherwise from bytes to
bytes than the ordinary way ends it, and stands beside it in a file. ``--keep`` puts into the corpus what reached more.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import atheris
from google.protobuf.message import DecodeError

with atheris.instrument_imports(include=["server.wire"]):
    from server.wire import answers, filling, granted, keying, laying, notices, reader, rows, work, writing  # noqa: F401  # instrumented here

from makegood.v1 import compensation_service_pb2 as service_pb
from tests.wire import corpus
from tests.wire.both import Both
from tests.wire.drawing import POLICIES
from tests.wire.items import COMPOSER, batches_of_all

MOST_BYTES: Final = 4096
ITEMS_OF_A_SEED: Final = 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Does not return: libFuzzer ends the process, with a status other than 0 where it found something."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="how long, at the most (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other batches (%(default)s)")
    parser.add_argument("--directory", type=Path, help="where batches are kept between runs; nowhere")
    asked = parser.parse_args(arguments)
    both = Both(POLICIES, rows)
    with TemporaryDirectory() as temporary:
        directory = asked.directory or Path(temporary)
        directory.mkdir(exist_ok=True)
        for number, batch in enumerate([*corpus.read(), *_seeds(both, Random(asked.seed))]):
            Path(directory, f"seed-{number:04}").write_bytes(batch)
        libfuzzer = [
            f"-max_total_time={asked.seconds}",
            f"-seed={asked.seed}",
            f"-max_len={MOST_BYTES}",
            "-print_final_stats=1",
            "-verbosity=0",
        ]
        atheris.Setup([sys.argv[0], *libfuzzer, str(directory)], both.compare, custom_mutator=_changed)
        atheris.Fuzz()


def _seeds(both: Both, random: Random) -> list[bytes]:
    return [each for each in batches_of_all(both, random, ITEMS_OF_A_SEED) if len(each) <= MOST_BYTES]


def _changed(data: bytes, most_bytes: int, seed: int) -> bytes:
    """As libFuzzer changes bytes, or, where they are a batch still, as its descriptor has it."""
    random = Random(seed)
    if random.random() < 0.5:
        with suppress(DecodeError):
            batch = service_pb.BatchComputeRequest.FromString(data)
            for _ in range(random.choice((1, 1, 2, 4))):
                COMPOSER.change(random.choice([batch, *batch.items]), random)
            changed: bytes = batch.SerializeToString()
            if len(changed) <= most_bytes:
                return changed
    mutated: bytes = atheris.Mutate(data, most_bytes)
    return mutated


if __name__ == "__main__":
    main()
