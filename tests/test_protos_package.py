"""The contract as a package: unpacked, it is all that protoc has to be given."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[1]


def packed(into: Path) -> Path:
    """The package, written anew."""
    subprocess.run([sys.executable, str(ROOT / "protos" / "pack.py"), str(into)], check=True)
    return into


def test_protoc_compiles_everything_in_the_package_from_the_package_alone(tmp_path: Path) -> None:
    with ZipFile(packed(tmp_path / "made" / "protos.zip")) as archive:
        archive.extractall(tmp_path / "unpacked")
        protos = [name for name in archive.namelist() if name.endswith(".proto")]
    ours = sorted(path.relative_to(ROOT / "protos").as_posix() for path in (ROOT / "protos" / "makegood").rglob("*.proto"))
    assert [name for name in protos if name.startswith("makegood/")] == ours
    command = [sys.executable, "-m", "grpc_tools.protoc", "--proto_path=unpacked", "--descriptor_set_out=all.binpb", *protos]
    subprocess.run(command, cwd=tmp_path, check=True)


def test_the_same_files_make_the_same_package(tmp_path: Path) -> None:
    assert packed(tmp_path / "one.zip").read_bytes() == packed(tmp_path / "other.zip").read_bytes()
