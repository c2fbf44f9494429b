"""The progress bar of what takes its time, on a terminal; a log file is spared it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


def console() -> Console:
    """Standard error, where notes go and the bar is drawn; a text that looks like rich's markup stays as it is."""
    return Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def shown(on: Console, end: int) -> Iterator[Callable[[int, int], None]]:
    """A bar that is told how far it is, of ``end``, and how many rows that are."""
    if not on.is_terminal:
        yield lambda offset, rows: None
        return
    columns = (TextColumn("{task.fields[rows]} rows"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=on, transient=True) as progress:
        task = progress.add_task("", total=end, rows=0)
        yield lambda offset, rows: progress.update(task, completed=offset, rows=rows)
