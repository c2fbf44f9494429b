"""Dashboards as Grafana reads them."""

import json
from itertools import count

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import BigValueGraphMode, LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import DataSourceRef, VariableOption
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.monitoring.panels import Choice, Dashboard, Panel

_SOURCE = "source"
_HEIGHT = 8


def written(board: Dashboard) -> str:
    """``board`` as JSON, to be imported or provisioned; its source of data is picked there."""
    builder = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.about)
        .tags(["makegood"])
        .time(board.since, "now")
        .refresh("30s")
        .timezone("browser")
        .with_variable(dashboard.DatasourceVariable(_SOURCE).label("Prometheus").type("prometheus"))
    )
    for choice in board.choices:
        builder.with_variable(_variable(choice))
    numbers = count(1)
    for row in board.rows:
        builder.with_row(dashboard.Row(row.title).id(next(numbers)))
        for panel in row.panels:
            builder.with_panel(_panel(panel, next(numbers)))
    return json.dumps(builder.build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


def _variable(choice: Choice) -> dashboard.CustomVariable:
    first = VariableOption(selected=True, text=choice.values[0], value=choice.values[0])
    return dashboard.CustomVariable(choice.name).label(choice.label).values(",".join(choice.values)).current(first)


def _panel(panel: Panel, number: int) -> timeseries.Panel | stat.Panel | table.Panel:
    builder: timeseries.Panel | stat.Panel | table.Panel
    if panel.shape == "table":
        builder = table.Panel()
    elif panel.shape == "number":
        builder = stat.Panel().graph_mode(BigValueGraphMode.NONE)
    else:
        legend = common.VizLegendOptions().show_legend(show_legend=True)
        legend.display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
        builder = timeseries.Panel().legend(legend).min(0)
    builder.id(number).title(panel.title).description(panel.about).unit(panel.unit)
    builder.datasource(DataSourceRef(type_val="prometheus", uid=f"${{{_SOURCE}}}"))
    builder.height(_HEIGHT).span(panel.width)
    for index, query in enumerate(panel.queries):
        target = prometheus.Dataquery().expr(query.expression).legend_format(query.legend).ref_id(chr(ord("A") + index))
        if panel.shape == "table":
            target.format(PromQueryFormat.TABLE)
        if panel.shape == "lines":
            target.range()
        else:
            target.instant()
        builder.with_target(target)
    return builder
