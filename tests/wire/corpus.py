"""Batches that a fuzzer found worth keeping, each by itself the first that reached some branch of the reader."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

CORPUS: Final = Path(__file__).with_name("corpus.txt")


def read(file: Path = CORPUS) -> list[bytes]:
    """Each a serialized BatchComputeRequest, or what was made of one; a line each, in hexadecimal digits."""
    return [bytes.fromhex(line) for line in file.read_text("ascii").splitlines()]


def write(batches: Iterable[bytes], file: Path = CORPUS) -> None:
    """The shortest first."""
    lines = sorted({batch.hex() for batch in batches}, key=lambda line: (len(line), line))
    file.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
