"""The files of deploy/ as published tools judge them, which `make deploy-tools` installs; and the SBOM."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.deploy import files
from tests.test_packaging import RUNTIME_LOCK, locked

pytestmark = pytest.mark.installs

TOOLS: Final = files.ROOT / ".venv-deploy" / "bin"
OVERLAYS: Final = ("base", "monitoring")
EXPOSURE_AT_MOST: Final = 20
"""In tenths, of systemd's scale from 0 to 10."""
NOT_OF_KUBERNETES: Final = "ServiceMonitor"
"""Of the Prometheus operator, whose schema Kubernetes has not."""


def judged(tool: str, *arguments: str) -> str:
    """What the tool prints; the test is skipped where the tool is not installed, and fails where it finds fault."""
    found = shutil.which(tool, path=str(TOOLS)) or shutil.which(tool)
    if found is None:
        pytest.skip(f"{tool} is not installed: make deploy-tools (systemd-analyze: of the system)")
    ran = subprocess.run([found, *arguments], cwd=files.ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_hadolint_finds_nothing_in_the_image() -> None:
    assert judged("hadolint", "--failure-threshold", "style", str(files.DOCKERFILE)) == ""


def test_yamllint_finds_nothing() -> None:
    assert judged("yamllint", "--strict", "--config-file", str(files.DEPLOY / ".yamllint.yaml"), str(files.DEPLOY)) == ""


def test_compose_takes_its_file() -> None:
    told = json.loads(judged("docker-compose", "--file", str(files.COMPOSE), "config", "--format", "json"))
    assert {name for name, service in told["services"].items() if service["read_only"]} == {"server", "prometheus", "grafana"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kustomize_builds_what_the_schemas_of_kubernetes_take(overlay: str, tmp_path: Path) -> None:
    built = tmp_path / "built.yaml"
    built.write_text(judged("kubectl", "kustomize", str(files.KUBERNETES / overlay)), encoding="utf-8")
    told = judged("kubernetes-validate", "--strict", str(built))
    passed = re.findall(r"passed for resource (\w+)/", told)
    assert len(passed) == len(re.findall(r"^kind: (?!" + NOT_OF_KUBERNETES + ")", built.read_text("utf-8"), re.MULTILINE))
    assert len(passed) >= 6


def test_a_field_that_kubernetes_has_not_is_found(tmp_path: Path) -> None:
    """The judge is one that can say no."""
    wrong = tmp_path / "deployment.yaml"
    text = (files.KUBERNETES / "base" / "deployment.yaml").read_text("utf-8")
    wrong.write_text(text.replace("readOnlyRootFilesystem", "readOnlyRootFileSystem"), encoding="utf-8")
    with pytest.raises(AssertionError, match="readOnlyRootFileSystem"):
        judged("kubernetes-validate", "--strict", str(wrong))


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """With a program that is there in place of the one that is installed."""
    here = tmp_path / files.UNIT.name
    here.write_text(re.sub(r"(?m)^(ExecStart=)\S+", r"\1/bin/true", files.UNIT.read_text("utf-8")), encoding="utf-8")
    assert judged("systemd-analyze", "verify", str(here)) == ""


def test_systemd_calls_the_unit_hardly_exposed() -> None:
    told = judged("systemd-analyze", "security", "--offline=true", "--no-pager", str(files.UNIT))
    found = re.search(r"Overall exposure level for \S+: (\d+)\.(\d)", told)
    assert found
    assert int(found[1]) * 10 + int(found[2]) <= EXPOSURE_AT_MOST


def test_the_bill_of_materials_lists_every_pin_of_the_deployment_with_its_hashes() -> None:
    if not TOOLS.exists():
        pytest.skip("make deploy-tools has not run")
    judged("make", "sbom")
    bill = json.loads((files.ROOT / "dist" / "makegood.cdx.json").read_text("utf-8"))
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "makegood")
    listed = bill["components"]
    pinned = [line.partition(";")[0].strip() for lines in locked(RUNTIME_LOCK).values() for line in lines]
    assert sorted(f"{each['name']}=={each['version']}" for each in listed) == sorted(pinned)
    assert all(each["purl"].startswith("pkg:pypi/") for each in listed)
    assert [each["name"] for each in listed if not _hashes(each)] == []


def _hashes(component: dict[str, list[dict[str, list[object]]]]) -> list[object]:
    return [found for each in component.get("externalReferences", ()) for found in each.get("hashes", ())]
