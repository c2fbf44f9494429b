"""Where ``make bench-peers`` puts what the comparison needs and makegood does not."""

import json
from pathlib import Path
from typing import Final

INSTALL: Final = "not installed: make bench-peers"
_VENV: Final = Path(__file__).parents[2] / ".venv-bench"
PYTHON: Final = _VENV / "bin" / "python"
CERBOS: Final = _VENV / "node_modules" / "@cerbos" / "cerbos-linux-x64" / "cerbos-linux-x64"


def described() -> str:
    """Which peers are there, with their versions."""
    found = []
    if cerbos_is_there():
        found.append(f"Cerbos {json.loads((CERBOS.parent / 'package.json').read_text(encoding='utf-8'))['version']}")
    found += [
        f"zen-engine {path.stem.rpartition('-')[2]}" for path in _VENV.glob("lib/python*/site-packages/zen_engine-*.dist-info")
    ]
    return ", ".join(found) or INSTALL


def cerbos_is_there() -> bool:
    """Whether Cerbos is installed."""
    return CERBOS.exists()


def zen_is_there() -> bool:
    """Whether zen-engine is installed."""
    return any(_VENV.glob("lib/python*/site-packages/zen/__init__.py"))
