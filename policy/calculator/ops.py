"""The operations of a program: what each does, and what its operands are. The evaluator, the verifier and the printer share it.

An operation is seven integers: its number and six operands. The letters say what an operand is:

    w  a register that is written            r  a register that is read
    t  a place in the code                   l  the first of two registers that hold a list: its address and its length
    i  a plain integer                       z  a place in the tables
    s  a register of each span               p  the first of two registers of each span
    o  a register of each outage             c  a register of each occasion
"""

from dataclasses import dataclass
from typing import Final

WIDTH: Final = 7
"""Integers an operation takes in the code."""


@dataclass(frozen=True, slots=True)
class Op:
    """One operation. ``says``: how it is printed, with {a} to {f} for the operands."""

    number: int
    name: str
    operands: str
    says: str


_STRICT: Final = (
    ("MUL", "{a} = {b} * {c}"),
    ("ADD", "{a} = {b} + {c}"),
    ("SUB", "{a} = {b} - {c}"),
    ("LEAST", "{a} = least of {b}, {c}"),
    ("GREATEST", "{a} = greatest of {b}, {c}"),
    ("DIVIDE_DOWN", "{a} = {b} / {c}, down"),
    ("DIVIDE_UP", "{a} = {b} / {c}, up"),
    ("REMAINDER", "{a} = rest of {b} / {c}"),
    ("LESS", "{a} = {b} < {c}"),
    ("AT_MOST", "{a} = {b} <= {c}"),
    ("MORE", "{a} = {b} > {c}"),
    ("AT_LEAST", "{a} = {b} >= {c}"),
    ("EQUAL", "{a} = {b} is {c}"),
    ("AMONG", "{a} = {b} is among {c}"),
)
"""Of two known numbers; unknown if either is."""

_OTHERS: Final = (
    ("HALT", "", "end"),
    ("JUMP", "t", "go to {a}"),
    ("JUMP_IF_FALSE", "tr", "if {b} is 0: go to {a}"),
    ("JUMP_IF_TRUE", "tr", "if {b} is not 0: go to {a}"),
    ("JUMP_IF_UNKNOWN", "tr", "if {b} is unknown: go to {a}"),
    ("JUMP_UNLESS_AMONG", "trr", "unless {b} is among {c}: go to {a}"),
    ("CALL", "tr", "have {b}"),
    ("RETURN", "", "back"),
    ("MOVE", "wr", "{a} = {b}"),
    ("UNKNOWN", "w", "{a} is unknown"),
    ("FACT", "wrr", "{a} = {b}, else {c}"),
    ("AND", "wr", "{a} = {a} and {b}"),
    ("OR", "wr", "{a} = {a} or {b}"),
    ("TIMES", "wr", "{a} = {a} * {b}, 0 if either is"),
    ("TALLY", "wr", "{a} += 1 if {b} is not 0"),
    ("TALLY_UNKNOWN", "wr", "{a} += 1 if {b} is unknown"),
    ("NUMBER", "w", "{a} = next number"),
    ("DAY_OF", "wrz", "{a} = local day of {b}"),
    ("DAY_START", "wrz", "{a} = start of local day {b}"),
    ("WORKING_DAY_END", "wrrrlz", "{a} = end of working day {c} after day {b} by {d}, less {e}"),
    ("EACH_OUTAGE", "t", "each outage:"),
    ("NEXT_OUTAGE", "t", "next outage"),
    ("EACH_SPAN", "tl", "each span of {b}:"),
    ("NEXT_SPAN", "t", "next span"),
    ("EACH_PART", "tl", "each part of {b}:"),
    ("NEXT_PART", "t", "next part"),
    ("NEW_LIST", "l", "{a} = empty list"),
    ("PAUSES", "ll", "{a} += intervals {b}"),
    ("UNITE", "l", "{a} = union of {a}"),
    ("OPEN", "lrrrlw", "{a} += {f} spans from {b} to {c} at level {d}, less {e}"),
    ("OVERLAY", "ll", "{a} = {b} laid over one another"),
    ("SPLIT", "lliz", "{a} = {b} cut by scope {c}"),
    ("LABEL", "liz", "label {a} by scope {b}"),
    ("WEIGH", "lr", "weigh {a} by {b}"),
    ("JUDGE", "plirr", "{a} = whether time * {d} of each label of {b} is {c} {e}, and that time"),
    ("DOUBT", "sl", "{a} is unknown of each of {b}"),
    ("KEEP", "llsw", "{a} = those of {b} with {c}; {d} counts the unknown"),
    ("LENGTH", "wl", "{a} = length of {b}"),
    ("MEASURE", "wlr", "{a} = {b} measured by {c}"),
    ("PARTS", "lli", "{a} = parts of {b}, {c}"),
    ("DAYS", "wirz", "{a} = local days {b} by the part, of {c}"),
    ("MONTH", "z", "by the month of the part"),
    ("COVER", "wrro", "{a} = how much of {b} to {c} outages with {d} cover"),
    ("OUTSIDE", "wlr", "{a} = whether {b} leaves the years of {c}"),
    ("TOTAL", "r", "time of the part, by {a}"),
    ("PAIR_UP", "ll", "{a} += intervals of {b}"),
    ("PART_AT", "lr", "{a} = one part that begins at {b}"),
    ("WITHIN", "wrrr", "{a} = whether {b} to {c} leaves the years of {d}"),
    ("KNOWN", "wr", "{a} = whether {b} is known"),
    ("SAY", "li", "{a} += {b}"),
    ("SAY_OUTAGE", "li", "{a} += {b} of the outage"),
    ("REFUSAL", "lrri", "{a} += refused at {b} by {c}, of benefit {d}"),
    ("SAY_NUMBER", "lr", "{a} += {b}"),
    ("OCCASIONS", "lllizl", "{a} = occasions of {c}, scope {d}, cut by {f}; {b} = its runs"),
    ("EVERY_OUTAGE", "lrz", "{a} = one of every outage, at {b}, if it is empty"),
    ("EACH_OCCASION", "tl", "each occasion of {b}:"),
    ("NEXT_OCCASION", "t", "next occasion"),
    ("EACH_MEMBER", "t", "each outage of the occasion:"),
    ("NEXT_MEMBER", "t", "next outage of the occasion"),
    ("TIME_OF", "lll", "{a} = what of {b} lies in the occasion, by runs {c}"),
    ("PAIRS_LENGTH", "wl", "{a} = length of intervals {b}"),
    ("LEFT", "wrrl", "{a} = how much of {b} to {c} lies outside of {d}"),
    ("USE_UP", "wrli", "{a} = at most {b} of what {c} holds for benefit {d}, which is gone then"),
    ("IN_MONTH", "wllci", "{a} = of benefit {e} in the month: what {b} holds, and {d} of the occasions of {c} before"),
    ("SHARES", "l", "{a} = outages of the occasion"),
    ("ADD_SHARES", "llr", "{a} weigh {b} by {c}"),
    ("APPORTION", "lr", "{a} share {b}"),
    ("OWE", "olr", "{a} of each outage += its part of {b} * {c}"),
    ("BY_PARTY", "lo", "{a} = outages with {b}, by party"),
    ("SUM", "wr", "{a} += {b}"),
    ("WINDOWS", "lrrr", "{a} += where {d} weighs from {b} to {c}"),
    ("DAYS_UNTIL", "wirrz", "{a} = local days {b} by the part, of {c}, up to day {d}"),
    ("WITHOUT", "lll", "{a} = {b} less intervals {c}"),
    ("MONTH_LENGTH", "wz", "{a} = length of the month in which the occasion begins"),
    ("JUMP_UNLESS", "tr", "unless {b} is known and not 0: go to {a}"),
    ("MONTH_TOLD", "wl", "{a} = whether {b} tells of the month in which the occasion begins"),
)

OPS: Final = tuple(
    Op(number, *each) for number, each in enumerate([(name, "wrr", says) for name, says in _STRICT] + list(_OTHERS))
)
BY_NAME: Final = {op.name: op for op in OPS}
