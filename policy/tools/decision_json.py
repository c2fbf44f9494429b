"""Answers as JSON: a decision with every field, or why there is none."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from policy.calculator.decision import Decision
from policy.calculator.errors import CalculatorError, InvalidRequest, NotInForce, OtherDigest, SeveralVersions, UnknownPolicy


def decision_json(decision: Decision) -> str:
    """The decision, field by field as :class:`Decision` has them; a ratio is a text, exact: "8550" or "8551/2"."""
    return _text(_plain(decision))


def refusal_json(error: CalculatorError) -> str:
    """Why there is no decision: ``{"violations": [...]}``, or ``{"unknown_policy": {...}}`` and others with what they carry."""
    match error:
        case InvalidRequest():
            return _text({"violations": _plain(error.violations)})
        case UnknownPolicy():
            said = {"policy_id": error.policy_id, "version": error.version, "known": _plain(error.known)}
            return _text({"unknown_policy": said})
        case NotInForce():
            said = {"policy_id": error.policy_id, "on": _plain(error.on), "covered": _plain(error.covered)}
            return _text({"not_in_force": said})
        case SeveralVersions():
            return _text({"several_versions": {"policy_id": error.policy_id, "occasions": _plain(error.occasions)}})
        case OtherDigest():
            told = {name: getattr(error, name) for name in ("policy_id", "version", "expected", "loaded")}
            return _text({"other_digest": told})
    raise error


def _text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    match value:
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case tuple():
            return [_plain(each) for each in value]
        case Fraction() | date():
            return str(value)
        case _:
            return value
