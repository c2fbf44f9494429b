"""What something takes in a process in which nothing was done yet; prints readings as JSON.

``python -m bench.fresh import MODULE``: seconds and bytes. ``python -m bench.fresh load CATALOG POLICY``: those of reading and
compiling one policy, of the first two decisions by it, of libyaml alone on its files, and of the whole catalog. Nothing that
is measured may be imported at the top.
"""

import importlib
import json
import sys
import time
from pathlib import Path

from bench.process import resident_bytes


def importing(module: str) -> dict[str, float]:
    """Seconds and resident bytes that the import of ``module`` takes."""
    bytes_before, began = resident_bytes(), time.perf_counter()
    importlib.import_module(module)
    return {"seconds": time.perf_counter() - began, "bytes": resident_bytes() - bytes_before}


def loading(catalog: Path, policy_id: str) -> dict[str, float]:
    """What it takes to load one policy of ``catalog`` step by step, to decide by it, and to load the whole catalog."""
    import yaml  # noqa: PLC0415

    from bench.questions import data_plan, request_of  # noqa: PLC0415
    from policy import load_catalog  # noqa: PLC0415
    from policy.language.catalog import CASES_FILE, load_policy  # noqa: PLC0415
    from policy.language.load import compile_versions  # noqa: PLC0415

    request = request_of(data_plan())
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    watch = Watch()
    for path in sorted((catalog / policy_id).glob("*.yaml")):
        if path.name == CASES_FILE:
            continue
        yaml.compose(path.read_bytes(), Loader=loader)
    watch.note("yaml")
    versions = load_policy(catalog / policy_id)
    watch.note("read")
    policies = compile_versions(versions, policy_id)
    watch.note("compile")
    policies.decide(request)
    watch.note("first_decision")
    policies.decide(request)
    watch.note("second_decision")
    everything = load_catalog(catalog, policy_id)
    watch.note("catalog")
    number = sum(len(everything.versions(each)) for each in everything.policy_ids)
    return {"versions": number, **watch.readings}


class Watch:
    """Seconds and resident bytes from one note to the next."""

    def __init__(self) -> None:
        self.readings: dict[str, float] = {}
        self._bytes, self._seconds = resident_bytes(), time.perf_counter()

    def note(self, name: str) -> None:
        """What passed since the last note is that of ``name``."""
        seconds = time.perf_counter() - self._seconds
        self.readings |= {f"{name}_seconds": seconds, f"{name}_bytes": resident_bytes() - self._bytes}
        self._bytes, self._seconds = resident_bytes(), time.perf_counter()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["import", name]:
            print(json.dumps(importing(name)))
        case ["load", directory, policy]:
            print(json.dumps(loading(Path(directory), policy)))
        case _:
            sys.exit(__doc__)
