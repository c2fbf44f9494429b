"""The committed stubs are what the contract's .proto files generate."""

import subprocess
import sys
from pathlib import Path

PROTOS = Path(__file__).resolve().parents[1] / "protos"
GENERATED = ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*_pb2_grpc.pyi")


def stubs(root: Path) -> dict[str, str]:
    """The generated files below `root`, text by path."""
    return {str(path.relative_to(root)): path.read_text("utf-8") for each in GENERATED for path in root.rglob(each)}


def test_stubs_are_what_the_contract_generates(tmp_path: Path) -> None:
    """Generating anew changes no committed stub, adds none and leaves none over; `make stubs` makes it so."""
    subprocess.run([sys.executable, str(PROTOS / "generate.py"), str(tmp_path)], check=True)
    assert stubs(PROTOS) == stubs(tmp_path)
