"""A filled template is byte for byte what protobuf makes of the same message."""

from typing import Final

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from makegood.v1 import decision_pb2 as decision_pb
from server.columns.template import Hole, Part, enclosed, filled, integers, lengths, pierced, texts

NUMBERS: Final = st.one_of(
    st.integers(0, 300), st.sampled_from([edge + by for bits in range(7, 63, 7) for edge in (1 << bits,) for by in (-1, 0, 1)])
)
TEXTS: Final = st.text(max_size=200)
ROWS: Final = st.lists(st.tuples(TEXTS, TEXTS, NUMBERS, NUMBERS), min_size=1, max_size=6)
PERCENT: Final = "5 % off, %b and %%"
"""What stands around the holes may hold the mark of a hole."""


def decision(name: str, key: str, quantity: int, seconds: int) -> decision_pb.Decision:
    """A decision of which these differ from row to row."""
    return decision_pb.Decision(
        decision_id=name,
        reasons=[decision_pb.Reason(field=PERCENT)],
        grants=[decision_pb.Grant(grant_key=key, benefit=PERCENT, quantity=quantity, clause="8.6")],
        policy=decision_pb.PolicyStamp(policy_id="p"),
        clock_seconds=seconds,
    )


def hole(number: int, values: list[str]) -> list[Part]:
    """A field of text."""
    written = [value.encode() for value in values]
    return texts(number, written, lengths(written))


@given(ROWS)
def test_holes_are_filled_as_protobuf_serializes(rows: list[tuple[str, str, int, int]]) -> None:
    names, keys, quantities, seconds = (list(column) for column in zip(*rows, strict=True))
    message = decision("x", "x", 1, 1)
    grant = pierced(message.grants[0], {"grant_key": hole(1, keys), "quantity": integers(4, np.array(quantities))})
    holes = {
        "decision_id": hole(1, names),
        "grants": enclosed(5, grant),
        "clock_seconds": integers(11, np.array(seconds), explicit=True),
    }
    written = filled(pierced(message, holes))
    assert written == [decision(*row).SerializeToString() for row in rows]


def test_a_row_without_a_message_has_nothing_in_its_place() -> None:
    held = [b"", decision_pb.Decision(decision_id="a").SerializeToString()]
    assert filled(enclosed(2, [Hole(held, lengths(held))])) == [b"\x12\x00", b"\x12\x03" + held[1]]


def test_what_has_no_hole_stands_as_it_is() -> None:
    message = decision("id", "key", 1, 0)
    nothing: dict[str, list[bytes]] = {}
    assert b"".join(pierced(message, nothing)) == message.SerializeToString()
    nothing = {"decision_id": [], "grants": []}
    rest = pierced(message, nothing)
    message.ClearField("decision_id")
    message.ClearField("grants")
    assert b"".join(rest) == message.SerializeToString()
