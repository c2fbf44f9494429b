"""Packs the contract for callers in other languages: the .proto files by the paths at which they import each other.

    python protos/pack.py FILE.zip

Unpacked into a folder, ``protoc --proto_path=FOLDER`` finds everything there; google/protobuf comes with protoc. The same files
make the same bytes.
"""

import sys
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

PROTOS: Final = Path(__file__).resolve().parent
ROOTS: Final = (PROTOS / "makegood", PROTOS / "third_party" / "google")


def packed() -> dict[str, bytes]:
    """What is in the package, by path."""
    files = {f"{root.name}/{path.relative_to(root).as_posix()}": path for root in ROOTS for path in root.rglob("*.proto")}
    return {name: files[name].read_bytes() for name in sorted(files)} | {"LICENSE": (PROTOS.parent / "LICENSE").read_bytes()}


def pack(into: Path) -> None:
    """Writes the package, whose folder is made where it is missing."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        for name, content in packed().items():
            entry = ZipInfo(name)  # of 1980, by which nothing depends on when it was made
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)


if __name__ == "__main__":
    pack(Path(sys.argv[1]))
