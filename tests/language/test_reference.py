"""The reference of the language: every example in it is sound and gives what it says, and every word has one."""

import json
import re
from pathlib import Path
from typing import Any, Final, get_args

import pytest
import yaml

from policy.calculator import codes, rules
from policy.calculator.contract import FACTS
from policy.language.core_facts import SPECIAL_SUBJECTS
from policy.language.head import CONFIDENCE, POLICY
from policy.language.kinds import PAID_IN
from policy.language.problems import Report
from policy.language.quantities import BYTES, SECONDS
from policy.language.schema import _FORMS
from policy.language.yaml_tree import List, Map, Node, Text, read_tree
from policy.tools.request_file import _Reader
from policy.tools.suite import load_suite

REFERENCE: Final = (Path(__file__).parents[2] / "policy" / "docs" / "language.md").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"^```yaml\n(.*?)^```$", REFERENCE, flags=re.MULTILINE | re.DOTALL)
BASE: Final = BLOCKS[0]

CASES: Final = """\
policy: example
as_of: 2026-06-01 00:00+02:00
people: {anna: %s}
outages: {monday: %s}
cases:
  - id: example
    why: the page says so
    subscriber: %s
    outages: %s
    expect: %s
"""


def said(block: str, word: str) -> str:
    """What a comment of an example says of the request or of the decision: a map in one line; "" if nothing."""
    found = re.search(rf"^# {word}: (\{{.*\}})", block, flags=re.MULTILINE)
    return found[1] if found else ""


def laid(below: Any, above: Any, depth: int) -> Any:
    """The policy with an example over it: sections and names are kept, words replaced."""
    if depth == 0 or not isinstance(below, dict) or not isinstance(above, dict) or "kind" in above:
        return above
    return below | {key: laid(below.get(key), value, depth - 1) for key, value in above.items()}


def like(name: str, besides: str) -> str:
    return f"{{like: {name}, {besides.removeprefix('{')}" if besides else name


def cases_of(block: str) -> str:
    """The case that an example is, in the words of a file of cases."""
    own = "" if block is BASE else block
    gives = said(block, "gives")
    expected = gives if "outcome:" in gives else f"{{outcome: GRANTED, grants: {gives}}}"
    more = [f"    {word}: {given}\n" for word in ("claim", "notice") if (given := said(block, word))]
    outages = like("monday", said(own, "monday"))
    if second := said(own, "tuesday"):
        outages = f"[{outages}, {like('monday', second)}]"
    facts = (said(BASE, "anna"), said(BASE, "monday"), like("anna", said(own, "anna")), outages)
    return CASES % (*facts, expected) + "".join(more)


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0] for block in BLOCKS])
def test_an_example_gives_what_it_says(block: str, tmp_path: Path) -> None:
    directory = tmp_path / "example"
    directory.mkdir()
    base, over = (yaml.load(text, Loader=yaml.BaseLoader) for text in (BASE, block))
    document = yaml.safe_dump(laid(base, over, depth=3), allow_unicode=True, sort_keys=False)
    (directory / "2026.yaml").write_text(document, encoding="utf-8")
    (directory / "cases.yaml").write_text(cases_of(block), encoding="utf-8")
    (outcome,) = load_suite(directory).run()
    assert not outcome.differences, "\n".join(map(str, outcome.differences))


def keys_of(node: Node) -> set[str]:
    match node:
        case Map(entries=entries):
            return {key.text for key, _ in entries}.union(*(keys_of(value) for _, value in entries))
        case List(items=items):
            return set().union(*map(keys_of, items))
        case _:
            return set()


def texts_of(node: Node) -> list[Text]:
    match node:
        case Map(entries=entries):
            return [text for _, value in entries for text in texts_of(value)]
        case List(items=items):
            return [text for item in items for text in texts_of(item)]
        case _:
            return [node]


TREES: Final = [read_tree(block.encode(), Report("language.md")) for block in BLOCKS]


@pytest.mark.parametrize("name", ["policy", *_FORMS])
def test_every_word_has_an_example(name: str) -> None:
    shown = set().union(*map(keys_of, TREES))
    form = POLICY if name == "policy" else _FORMS[name]
    assert [word for word in form.words if word not in shown] == []


def test_every_example_can_be_copied_as_it_stands() -> None:
    """A decimal number without quotes would be refused; the examples are run with quotes around everything."""
    bare = [text for tree in TREES for text in texts_of(tree) if text.plain and re.fullmatch(r"\d+\.\d+", text.text)]
    assert bare == []


def test_every_fact_unit_kind_and_reason_is_named() -> None:
    words = (
        *FACTS, *PAID_IN, *BYTES, *SECONDS, *CONFIDENCE, *codes.REASONS, *SPECIAL_SUBJECTS, *codes.CLAIM_CHANNELS,
        *codes.PLAN_TYPES, *codes.CUSTOMER_TYPES, *codes.PAYMENTS, *codes.SERVICES, *codes.CAUSES, *codes.IMPACTS,
        "interruption", "local day", "month", "billing cycle", "total", *get_args(rules.ForEach), "any outage", "every outage",
        "less than", "at most", "more than", "at least", "before", "from",
    )  # fmt: skip
    assert [word for word in words if not re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", REFERENCE)] == []


def test_every_form_of_an_attribute_in_a_request_is_read_as_it_stands() -> None:
    """The table of JSON forms: one for each type of fact, each taken by the reader of requests."""
    rows = re.findall(r"^\| ([^|]+) \| `(\{\"\w+\": .*\})` \|$", REFERENCE, flags=re.MULTILINE)
    said = {name for types, _ in rows for name in re.findall(r"`([^`]+)`|(codes)", types) for name in name if name}
    assert said == set(get_args(rules.FactType))
    for _, form in rows:
        reader = _Reader()
        assert reader.value(json.loads(form, parse_int=str), "attribute") is not None, form
        assert reader.violations == []
