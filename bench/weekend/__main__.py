"""``python -m bench.weekend``: see --help."""

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from bench.errors import NoFiguresError
from bench.servers import MAKEGOOD, serving
from bench.weekend import city
from bench.weekend.checked import Checking
from bench.weekend.living import City, live

WHAT: Final = """\
Two days of a city through the commands of clients.account, against a server on the default policy: six outages, of which one
goes on, one turns out longer on the second day, one shorter, one none, one was a third party's. After each day the ledger is
held against an account that DuckDB works out from the text of the policy. Exits with 1 where they differ."""


def main(arguments: list[str]) -> int:
    """Lives the weekend; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.weekend", description=WHAT, allow_abbrev=False)
    parser.add_argument("--subscribers", metavar="NUMBER", type=int, default=300_000, help="of the city (300,000)")
    parser.add_argument("--folder", metavar="FOLDER", type=Path, help="an empty one to keep files and ledger in")
    parser.add_argument("--once", action="store_true", help="do not give each run a second time, to see that it books nothing")
    asked = parser.parse_args(arguments)
    if asked.folder is not None and asked.folder.exists() and any(asked.folder.iterdir()):
        parser.error(f"--folder {asked.folder} is not empty")
    try:
        with tempfile.TemporaryDirectory(prefix="makegood-") as temporary, serving(MAKEGOOD) as (server,):
            folder = asked.folder or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            lived, checking, tell = City(folder, server, asked.subscribers), Checking(), partial(print, flush=True)
            return int(any([live(lived, day, checking, tell, once=asked.once) for day in city.DAYS]))
    except NoFiguresError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
