"""What ``check`` says of words that change no answer: a problem at each, and a note where an outage may be paid twice."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from policy.calculator import rules
from policy.language.problems import Problem, Report
from policy.language.proofs.idle import idle_words, twice_paid
from policy.language.yaml_tree import read_tree
from policy.tools.proving.places import place_of


def idle_problems(versions: Sequence[rules.Version], files: Mapping[str, Path]) -> Iterator[Problem]:
    """Each word that changes no answer under any version of its file, once. ``files``: the file of each text of a version."""
    by_file: dict[str, list[rules.Version]] = {}
    for version in versions:
        by_file.setdefault(version.text, []).append(version)
    for text, own in by_file.items():
        path = str(files[text])
        root = read_tree(text.encode(), Report(path))
        first, *others = (list(idle_words(version)) for version in own)
        for idle in first:
            if all(idle in each for each in others):  # what one version of several makes idle may be needed by another
                yield Problem(path, *place_of(root, idle.path), idle.why, idle.hint)


def notes(versions: Sequence[rules.Version]) -> Iterator[str]:
    """What is no mistake by itself and yet to be known."""
    for version in versions:
        for note in twice_paid(version):
            yield f"{version.policy_id} {version.version}: {note}"
