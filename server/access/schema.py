"""The JSON Schema of authorisation files, for editors: from the tables of words that the reader is driven by."""

import json
from typing import Any

from policy.language.schema import DIALECT, of_form
from server.access.words import ACCESS, FORMS


def schema_text() -> str:
    """As it is printed and kept."""
    definitions = {name: of_form(form) for name, form in FORMS.items()}
    whole: dict[str, Any] = {
        "$schema": DIALECT,
        "title": "A makegood authorisation file",
        **of_form(ACCESS),
        "definitions": definitions,
    }
    return json.dumps(whole, ensure_ascii=False, indent=2, default=dict) + "\n"
