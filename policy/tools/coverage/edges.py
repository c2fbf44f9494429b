"""Standing at a boundary: on its last unit, or on the first one beyond."""

from enum import Enum
from fractions import Fraction

from policy.calculator import rules

Number = Fraction | int


class Side(Enum):
    """The sides of a boundary; ``BELOW`` are the smaller values."""

    BELOW = "below"
    ABOVE = "above"


def side_at(op: rules.Op, value: Number, threshold: Number, unit: Number) -> Side | None:
    """The side on which ``value`` stands at ``threshold``, within one ``unit`` of the other side; None: it is farther off.

    ``less than`` and ``at least`` part the values below the threshold from it; ``at most`` and ``more than`` those up to it
    from the larger ones.
    """
    if _is_below(op, value, threshold):
        return None if _is_below(op, value + unit, threshold) else Side.BELOW
    return Side.ABOVE if _is_below(op, value - unit, threshold) else None


def _is_below(op: rules.Op, value: Number, threshold: Number) -> bool:
    return value < threshold if op in ("less than", "at least") else value <= threshold


def standing(op: rules.Op, threshold: str, side: Side, unit: str) -> str:
    """How to say that something stands there."""
    if op in ("less than", "at least"):
        return f"{unit} short of {threshold}" if side is Side.BELOW else f"exactly {threshold}"
    return f"exactly {threshold}" if side is Side.BELOW else f"{unit} over {threshold}"
