"""Rules are tried by promtool, and each alert says what to do."""

import re
import subprocess
from shutil import which

import pytest

from server.errors import REFUSALS
from tests.deploy.asked import DEPLOY, PROMETHEUS, RULES, alerts, rules

PROMTOOL = which("promtool")
NOT_SHED = {"UNAUTHENTICATED", "FORBIDDEN", "RATE_EXCEEDED", "ANSWER_TOO_LONG", "DRAINING"}
"""What a caller may not do or could not take, and what the next replica answers."""
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: apt-get install prometheus)")


def promtool(*arguments: str) -> None:
    done = subprocess.run([str(PROMTOOL), *arguments], cwd=PROMETHEUS, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_prometheus_takes_configuration_and_rules() -> None:
    promtool("check", "rules", *map(str, RULES))
    promtool("check", "config", str(DEPLOY / "compose" / "prometheus.yaml"))


@needs_promtool
@pytest.mark.parametrize("file", sorted(path.name for path in (PROMETHEUS / "tests").iterdir()))
def test_alerts_fire_on_what_they_are_for_and_one_step_short_of_it_they_do_not(file: str) -> None:
    promtool("test", "rules", f"tests/{file}")


@pytest.mark.parametrize("alert", [alert["alert"] for alert in alerts()])
def test_every_alert_is_tried_both_ways(alert: str) -> None:
    told = "".join(path.read_text("utf-8") for path in (PROMETHEUS / "tests").iterdir())
    answers = re.findall(rf'alertname="{alert}",alertstate="firing".*\n.*\n\s+exp_samples:(.*)', told)
    assert {answer.strip() for answer in answers} == {"", "[]"}


def test_every_alert_has_a_section_in_the_runbook_and_every_section_an_alert() -> None:
    sections = re.findall(r"^## (\w+)$", (DEPLOY / "runbook.md").read_text("utf-8"), re.MULTILINE)
    assert sections == [alert["alert"] for alert in alerts()]
    for alert in alerts():
        assert alert["annotations"]["runbook"] == f"deploy/runbook.md#{alert['alert'].lower()}"
        assert alert["labels"]["severity"] in {"page", "ticket"}


def test_every_refusal_is_shed_or_known_to_be_none() -> None:
    [shed] = [rule["expr"] for rule in rules() if rule.get("record") == "makegood:shed:ratio_rate5m"]
    counted = [reason for reasons in re.findall(r'reason=~"([^"]+)"', shed) for reason in reasons.split("|")]
    assert sorted((*counted, *NOT_SHED)) == sorted(REFUSALS)
