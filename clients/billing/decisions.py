"""Decisions as columns of the result: codes by their names, instants as they are written, the rest as it came."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf.descriptor import EnumDescriptor

from clients import enums
from clients.billing import result_schema as schema
from clients.billing.vectors import by_distinct, fields, same_lists, without_repeats
from makegood.v1 import decision_pb2

Columns = dict[str, pa.Array]


def _names(enum: EnumDescriptor) -> Mapping[int, str]:
    return MappingProxyType({number: code for code, number in enums.codes(enum).items()})


_OUTCOMES: Final = _names(decision_pb2.Outcome.DESCRIPTOR)
_REASONS: Final = _names(decision_pb2.ReasonCode.DESCRIPTOR)
_WARNINGS: Final = _names(decision_pb2.WarningCode.DESCRIPTOR)
_KINDS: Final = _names(decision_pb2.BenefitKind.DESCRIPTOR)
_CHANNELS: Final = _names(decision_pb2.NoticeChannel.DESCRIPTOR)
_CORRECTIONS: Final = _names(decision_pb2.Corrections.DESCRIPTOR)
_ENCODINGS: Final = _names(decision_pb2.SmsEncoding.DESCRIPTOR)


def columns(decided: pa.StructArray) -> Columns:
    """What decisions say. Where there is none (null), a list is empty and a text "", but for ``status``, which is null."""
    of = fields(decided)
    stamp, notice = fields(of["policy"]), fields(of["notice"])
    return {
        "status": _named(of["outcome"], _OUTCOMES),
        "reasons": _several(of["reasons"], schema.REASONS, _reason),
        "warnings": _several(of["warnings"], schema.WARNINGS, _warning),
        "occasions": _several(of["occasions"], schema.OCCASIONS, _occasion),
        "grants": _several(of["grants"], schema.GRANTS, _grant),
        "quotes": _several(of["quotes"], schema.QUOTES, _terms),
        "recourse": _several(of["recourse"], schema.RECOURSE, _recourse),
        "notices": _several(notice["messages"], schema.NOTICES, _notice),
        "corrections": _text(by_distinct(of["corrections"], lambda number: _CORRECTIONS.get(number, ""))),
        "decision_id": _text(of["decision_id"]),
        "policy_id": _text(stamp["policy_id"]),
        "policy_version": _text(stamp["version"]),
        "policy_sha256": _text(stamp["sha256"]),
        "engine_version": _text(stamp["engine_version"]),
    }


def instants(seconds: pa.Array) -> pa.Array:
    """Seconds since 1970 UTC as they are written; null where they are."""
    return by_distinct(seconds, lambda value: datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _several(lists: pa.ListArray, type_: pa.ListType, of: Callable[[Columns], Columns]) -> pa.ListArray:
    """Lists of structs, with the fields that ``type_`` has of them."""
    found = of(fields(lists.flatten()))
    arrays = [found[field.name].cast(field.type) for field in type_.value_type]
    return same_lists(lists, pa.StructArray.from_arrays(arrays, fields=list(type_.value_type)), type_)


def _reason(of: Columns) -> Columns:
    return of | {"code": _named(of["code"], _REASONS)}


def _warning(of: Columns) -> Columns:
    return of | {"code": _named(of["code"], _WARNINGS)}


def _occasion(of: Columns) -> Columns:
    reasons = of["reasons"]
    codes = same_lists(reasons, _named(fields(reasons.flatten())["code"], _REASONS), schema.TEXTS)
    return of | {
        "started_at": _instant(of["started_at"]),
        "ended_at": _instant(of["ended_at"]),
        **_span(of["billing_cycle"], "billing_cycle"),
        "outcome": _named(of["outcome"], _OUTCOMES),
        "reasons": without_repeats(codes),
    }


def _grant(of: Columns) -> Columns:
    return _terms(of) | {"parts": _several(of["parts"], schema.PARTS, lambda part: part)}


def _terms(of: Columns) -> Columns:
    """What a grant and a quote have alike."""
    return of | {"kind": _named(of["kind"], _KINDS), **_span(of["window"], "window")}


def _recourse(of: Columns) -> Columns:
    amount = fields(of["amount"])
    return of | {
        "currency_code": _text(amount["currency_code"]),
        "amount_minor": pc.fill_null(amount["amount_minor"], 0),
        "outages": _several(of["outages"], schema.AMOUNTS, lambda part: part),
    }


def _notice(of: Columns) -> Columns:
    encoding = by_distinct(of["encoding"], lambda number: _ENCODINGS.get(number, ""))
    return of | {"channel": _named(of["channel"], _CHANNELS), "encoding": encoding}


def _named(numbers: pa.Array, names: Mapping[int, str]) -> pa.Array:
    """Codes; a number that these stubs do not know is shown as it is."""
    return by_distinct(numbers, lambda number: names.get(number, str(number)))


def _span(spans: pa.StructArray, name: str) -> Columns:
    """The two ends of an interval; "" where there is none."""
    there = spans.is_valid()
    return {f"{name}_{end}": pc.if_else(there, _instant(instant), "") for end, instant in fields(spans).items()}


def _instant(stamps: pa.Array) -> pa.Array:
    """As protobuf has it, one that is absent is 1970."""
    return instants(pc.fill_null(stamps.cast(pa.int64()), 0))


def _text(texts: pa.Array) -> pa.Array:
    return pc.fill_null(texts, "")
