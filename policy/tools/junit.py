"""Results of cases in the form that CI systems read: JUnit XML."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from policy.tools.suite import Outcome


def write_junit(path: Path, outcomes: Sequence[Outcome], problems: Sequence[str]) -> None:
    """One suite for each policy; ``problems``, for which cases could not even be run, are errors. Raises OSError."""
    root = Element("testsuites")
    by_policy: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_policy.setdefault(outcome.case.request.policy_id, []).append(outcome)
    for policy_id, own in by_policy.items():
        failures = sum(bool(each.differences) for each in own)
        suite = SubElement(root, "testsuite", name=policy_id, tests=str(len(own)), failures=str(failures), errors="0")
        for each in own:
            _add_case(suite, policy_id, each)
    if problems:
        suite = SubElement(root, "testsuite", name="check", tests=str(len(problems)), failures="0", errors=str(len(problems)))
        for problem in problems:
            SubElement(SubElement(suite, "testcase", classname="check", name=problem), "error", message=problem)
    indent(root)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _add_case(suite: Element, policy_id: str, outcome: Outcome) -> None:
    case = outcome.case
    place = {"classname": policy_id, "name": case.id, "file": str(case.path), "line": str(case.at.line)}
    element = SubElement(suite, "testcase", place)
    if outcome.differences:
        failure = SubElement(element, "failure", message="; ".join(map(str, outcome.differences)))
        failure.text = "\n".join((*map(str, outcome.differences), f"why: {case.why}"))
