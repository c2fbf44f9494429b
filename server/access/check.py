"""``python -m server check-access FILE``: judges an authorisation file without starting anything."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from policy import CatalogError
from policy.language.catalog import load_versions
from server.access.files import Disk, UnusableFiles
from server.access.guard import method_words, unknown_policies
from server.access.reader import read_access
from server.access.rules import Access, Identity
from server.access.schema import schema_text
from server.settings import SHIPPED_CATALOG
from server.standard_streams import STDERR, STDOUT, say

_UNUSABLE: Final = 2
_SAYING_SECONDS: Final = 10

_EPILOG: Final = """\
exit status:
  0   the file can be used; what it lets whom do is printed
  2   it cannot: every problem is printed with file, line and column; or the arguments or the catalog cannot be used

The page server/docs/access.md has every word of the file, and an example."""


def main(arguments: Sequence[str]) -> int:
    """Judges, prints; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m server check-access",
        description="Judges an authorisation file and the key files that it names, as a server does that starts with it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the authorisation file")
    what.add_argument("--schema", action="store_true", help="print the JSON Schema of such files, for editors")
    parser.add_argument(
        "--catalog",
        type=Path,
        default=SHIPPED_CATALOG,
        metavar="DIRECTORY",
        help="of the policies that the file may name (default: the catalog that ships with the server)",
    )
    asked = parser.parse_args(arguments)
    if asked.schema:
        return _say(schema_text(), 0)
    try:
        access = read_access(asked.file, Disk(), method_words())
        versions = load_versions(asked.catalog)
    except UnusableFiles as error:
        return _say("".join(f"{problem}\n" for problem in error.problems), _UNUSABLE, STDERR)
    except CatalogError as error:
        return _say(f"the catalog cannot be used: {error}\n", _UNUSABLE, STDERR)
    known = {name for version in versions for name in (version.policy_id, f"{version.policy_id}/{version.version}")}
    unknown = unknown_policies(access, known)
    warning = f"warning: {asked.catalog} has none of {', '.join(unknown)}; that lets nobody do anything\n" if unknown else ""
    return _say(_described(access) + warning, 0)


def _described(access: Access) -> str:
    opened = ", ".join(sorted(access.open)) or "nothing"
    return "".join([f"open to everybody: {opened}\n", *(_line(identity) for identity in access.identities)])


def _line(identity: Identity) -> str:
    known_by = [*identity.certificates, *(f"token of {issuer} for {subject}" for issuer, subject in identity.subjects)]
    policies = "any policy" if identity.policies is None else ", ".join(sorted(identity.policies)) or "no policy"
    rates = [(what, rate) for what, rate in (("calls", identity.calls), ("rows", identity.rows)) if rate is not None]
    how_often = ", ".join(f"{rate.count} {what} in {rate.seconds} s" for what, rate in rates) or "as often as it likes"
    return (
        f"{identity.name}\n  known by {', '.join(known_by)}\n  may call {', '.join(sorted(identity.methods))}\n"
        f"  by {policies}\n  {how_often}\n"
    )


def _say(text: str, status: int, to: int = STDOUT) -> int:
    say(to, text).join(_SAYING_SECONDS)
    return status
