"""The words of a map in a file of cases."""

from collections.abc import Collection

from policy.language.problems import Refused, Report, did_you_mean, listed
from policy.language.yaml_tree import Map, Node


def words_of(node: Node, what: str, known: Collection[str], report: Report, required: Collection[str] = ()) -> dict[str, Node]:
    """What stands under each word. Raises Refused, after all are looked at, if one is unknown or missing."""
    every = f"its words are {listed([*known])}"
    if not isinstance(node, Map):
        report.refuse(node.at, f"{what} is a map", every)
    found = {key.text: value for key, value in node.entries}
    missing = [f"{word}:" for word in required if word not in found]
    unknown = [key for key, _ in node.entries if key.text not in known]
    if missing:
        report.add(node.at, f"{what} lacks {listed(missing)}")
    for key in unknown:
        report.add(key.at, f"{what} knows no word {key.text!r}", did_you_mean(key.text, known, every))
    if missing or unknown:
        raise Refused
    return found
