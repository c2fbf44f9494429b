"""The files of deploy/, read as the tools that use them read them, as far as these tests ask."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
DEPLOY: Final = ROOT / "deploy"
DOCKERFILE: Final = DEPLOY / "Dockerfile"
COMPOSE: Final = DEPLOY / "compose" / "compose.yaml"
UNIT: Final = DEPLOY / "systemd" / "makegood.service"
UNIT_SETTINGS: Final = DEPLOY / "systemd" / "server.env"
KUBERNETES: Final = DEPLOY / "kubernetes"
KUBERNETES_SETTINGS: Final = KUBERNETES / "base" / "server.env"


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's, in order: name and what follows it, lines joined."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    whole = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(name, rest) for name, _, rest in (line.strip().partition(" ") for line in whole.splitlines())]


def environment_of_image() -> dict[str, str]:
    """What ENV sets in the last stage."""
    words = (word for name, rest in instructions() if name == "ENV" for word in shlex.split(rest))
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def settings_in(file: Path) -> dict[str, str]:
    """A file of NAME=VALUE lines."""
    lines = (line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def unit() -> dict[str, str]:
    """Directives of the unit by name; the last of those that come twice."""
    lines = UNIT.read_text("utf-8").splitlines()
    return {name: value for name, found, value in (line.partition("=") for line in lines) if found and not name.startswith("#")}


def compose() -> Any:
    """The compose file."""
    return _one(COMPOSE)


def manifest(kind: str) -> Any:
    """The one manifest of this kind."""
    [found] = [each for each in _manifests() if each["kind"] == kind]
    return found


def container() -> Any:
    """The server's, in the Deployment."""
    [found] = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    return found


def _manifests() -> Iterator[Any]:
    for file in sorted(KUBERNETES.rglob("*.yaml")):
        if file.name != "kustomization.yaml":
            yield _one(file)


def _one(file: Path) -> Any:
    return yaml.safe_load(file.read_text("utf-8"))
