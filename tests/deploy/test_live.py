"""Every panel and rule is asked of a real Prometheus that scrapes a real server."""

import pytest

from tests.deploy.asked import Asked, everything
from tests.deploy.live import ROWS, Prometheus
from tests.server.samples import GRANTED_BYTES

SHOWS_NOTHING_YET = ("offset 1w",)
"""What a server of a minute has no series for."""


@pytest.mark.parametrize("asked", everything(), ids=lambda asked: asked.where)
def test_every_expression_is_understood_and_every_panel_shows_something(live: Prometheus, asked: Asked) -> None:
    live.ask(asked.expression)
    if asked.is_panel and not asked.expression.endswith(SHOWS_NOTHING_YET):
        assert live.shows(asked.expression)


def test_a_first_mass_grant_shows_in_increase(live: Prometheus) -> None:
    granted = 3 * (ROWS - 1 + 1 + 2) * GRANTED_BYTES
    for expression in (
        "sum(increase(makegood_granted_data_bytes_total[10m]))",
        'sum(increase(makegood_granted_by_cause_total{benefit="DATA_BYTES",cause="EQUIPMENT_FAILURE"}[10m]))',
        'sum(increase(makegood_granted_by_plan_type_total{benefit="DATA_BYTES",plan_type="DATA"}[10m]))',
        'sum(increase(makegood_granted_by_mode_total{benefit="DATA_BYTES",mode="AUTOMATIC"}[10m]))',
    ):
        assert live.shows(f"{expression} > {granted // 2}")


def test_no_alert_fires_on_a_server_that_is_well(live: Prometheus) -> None:
    firing = {series["metric"]["alertname"] for series in live.ask('ALERTS{alertstate="firing"}')}
    assert not firing
