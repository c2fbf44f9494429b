"""TLS and authorisation of one process, as its settings ask; nothing of this is loaded where they ask for neither."""

import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import time
from typing import Any

from prometheus_client import CollectorRegistry

from server.access.files import Contents, Files, UnusableFiles
from server.access.guard import Guard, method_words, unknown_policies
from server.access.kept import Kept, Watch
from server.access.metrics import ACCESS, TLS, ReloadMetrics
from server.access.reader import FLAG, read_access
from server.access.rules import Access
from server.access.tls import CLIENT_CA, Tls, TlsPaths, http_context, read_tls
from server.cannot_start import CannotStartError
from server.log import Log
from server.settings import Settings

Handed = Mapping[str, Contents]
"""What a parent read, by what it is."""


class Security:
    """Reads and checks the files, and raises CannotStartError with all that is wrong with them.

    ``registry`` None: others tell Prometheus. ``handed``: what a parent read, to begin with. ``http``: TLS is for HTTP as well.
    ``known_policies``: ids, and "id/version", to hold the file against.
    """

    def __init__(
        self,
        settings: Settings,
        log: Log,
        registry: CollectorRegistry | None,
        known_policies: Iterable[str],
        handed: Handed | None = None,
        *,
        http: bool = False,
    ) -> None:
        self.log = log
        self._known_policies = frozenset(known_policies)
        self._metrics = ReloadMetrics(registry)
        self.guard: Guard | None = None
        self._tls: Kept[Tls] | None = None
        self._access: Kept[Access] | None = None
        problems: list[str] = []
        before = handed or {}
        if settings.tls_cert:
            client_ca = Path(settings.tls_client_ca) if settings.tls_client_ca else None
            paths = TlsPaths(Path(settings.tls_cert), Path(settings.tls_key), client_ca)
            self._tls = self._kept(TLS, partial(_tls, paths, http), before, self._use_tls, problems)
        if settings.access_file:
            self.guard = Guard(log)
            read = partial(_access, Path(settings.access_file), bool(settings.tls_client_ca))
            self._access = self._kept(ACCESS, read, before, self._use_access, problems)
        if problems:
            raise CannotStartError(problems)
        if self._access is not None and self._tls is None and settings.plaintext == "anywhere":
            log.warning("tokens come in clear", instead="give --tls-cert and --tls-key, unless something in front speaks TLS")
        self._watch = Watch([each for each in (self._tls, self._access) if each is not None])

    def know(self, policies: Iterable[str]) -> None:
        """Holds the file against these from now on, ids and "id/version": others have been loaded."""
        self._known_policies = frozenset(policies)

    def start(self) -> None:
        """Begins to look whether files change."""
        self._watch.start()

    def stop(self) -> None:
        """Looks no more."""
        self._watch.stop()

    @property
    def contents(self) -> Handed:
        """What the files held that are in use, for a process that is to use the same."""
        kept = {TLS: self._tls, ACCESS: self._access}
        return {what: each.contents for what, each in kept.items() if each is not None}

    @property
    def tls(self) -> Callable[[], Tls] | None:
        """The TLS in use, each time that it is asked for; None: there is none."""
        kept = self._tls
        return None if kept is None else lambda: kept.current

    def http_context(self) -> ssl.SSLContext | None:
        """For a connection that comes now; None: in clear."""
        return None if self._tls is None else self._tls.current.context

    def _kept(
        self, what: str, read: Callable[[Files, bool], Any], handed: Handed, in_use: Callable[[Any], None], problems: list[str]
    ) -> Kept[Any] | None:
        self._metrics.expect(what)
        try:
            return Kept(what, read, self.log, self._metrics, handed.get(what), in_use)
        except UnusableFiles as error:
            problems.extend(error.problems)
            return None

    def _use_tls(self, tls: Tls) -> None:
        self._metrics.expires(tls.expires_at)

    def _use_access(self, access: Access) -> None:
        assert self.guard is not None
        self.guard.use(access)
        unknown = unknown_policies(access, self._known_policies)
        if unknown:
            self.log.warning("access file names policies that are not loaded", policies=unknown)


def _tls(paths: TlsPaths, http: bool, files: Files, fresh: bool) -> Tls:
    tls = read_tls(paths, files, int(time()) if fresh else None)
    return replace(tls, context=http_context(tls, paths)) if http else tls


def _access(path: Path, has_client_ca: bool, files: Files, _: bool) -> Access:
    access = read_access(path, files, method_words())
    if access.by_certificate and not has_client_ca:
        text = (
            f"{FLAG} {path}: knows callers by certificate, and no client is asked for one; give {CLIENT_CA}, or tokens: instead"
        )
        raise UnusableFiles([text])
    return access
