"""What a policy names has a reader, or it is a slip."""

import re
from collections import Counter
from collections.abc import Iterator

from policy.language.scope import Scope
from policy.language.versions import Row
from policy.language.yaml_tree import List, Map, Node, Text

_WORD = re.compile(r"[A-Za-z0-9_.§()-]+")


def report_unused(root: Map, scope: Scope, row: Row) -> None:
    """Reports what nothing uses.

    Where other things could not be read, a reader may be among them; then only what is mentioned nowhere is reported, and no
    clock, for a component need not say which it counts.
    """
    clean = not scope.report.problems
    mentions: Counter[str] = Counter() if clean else Counter(_words(root))
    in_row = {key.text for key, _ in row.figures}
    for lazy in scope.named():
        name = lazy.name
        hidden = not clean and lazy.what == "clock"
        if (
            not lazy.used
            and not lazy.broken
            and not hidden
            and (clean or (mentions[name.text] == 1 and name.text not in in_row))
        ):
            scope.report.add(name.at, f"nothing uses the {lazy.what} {name.text}", "remove it, or use it")
    if clean and scope.calendar_at is not None and not scope.counts_working_days:
        scope.report.add(scope.calendar_at, "nothing counts working days, so the calendar is not used", "remove calendar:")


def _words(node: Node) -> Iterator[str]:
    """Every word of a tree."""
    match node:
        case Text(text=text):
            yield from _WORD.findall(text)
        case List(items=items):
            for item in items:
                yield from _words(item)
        case Map(entries=entries):
            for key, value in entries:
                yield from _words(key)
                yield from _words(value)
