"""Spans of calls for OpenTelemetry, where ``--traces yes`` asks for them; who does not, loads and pays nothing of this.

A span is made when its call has ended, of what the call then knows. Where spans go, how many are made, and over TLS or not, is
said by OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER …); by default to a collector on this
machine, of each call whose caller has it so or says nothing.

INVARIANT: no span has anything of a question, nor what is a hash of it: no id of a request or decision. By its trace and span a
call is found in the log.
"""

from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from threading import Thread
from time import time_ns
from typing import TYPE_CHECKING, Final, Protocol

from prometheus_client import CollectorRegistry, Counter

from server.call import Call
from server.cannot_start import CannotStartError
from server.settings import Settings
from server.trace_context import TRACEPARENT

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExportResult

CLOSE_SECONDS: Final = 2.0
"""Spans that are left have so long to reach the collector; nobody's drain waits longer for one that is away."""
OURS: Final = frozenset({"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"})
"""Codes that OpenTelemetry takes for an error of a server; others are the caller's."""
_NANOS: Final = 10**9


class Traces(Protocol):
    """Hears of calls that ended."""

    def ended(self, call: Call, code: str, seconds: float) -> None:
        """``call`` ended with ``code`` now, ``seconds`` after it arrived; ``call.span`` says which span it is, if any."""

    def close(self) -> None:
        """What is left is sent, if that can be."""


class _None:
    def ended(self, call: Call, code: str, seconds: float) -> None:
        """No span is made."""

    def close(self) -> None:
        """Nothing is left."""


NO_TRACES: Final[Traces] = _None()


def check(settings: Settings) -> None:
    """Raises CannotStartError where traces are asked for and what makes them is not installed."""
    if not settings.traces:
        return
    try:
        there = all(map(find_spec, ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.grpc")))
    except ModuleNotFoundError:  # a package above it is not there
        there = False
    if not there:
        raise CannotStartError(["--traces yes needs OpenTelemetry: install makegood[traces] (deploy/requirements-traces.txt)"])


def traces_of(settings: Settings, registry: CollectorRegistry) -> Traces:
    """What the settings ask for."""
    return Spans(registry) if settings.traces else NO_TRACES


class Spans:
    """A span for each call that is sampled, sent to a collector from a thread of the library's own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # Not at the top: who asks for no traces need not have it installed.
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult  # noqa: PLC0415
        from opentelemetry.trace import SpanKind, Status, StatusCode  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        fates = Counter(
            "makegood_spans",
            "Spans of calls: made, and of these sent to the collector or failed; the others wait or were dropped.",
            ("fate",),
            registry=registry,
        )
        self._made, sent, failed = (fates.labels(fate) for fate in ("made", "sent", "failed"))

        class Counted(SpanExporter):
            """The library's, with a count of what becomes of spans."""

            def __init__(self) -> None:
                self._exporter = OTLPSpanExporter()

            def export(self, spans: "Sequence[ReadableSpan]") -> "SpanExportResult":
                """Sends them."""
                result = self._exporter.export(spans)
                (sent if result is SpanExportResult.SUCCESS else failed).inc(len(spans))
                return result

            def shutdown(self) -> None:
                """Sends no more."""
                self._exporter.shutdown()

        # What is said in OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES wins.
        ours = Resource({"service.name": "makegood", "service.version": version("makegood")})
        self._provider = TracerProvider(resource=ours.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(Counted()))
        self._tracer = self._provider.get_tracer("makegood", version("makegood"))
        self._caller = TraceContextTextMapPropagator()
        self._kind = SpanKind.SERVER
        self._error = Status(StatusCode.ERROR)

    def ended(self, call: Call, code: str, seconds: float) -> None:
        """Makes the span, which is the caller's child where the caller names its own."""
        now = time_ns()
        parent = self._caller.extract({TRACEPARENT: call.traceparent})
        span = self._tracer.start_span(call.method, parent, self._kind, start_time=now - round(seconds * _NANOS))
        if not span.is_recording():
            return
        service, _, method = call.method.rpartition("/")
        span.set_attributes(
            {
                "rpc.system": "grpc",
                "rpc.service": service,
                "rpc.method": method,
                "rpc.response.status_code": code,
                "makegood.queue_seconds": call.queued_seconds,
                "makegood.rows": call.rows,
                "makegood.failed_rows": call.failed_rows,
                "makegood.outcome": call.outcome,
                "makegood.refused": call.refused,
                "makegood.caller": call.caller.name,
                "makegood.policies": sorted(f"{stamp.policy_id}/{stamp.version}" for stamp in call.stamps),
            }
        )
        if code in OURS:
            span.set_status(self._error)
        span.end(now)
        self._made.inc()
        context = span.get_span_context()
        call.span = (f"{context.trace_id:032x}", f"{context.span_id:016x}")

    def close(self) -> None:
        """The library waits for a collector for as long as half a minute; whoever stops the server does not."""
        closing = Thread(target=self._provider.shutdown, name="traces", daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)
