"""The build hook: puts what is compiled, or the record of why nothing is, into wheels and editable installs alike."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class NativeBuildHook(BuildHookInterface[Any]):
    """Compiles outside of the checkout, which may be read-only, and be built twice at once."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a wheel is packed; ``version`` is standard or editable."""
        sys.path.insert(0, self.root)
        from native.build import build, taken_over  # noqa: PLC0415  # the checkout is on the path only now
        from native.recipe import PACKAGE  # noqa: PLC0415

        # Removed when this process ends: it is packed after this returns.
        self._made = TemporaryDirectory(prefix="makegood-")
        what = Path(self.root), Path(self._made.name), os.environ
        record = taken_over(*what) or build(*what)
        included = "force_include_editable" if version == "editable" else "force_include"
        build_data[included][str(Path(self._made.name, PACKAGE))] = PACKAGE
        if record.why_not is None:
            build_data["pure_python"] = False
            build_data["infer_tag"] = True
        else:
            self.app.display_warning(f"makegood is not compiled: {record.why_not.reason}\n{record.why_not.output}")
