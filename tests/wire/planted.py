"""Bugs planted on purpose: ``python -m tests.wire.planted [--only NAME] [--messages N]``.

Each is put into a copy of the rooms. Then the tests of this folder run there on the sources, and the big run; which of both
finds it is printed, and the exit status says whether there is one that neither finds. Those of memory are for the sanitizers.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.support.telling import tell

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("native", "policy", "protos", "server", "tests")
FILES: Final = ("pyproject.toml",)


@dataclass(frozen=True, slots=True)
class Bug:
    """``was`` stands once in a file of server/wire/, and is made ``becomes``."""

    name: str
    file: str
    was: str
    becomes: str
    of_memory: bool = False


BUGS: Final = (
    Bug("a surrogate is UTF-8", "reader.py", "high = 159", "high = 191"),
    Bug("a character in more bytes than it needs is UTF-8", "reader.py", "low = 144", "low = 128"),
    Bug("an id may hold DEL", "reader.py", "byte < 32 or byte == 127", "byte < 32"),
    Bug("an id may hold a no-break space", "reader.py", "return point >= 0xC0", "return point >= 0x80"),
    Bug("an interval may have no length", "reader.py", "self.r[made + 1] <= self.r[made]", "self.r[made + 1] < self.r[made]"),
    Bug("an outage may have no length", "reader.py", "ended <= start", "ended < start"),
    Bug("a name may have 257 characters", "reader.py", "TEXT and n > self.t[MOST_TEXT]", "TEXT and n > self.t[MOST_TEXT] + 1"),
    Bug("there is a sixth service", "reader.py", "value > 5", "value > 6"),
    Bug("a value is of the kind of the row before", "reader.py", "        self.r[made + KIND] = 0\n", ""),
    Bug("the latest end is that of the row before", "reader.py", "range(RESOLVED)", "range(RESOLVED - 3)"),
    Bug("a date after February is a day off", "filling.py", "before -= 1 if leap else 2", "before -= 2"),
    Bug("a currency may have small letters", "filling.py", "record.data[at + i] > 90", "record.data[at + i] > 122"),
    Bug("a billing cycle may have 32 days", "filling.py", "days > 31", "days > 32"),
    Bug(
        "an outage may stand twice",
        "filling.py",
        "work.order[i] + OUTAGE_ID) == 0:\n            return -1",
        "work.order[i] + OUTAGE_ID) == 0:\n            pass",
    ),
    Bug(
        "an outage goes on until the instant of the row before",
        "laying.py",
        "m[place + 1] = as_of\n            outage",
        "outage",
    ),
    Bug("intervals are hashed as they come", "keying.py", "for i in range(1, n):", "for i in range(1, 1):"),
    Bug("of a name in doubt nothing is wrong", "reader.py", " or self.is_wrong(first, end)", ""),
    Bug("languages are hashed as they come", "keying.py", "in sorted(languages)", "in sorted(languages, reverse=True)"),
    Bug("a notice is hashed whatever is asked for", "keying.py", "if r[MODE] == 2 and notice", "if notice"),
    Bug(
        "what waits for a claim may be booked",
        "work.py",
        "is_left and work.m[occasion + work.t[row + BENEFIT_AT_GRANTED]] != 0",
        "is_left",
    ),
    Bug("a second interruption of the same outages has the key of the first", "keying.py", "if rank > 1:", "if rank > 2:"),
    Bug(
        "what was used up before is told as if it were nothing",
        "writing.py",
        "BENEFIT_AT_BEFORE]] != 0:",
        "BENEFIT_AT_BEFORE]] < 0:",
    ),
    Bug(
        "an outage without a part is left out",
        "writing.py",
        "            if m[share + 2] != 0:\n",
        "            if m[share + 2] == 0:\n                continue\n            if m[share + 2] != 0:\n",
    ),
    Bug(
        "who owes is named, even where nobody is",
        "writing.py",
        "if r[outage + PARTY_BYTES] > 0:",
        "if r[outage + PARTY_BYTES] >= 0:",
    ),
    Bug("an occasion lacks what all lack", "writing.py", "missing[i + 1]", "missing[0]"),
    Bug("what is not decided is weighed", "writing.py", "if is_decided and k[", "if k["),
    Bug(
        "an explanation is that of the row before",
        "rows.py",
        "        teller.tell(entry,",
        "        teller.cited or teller.tell(entry,",
    ),
    Bug("a version is in force on the day after", "rows.py", "day < work.t[IN_FORCE_UNTIL]", "day <= work.t[IN_FORCE_UNTIL]"),
    Bug("an outage may begin as it is looked at", "rows.py", "o[LATEST_START] >= as_of", "o[LATEST_START] > as_of"),
    Bug("amounts are counted for another plan type", "tallies.py", "record.r[PLAN_TYPE] + 1", "0"),
    Bug("a claim may end before it begins", "rows.py", " or r[CLAIM_END] <= r[CLAIM_START]", ""),
    Bug("two fields change places", "tables.py", "_instant(at.REPORTED)", "_instant(at.ANNOUNCED)"),
    Bug(
        "a form is longer than its room",
        "keying.py",
        "bytes_wanted // 4 + 1) * 8",
        "bytes_wanted // 64 + 1) * 8",
        of_memory=True,
    ),
    Bug(
        "no length is looked at",
        "keying.py",
        "if at + length > len(record.data) or self.at + length > len(self.form):",
        "if at + length < 0:",
        of_memory=True,
    ),
)

NONE: Final = Bug("nothing", "reader.py", "high = 159", "high = 159")


def main(arguments: Sequence[str] | None = None) -> int:
    """Plants each, looks for it, reports."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire.planted", description=__doc__)
    parser.add_argument("--only", default="", help="those whose names hold this")
    parser.add_argument("--messages", type=int, default=40_000, help="of the big run (%(default)s)")
    asked = parser.parse_args(arguments)
    missed = 0
    found = _finders(NONE, asked.messages)
    if found:
        tell(f"{' and '.join(found)} fail without any bug")
        return 2
    for bug in BUGS:
        if asked.only in bug.name:
            found = _finders(bug, asked.messages)
            missed += not found
            tell(f"{bug.name}: {' and '.join(found) or 'NOT FOUND'}")
    return int(missed > 0)


def _finders(bug: Bug, messages: int) -> list[str]:
    with TemporaryDirectory() as directory:
        copy = Path(directory)
        for room in ROOMS:
            shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
        for name in FILES:
            shutil.copy(ROOT / name, copy)
        plant(bug, copy)
        if bug.of_memory:
            tries = {"the sanitizers": ["-m", "tests.wire.sanitized", "--messages", "5000"]}
        else:
            tries = {
                "tests/wire": ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/wire"],
                "the big run": ["-m", "tests.wire", "--source", "--messages", str(messages)],
            }
        path = os.pathsep.join([str(copy), str(copy / "protos")])
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        return [
            name
            for name, command in tries.items()
            if subprocess.run(
                [sys.executable, *command], cwd=copy, env=environment, check=False, capture_output=True
            ).returncode
        ]


def plant(bug: Bug, copy: Path) -> None:
    """Puts a bug into a copy. Raises AssertionError where its place is not there, or not alone."""
    file = copy / "server" / "wire" / bug.file
    text = file.read_text("utf-8")
    assert text.count(bug.was) == 1, f"{bug.name}: {bug.was!r} stands {text.count(bug.was)} times in {bug.file}"
    file.write_text(text.replace(bug.was, bug.becomes), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
