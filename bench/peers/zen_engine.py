"""zen-engine: decision tables in Rust, called from Python in a process of its own; the default policy's tables as its own."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from bench.errors import NoFiguresError
from bench.handwritten import weighted_tenths
from bench.peers.installed import PYTHON
from bench.servers import running
from policy import PolicySet, Request

_CHILD: Final = Path(__file__).parent / "zen_child.py"
MIB: Final = 2**20
UNITS: Final = {"data": MIB, "voice": 60, "value_added": 1}

Row = Sequence[str]

CAUSES: Final[Sequence[Row]] = (
    ('"EQUIPMENT_FAILURE", "MAINTENANCE_ERROR", "CONFIGURATION_ERROR", "SOFTWARE_FAULT", "CONGESTION", "UNKNOWN"', "1"),
    ('"CONSTRUCTION_DAMAGE", "POWER_SUPPLY", "UPSTREAM_CARRIER", "VANDALISM"', "1"),
    ('"NATURAL_DISASTER", "EXTREME_WEATHER", "GOVERNMENT_ORDER"', "0.5"),
    ("", "0"),
)
IMPACTS: Final[Sequence[Row]] = (('"LOSS"', "1"), ('"DEGRADED"', "0.5"))
PLANS: Final[Sequence[Row]] = (('"DATA"', "1", "0"), ('"CONVERGED"', "0.6", "5"), ('"VOICE"', "0.3", "10"))
HEADROOM: Final[Sequence[Row]] = (
    ('"VOICE"', "", "", "", "1"),
    ("", "<= 0", "", "", "1"),
    ("", "", "< 0.1", "< 5900", "1.5"),
    ("", "", "< 0.1", "< 12900", "1.8"),
    ("", "", "< 0.1", "", "2"),
    ("", "", "< 0.5", "< 5900", "1.2"),
    ("", "", "< 0.5", "< 12900", "1.3"),
    ("", "", "< 0.5", "", "1.5"),
    ("", "", "", "< 5900", "1"),
    ("", "", "", "< 12900", "1.1"),
    ("", "", "", "", "1.2"),
)
AMOUNTS: Final = {
    # Weighted time comes as tenths of seconds, and is divided last: a quotient that has no end would be rounded before that.
    "data": "seconds < 1800 ? 0 : min([10240, ceil(200 * tenths * liability * severity * share * headroom / 36000)])",
    "voice": "seconds < 1800 ? 0 : min([300, ceil(minutes * tenths * liability * severity / 36000)])",
    "value_added": 'seconds < 1800 or plan_type == "DATA" or services == 0 ? 0 : min([31, ceil(seconds / 86400)])',
}


def graph() -> Mapping[str, Any]:
    """The tables one after the other, then the amounts."""
    nodes = [
        _node("request", "inputNode", {}),
        _table("causes", ["cause"], ["liability"], CAUSES),
        _table("impacts", ["impact"], ["severity"], IMPACTS),
        _table("plans", ["plan_type"], ["share", "minutes"], PLANS),
        _table("headroom", ["plan_type", "allowance", "left", "fee"], ["headroom"], HEADROOM),
        _node("amounts", "expressionNode", {"expressions": [_expression(name, text) for name, text in AMOUNTS.items()]}),
        _node("response", "outputNode", {}),
    ]
    names = [node["id"] for node in nodes]
    edges = [
        {"id": f"{source}-{target}", "type": "edge", "sourceId": source, "targetId": target}
        for source, target in pairwise(names)
    ]
    return {"nodes": nodes, "edges": edges}


def _node(name: str, kind: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"id": name, "type": kind, "name": name, "position": {"x": 0, "y": 0}, "content": content}


def _expression(name: str, text: str) -> Mapping[str, str]:
    return {"id": name, "key": name, "value": text}


def _table(name: str, inputs: Sequence[str], outputs: Sequence[str], rows: Sequence[Row]) -> Mapping[str, Any]:
    columns = [f"in-{each}" for each in inputs] + [f"out-{each}" for each in outputs]
    content = {
        "hitPolicy": "first",
        "passThrough": True,
        "inputs": [{"id": f"in-{each}", "name": each, "field": each} for each in inputs],
        "outputs": [{"id": f"out-{each}", "name": each, "field": each} for each in outputs],
        "rules": [{"_id": f"{name}-{number}", **dict(zip(columns, row, strict=True))} for number, row in enumerate(rows)],
    }
    return _node(name, "decisionTableNode", content)


def context(request: Request) -> Mapping[str, str | int | float]:
    """The facts of one request. What tables cannot do comes with them: the weighted time, and the share of the allowance."""
    subscriber, outage = request.subscriber, request.outages[0]
    assert subscriber is not None and subscriber.monthly_fee is not None  # INVARIANT: of this room
    assert outage.started_at is not None and outage.ended_at is not None  # INVARIANT: of this room
    allowance = subscriber.data_allowance_bytes or 0
    return {
        "cause": outage.cause,
        "impact": outage.impact,
        "plan_type": subscriber.plan_type,
        "allowance": allowance,
        "left": (subscriber.data_remaining_bytes or 0) / allowance if allowance else 0,
        "fee": subscriber.monthly_fee.amount_minor,
        "services": len(subscriber.value_added_services),
        "seconds": outage.ended_at - outage.started_at,
        "tenths": weighted_tenths(outage),
    }


class Zen:
    """A process with zen-engine and the facts of ``requests`` in it."""

    def __init__(self, process: "subprocess.Popen[str]", policies: PolicySet, requests: Sequence[Request]) -> None:
        """Raises NoFiguresError unless it pays what we pay."""
        self._process = process
        for request, paid in zip(requests, self._asked({"graph": graph(), "contexts": [*map(context, requests)]}), strict=True):
            granted = {grant.benefit: grant.quantity for grant in policies.decide(request).grants}
            found = {name: int(amount) * UNITS[name] for name, amount in paid.items() if amount}
            if found != granted:
                raise NoFiguresError(f"zen-engine pays {found}, makegood {granted}")

    def case(self, seconds: float) -> float:
        """CPU time of one decision, µs, read for about so many seconds."""
        micros: float = self._asked(seconds)
        return micros

    def _asked(self, question: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None  # INVARIANT: they are pipes
        try:
            print(json.dumps(question), file=self._process.stdin, flush=True)
            return json.loads(self._process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError):
            raise NoFiguresError("zen-engine did not answer; what it said stands above") from None


@contextmanager
def asked(policies: PolicySet, requests: Sequence[Request]) -> Iterator[Zen]:
    """zen-engine until the end of the block. Raises NoFiguresError."""
    with running([str(PYTHON), str(_CHILD)]) as process:
        yield Zen(process, policies, requests)
