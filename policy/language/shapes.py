"""Pieces of JSON Schema from which the tables of words say what an editor may accept.

An editor reads scalars by YAML's own types; the language reads texts. So a whole number, yes and no may also come typed.
"""

from types import MappingProxyType
from typing import Final

from policy.language.words import Shape

NAME_PATTERN: Final = r"[a-z][a-z0-9_]*"
"""Facts, figures, measures, clocks, components and benefits."""
CODE_PATTERN: Final = r"[A-Z][A-Z0-9_]*(?:-[A-Z0-9]+)*"
"""Codes, also of calendars: GB-SCT."""
CODES_PATTERN: Final = rf"{CODE_PATTERN}(?: or {CODE_PATTERN})*"
LANGUAGE_PATTERN: Final = r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?"
"""BCP 47 tags of a language, with script and region where they matter."""
DATE_PATTERN: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
BOUND_PATTERN: Final = r"(?:less than|at most|more than|at least|before|from) .+"


def ref(form: str) -> Shape:
    """What another definition says."""
    return MappingProxyType({"$ref": f"#/definitions/{form}"})


def text(pattern: str = "") -> Shape:
    """A text; ``pattern`` is matched against the whole of it."""
    return MappingProxyType(
        {"type": "string", "pattern": f"^(?:{pattern})$"} if pattern else {"type": "string", "minLength": 1}
    )


def choice_of(*words: str) -> Shape:
    """One of several words."""
    return MappingProxyType({"enum": list(words)})


def any_of(*shapes: Shape) -> Shape:
    """One of several shapes."""
    return MappingProxyType({"anyOf": [dict(shape) for shape in shapes]})


def one_or_more(shape: Shape) -> Shape:
    """A list; a list of one may stand alone."""
    return any_of(shape, MappingProxyType({"type": "array", "items": dict(shape), "minItems": 1}))


def map_of(key_pattern: str, shape: Shape, *, at_least: int = 0) -> Shape:
    """A map whose keys are the author's own."""
    return MappingProxyType(
        {
            "type": "object",
            "patternProperties": {f"^(?:{key_pattern})$": dict(shape)},
            "additionalProperties": False,
            "minProperties": at_least,
        }
    )


SCALAR: Final = MappingProxyType({"type": ["string", "integer"]})
"""A quantity, a name, a code: texts, but an editor takes 2 for a number."""
VALUE: Final = ref("value")
CONDITION: Final = ref("condition")
CLAUSE: Final = ref("clause")
NAMES: Final = one_or_more(text(NAME_PATTERN))
