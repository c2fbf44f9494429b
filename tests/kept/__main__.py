"""The command line: ``python -m tests.kept --help``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import tests.kept
from tests.kept.checking import Done, SameVersion, first_of, kept_anew, run, run_all, wrong_with
from tests.kept.chunks import chunks
from tests.kept.digests import Kept, answers_of, read, write
from tests.kept.dumps import readable, told
from tests.support.telling import tell


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs, reports; the exit status says whether something differs."""
    asked = _parser().parse_args(arguments)
    if asked.show:
        return _show(asked.show, asked.against)
    begun, kept, done = monotonic(), read(), list[Done]()
    names = first_of(None if asked.write else asked.requests)
    for each in run_all(names, asked.processes, asked.dump, asked.against):
        done.append(each)
        for line in each.differing:
            tell(line)
        if each.left_out:
            tell(f"{each.chunk}: and {each.left_out} more")
    requests = sum(each.digests.count for each in done)
    tell(f"{requests} requests of {len(done)} chunks, {monotonic() - begun:.0f} s")
    if asked.write:
        return _write(kept, done, asked.why)
    return _report(kept, done)


def _parser() -> argparse.ArgumentParser:
    text = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m tests.kept", description=tests.kept.__doc__, formatter_class=text)
    parser.add_argument("--requests", type=int, help="about how many, of all versions in turn (all)")
    parser.add_argument("--processes", type=int, default=1, help="how many at once (%(default)s)")
    parser.add_argument("--dump", type=Path, metavar="DIRECTORY", help="write every request and answer there")
    parser.add_argument("--against", type=Path, metavar="DIRECTORY", help="print what differs from the answers dumped there")
    parser.add_argument("--show", metavar="CHUNK", help="print a chunk, or where it differs from what was dumped")
    parser.add_argument("--write", action="store_true", help="keep the answers anew")
    parser.add_argument("--why", default="", help="why answers are others than before: needed to write those that are")
    return parser


def _show(name: str, against: Path | None) -> int:
    if name not in chunks():
        tell(f"there is no chunk {name}; there are, for example, {', '.join([*chunks()][:3])}")
        return 2
    if against is None:
        for number, (asked, answered) in enumerate(answers_of(chunks()[name])):
            tell("\n".join((f"--- {name}, request {number}: {told(asked)}", *readable(answered))))
        return 0
    done = run(name, against=against)
    for line in done.differing:
        tell(line)
    tell(f"{len(done.differing) + done.left_out} of {done.digests.count} answers of {name} differ")
    return int(bool(done.differing))


def _report(kept: Kept, done: Sequence[Done]) -> int:
    wrong = [line for each in sorted(done, key=lambda each: each.chunk) if (line := wrong_with(each, kept))]
    for line in wrong:
        tell(line)
    differing = sum(len(each.differing) + each.left_out for each in done)
    tell(f"{len(wrong)} chunks are not as they were kept; {differing} answers are not as they were dumped")
    return int(bool(wrong or differing))


def _write(kept: Kept, done: Sequence[Done], why: str) -> int:
    found = {each.chunk: each.digests for each in done}
    broken = [f"{each.chunk} breaks: {each.broken}" for each in done if each.broken]
    if broken or (kept.chunks and not why):
        tell("\n".join(broken) or "say --why")
        return 2
    try:
        write(kept_anew(kept, found, why or "as first kept"))
    except SameVersion as error:
        tell(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
