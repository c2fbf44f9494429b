"""Generates the Python stubs of the contract: messages, services, and the types of both.

    python protos/generate.py [FOLDER]

FOLDER defaults to this one, so that the stubs lie beside the .proto files that they come from and a change of the
contract shows both in one commit. tests/test_stubs_are_current.py generates into another folder and compares.
"""

import shutil
import sys
import sysconfig
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

PROTOS = Path(__file__).resolve().parent
THIRD_PARTY = PROTOS / "third_party"
WELL_KNOWN = files("grpc_tools") / "_proto"


def generate(out: Path) -> None:
    """Write the stubs below `out`; raises RuntimeError when the compiler refuses a file."""
    ours = sorted((PROTOS / "makegood").rglob("*.proto"))
    services = [source for source in ours if source.stem.endswith("_service")]
    roots = (PROTOS, THIRD_PARTY)
    _run(roots, ours, f"--python_out={out}")
    _run(roots, ours, f"--mypy_out=quiet:{out}", plugin="protoc-gen-mypy")
    # Only a file with a service gets a gRPC module; the compiler would write empty ones for the others.
    _run(roots, services, f"--grpc_python_out={out}")
    _run(roots, services, f"--mypy_grpc_out=quiet,only_sync:{out}", plugin="protoc-gen-mypy_grpc")
    # googleapis-common-protos brings the modules of google.rpc at run time, but not marked as typed: only types are made.
    types = out / THIRD_PARTY.name
    types.mkdir(exist_ok=True)
    _run((THIRD_PARTY,), sorted(THIRD_PARTY.rglob("*.proto")), f"--mypy_out=quiet:{types}", plugin="protoc-gen-mypy")


def _run(roots: Sequence[Path], sources: Sequence[Path], output: str, plugin: str = "") -> None:
    """Compile `sources`, whose imports are found below `roots`, through a plugin where the generator is not built in."""
    arguments = ["protoc", *(f"--proto_path={root}" for root in roots), f"--proto_path={WELL_KNOWN}", output]
    if plugin:
        arguments.append(f"--plugin={plugin}={_find(plugin)}")
    arguments += map(str, sources)
    if protoc.main(arguments) != 0:
        raise RuntimeError(f"the protobuf compiler refused: {' '.join(arguments)}")


def _find(plugin: str) -> str:
    """Path of a plugin in the environment that runs this; the shell's PATH need not name it."""
    found = shutil.which(plugin, path=sysconfig.get_path("scripts"))
    if found is None:
        raise RuntimeError(f"{plugin} is not installed beside {sys.executable}; run `make setup`")
    return found


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else PROTOS)
