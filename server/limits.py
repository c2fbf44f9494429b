"""What one message may ask for, in one table: its work and its answer are bounded before any of it is begun.

Rows, bytes, calls and streams are settings; these are not, for they follow from what a decision costs. Measured on one core,
ms: from bytes to bytes 0.005 to 0.03 a row, and 0.001 to 0.008 each outage of it; the ordinary way, which is for what is wrong
and for numbers beyond 64 bits, 0.1 to 0.7 a row and 0.01 to 0.17 each outage; 0.008 each day that outages cover, or 0.035 where
explain is FULL.
"""

from typing import Final

from policy.calculator.checks import MAX_ITEMS
from policy.calculator.errors import InvalidRequest, Violation

LIST_ITEMS: Final = MAX_ITEMS
"""Elements of any list or map, at whatever depth: outages, services, areas, attributes, intervals, quantities, languages."""
SMALL_BYTES: Final = 128 * 2**10
"""A question of no more bytes is read whatever it holds, and all that is wrong with it is told at once; of a larger one, lists
that are too long are told first."""
QUESTION_ELEMENTS: Final = 50_000
"""Elements of all lists of a question, or of the defaults of a batch, together; services, which are bits, do not count."""
MESSAGE_ELEMENTS: Final = 1_000_000
"""Elements of all lists of a message, together. Those of its defaults count in each row."""
QUESTION_STEPS: Final = 60_000
"""Outages of a question, and days that they cover: half a second. A question about 1970 to 2100 has 47,482."""
MESSAGE_STEPS: Final = 500_000
"""The same of all rows of a message together, defaults filled in: some three seconds, or six where something is wrong in each.

Others are answered meanwhile."""
STEPS_OF_ATTRIBUTE: Final = 2
WORDS_OF_A_STEP: Final = 2
"""Services and areas of an outage that count as one step, and attributes as two: 10 µs each where they are wrong. An earlier
claim, which may make one interruption two, what was granted before for an outage, and a month are a step each."""
STEPS_OF_FULL: Final = 8
"""As so many counts each where every step of the derivation is asked for."""
SHARED_BYTES: Final = 16 * 2**20
"""What the defaults of a batch would have if they stood in each of its rows."""
ERROR_BYTES: Final = 64 * 2**10
ERROR_BYTES_OF_ONE_ASKED: Final = 8
"""Rows in error are told with all details until they have these bytes, and so many more for each byte of the message."""
_FULL: Final = f"{STEPS_OF_FULL} times as many where explain is EXPLAIN_FULL"


def too_many_elements(where: str, elements: str, limit: int) -> InvalidRequest:
    """``elements``: how many, as far as they were counted."""
    text = f"the lists have {elements} elements together; at most {limit} are taken, leave out what the policy does not read"
    return InvalidRequest([Violation(where, text)])


def in_pieces(where: str, pieces: int) -> Violation:
    """What is no list and stands so often in a message, to be joined."""
    return Violation(where, f"comes in {pieces} pieces; at most {LIST_ITEMS} are taken, and one is enough")


def too_many_shared(rows: int) -> InvalidRequest:
    """Of the lists of defaults of a batch."""
    each = MESSAGE_ELEMENTS // rows
    text = (
        f"the lists have more than {each} elements, for each of {rows} items; at most {MESSAGE_ELEMENTS} together are taken,"
        " leave out what the policy does not read or send fewer items in one message"
    )
    return InvalidRequest([Violation("defaults", text)])


def too_many_steps(steps: int, limit: int) -> InvalidRequest:
    """Of a question."""
    text = (
        f"outages, days that they cover, and what is said of them: {steps} together; at most {limit} are taken"
        f" ({_FULL}), look whether an instant is wrong or ask for less of the derivation"
    )
    return InvalidRequest([Violation("outages", text)])


def too_many_steps_together(fitting: int) -> InvalidRequest:
    """Of the rows of a message; ``fitting`` of them are not too many."""
    text = (
        f"outages of all items, days that they cover, and what is said of them, are more than {MESSAGE_STEPS} together,"
        f" defaults filled in ({_FULL}); send at most {max(fitting, 1)} such items in one message"
    )
    return InvalidRequest([Violation("items", text)])


def too_much_shared(rows: int, size_bytes: int) -> InvalidRequest:
    """Of a batch whose defaults have ``size_bytes``."""
    text = (
        f"are {size_bytes} bytes for each of {rows} items; at most {SHARED_BYTES} together are taken,"
        f" shorten texts or send at most {max(SHARED_BYTES // size_bytes, 1)} items in one message"
    )
    return InvalidRequest([Violation("defaults", text)])
