"""The head of a policy file, and the table of its sections."""

import re
from dataclasses import dataclass
from typing import Any, Final

from policy.calculator import rules
from policy.language.calendars import zone_names
from policy.language.clauses import ID_PATTERN, TEXTS_SHAPE, check_language
from policy.language.currencies import DECIMALS
from policy.language.extras import HOW
from policy.language.for_each import FOR_EACH, read_for_each
from policy.language.problems import Report, did_you_mean, listed
from policy.language.shapes import (
    LANGUAGE_PATTERN,
    NAME_PATTERN,
    SCALAR,
    VALUE,
    any_of,
    choice_of,
    map_of,
    ref,
    text,
)
from policy.language.words import Form, Word, keep, text_of
from policy.language.yaml_tree import Node

POLICY_ID_PATTERN: Final = r"[a-z0-9][a-z0-9._-]*"
CONFIDENCE: Final = ("solid", "partial", "weak")


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a file is read with: ``policy_id`` is the name of the file's directory."""

    policy_id: str
    report: Report


def _policy(head: Head, node: Node) -> str:
    policy = text_of(node, head.report, "policy:")
    if policy.text != head.policy_id:
        message = f"policy {policy.text} stands in the directory {head.policy_id}"
        head.report.refuse(policy.at, message, f"write policy: {head.policy_id}, or move the file")
    return policy.text


def _line(head: Head, node: Node) -> str:
    return " ".join(text_of(node, head.report, "the text").text.split())


def _language(head: Head, node: Node) -> str:
    tag = text_of(node, head.report, "language:")
    check_language(tag, head.report)
    return tag.text


def _zone(head: Head, node: Node) -> str:
    zone = text_of(node, head.report, "zone:")
    if zone.text not in zone_names():
        hint = did_you_mean(zone.text, zone_names(), "an IANA zone, as in Asia/Shanghai")
        head.report.refuse(zone.at, f"there is no time zone {zone.text}", hint)
    return zone.text


def _currency(head: Head, node: Node) -> str:
    currency = text_of(node, head.report, "currency:")
    if currency.text not in DECIMALS:
        hint = did_you_mean(currency.text, DECIMALS, "a code of ISO 4217, as in CNY")
        head.report.refuse(currency.at, f"there is no currency {currency.text}", hint)
    return currency.text


def _confidence(head: Head, node: Node) -> str:
    said = text_of(node, head.report, "confidence:")
    if said.text not in CONFIDENCE:
        hint = did_you_mean(said.text, CONFIDENCE, f"confidence is {', '.join(CONFIDENCE)}")
        head.report.refuse(said.at, f"confidence is never {said.text}", hint)
    return said.text


def _for_each(head: Head, node: Node) -> rules.ForEach:
    return read_for_each(head.report, node)


def _section(shape: str, key_pattern: str = NAME_PATTERN) -> Any:
    return map_of(key_pattern, ref(shape))


POLICY: Final[Form[Head]] = Form(
    name="a policy file",
    doc="A policy: its head, and what it grants.",
    words={
        "policy": Word("its id, which is the name of its directory", text(POLICY_ID_PATTERN), _policy, required=True),
        "title": Word("what it is called", text(), _line, required=True),
        "source": Word("where it was published", text(), _line, required=True),
        "confidence": Word("how surely the source was read", choice_of(*CONFIDENCE), _confidence),
        "language": Word("the language of texts that stand without one (BCP 47)", text(LANGUAGE_PATTERN), _language),
        "versions": Word(
            "the dated versions of this file",
            {"type": "array", "items": dict(ref("version")), "minItems": 1},
            keep,
            required=True,
        ),
        "pinned by": Word(
            "the instant of an outage whose local date picks the version: started_at, if left out", text(NAME_PATTERN), keep
        ),
        "zone": Word("the IANA time zone of every local day", text(), _zone, required=True),
        "currency": Word("the one currency (ISO 4217)", text("[A-Z]{3}"), _currency, required=True),
        "for each": Word(
            f"what every benefit is worked out for, each by itself: {listed(list(FOR_EACH), 'or')}",
            choice_of(*FOR_EACH),
            _for_each,
            required=True,
        ),
        "calendar": Word(
            "whose working days; may be a choice by a fact of the subscriber", any_of(SCALAR, ref("choice")), keep
        ),
        "clauses": Word("texts of clauses, which rules cite by id", map_of(ID_PATTERN, TEXTS_SHAPE), keep),
        "facts": Word("facts that the contract has no field for, and bounds", _section("fact_entry"), keep),
        "figures": Word("named values with their clauses", map_of(NAME_PATTERN, any_of(VALUE, ref("figure"))), keep),
        "measures": Word("densities over the local day", _section("measure"), keep),
        "clocks": Word("the time that counts", _section("clock"), keep, required=True),
        "benefits": Word("what is given, in the order of the answer", _section("benefit"), keep, required=True),
        "claims": Word("applications by customers", ref("claims"), keep),
        "recourse": Word("claims on third parties", ref("recourse"), keep),
        "corrections": Word(
            "what becomes of what was booked beyond what stands, once a record shrank: set off, if left out",
            any_of(choice_of(*HOW), ref("corrections")),
            keep,
        ),
        "notice": Word("messages of proactive notice", ref("notice"), keep),
        "breaks": Word("properties that the scheme by its nature does not keep", ref("breaks"), keep),
        "unsettled": Word(
            "rules that the source leaves open; a decision carries a warning",
            {"type": "array", "items": dict(map_of(ID_PATTERN, TEXTS_SHAPE, at_least=1))},
            keep,
        ),
    },
)

POLICY_ID: Final = re.compile(POLICY_ID_PATTERN)
