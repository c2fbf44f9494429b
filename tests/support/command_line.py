"""The author's command line as an entry point: ``python -m policy explain FILE --json``, run in this process."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from datetime import date
from fractions import Fraction
from functools import cache, partial
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from google.protobuf.json_format import MessageToJson

from policy.calculator.decision import (
    Decision,
    Explanation,
    Grant,
    Input,
    Line,
    NoticeMessage,
    Occasion,
    OutageAmount,
    OutagePart,
    Quote,
    Reason,
    Recourse,
    Stamp,
    Warn,
)
from policy.calculator.errors import (
    CalculatorError,
    InvalidRequest,
    NotInForce,
    OtherDigest,
    SeveralVersions,
    UnknownPolicy,
    VersionOfOccasion,
    Violation,
)
from policy.calculator.request import Interval, Request
from policy.tools import explain
from policy.tools.cli import main
from tests.server.messages import message_of
from tests.support.entries import Entry

Json = Mapping[str, Any]


@contextmanager
def open_command_line() -> Iterator[Entry]:
    """Requests go in as files of the contract's JSON form."""
    # The policies are read once, not once for each request.
    with TemporaryDirectory() as directory, patch.object(explain, "_policies", cache(explain._policies)):
        yield Entry("command line", partial(_decide, Path(directory) / "request.json"))


def _decide(path: Path, request: Request) -> Decision:
    path.write_text(MessageToJson(message_of(request)), encoding="utf-8")
    printed = StringIO()
    with redirect_stdout(printed):
        status = main(["explain", str(path), "--json"])
    answer: Json = json.loads(printed.getvalue())
    if status == 0:
        return _decision(answer)
    assert status == 1
    raise _error(answer)


def _decision(told: Json) -> Decision:
    explanation, weighted_seconds = told["explanation"], told["weighted_seconds"]
    read: Json = {
        "reasons": tuple(Reason(**each) for each in told["reasons"]),
        "warnings": tuple(Warn(**each) for each in told["warnings"]),
        "grants": tuple(_grant(each) for each in told["grants"]),
        "quotes": tuple(Quote(**{**each, "window": _interval(each["window"])}) for each in told["quotes"]),
        "occasions": tuple(_occasion(each) for each in told["occasions"]),
        "recourse": tuple(_recourse(each) for each in told["recourse"]),
        "notice": tuple(NoticeMessage(**each) for each in told["notice"]),
        "explanation": None if explanation is None else _explanation(explanation),
        "policy": Stamp(**told["policy"]),
        "weighted_seconds": None if weighted_seconds is None else Fraction(weighted_seconds),
    }
    return Decision(**{**told, **read})


def _grant(told: Json) -> Grant:
    parts = tuple(OutagePart(**each) for each in told["parts"])
    return Grant(**{**told, "window": _interval(told["window"]), "parts": parts})


def _occasion(told: Json) -> Occasion:
    lists: Json = {
        "outage_ids": tuple(told["outage_ids"]),
        "billing_cycle": _interval(told["billing_cycle"]),
        "reasons": tuple(Reason(**each) for each in told["reasons"]),
        "benefits": tuple(told["benefits"]),
    }
    return Occasion(**{**told, **lists})


def _recourse(told: Json) -> Recourse:
    return Recourse(**{**told, "outages": tuple(OutageAmount(**each) for each in told["outages"])})


def _interval(told: Json | None) -> Interval | None:
    return None if told is None else Interval(**told)


def _explanation(told: Json) -> Explanation:
    return Explanation(
        lines=tuple(Line(**{**line, "inputs": tuple(Input(**each) for each in line["inputs"])}) for line in told["lines"]),
        clauses=tuple((clause, texts) for clause, texts in told["clauses"]),
    )


def _error(told: Json) -> CalculatorError:
    match told:
        case {"violations": violations}:
            return InvalidRequest([Violation(**each) for each in violations])
        case {"unknown_policy": unknown}:
            return UnknownPolicy(**unknown)
        case {"not_in_force": gap}:
            return NotInForce(gap["policy_id"], date.fromisoformat(gap["on"]), gap["covered"])
        case {"several_versions": several}:
            return SeveralVersions(several["policy_id"], [VersionOfOccasion(**each) for each in several["occasions"]])
        case {"other_digest": other}:
            return OtherDigest(**other)
    raise AssertionError(f"no error of the calculator: {told}")
