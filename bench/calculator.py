"""The calculator alone: from a request to its decision, in one process and without a server."""

from collections.abc import Callable
from typing import Final

from bench.effort import Effort
from bench.errors import NoFiguresError
from bench.figures import Figure, Section, compared, number
from bench.handwritten import data_bytes
from bench.questions import PLANS, data_plan, explained, request_of
from bench.rounds import interleaved, timed
from bench.stats import spread
from policy import PolicySet, Request
from tests import reference

HANDWRITTEN: Final = "one amount by hand-written Python"
REFERENCE: Final = "reference evaluator of the tests"
EXPLAINS: Final = ("NONE", "SUMMARY", "FULL")


def section(policies: PolicySet, effort: Effort) -> Section:
    """Measures it. Raises NoFiguresError."""
    plain = request_of(data_plan())
    work: dict[str, Callable[[], object]] = {HANDWRITTEN: lambda: data_bytes(plain)}
    for explain in EXPLAINS:
        work[f"decide, data plan, {explain}"] = _deciding(policies, request_of(explained(data_plan(), explain)))
    for plan, question in PLANS[1:]:
        work[f"decide, {plan}, NONE"] = _deciding(policies, request_of(question()))
    work[REFERENCE] = lambda: reference.decide(plain)
    for _, question in PLANS:
        require_agreement(policies, request_of(question()))

    cases = {name: timed(each, effort.seconds_of_calculation) for name, each in work.items()}
    readings = interleaved(cases, effort.rounds)
    floor = readings[HANDWRITTEN]
    figures = [Figure(HANDWRITTEN, number(spread(floor).median, "µs"))]
    figures += [
        compared(name, number(spread(each).median, "µs"), each, floor, "hand-written")
        for name, each in readings.items()
        if name != HANDWRITTEN
    ]
    note = (
        "CPU time of one decision, with the server not running. The hand-written function works out the data owed and nothing "
        "else; the reference evaluator works out the same answer as the calculator, without keys and explanation, in fractions."
    )
    return Section("calculator alone", note, figures)


def require_agreement(policies: PolicySet, request: Request) -> None:
    """Raises NoFiguresError unless calculator, reference and hand-written function pay the same."""
    decided = {grant.benefit: grant.quantity for grant in policies.decide(request).grants}
    expected = dict(reference.decide(request).grants)
    by_hand = data_bytes(request)
    if not decided == expected or decided["data"] != by_hand:
        raise NoFiguresError(f"the calculator pays {decided}, the reference {expected}, the hand-written function {by_hand}")


def _deciding(policies: PolicySet, request: Request) -> Callable[[], object]:
    return lambda: policies.decide(request)
