"""``breaks:`` what the scheme itself does not keep, said by its author with the reason; ``check`` shows the counterexample."""

from typing import Final

from policy.calculator import rules
from policy.language.problems import Report
from policy.language.proofs.names import EXCLUDING, MORE, SPLITTING
from policy.language.shapes import text
from policy.language.words import Form, Word, read_form, text_of
from policy.language.yaml_tree import Map, Node


def _reason(report: Report, node: Node) -> str:
    return " ".join(text_of(node, report, "the reason").text.split())


BREAKS: Final[Form[Report]] = Form(
    name="breaks",
    doc="Properties that the scheme by its nature does not keep, each with the reason.",
    words={
        MORE: Word("why counted time that contains other counted time can pay less", text(), _reason),
        EXCLUDING: Word("why leaving out a cause can pay more", text(), _reason),
        SPLITTING: Word("why one outage told as two that touch can pay more", text(), _reason),
    },
)


def read_breaks(report: Report, node: Node) -> tuple[rules.Break, ...]:
    """The properties that the policy says it breaks."""
    reading = read_form(BREAKS, report, node, report)
    if isinstance(node, Map) and not node.entries:
        report.refuse(node.at, "breaks: names no property", "remove it")
    return tuple(rules.Break(name, reason) for name, reason in reading.values.items())
