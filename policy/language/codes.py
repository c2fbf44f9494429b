"""Sets of codes that something is tested against: ``DATA or VOICE``, or every other, ``not DATA or VOICE``."""

from typing import Final

from policy.language.kinds import Typed
from policy.language.scalars import read_codes
from policy.language.scope import Scope
from policy.language.shapes import CODES_PATTERN
from policy.language.yaml_tree import Text

CODE_SET_PATTERN: Final = rf"(?:not )?{CODES_PATTERN}"
_NOT: Final = "not "


def read_codes_of(scope: Scope, node: Text, name: Text, subject: Typed) -> tuple[str, ...]:
    """The codes that ``node`` names of a ``subject`` called ``name``; after ``not``, all others that it may be."""
    is_not = node.text.startswith(_NOT)
    named = read_codes(scope, node.part(len(_NOT)) if is_not else node).codes
    scope.ask_codes(name, subject, [(code, node.at) for code in named])
    if not is_not:
        return named
    if not subject.codes:
        message = f"{name.text} may be any code, so what is {node.text} has no end"
        scope.report.refuse(node.at, message, "name the codes that it is")
    others = tuple(code for code in subject.codes if code not in named)
    if not others:
        scope.report.refuse(node.at, f"{name.text} is nothing that is {node.text}: these are all of its codes", "remove it")
    return others
