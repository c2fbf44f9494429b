"""One decision in one call, against an empty call in the same set-up."""

from typing import Final

from bench.calls import against, cost, repeated
from bench.effort import Effort
from bench.figures import Section
from bench.load import Traffic
from bench.questions import converged_plan, data_plan, explained
from bench.rounds import interleaved
from bench.servers import SERVICE_PATH, Server

METHOD: Final = f"{SERVICE_PATH}/ComputeCompensation"
TRAFFIC: Final = Traffic(in_flight=16)
BARE: Final = "empty call, grpcio alone"
FRAMED: Final = "empty call behind makegood's interceptors"
NONE: Final = "ComputeCompensation, explain NONE"
SUMMARY: Final = "ComputeCompensation, explain SUMMARY"
FULL: Final = "ComputeCompensation, explain FULL"
CONVERGED: Final = "the same for a converged plan, three benefits, NONE"
SOURCE: Final = "ComputeCompensation, NONE, not compiled"
TARGETS: Final = {NONE: "server CPU ≤ 1.15 ×", SOURCE: "server CPU ≤ 1.7 ×"}
GRPCIO: Final = "grpcio alone"


def section(bare: Server, framed: Server, makegood: Server, uncompiled: Server, effort: Effort) -> Section:
    """Measures it."""
    asked = {
        BARE: (bare, data_plan()),
        FRAMED: (framed, data_plan()),
        NONE: (makegood, explained(data_plan(), "NONE")),
        SUMMARY: (makegood, explained(data_plan(), "SUMMARY")),
        FULL: (makegood, explained(data_plan(), "FULL")),
        CONVERGED: (makegood, explained(converged_plan(), "NONE")),
        SOURCE: (uncompiled, explained(data_plan(), "NONE")),
    }
    cases = {
        name: repeated(server, server.target(METHOD, question.SerializeToString()), TRAFFIC, effort.seconds_of_calls)
        for name, (server, question) in asked.items()
    }
    readings = interleaved(cases, effort.rounds)
    figures = [cost(BARE, readings[BARE]), against(FRAMED, readings[FRAMED], readings[BARE], GRPCIO)]
    for name in (NONE, SUMMARY, FULL, CONVERGED, SOURCE):
        figures.append(against(name, readings[name], readings[BARE], GRPCIO, TARGETS.get(name, "")))
        figures.append(against("", readings[name], readings[FRAMED], "empty behind interceptors"))
    note = (
        f"for each call, with {TRAFFIC.in_flight} calls in flight over loopback; all servers are set up alike, with the "
        "default threads, and log to /dev/null. The question is of one data plan and one outage."
    )
    return Section("unary calls", note, figures)
