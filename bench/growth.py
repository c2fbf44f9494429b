"""(d) What a decision costs as outages grow longer, and as there are more of them."""

from typing import Final

from bench.effort import Effort
from bench.figures import Section, compared, number
from bench.questions import Question, lasting, request_of, with_outages
from bench.rounds import interleaved, timed
from bench.stats import spread
from policy import PolicySet

LENGTHS_HOURS: Final = (("1 hour", 1), ("1 day", 24), ("30 days", 30 * 24), ("400 days", 400 * 24))
OUTAGES: Final = (1, 2, 5, 20)


def section(policies: PolicySet, effort: Effort) -> Section:
    """Measures it."""
    lengths = {f"outage of {name}": lasting(hours) for name, hours in LENGTHS_HOURS}
    counts = {"1 outage" if count == 1 else f"{count} outages, overlapping": with_outages(count) for count in OUTAGES}
    figures = []
    for questions in (lengths, counts):
        readings = _readings(policies, questions, effort)
        first = next(iter(readings))
        figures += [
            compared(name, number(spread(each).median, "µs"), each, readings[first], first) for name, each in readings.items()
        ]
    note = "CPU time of one decision for a data plan, explain NONE; the ratio to the length must stay near 1."
    return Section("d  length and number of outages", note, figures)


def _readings(policies: PolicySet, questions: dict[str, Question], effort: Effort) -> dict[str, list[float]]:
    requests = {name: request_of(question) for name, question in questions.items()}
    cases = {
        name: timed(lambda request=request: policies.decide(request), effort.seconds_of_calculation)  # type: ignore[misc]
        for name, request in requests.items()
    }
    return interleaved(cases, effort.rounds)
