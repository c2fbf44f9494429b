"""The answers to a sample of the requests are those that are kept, and no other is kept under the same version."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from policy.language.load import engine
from tests.kept import digests
from tests.kept.answering import is_refusal
from tests.kept.checking import Done, SameVersion, first_of, kept_anew, run, wrong_with
from tests.kept.chunks import chunks
from tests.kept.digests import Digests, Kept, Version, read
from tests.kept.dumps import differing, dump

KEPT: Final = read()
AT_LEAST: Final = 300_000
SAMPLE: Final = [name for name, chunk in chunks().items() if chunk.is_of_the_sample]
MOVE: Final = "if it is meant, move `version` in pyproject.toml, install, and run `python -m tests.kept --write --why …`"


@pytest.mark.parametrize("name", SAMPLE)
def test_requests_are_answered_as_they_were(name: str) -> None:
    wrong = wrong_with(run(name), KEPT)
    assert not wrong, f"{wrong}; {MOVE}"


def test_answers_are_kept_under_the_version_that_gives_them() -> None:
    assert KEPT.versions[-1].engine == engine(), MOVE
    assert KEPT.versions[-1].digest == KEPT.digest, "the file was written by hand"


def test_every_keeping_has_its_reason() -> None:
    assert all(each.why for each in KEPT.versions)


def test_answers_of_every_version_are_kept_in_equal_numbers() -> None:
    assert {name: chunk.count for name, chunk in chunks().items()} == {name: each.count for name, each in KEPT.chunks.items()}
    assert sum(each.count for each in KEPT.chunks.values()) >= AT_LEAST
    versions = [
        name.rpartition("/")[0] for name, chunk in chunks().items() if chunk.of not in {"made-up", "cases", "grid", "notices"}
    ]
    counts = {version: sum(chunks()[f"{version}/{n}"].count for n in range(versions.count(version))) for version in versions}
    assert len(set(counts.values())) == 1


# ---------------------------------------------------------------- keeping anew

NOW: Final = Digests(2, "asked", "decided", "refused")
BEFORE: Final = Kept((Version("0", "digest", "as first kept"),), {"p/1/0": NOW})
DECIDED: Final = {"p/1/0": replace(NOW, decided="otherwise")}
REFUSED: Final = {"p/1/0": replace(NOW, refused="otherwise")}


@pytest.fixture
def same_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.kept.checking.engine", lambda: "0")


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.kept.checking.engine", lambda: "1")


def test_another_decision_is_not_kept_under_the_same_version(same_version: None) -> None:
    with pytest.raises(SameVersion, match="p/1/0"):
        kept_anew(BEFORE, DECIDED, "it is meant")


def test_another_decision_is_kept_under_another_version_with_its_reason(next_version: None) -> None:
    anew = kept_anew(BEFORE, DECIDED, "it is meant")
    assert anew.versions == (*BEFORE.versions, Version("1", anew.digest, "it is meant"))
    assert anew.chunks == DECIDED


def test_another_refusal_is_kept_under_the_same_version_with_its_reason(same_version: None) -> None:
    anew = kept_anew(BEFORE, REFUSED, "it says more")
    assert anew.versions == (*BEFORE.versions, Version("0", anew.digest, "it says more"))


def test_the_answer_to_another_request_is_kept_under_any_version(same_version: None) -> None:
    found = {"p/1/0": Digests(2, "asked otherwise", "otherwise", "otherwise"), "p/2/0": NOW}
    anew = kept_anew(BEFORE, found, "")
    assert anew.versions == (Version("0", anew.digest, "as first kept"),)
    assert anew.chunks == found


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (NOW, ""),
        (DECIDED["p/1/0"], "p/1/0 is decided otherwise"),
        (REFUSED["p/1/0"], "p/1/0 is refused otherwise"),
        (replace(NOW, asked="otherwise"), "p/1/0 asks other requests than were kept"),
    ],
)
def test_what_is_not_as_it_was_kept_is_told(found: Digests, said: str) -> None:
    wrong = wrong_with(Done("p/1/0", found), BEFORE)
    assert wrong.startswith(said)
    assert bool(wrong) == bool(said)
    assert wrong_with(Done("p/9/9", found), BEFORE) == "p/9/9 is not kept"


def test_a_decision_that_becomes_a_refusal_is_decided_otherwise() -> None:
    (asked, first), *rest = digests.answers_of(chunks()[SAMPLE[0]])
    assert not is_refusal(first)
    before, after = (digests.digests_of([(asked, each), *rest]) for each in (first, b"{}"))
    assert before.asked == after.asked
    assert before.decided != after.decided
    assert before.refused != after.refused


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    digests.write(BEFORE, tmp_path / "answers.json")
    assert digests.read(tmp_path / "answers.json") == BEFORE
    assert digests.read(tmp_path / "none.json") == Kept((), {})


# ---------------------------------------------------------------- showing


def test_an_answer_that_differs_is_shown_with_its_request(tmp_path: Path) -> None:
    name = SAMPLE[0]
    answers = [*digests.answers_of(chunks()[name])]
    dump(answers, tmp_path, name)
    assert differing(answers, tmp_path, name) == []
    number, (asked, answer) = next((n, each) for n, each in enumerate(answers) if not each[1].startswith(b"{"))
    answers[number] = asked, answer.replace(b"kept", b"swap")
    (shown,) = differing(answers, tmp_path, name)
    assert f"request {number}" in shown
    assert '-  "engine_version": "kept",' in shown
    assert '+  "engine_version": "swap",' in shown


def test_what_is_drawn_depends_on_the_seed_alone() -> None:
    """Each request by itself, not on those before it."""
    chunk = chunks()[SAMPLE[0]]
    once, again = ([digests.asked_bytes(asked) for asked, _ in chunk.draw()] for _ in range(2))
    assert once == again
    assert len(set(once)) > len(once) // 2


def test_the_first_requests_are_of_all_versions() -> None:
    assert set(SAMPLE) <= set(first_of(sum(chunks()[name].count for name in SAMPLE)))
