"""The page /policies beside /metrics: what is loaded, how the last attempt went, and of which process, as JSON."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from policy.calculator.policies import PolicySet
from server.loading.state import LoadState, versions_of


def page(policies: PolicySet, state: LoadState) -> str:
    """Of this process."""
    told = {
        "process": this_process(),
        "sha256": state.sha256,
        "active_since": state.active_since,
        "last_success_at": state.succeeded_at,
        "last_attempt_at": state.attempted_at,
        "attempts": state.attempts,
        "problem_count": state.problem_count,
        "problems": [str(problem) for problem in state.problems],
        "default_policy": policies.default_policy_id,
        "policies": [
            {"policy": each.policy_id, "version": each.version, "sha256": each.sha256} for each in versions_of(policies)
        ],
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()


def this_process() -> Mapping[str, Any]:
    """Who is to be sent a signal: on which boot of which machine, its number, and when it was started."""
    return process_of(os.getpid())


def process_of(pid: int) -> Mapping[str, Any]:
    """A process of this machine: two that agree in all of this are one. Raises OSError where there is none."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    # The name of a program may hold spaces and brackets; what follows the last bracket does not.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return {"boot_id": boot, "pid": pid, "started_ticks": int(fields[19])}
