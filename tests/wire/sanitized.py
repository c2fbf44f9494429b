"""Under AddressSanitizer and UBSan: ``python -m tests.wire.sanitized [--messages N] [--corpus FILE]``; needs gcc or clang.

Compiles the modules of the recipe once more, with both sanitizers, into a directory of its own; replays the corpus and changes
messages there as ``python -m tests.wire`` does. Whatever a sanitizer has to say ends it. Python's own allocator is left out, so
that each object is a piece of memory of its own to AddressSanitizer.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from native.build import build
from tests.support.telling import tell
from tests.wire.corpus import CORPUS

ROOT: Final = Path(__file__).parents[2]
FLAGS: Final = "-O0 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined"
LIBRARIES: Final = ("libasan.so", "libubsan.so")


def main(arguments: Sequence[str] | None = None) -> int:
    """Builds, runs; the exit status says whether all was well."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire.sanitized", description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000, help="how many, after the corpus (%(default)s)")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="batches that are tried first (%(default)s)")
    asked = parser.parse_args(arguments)
    compiler = os.environ.get("CC", "gcc")
    preloaded = [_library(compiler, name) for name in LIBRARIES]
    with TemporaryDirectory() as directory:
        build(ROOT, Path(directory), {**os.environ, "CC": compiler, "CFLAGS": FLAGS, "MAKEGOOD_COMPILED": "require"})
        environment = {
            **os.environ,
            "MAKEGOOD_COMPILED": "require",
            "PYTHONPATH": os.pathsep.join([directory, str(ROOT), str(ROOT / "protos")]),
            "PYTHONMALLOC": "malloc",
            "LD_PRELOAD": " ".join(preloaded),
            "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0:exitcode=99",
            "UBSAN_OPTIONS": "print_stacktrace=1:exitcode=99",
        }
        told = "import makegood_compiled, sys; sys.stdout.write(list(makegood_compiled.__path__)[0])"
        where = subprocess.run(
            [sys.executable, "-c", told], env=environment, cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout
        assert Path(where).parent == Path(directory), where  # else it would try what is installed
        command = ["-m", "tests.wire", "--messages", str(asked.messages), "--corpus", str(asked.corpus.resolve())]
        done = subprocess.run([sys.executable, *command], env=environment, cwd=ROOT, check=False)
    tell(f"exit status {done.returncode}")
    return done.returncode


def _library(compiler: str, name: str) -> str:
    done = subprocess.run([compiler, f"-print-file-name={name}"], check=True, capture_output=True, text=True)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
