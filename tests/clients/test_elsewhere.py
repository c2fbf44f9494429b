"""Callers in other languages: the examples are built as clients/elsewhere.md says and ask a real server and a fake the same.

What a language needs is looked for on this machine; npm installs the packages of Node. What is missing is skipped with a word.
.ci/run leaves out what a compiler builds.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from google.rpc import code_pb2

from tests.clients.fakes import FakeServer, bad_request, failing, retry_info
from tests.clients.server_process import ROOT, ServerProcess

pytestmark = pytest.mark.installs

HERE: Final = ROOT / "examples" / "elsewhere"
QUESTION: Final = ROOT / "examples" / "rogers-2022-07-08.json"
GRANTED: Final = ["OUTCOME_GRANTED", "data 2572156928", "voice 4140", "value_added 1"]
REFUSED: Final = [
    "INVALID_ARGUMENT",
    "mode: is not specified; it is one of MODE_AUTOMATIC, MODE_APPLICATION, MODE_PROACTIVE_NOTICE",
]
BUF: Final = (str(Path(sys.executable).parent / "buf"), "curl", "--protocol", "grpc", "--http2-prior-knowledge")
COMPUTE: Final = "makegood.v1.CompensationService/ComputeCompensation"


@dataclass(frozen=True)
class Folder:
    """Where an example is built: the contract, unpacked, and a folder of its own."""

    path: Path
    protos: Path

    @property
    def files(self) -> list[str]:
        """The .proto files, by the paths at which they import each other."""
        return sorted(path.relative_to(self.protos).as_posix() for path in self.protos.rglob("*.proto"))

    def run(self, *command: str) -> None:
        """A step; what it says is told where it fails."""
        ran = subprocess.run(command, cwd=self.path, capture_output=True, text=True, timeout=900, check=False)
        assert ran.returncode == 0, f"{shlex.join(command)}\n{ran.stdout}{ran.stderr}"

    def generate(self, protoc: tuple[str, ...], *outputs: str) -> None:
        """Code into ``gen``."""
        (self.path / "gen").mkdir()
        self.run(*protoc, f"--proto_path={self.protos}", *outputs, *self.files)


Build = Callable[[Folder], list[str]]
"""Builds an example and gives the command to which address and question are added."""


def needed(*programs: str) -> None:
    """Skips where one is missing."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not on this machine: {', '.join(missing)}")


def with_packages(folder: Folder) -> None:
    """The Node examples and the packages that they name."""
    needed("node", "npm")
    shutil.copytree(HERE / "node", folder.path, dirs_exist_ok=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    ran = subprocess.run(command, cwd=folder.path, capture_output=True, text=True, timeout=600, check=False)
    if ran.returncode:
        pytest.skip(f"npm could not install: {ran.stderr[-300:]}")


def grpc_js(folder: Folder) -> list[str]:
    with_packages(folder)
    return ["node", "grpc-js.mjs", "ADDRESS", str(folder.protos)]


def connect(folder: Folder) -> list[str]:
    with_packages(folder)
    plugin = "--plugin=protoc-gen-es=node_modules/.bin/protoc-gen-es"
    protoc = (sys.executable, "-m", "grpc_tools.protoc")
    folder.generate(protoc, plugin, "--es_out=gen", "--es_opt=target=js,import_extension=js")
    return ["node", "connect.mjs", "ADDRESS"]


def java(folder: Folder) -> list[str]:
    needed("javac", "java", "protoc", "grpc_java_plugin")
    jars = sorted(str(jar) for jar in Path("/usr/share/java").glob("*.jar") if re.match(JARS, jar.name))
    plugin = f"--plugin=protoc-gen-grpc-java={shutil.which('grpc_java_plugin')}"
    folder.generate(("protoc",), plugin, "--java_out=gen", "--grpc-java_out=gen")
    sources = [str(HERE / "java" / "Quote.java"), *map(str, (folder.path / "gen").rglob("*.java"))]
    folder.run("javac", "-proc:none", "-nowarn", "-d", "classes", "-cp", ":".join(jars), *sources)
    return ["java", "-cp", ":".join(("classes", *jars)), "Quote", "ADDRESS"]


JARS: Final = (
    r"(grpc-(api|context|core|netty|protobuf|protobuf-lite|stub)|protobuf(-util)?|perfmark-api|guava|failureaccess|gson"
    r"|netty-(buffer|codec|codec-http|codec-http2|common|handler|resolver|transport)|error-prone-annotations"
    r"|geronimo-annotation-1.3-spec)\.jar"
)
"""Debian's names; Maven's are in clients/elsewhere.md."""


def cpp(folder: Folder) -> list[str]:
    needed("g++", "protoc", "grpc_cpp_plugin", "pkg-config")
    folder.generate(
        ("protoc",), f"--plugin=protoc-gen-grpc={shutil.which('grpc_cpp_plugin')}", "--cpp_out=gen", "--grpc_out=gen"
    )
    asked = ["pkg-config", "--cflags", "--libs", "grpc++", "protobuf"]
    libraries = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    sources = [str(HERE / "cpp" / "quote.cc"), *map(str, sorted((folder.path / "gen").rglob("*.cc")))]
    folder.run("g++", "-std=c++17", "-Igen", *sources, *libraries, "-labsl_synchronization", "-o", "quote")
    return ["./quote", "ADDRESS"]


def go(folder: Folder) -> list[str]:
    """By Debian's sources and without modules; what its grpc-go is too old for is beside the example."""
    needed("go", "protoc", "protoc-gen-go-grpc")
    sources, gen = Path("/usr/share/gocode"), folder.path / "gen"
    if not (sources / "src" / "google.golang.org" / "protobuf").is_dir():
        pytest.skip("not on this machine: golang-google-grpc-dev, golang-google-protobuf-dev")
    build = ["env", "GO111MODULE=off", f"GOPATH={gen}:{sources}", f"GOCACHE={folder.path / 'cache'}", "go", "build", "-o"]
    folder.run(*build, "protoc-gen-go", "google.golang.org/protobuf/cmd/protoc-gen-go")  # the one of its package is too old
    (gen / "src" / "quote").mkdir(parents=True)
    for source in (HERE / "go" / "main.go", HERE / "go" / "older-grpc" / "codec.go"):
        shutil.copy(source, gen / "src" / "quote")
    outputs = ("--plugin=protoc-gen-go=protoc-gen-go", "--go_out=gen/src", "--go-grpc_out=gen/src")
    ours = [name for name in folder.files if name.startswith("makegood/")]
    folder.run("protoc", f"--proto_path={folder.protos}", *outputs, *ours)
    folder.run(*build, "quote", "quote")
    return ["./quote", "ADDRESS"]


BUILDS: Final[dict[str, Build]] = {"grpc-js": grpc_js, "connect-es": connect, "Java": java, "C++": cpp, "Go": go}
LANGUAGES: Final = [pytest.param(name, marks=pytest.mark.compiles if name in {"Java", "C++", "Go"} else ()) for name in BUILDS]


@dataclass(frozen=True)
class Example:
    """One that is built."""

    folder: Path
    command: list[str]

    def ask(self, address: str) -> subprocess.CompletedProcess[str]:
        """What it prints, which fails or not."""
        command = [word.replace("ADDRESS", address) for word in self.command]
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return subprocess.run(
            [*command, str(QUESTION)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="module")
def protos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the contract, unpacked."""
    folder = tmp_path_factory.mktemp("protos")
    subprocess.run([sys.executable, str(ROOT / "protos" / "pack.py"), str(folder / "protos.zip")], check=True)
    shutil.unpack_archive(folder / "protos.zip", folder / "unpacked")
    return folder / "unpacked"


@pytest.fixture(scope="module", params=LANGUAGES)
def example(request: pytest.FixtureRequest, protos: Path, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Each example in turn, built once."""
    folder = Folder(tmp_path_factory.mktemp("example"), protos)
    return Example(folder.path, BUILDS[request.param](folder))


@pytest.mark.xdist_group("elsewhere")
def test_an_example_gets_the_answer_and_the_fields_that_are_wrong(example: Example, server: ServerProcess) -> None:
    ran = example.ask(server.address)
    assert ran.stdout.splitlines() == [*GRANTED, *REFUSED], ran.stderr


@pytest.mark.xdist_group("elsewhere")
def test_an_example_comes_back_when_it_is_told_to(example: Example, fake: FakeServer) -> None:
    wrong = failing(code_pb2.INVALID_ARGUMENT, "malformed", bad_request(("mode", "is not specified")))
    fake.failures.extend([failing(code_pb2.RESOURCE_EXHAUSTED, "full", retry_info(0.05)), None, wrong])
    ran = example.ask(fake.address)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[:2] == ["told to wait 50 ms", "OUTCOME_GRANTED"]
    assert lines[-2:] == ["INVALID_ARGUMENT", "mode: is not specified"]
    assert fake.calls == 3


@pytest.mark.xdist_group("elsewhere")
def test_an_example_does_not_repeat_what_it_is_not_told_to(example: Example, fake: FakeServer) -> None:
    """A message that is too long is RESOURCE_EXHAUSTED as well, and stays too long."""
    fake.failures.append(failing(code_pb2.RESOURCE_EXHAUSTED, "too long"))
    assert example.ask(fake.address).returncode != 0
    assert fake.calls == 1


def curl(address: str, method: str, data: str, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [*BUF, *flags, "--data", data, f"http://{address}/{method}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_buf_curl_asks_by_reflection_alone(server: ServerProcess) -> None:
    decision = json.loads(curl(server.address, COMPUTE, f"@{QUESTION}").stdout)["decision"]
    grants = [f"{grant['benefit']} {grant['quantity']}" for grant in decision["grants"]]
    assert [decision["outcome"], *grants] == GRANTED


def test_buf_curl_is_told_what_is_wrong(server: ServerProcess) -> None:
    said = curl(server.address, COMPUTE, "{}").stderr
    assert "MODE_APPLICATION" in said
    assert "google.rpc.BadRequest" in said


@pytest.mark.parametrize("version", ["grpc-v1", "grpc-v1alpha"])
def test_either_version_of_reflection_lists_what_there_is(version: str, server: ServerProcess) -> None:
    command = [*BUF, "--reflect-protocol", version, "--list-methods", f"http://{server.address}"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout.split()
    assert {COMPUTE, "makegood.v1.PolicyService/GetPolicy", "grpc.health.v1.Health/List"} <= set(listed)


def test_health_is_listed_by_service(server: ServerProcess) -> None:
    statuses = json.loads(curl(server.address, "grpc.health.v1.Health/List", "{}").stdout)["statuses"]
    assert {name: each["status"] for name, each in statuses.items()} == dict.fromkeys(
        ("", "makegood.v1.CompensationService", "makegood.v1.PolicyService"), "SERVING"
    )


def test_every_command_of_the_page_is_one_that_is_run_here() -> None:
    """The flags of each language's generator stand in the page as they are used."""
    page = (ROOT / "clients" / "elsewhere.md").read_text("utf-8")
    for flag in (
        "--es_opt=target=js,import_extension=js",
        "--grpc-java_out",
        "grpc_cpp_plugin",
        "--go-grpc_out",
        "--http2-prior-knowledge",
    ):
        assert flag in page
    missing = [name for name in re.findall(r"examples/elsewhere/[\w./-]+", page) if not (ROOT / name).exists()]
    assert missing == []
