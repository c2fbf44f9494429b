"""What the files of a catalog are at a moment: whether they changed, and whether they stood still while they were read."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

Stamps = frozenset[tuple[str, int, int, int, int, int]]
"""Path, device, inode, size, and when contents and attributes were changed, in nanoseconds."""
_DEEPEST: Final = 2
"""A catalog holds a directory for each policy, and that its files."""


def stamps(catalog: Path) -> Stamps:
    """Of every file, as it is reached through links: a link that is turned to another directory is a change, as is a touch."""
    return frozenset(_stamps(catalog, 0))


def _stamps(directory: Path, depth: int) -> Iterator[tuple[str, int, int, int, int, int]]:
    try:
        entries = sorted(directory.iterdir()) if depth else [directory, *sorted(directory.iterdir())]
    except OSError:  # it went away meanwhile, or may not be read: whoever loads it says so
        return
    for entry in entries:
        try:
            at = entry.stat()
        except OSError:
            yield (str(entry), 0, 0, 0, 0, 0)
            continue
        yield (str(entry), at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns)
        if entry is not directory and entry.is_dir() and depth + 1 < _DEEPEST and not entry.name.startswith((".", "_")):
            yield from _stamps(entry, depth + 1)


def contents(catalog: Path) -> str:
    """A digest of every file with its path. Two that are alike before and after a reading: nothing was written meanwhile."""
    digest = sha256()
    for path, *_ in sorted(stamps(catalog)):
        digest.update(f"{path}\0".encode(errors="surrogateescape"))
        try:
            data = Path(path).read_bytes()
        except OSError:  # a directory, or what cannot be read
            continue
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
