"""``python -m server replay``: decides what was recorded again, and reports every difference."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import orjson
from google.rpc import status_pb2

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import CatalogError
from policy.language.catalog import load_versions
from policy.language.load import engine
from server.cannot_start import CannotStartError
from server.decision_log.differences import differences
from server.decision_log.reader import Found, records
from server.decision_log.record import Record
from server.decision_log.replay import Replayer, of_the_caller
from server.decision_log.report import Report
from server.decision_log.sealing import NO_KEYS, read_keys
from server.settings import SHIPPED_CATALOG

SAME, DIFFERENT, UNUSABLE = 0, 1, 2
_DESCRIPTION: Final = """\
Decides what a decision log holds again, under the policies of a catalog and by the engine that runs here, and reports every
difference: by outcome, by benefit and rule, in money, and record by record. With the catalog of then it proves that the log is
what was decided; with the one that is to be, it shows what a change of policy is worth before it is live. No call is made.

Under the engine of then answers are compared to the byte, else field by field. Records that lack a fact, or are sealed under a
key that is not given, are not decided again and told, as are lines that are cut, damaged or of something else. What was refused
for who called or how (a rate, a policy that he may not use, an answer longer than he takes) follows from no policy: it is set
aside, counted and listed. Calls that were refused before their message was read are in no decision log.

  python -m server replay /var/log/makegood/decisions --key-file /etc/makegood/decision-keys
  python -m server replay decisions-*.jsonl --catalog next/ --before policy/catalog --key-file keys --json

exit status:
  0   all is as it was, but for what was set aside
  1   something is different
  2   nothing that was decided again is different, but not all could be; or a file, a key or the catalog cannot be used
"""


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    options = _parser().parse_args(arguments)
    try:
        keys = NO_KEYS if options.key_file is None else read_keys(options.key_file)
        now = Replayer(load_versions(options.catalog))
        then = None if options.before is None else Replayer(load_versions(options.before))
    except (CannotStartError, CatalogError) as error:
        sys.stderr.write("\n".join([*map(str, error.problems), ""]))
        return UNUSABLE
    now.load()
    if then is not None:
        then.load()
    report = Report(options.list)
    for found in records(options.logs, keys):
        take(found, now, then, report)
    if options.json:
        sys.stdout.write(orjson.dumps(report.plain(), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.write("\n".join([*report.lines(engine()), ""]))
    if report.different:
        return DIFFERENT
    return UNUSABLE if report.not_replayed or report.unreadable else SAME


def take(found: Found, now: Replayer, then: Replayer | None, report: Report) -> None:
    """Tells ``report`` of what was found: decided again by ``now``, and where it is different by ``then`` as well."""
    record = found.what
    if not isinstance(record, Record):
        report.cannot(found.place, record, is_record=False)
        return
    if of_the_caller(record.answer):
        report.set_aside(found.place, of_the_caller(record.answer))
        return
    if record.why_not_replayed or record.answer is None:
        report.cannot(found.place, record.why_not_replayed or "it holds no answer to compare with", is_record=True)
        return
    after = now.again(record)
    before = record.answer
    is_same = before.SerializeToString(deterministic=True) == after.SerializeToString(deterministic=True)
    different = [] if is_same else differences(before, after)
    report.replayed(f"{found.place} row {record.told.get('row', 0)}", record, before, after, different)
    if different and then is not None:
        for rule in _rules(record, then, now):
            report.rule_differs(rule)


def _rules(record: Record, then: Replayer, now: Replayer) -> list[str]:
    """The steps that have another result, by their place in the policy; each policy decides with every step told."""
    steps = []
    for each in (then, now):
        answer = each.again(record, service_pb.EXPLAIN_FULL)
        lines = () if isinstance(answer, status_pb2.Status) else answer.explanation.lines
        steps.append({line.rule: (line.applied, line.value, line.unit) for line in lines})
    before, after = steps
    return [rule for rule in {**before, **after} if before.get(rule) != after.get(rule)]


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError("give a whole number from 0 on")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server replay",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("logs", nargs="+", type=Path, metavar="LOG", help="a file of records, or a directory of them")
    parser.add_argument(
        "--catalog",
        type=Path,
        default=SHIPPED_CATALOG,
        metavar="DIR",
        help="policies that decide again (default: those that ship with the server)",
    )
    parser.add_argument(
        "--before",
        type=Path,
        metavar="DIR",
        help="policies that decided then: what is different is derived by both, and the rules that differ are counted",
    )
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="keys that open what is sealed, a line each")
    parser.add_argument("--list", type=_whole, default=20, metavar="N", help="records that are listed; 0: all (default: 20)")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    return parser
