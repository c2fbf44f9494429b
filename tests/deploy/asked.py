"""What dashboards and rules ask Prometheus, and which metrics they name."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.monitoring.boards import BOARDS

DEPLOY: Final = Path(__file__).resolve().parents[2] / "deploy"
PROMETHEUS: Final = DEPLOY / "prometheus"
RULES: Final = (PROMETHEUS / "rules" / "recording.yaml", PROMETHEUS / "rules" / "alerts.yaml")
_NAME: Final = re.compile(r"\b(?:makegood|process|python)[a-z0-9_:]*\b|\bup\b")
_LITERALS: Final = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class Asked:
    """``where`` a person finds it; ``is_panel``: it shows something whenever the service is used."""

    where: str
    expression: str
    is_panel: bool

    @property
    def metrics(self) -> set[str]:
        return set(_NAME.findall(_LITERALS.sub("", self.expression)))


def rules() -> list[dict[str, Any]]:
    """Recording rules and alerts as in their files."""
    return [rule for file in RULES for group in yaml.safe_load(file.read_text("utf-8"))["groups"] for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def recorded() -> set[str]:
    """Names of what rules record."""
    return {rule["record"] for rule in rules() if "record" in rule}


def everything() -> list[Asked]:
    """Every expression of every panel and rule, choices made as they are at first."""
    asked = [Asked(rule.get("alert") or rule["record"], rule["expr"], is_panel=False) for rule in rules()]
    for name, board in BOARDS.items():
        for row in board.rows:
            for panel in row.panels:
                for query in panel.queries:
                    expression = query.expression
                    for choice in board.choices:
                        expression = expression.replace(f"${choice.name}", choice.values[0])
                    asked.append(Asked(f"{name}: {panel.title}", expression, is_panel=True))
    return asked
