"""What a decision costs as there are more rows, more outages, or longer ones: alone, and in a batch."""

from collections.abc import Callable, Mapping
from typing import Final

from bench.effort import Effort
from bench.figures import Figure, Section, compared, number
from bench.handler import BatchHandler
from bench.questions import Question, lasting, request_of, with_outages
from bench.rounds import interleaved, timed
from bench.rows import Batch, of_length, several, shared
from bench.stats import spread
from policy import PolicySet

LENGTHS_HOURS: Final = (("1 hour", 1), ("1 day", 24), ("30 days", 30 * 24), ("400 days", 400 * 24))
OUTAGES: Final = (1, 2, 5, 20)
ROWS: Final = (10, 100, 1_000, 10_000, 100_000)
_ROWS_OF_A_BATCH: Final = 1_000
"""So many rows of 400 days each are no more than one message may ask for."""
STAYS: Final = "≤ 1.1 ×"
"""The cost must not grow with the length of an outage."""


def section(policies: PolicySet, handler: BatchHandler, effort: Effort) -> Section:
    """Measures it."""
    lengths = {f"outage of {name}": lasting(hours) for name, hours in LENGTHS_HOURS}
    counts = {_outages(count): with_outages(count) for count in OUTAGES}
    lengths_in_batch = {f"batch, outages of {name}": of_length(_ROWS_OF_A_BATCH, hours) for name, hours in LENGTHS_HOURS}
    counts_in_batch = {f"batch, {_outages(count)} a row": several(_ROWS_OF_A_BATCH, count) for count in OUTAGES}
    rows = {f"batch of {count:,} rows": shared(count) for count in ROWS}
    figures = _figures(_deciding(policies, lengths), effort, STAYS)
    figures += _figures(_deciding(policies, counts), effort)
    figures += _figures(_handling(handler, lengths_in_batch), effort, STAYS)
    figures += _figures(_handling(handler, counts_in_batch), effort)
    figures += _figures(_handling(handler, rows), effort)
    note = (
        "CPU time of one decision, explain NONE. Alone: for a data plan, by the calculator. In a batch: bytes to bytes, rows "
        f"of all plans; {_ROWS_OF_A_BATCH:,} of them with outages of their own, else one outage for all of them."
    )
    return Section("rows, outages and their length", note, figures)


def _outages(count: int) -> str:
    return "1 outage" if count == 1 else f"{count} overlapping outages"


Work = Mapping[str, tuple[Callable[[], object], int]]
"""What is done for so many decisions, by name."""


def _deciding(policies: PolicySet, questions: Mapping[str, Question]) -> Work:
    requests = {name: request_of(question) for name, question in questions.items()}
    return {
        name: (lambda request=request: policies.decide(request), 1)  # type: ignore[misc]
        for name, request in requests.items()
    }


def _handling(handler: BatchHandler, batches: Mapping[str, Batch]) -> Work:
    requests = {name: (batch.SerializeToString(), len(batch.items)) for name, batch in batches.items()}
    return {
        name: (lambda request=request: handler(request), rows)  # type: ignore[misc]
        for name, (request, rows) in requests.items()
    }


def _figures(work: Work, effort: Effort, target: str = "") -> list[Figure]:
    """Each held against the first."""
    cases = {name: timed(each, effort.seconds_of_calculation) for name, (each, _) in work.items()}
    readings = interleaved(cases, effort.rounds)
    costs = {name: [each / decisions for each in readings[name]] for name, (_, decisions) in work.items()}
    first, *others = costs
    figures = [compared(first, number(spread(costs[first]).median, "µs"), costs[first], costs[first], first)]
    return figures + [
        compared(name, number(spread(costs[name]).median, "µs"), costs[name], costs[first], first, target) for name in others
    ]
