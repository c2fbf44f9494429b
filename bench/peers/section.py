"""Others on the same facts: how much quicker or slower they are, and how much of the decision they make."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from bench.batches import METHOD as BATCH
from bench.batches import decision_figure
from bench.bytes_to_bytes import ROWS, answered
from bench.calls import Reading, repeated
from bench.effort import Effort
from bench.errors import NoFiguresError
from bench.figures import Figure, Section, compared, left_out, number, per_second
from bench.handler import BatchHandler
from bench.load import Traffic
from bench.peers import cerbos, float32, zen_engine
from bench.peers.installed import INSTALL, cerbos_is_there, zen_is_there
from bench.questions import request_of
from bench.rounds import interleaved, timed
from bench.rows import Batch, own, questions_of, shared
from bench.servers import empty_with, makegood_with
from bench.stats import spread
from bench.unary import METHOD as UNARY
from policy import PolicySet, Request
from tests import reference

WORKERS: Final = 2
TRAFFIC: Final = Traffic(in_flight=16, connections=16)
SIZES: Final = (50, 1)
"""Rows of a call: the most that Cerbos takes by default, and one."""
MOST: Final = 10_000
"""The most that makegood takes by default."""
TARGETS: Final = {50: "≥ 20 ×"}
EMPTY: Final = "empty call with 50 rows, grpcio alone"
_SOME: Final = 300
"""Rows that the slow ones decide over and over."""
BYTES: Final = "makegood, bytes to bytes, with keys"


def section(policies: PolicySet, handler: BatchHandler, effort: Effort) -> Section:
    """Measures it. Raises NoFiguresError where a peer decides otherwise than we do."""
    figures = [*_called(policies, effort), *_in_process(policies, handler, effort)]
    note = (
        f"for each decision. Cerbos and makegood with {WORKERS} workers are called over loopback, {TRAFFIC.in_flight} calls in "
        "flight, about one outage for all rows, explain NONE. Cerbos says which benefits apply and by which factor, and no "
        "amount; the empty call is the most that a service on grpcio can do. The others: CPU time in one process, rows with an "
        f"outage of their own, makegood {ROWS:,} at once. zen-engine is given the weighted time and works out the amounts; the "
        "float32 version works out the amounts and nothing else; the reference is the slow evaluator of the tests."
    )
    return Section("peers, on the same facts", note, figures)


def _called(policies: PolicySet, effort: Effort) -> list[Figure]:
    batch, seconds = shared(max(SIZES)), effort.seconds_of_calls
    requests = _requests(batch)
    bodies = {size: batch if size > 1 else questions_of(batch)[0] for size in SIZES} | {MOST: shared(MOST)}
    cases: dict[str, Callable[[], Reading]] = {}
    with ExitStack() as stack:
        try:
            makegood, empty = (stack.enter_context(server(WORKERS)) for server in (makegood_with, empty_with))
        except NoFiguresError as error:
            return [left_out(f"calls, {WORKERS} workers", str(error))]
        for size, body in bodies.items():
            target = makegood.target(UNARY if size == 1 else BATCH, body.SerializeToString())
            cases[_ours(size)] = repeated(makegood, target, TRAFFIC, seconds)
        cases[EMPTY] = repeated(empty, empty.target(BATCH, batch.SerializeToString()), TRAFFIC, seconds)
        if cerbos_is_there():
            server = stack.enter_context(cerbos.serving())
            peer = cerbos.Cerbos(server)
            peer.require_agreement(policies, requests)
            for size in SIZES:
                target = server.target(cerbos.PATH, peer.question(requests[:size]))
                cases[_theirs(size)] = repeated(server, target, TRAFFIC, seconds)
        readings = interleaved(cases, effort.rounds)
    many = max(SIZES)
    figures = []
    for size in SIZES:
        ours, theirs = _ours(size), _theirs(size)
        figures.append(decision_figure(ours, readings[ours], size, readings[ours], ours, "", size))
        if theirs in readings:
            figures.append(decision_figure(theirs, readings[theirs], size, readings[ours], ours, TARGETS.get(size, ""), size))
        if size == many:
            figures.append(decision_figure(_ours(MOST), readings[_ours(MOST)], MOST, readings[ours], ours, "", size))
            figures.append(decision_figure(EMPTY, readings[EMPTY], size, readings[ours], ours, "", size))
    return figures if cerbos_is_there() else [*figures, left_out("Cerbos", INSTALL)]


def _ours(size: int) -> str:
    return "makegood, ComputeCompensation" if size == 1 else f"makegood, BatchCompute, {size:,} rows"


def _theirs(size: int) -> str:
    return f"Cerbos, CheckResources, {size} resource{'s'[: size > 1]}"


def _in_process(policies: PolicySet, handler: BatchHandler, effort: Effort) -> list[Figure]:
    batch = own(ROWS)
    request, requests, some = batch.SerializeToString(), _requests(batch), _requests(own(_SOME))
    facts = float32.facts_of(requests)
    seconds = effort.seconds_of_calculation
    wrong = _differing(handler, batch, facts)
    by_float32 = f"OpenFisca-style, float32: another amount for {wrong} of {ROWS:,} rows"
    work: dict[str, tuple[Callable[[], object], int]] = {
        BYTES: (lambda: handler(request), ROWS),
        by_float32: (lambda: float32.amounts(facts), ROWS),
        "plain-Python reference": (lambda: [reference.decide(each) for each in some], _SOME),
    }
    cases = {name: _for_each(timed(each, seconds), rows) for name, (each, rows) in work.items()}
    with ExitStack() as stack:
        if zen_is_there():
            engine = stack.enter_context(zen_engine.asked(policies, some))
            cases["zen-engine, the policy's tables"] = lambda: engine.case(seconds)
        readings = interleaved(cases, effort.rounds)
    figures = []
    for name, each in readings.items():
        middle = spread(each).median
        figures.append(compared(name, f"{number(middle, 'µs')}, {per_second(middle)}", each, readings[BYTES], BYTES))
    return figures if zen_is_there() else [*figures, left_out("zen-engine", INSTALL)]


def _requests(batch: Batch) -> list[Request]:
    return [request_of(question) for question in questions_of(batch)]


def _for_each(case: Callable[[], float], decisions: int) -> Callable[[], float]:
    return lambda: case() / decisions


def _differing(handler: BatchHandler, batch: Batch, facts: float32.Facts) -> int:
    """For how many rows the float32 version pays something else."""
    paid = float32.amounts(facts)
    differing = 0
    for row, result in enumerate(answered(handler, batch).results):
        granted = {grant.benefit: grant.quantity for grant in result.decision.grants}
        differing += any(granted.get(name, 0) != int(amount[row]) * zen_engine.UNITS[name] for name, amount in paid.items())
    return differing
