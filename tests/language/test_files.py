"""Files that are no policy: each is refused with its place, quickly, and none hides what is wrong with another."""

from pathlib import Path

import pytest

from policy.language.catalog import load_file, load_policy, load_versions
from policy.language.problems import CatalogError
from tests.language.small import SMALL, policy_directory, small

DEEP = "policy: small\nfigures:\n  a: " + "[" * 30 + "1" + "]" * 30 + "\n"
BOMB = "policy: small\nfigures:\n  a: &a [x, x]\n" + "".join(
    f"  {name}: &{name} [*{before}, *{before}]\n" for before, name in zip("abcdefghij", "bcdefghijk", strict=True)
)


NO_POLICIES = {
    "empty": (b"", ":1:1: the file is empty (begin with policy:"),
    "comment alone": (b"# nothing but a comment\n", ":1:1: the file is empty"),
    "another encoding": ("title: 补偿策略".encode("gbk"), ":1:1: the file is not UTF-8 text (save it in UTF-8)"),
    "one byte of another encoding": (b"policy: small\ntitle: caf\xe9\n", ":2:1: the file is not UTF-8 text"),
    "list": (b"- policy: small\n", ":1:1: a policy file is a map of words"),
    "scalar": (b"small\n", ":1:1: a policy file is a map of words"),
    "tab": (b"policy: small\n\ttitle: x\n", "(indent with spaces)"),
    "colon in a text": (b"policy: small\ntitle: a: b\n", ":2:9: this is not YAML: mapping values are not allowed"),
    "no space after a colon": (b"policy: small\ntitle:x\nzone: UTC\n", "(write a colon and a space after the word)"),
    "quote not closed": (
        b'policy: small\ntitle: "a\n',
        ":3:1: this is not YAML: found unexpected end of stream (close the quote)",
    ),
    "bracket not closed": (b"policy: small\nclocks: {a: {b: c}\nzone: UTC\n", "(close the bracket"),
    "indented by chance": (
        b"policy: small\nclocks:\n  a: {}\n b: {}\n",
        ":4:2: this is not YAML: did not find expected key (indent",
    ),
    "sign": (b"policy: small\ntitle: @home\n", ":2:8: this is not YAML: found character that cannot start any token (quote"),
    "zero byte": (b"policy: small\ntitle: a\x00b\n", ": this is not YAML: "),
    "huge": (b"policy: small\ntitle: " + b"x" * 256 * 1024, ":1:1: the file has 262165 bytes; at most 262144 are read"),
    "deep": (DEEP.encode(), ":3:29: this is nested deeper than 24 levels (name the value under figures:)"),
    "bomb of aliases": (BOMB.encode(), ":3:6: an anchor (&) is not taken"),
    "key that is no text": (b"? [a, b]\n: c\npolicy: small\n", ":1:3: a key is a text"),
    "tag of its own": (b"%TAG ! tag:x,2026:\n---\npolicy: !y small\n", ": a tag (tag:x,2026:y) is not taken"),
}


@pytest.mark.parametrize(("content", "said"), NO_POLICIES.values(), ids=NO_POLICIES)
def test_what_is_no_policy_is_refused_with_its_place(content: bytes, said: str, tmp_path: Path) -> None:
    directory = policy_directory(tmp_path, {"2026.yaml": content})
    with pytest.raises(CatalogError) as refused:
        load_policy(directory)
    told = [str(problem) for problem in refused.value.problems]
    assert any(line.startswith(f"{directory}/2026.yaml:") and said in line for line in told), told


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    (version,) = load_policy(policy_directory(tmp_path, {"2026.yaml": b"\xef\xbb\xbf" + SMALL.encode()}))
    assert version.text == SMALL


def test_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    (one,) = load_policy(policy_directory(tmp_path / "one", {"2026.yaml": SMALL}))
    (other,) = load_policy(policy_directory(tmp_path / "other", {"2026.yaml": SMALL.replace("\n", "\r\n")}))
    assert one.sha256 == other.sha256


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"gone\.yaml:1:1: the file cannot be read: No such file or directory"):
        load_file(tmp_path / "small" / "gone.yaml")


def test_what_is_wrong_with_a_clause_that_nothing_cites_has_its_place(tmp_path: Path) -> None:
    policy_directory(tmp_path, {"2026.yaml": f"{SMALL}clauses:\n  9: []\n"})
    with pytest.raises(CatalogError, match="clause 9 has no text") as raised:
        load_policy(tmp_path / "small")
    assert [str(problem).partition(":")[2].partition(" ")[0] for problem in raised.value.problems] == ["23:6:"]


def test_all_problems_of_all_files_come_at_once_in_order(tmp_path: Path) -> None:
    policy_directory(tmp_path, {"b.yaml": SMALL.replace("CREDIT", "CREDITS").replace("zone: Europe", "zone: Europ")})
    policy_directory(tmp_path, {"a.yaml": b"", "b.yaml": small("x", "other")}, name="other")
    policy_directory(tmp_path, {}, name="void")
    policy_directory(tmp_path, {}, name="No id")
    (tmp_path / "stray.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "README.md").write_text("no policy", encoding="utf-8")
    (tmp_path / ".hidden").mkdir()
    with pytest.raises(CatalogError) as refused:
        load_versions(tmp_path)
    assert [str(problem).removeprefix(f"{tmp_path}/") for problem in refused.value.problems] == [
        "No id:1:1: 'No id' is no id of a policy (an id matches [a-z0-9][a-z0-9._-]*)",
        "other/a.yaml:1:1: the file is empty (begin with policy: and the name of the directory)",
        "other/b.yaml:6:5: a version is a map (its words are version, from and to)",
        "small/b.yaml:8:7: there is no time zone Europ/Amsterdam (did you mean Europe/Amsterdam?)",
        "small/b.yaml:15:11: there is no kind of benefit CREDITS (did you mean CREDIT?)",
        f"stray.yaml:1:1: a policy file stands in the catalog itself (move it to {tmp_path}/stray)",
        "void:1:1: the policy has no file (add a file of a version, as in 2026-01.yaml)",
    ]


def test_a_file_belongs_to_the_directory_that_it_names(tmp_path: Path) -> None:
    with pytest.raises(
        CatalogError, match=r"policy small stands in the directory other \(write policy: other, or move the file\)"
    ):
        load_policy(policy_directory(tmp_path, {"2026.yaml": SMALL}, name="other"))


def test_policy_files_end_in_yaml(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"policy files end in \.yaml \(rename it to 2026\.yaml\)"):
        load_policy(policy_directory(tmp_path, {"2026.yml": SMALL}))


def test_cases_stand_beside_a_policy_and_are_no_version(tmp_path: Path) -> None:
    directory = policy_directory(tmp_path, {"2026.yaml": SMALL, "cases.yaml": "cases: []"})
    assert len(load_policy(directory)) == 1


def test_a_catalog_that_is_not_there_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="there is no such directory"):
        load_versions(tmp_path / "gone")
    with pytest.raises(CatalogError, match="the catalog holds no policy"):
        load_versions(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{started: 24 h}", "{started: 24 hours}", "16:22: hours is no unit (write 24 h)"),
        ("kind: CREDIT", "kind: KREDIT", "15:11: there is no kind of benefit KREDIT (did you mean CREDIT?)"),
    ],
    ids=["count", "kind"],
)
def test_what_cannot_be_read_makes_nothing_else_look_unused(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert SMALL.count(old) == 1
    with pytest.raises(CatalogError) as refused:
        load_policy(policy_directory(tmp_path, {"2026.yaml": SMALL.replace(old, new)}))
    (problem,) = refused.value.problems
    assert str(problem).endswith(said)
