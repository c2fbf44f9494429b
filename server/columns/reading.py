"""Rows of a batch as columns, and which of them are surely valid: the others are looked at one by one.

INVARIANT: a row that is marked neither here nor in :mod:`server.columns.asking` is one in which the calculator finds no
violation. Marks may be too many: what they cost a valid row is speed, never the answer. So every check is a simple one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from makegood.v1 import decision_pb2 as decision_pb
from policy.calculator import codes
from policy.calculator.columns.questions import Claims, Cycles, Given, Ints, Mask, Outages
from policy.calculator.request import NoticeRequest
from policy.calculator.validate import MAX_ITEMS, MAX_QUANTITY
from server.columns.arrow import counts, entries, fields, instants, numbers, owners, repeated, spans, texts, valid, within
from server.columns.attributes import Attributes, attributes_of
from server.columns.once import each_once
from server.translate.words import word_by_number

_NOTICE_CHANNELS: Final = word_by_number(decision_pb.NoticeChannel.DESCRIPTOR)
APPLICATION: Final = codes.MODES.index(codes.APPLICATION)
PROACTIVE_NOTICE: Final = codes.MODES.index(codes.PROACTIVE_NOTICE)


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a batch and, as the last, one that holds the outages of the defaults. ``alone``: not surely valid.

    ``notices[notice[i]]`` is what row i asks for itself. ``policy``: (policy id, version) of each row that selects one, by row.
    Quantities are maps by benefit name: (owners, names, numbers).
    """

    count: int
    request_ids: NDArray[np.object_]
    subscriber_ids: Sequence[bytes]
    policies: Mapping[int, tuple[str, str]]
    mode: Ints
    as_of: Given
    first_outage: Ints
    last_outage: Ints
    outages: Outages
    cycles: Cycles
    facts: Mapping[str, Given]
    fee_currency: Any
    time_zone: Any
    attributes: Attributes
    outage_attributes: Attributes
    cycle_known: Mask
    cycle: tuple[Ints, Any, Ints]
    before: tuple[Ints, Any, Ints]
    claims: Claims | None
    notices: Sequence[NoticeRequest | None]
    notice: Ints
    explain: Ints
    alone: Mask


def rows_of(batch: Any) -> Rows:
    """The rows of a batch of ComputeCompensationRequest, looked at as far as neither policy nor defaults matter."""
    count = batch.num_rows
    alone = np.zeros(count, np.bool_)
    columns = {name: batch.column(name) for name in batch.schema.names}
    subscriber = fields(columns["subscriber"])
    alone |= ~valid(columns["subscriber"])
    facts = _subscriber(subscriber, alone)
    money = fields(subscriber["monthly_fee"])
    facts["monthly_fee"] = _amount(money["amount_minor"], valid(subscriber["monthly_fee"]), alone)
    cycles = _billing_cycle(subscriber["billing_cycle"], alone)
    columns["outages"], ids, place, wrong = each_once(columns["outages"])
    alone |= wrong
    first, last, outages = _outages(columns["outages"], ids, place, alone)
    as_of, wrong = instants(columns["as_of"])
    alone |= wrong
    mode = numbers(columns["mode"])
    alone |= (mode < 0) | (mode > len(codes.MODES))
    policies = {}
    if columns["policy"].null_count < count:
        policies = {
            row: (selected["policy_id"], selected["version"])
            for row, selected in enumerate(columns["policy"].to_pylist())
            if selected is not None
        }
    cycle = subscriber["granted_this_cycle"]
    return Rows(
        count,
        _bytes_of(columns["request_id"]),
        subscriber["subscriber_id"].fill_null("").view("binary").to_pylist(),
        policies,
        mode - 1,
        as_of,
        first,
        last,
        outages,
        cycles,
        facts,
        money["currency_code"],
        subscriber["time_zone"],
        attributes_of(subscriber["attributes"]),
        attributes_of(fields(repeated(columns["outages"])[1])["attributes"]),
        valid(cycle),
        _quantities(fields(cycle)["quantities"], alone),
        _quantities(fields(columns["already_granted"])["quantities"], alone),
        _claims(columns["claim"], alone),
        *_notices(columns["notice"]),
        numbers(columns["explain"]),
        alone,
    )


def _subscriber(subscriber: Mapping[str, Any], alone: Mask) -> dict[str, Given]:
    lengths, wrong = texts(subscriber["subscriber_id"])
    alone |= wrong | (lengths == 0)
    facts = {
        "plan_type": _code(subscriber["plan_type"], codes.PLAN_TYPES, alone),
        "customer_type": _code(subscriber["customer_type"], codes.CUSTOMER_TYPES, alone),
        "payment": _code(subscriber["payment"], codes.PAYMENTS, alone),
    }
    for name in ("data_allowance", "data_remaining"):
        array = subscriber[f"{name}_bytes"]
        facts[name] = _amount(array, valid(array), alone)
    offsets, services = repeated(subscriber["value_added_services"])
    held = counts(offsets)
    alone |= held > MAX_ITEMS
    lengths, wrong = texts(services)
    _mark(alone, owners(offsets)[wrong | (lengths == 0)])
    facts["value_added_services"] = Given(held, np.ones(len(held), np.bool_))
    return facts


def _billing_cycle(array: Any, alone: Mask) -> Cycles:
    there = valid(array)
    if not there.any():
        none = np.zeros(len(there), np.int64)
        return Cycles(there, none, none)
    starts, ends, wrong = spans(array)
    alone |= there & wrong
    return Cycles(there, starts, ends)


def _outages(array: Any, ids: Sequence[bytes], place: Ints, alone: Mask) -> tuple[Ints, Ints, Outages]:
    offsets, messages = repeated(array)
    owner = owners(offsets)
    columns = fields(messages)
    marked = np.zeros(len(messages), np.bool_)
    lengths, wrong = texts(columns["outage_id"])
    marked |= wrong | (lengths == 0)
    marked |= texts(columns["responsible_party"])[1]
    moments: dict[str, Given] = {}
    for name in ("started_at", "ended_at", "reported_at", "announced_at"):
        moments[name], wrong = instants(columns[name])
        marked |= wrong
    start, end = moments["started_at"], moments["ended_at"]
    marked |= ~start.given | (end.given & (end.numbers <= start.numbers))
    facts = {
        "cause": _code(columns["cause"], codes.CAUSES, marked),
        "impact": _code(columns["impact"], codes.IMPACTS, marked),
        "started_at": start,
        "reported_at": moments["reported_at"],
        "announced_at": moments["announced_at"],
    }
    announced = moments["announced_at"]
    notice = np.where(announced.given, start.numbers - announced.numbers, 0)
    facts["notice"] = Given(notice, np.ones(len(notice), np.bool_))
    _code(columns["time_source"], codes.TIME_SOURCES, marked)
    services = _services(columns["services"], marked)
    area_offsets, areas = repeated(columns["areas"])
    lengths, wrong = texts(areas)
    _mark(marked, owners(area_offsets)[wrong | (lengths == 0)])
    marked |= counts(area_offsets) > MAX_ITEMS
    _mark(alone, owner[marked])
    parties = columns["responsible_party"].view("binary").to_pylist()
    return offsets[:-1], offsets[1:], Outages(start.numbers, end, services, ids, parties, facts, {}, place)


def _services(array: Any, marked: Mask) -> Ints:
    """The services of each outage as bits."""
    offsets, held = repeated(array)
    number, owner = numbers(held), owners(offsets)
    known = (number >= 1) & (number <= len(codes.SERVICES))
    _mark(marked, owner[~known])
    bits = np.zeros(len(offsets) - 1, np.int64)
    np.bitwise_or.at(bits, owner[known], 1 << (number[known] - 1))
    return bits


def _claims(array: Any, alone: Mask) -> Claims | None:
    there = valid(array)
    if not there.any():
        return None
    parts = fields(array)
    channel = numbers(parts["channel"]) - 1
    moments = {}
    wrong = (channel < 0) | (channel >= len(codes.CLAIM_CHANNELS))
    for name in ("claimed_at", "started_at", "ended_at"):
        moment, out = instants(parts[name])
        wrong |= out | ~moment.given
        moments[name] = moment.numbers
    alone |= there & (wrong | (moments["ended_at"] <= moments["started_at"]))
    return Claims(there, channel, moments["claimed_at"], moments["started_at"], moments["ended_at"])


def _notices(array: Any) -> tuple[Sequence[NoticeRequest | None], Ints]:
    """(none, and what rows ask for; which of them each does). Whether it may be asked for is the policy's to say."""
    places: dict[NoticeRequest | None, int] = {None: 0}
    asked = np.zeros(len(array), np.int64)
    rows = np.flatnonzero(valid(array)).tolist()
    if rows:
        parts = fields(array)
        channels, (offsets, languages) = numbers(parts["channel"]), repeated(parts["languages"])
        names = languages.to_pylist()
        for row in rows:
            notice = NoticeRequest(_NOTICE_CHANNELS[int(channels[row])], tuple(names[offsets[row] : offsets[row + 1]]))
            asked[row] = places.setdefault(notice, len(places))
    return list(places), asked


def _code(array: Any, words: Sequence[str], marked: Mask) -> Given:
    """A code by its place in its vocabulary. Which may be left out depends on the policy, so none is marked for that here."""
    number = numbers(array)
    known = within(number - 1, len(words) - 1)
    marked |= ~known & (number != 0)
    return Given(np.where(known, number - 1, 0), known)


def _amount(array: Any, there: Mask, alone: Mask) -> Given:
    amount = numbers(array)
    fine = within(amount, MAX_QUANTITY)
    alone |= ~fine
    return Given(np.where(fine, amount, 0), there)


def _quantities(array: Any, alone: Mask) -> tuple[Ints, Any, Ints]:
    """(row, benefit name, quantity) of every entry. Names are the policy's to check."""
    offsets, names, amounts = entries(array)
    owner, amount = owners(offsets), numbers(amounts)
    fine = within(amount, MAX_QUANTITY)
    _mark(alone, owner[~fine])
    alone |= counts(offsets) > MAX_ITEMS
    return owner, names, np.where(fine, amount, 0)


def _bytes_of(array: Any) -> NDArray[np.object_]:
    """UTF-8; empty where there is no text."""
    held = np.empty(len(array), np.object_)
    held[:] = array.fill_null("").view("binary").to_pylist()
    return held


def _mark(rows: Mask, which: Ints) -> None:
    rows[which] = True
