"""Dashboards as data: what they ask Prometheus, and how it is shown; :mod:`deploy.monitoring.grafana` writes them."""

from dataclasses import dataclass
from typing import Literal

Shape = Literal["lines", "number", "table"]


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL expression, and how its series are called; in ``legend`` {{label}} stands for the value of a label."""

    expression: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """``unit`` is an id of Grafana's; ``width`` in columns, of which there are 24."""

    title: str
    unit: str
    queries: tuple[Query, ...]
    about: str = ""
    shape: Shape = "lines"
    width: int = 8


@dataclass(frozen=True, slots=True)
class Row:
    """Panels that belong together."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader of a dashboard picks, ``$name`` in expressions; the first of ``values`` is picked at first."""

    name: str
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """``since``: how far back it looks at first."""

    uid: str
    title: str
    about: str
    rows: tuple[Row, ...]
    choices: tuple[Choice, ...] = ()
    since: str = "now-6h"
