"""/metrics, /policies, /livez and /readyz over HTTP on a port and threads of their own, so that no call is in their way."""

import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any, Final, NamedTuple
from wsgiref.types import StartResponse, WSGIEnvironment

from prometheus_client import CollectorRegistry, Gauge, make_wsgi_app

from server.http_server import HttpServer
from server.log import Log
from server.ports import PortUnavailableError, require_free
from server.settings import Address
from server.stray import raised

METHODS: Final = ("GET", "HEAD")
_LOOK_FOR_CLOSE_SECONDS: Final = 0.05
_SCRAPES: Final = 4
"""So many may wait for their turn; one more is told to come back."""
_SHARE_OF_SCRAPES: Final = 4
"""A scrape is followed by a pause, so that all of them together take one part of so many of the time."""
_LONGEST_PAUSE_SECONDS: Final = 1.0


class Turned(NamedTuple):
    """How a request is turned away: with a status, a text, and headers."""

    status: str
    text: str
    header: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Entrance:
    """How requests come in.

    ``tls`` gives what a connection is spoken to with, and None for in clear; ``failed`` hears of handshakes that fail.
    ``turned_away`` says why a request for /metrics or /policies is not answered; None: it is, whoever asks.
    """

    tls: Callable[[], ssl.SSLContext | None] = lambda: None
    failed: Callable[[Exception], None] = lambda _: None
    turned_away: Callable[[WSGIEnvironment], Turned | None] | None = None


OPEN: Final = Entrance()


class MetricsEndpoint:
    """Serves ``registry`` from construction to :meth:`close`, to whoever ``entrance`` lets in. Raises PortUnavailableError.

    ``why_not_ready`` says why no calls are answered here, and nothing when they are. ``policies``: what is loaded, as JSON.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        listen: Address,
        log: Log,
        why_not_ready: Callable[[], str],
        policies: Callable[[], str],
        entrance: Entrance = OPEN,
    ) -> None:
        require_free(listen, "--metrics-listen")
        try:
            self._http = HttpServer(listen, entrance.tls, entrance.failed)
        except OSError as error:  # taken since we looked
            raise PortUnavailableError(listen, "--metrics-listen", str(error)) from error
        serving = Gauge("makegood_serving", "1 while calls are answered here, else 0; as /readyz says.", registry=registry)
        serving.set_function(lambda: not why_not_ready())
        self._http.set_app(_Pages(registry, log, why_not_ready, policies, entrance.turned_away).answer)
        self._thread = Thread(target=self._http.serve_forever, args=(_LOOK_FOR_CLOSE_SECONDS,), name="metrics", daemon=True)
        self._thread.start()
        self.address = Address(listen.host, self._http.server_port)

    def close(self) -> None:
        """Stops answering and frees the port."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Pages:
    def __init__(
        self,
        registry: CollectorRegistry,
        log: Log,
        why_not_ready: Callable[[], str],
        policies: Callable[[], str],
        turned_away: Callable[[WSGIEnvironment], Turned | None] | None,
    ) -> None:
        self._policies = policies
        self._turned_away = turned_away
        self._scrape: Any = make_wsgi_app(registry)
        self._log = log
        self._why_not_ready = why_not_ready
        self._turn = Lock()
        self._free_at = 0.0
        self._waiting: list[None] = []

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The page of a path."""
        if environ["REQUEST_METHOD"] not in METHODS:
            return _text(start_response, "405 Method Not Allowed", "use GET", ("Allow", ", ".join(METHODS)))
        body = self._page(environ, start_response)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else body

    def _page(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/metrics":
                return self._metrics({**environ, "REQUEST_METHOD": "GET"}, start_response)
            case "/policies":
                return self._turned(environ, start_response) or _json(start_response, self._policies())
            case "/livez":
                return _text(start_response, "200 OK", "alive")
            case "/readyz":
                why_not = self._why_not_ready()
                return _text(start_response, "503 Service Unavailable" if why_not else "200 OK", why_not or "ready")
            case _:
                return _text(start_response, "404 Not Found", "there are /metrics, /policies, /livez and /readyz")

    def _turned(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes] | None:
        """What is said to whoever may not read what goes on here; None: it may be read."""
        turned = None if self._turned_away is None else self._turned_away(environ)
        if turned is None:
            return None
        return _text(start_response, turned.status, turned.text, *([turned.header] if turned.header else []))

    def _metrics(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        turned = self._turned(environ, start_response)
        if turned is not None:
            return turned
        if len(self._waiting) >= _SCRAPES:
            return _text(start_response, "503 Service Unavailable", "others scrape too", ("Retry-After", "1"))
        self._waiting.append(None)
        try:
            with self._turn:
                sleep(max(self._free_at - monotonic(), 0))
                began = monotonic()
                pages: Iterable[bytes] = self._scrape(environ, start_response)
                ended = monotonic()
                self._free_at = ended + min((_SHARE_OF_SCRAPES - 1) * (ended - began), _LONGEST_PAUSE_SECONDS)
        except Exception as error:  # noqa: BLE001  # a defect of ours, and no reason to print it past the log
            self._log.error("scrape failed", **raised(error))
            return _text(start_response, "500 Internal Server Error", "see the log of the server")
        finally:
            self._waiting.pop()
        return pages


def _json(start_response: StartResponse, text: str) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [f"{text}\n".encode()]


def _text(start_response: StartResponse, status: str, text: str, *headers: tuple[str, str]) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), *headers])
    return [f"{text}\n".encode()]
