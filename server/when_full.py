"""What becomes of a call when more waits to be recorded than may."""

from typing import Literal

WhenFull = Literal["block", "shed", "drop"]
"""block: calls wait, and are refused where that takes too long. shed: they are refused. drop: they are not recorded."""
