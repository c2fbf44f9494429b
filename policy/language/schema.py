"""The JSON Schema of a policy file, for editors: generated from the tables of words that the reader is driven by.

An editor completes words and marks misspelt ones with it. What no schema can say, the types of values and what names refer
to, is for ``python -m policy check``.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from policy.language.benefits import AUTOMATICALLY_WHEN, BENEFIT, ROUND, USABLE
from policy.language.breaks import BREAKS
from policy.language.choices import CHOICE, EXTREME, LARGER
from policy.language.clauses import CLAUSE_SHAPE
from policy.language.clocks import CLOCK
from policy.language.components import COMPONENT
from policy.language.conditions import SCOPES
from policy.language.counts import COUNT
from policy.language.extras import CLAIMS, CORRECTIONS, RECOURSE_FORM
from policy.language.facts import CORE_FACT, FACT
from policy.language.figures import FIGURE_FORM
from policy.language.head import POLICY
from policy.language.measures import BAND_CHOICE, MEASURE
from policy.language.notice_words import PHRASE, WORDS
from policy.language.notices import MESSAGES, NOTICE, PUSH
from policy.language.pay import TIERS
from policy.language.shapes import BOUND_PATTERN, CONDITION, NAME_PATTERN, SCALAR, any_of, ref, text
from policy.language.versions import VERSION
from policy.language.windows import WINDOW
from policy.language.words import Form, Shape

DIALECT: Final = "http://json-schema.org/draft-07/schema#"
"""The dialect that editors know best."""

_FORMS: Final[Mapping[str, Form[Any]]] = {
    "version": VERSION,
    "choice": CHOICE,
    "larger": LARGER,
    "start": EXTREME,
    "figure": FIGURE_FORM,
    "fact": FACT,
    "core_fact": CORE_FACT,
    "measure": MEASURE,
    "band_choice": BAND_CHOICE,
    "window": WINDOW,
    "clock": CLOCK,
    "count": COUNT,
    "tiers": TIERS,
    "component": COMPONENT,
    "round": ROUND,
    "usable": USABLE,
    "granted": AUTOMATICALLY_WHEN,
    "benefit": BENEFIT,
    "claims": CLAIMS,
    "recourse": RECOURSE_FORM,
    "corrections": CORRECTIONS,
    "notice": NOTICE,
    "push": PUSH,
    "messages": MESSAGES,
    "phrase": PHRASE,
    "notice_words": WORDS,
    "breaks": BREAKS,
}


def schema() -> dict[str, Any]:
    """The JSON Schema of one policy file."""
    definitions: dict[str, Any] = {name: of_form(form) for name, form in _FORMS.items()}
    definitions |= {
        "clause": dict(CLAUSE_SHAPE),
        "value": dict(any_of(SCALAR, ref("choice"), ref("larger"), ref("start"))),
        "fact_entry": dict(any_of(ref("fact"), ref("core_fact"))),
        "condition": _condition(),
    }
    return {"$schema": DIALECT, "title": "A makegood policy file", **of_form(POLICY), "definitions": definitions}


def schema_text() -> str:
    """The schema as it is kept beside the catalog."""
    return json.dumps(schema(), ensure_ascii=False, indent=2, default=dict) + "\n"


def of_form(form: Form[Any]) -> dict[str, Any]:
    """A map of words: each with its shape and its meaning."""
    properties = {name: dict(word.shape) | {"description": word.doc} for name, word in form.words.items()}
    made: dict[str, Any] = {"type": "object", "description": form.doc, "properties": properties, "additionalProperties": False}
    required = [name for name, word in form.words.items() if word.required]
    if required:
        made["required"] = required
    if form.others is not None:
        shape: Shape = dict(form.others.shape) | {"description": form.others.doc}
        made["patternProperties"] = {f"^(?:{form.others.pattern})$": shape}
    if form.exactly_one:
        made["oneOf"] = [{"required": [word]} for word in form.exactly_one]
    return made


def _condition() -> dict[str, Any]:
    """A map of what is tested, or a list of conditions that all hold."""
    conditions = {"type": "array", "items": dict(CONDITION), "minItems": 1}
    bound = dict(text(BOUND_PATTERN)) | {"description": "how much of the clock's time falls in it; under only:"}
    one: dict[str, Any] = {
        "type": "object",
        "minProperties": 1,
        "properties": {
            "any of": {**conditions, "minItems": 2, "description": "at least one of these holds"},
            "any outage": dict(CONDITION) | {"description": "it holds of an outage of the occasion; under when: and granted:"},
            "every outage": dict(CONDITION)
            | {"description": "it holds of all outages of the occasion; under when: and granted:"},
            "amount": dict(text(BOUND_PATTERN)) | {"description": "what the occasion is owed; under automatically when:"},
            **dict.fromkeys(map(str, SCOPES), bound),
        },
        "patternProperties": {f"^(?:{NAME_PATTERN})$": {"type": ["string", "boolean"]}},
        "additionalProperties": False,
    }
    return {"anyOf": [one, conditions]}
