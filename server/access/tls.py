"""TLS as the settings' files say, for gRPC and for HTTP."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server.access import pem
from server.access.files import Disk, Files, UnusableFiles

CERT: Final = "--tls-cert"
KEY: Final = "--tls-key"
CLIENT_CA: Final = "--tls-client-ca"


@dataclass(frozen=True, slots=True)
class TlsPaths:
    """Where the files are. ``client_ca`` None: clients show no certificate."""

    cert: Path
    key: Path
    client_ca: Path | None


@dataclass(frozen=True, slots=True)
class Tls:
    """Files that belong together. ``expires_at``: when the first certificate of the chain does, seconds since 1970 UTC.

    ``context``: for HTTP, where it was asked for; a client may show a certificate there and need not, for probes show none.
    """

    chain: bytes
    key: bytes
    client_ca: bytes | None
    expires_at: int
    context: ssl.SSLContext | None = None


def read_tls(paths: TlsPaths, files: Files, now: int | None) -> Tls:
    """Reads and checks them; raises UnusableFiles with all that is wrong. ``now`` None: whatever the time is."""
    problems: list[str] = []

    def content(path: Path, flag: str, *, secret: bool = False) -> bytes:
        try:
            return files.bytes_of(path, flag, secret=secret)
        except UnusableFiles as error:
            problems.extend(error.problems)
            return b""

    chain, key = content(paths.cert, CERT), content(paths.key, KEY, secret=True)
    client_ca = content(paths.client_ca, CLIENT_CA) if paths.client_ca is not None else None
    expires_at = 0
    try:
        if chain:
            certificates = pem.certificates(chain, f"{CERT} {paths.cert}")
            problems += pem.chain_problems(certificates, f"{CERT} {paths.cert}", now)
            expires_at = min(pem.seconds_of(each.not_valid_after_utc) for each in certificates)
            if key:
                pem.fits(key, certificates[0], f"{KEY} {paths.key}", f"{CERT} {paths.cert}")
    except UnusableFiles as error:
        problems.extend(error.problems)
    try:
        if client_ca:
            where = f"{CLIENT_CA} {paths.client_ca}"
            problems += pem.authority_problems(pem.certificates(client_ca, where), where, now)
    except UnusableFiles as error:
        problems.extend(error.problems)
    if problems:
        raise UnusableFiles(_each_once(problems))
    return Tls(chain, key, client_ca, expires_at)


def http_context(tls: Tls, paths: TlsPaths) -> ssl.SSLContext:
    """For HTTP. Raises UnusableFiles where the files are not those of ``tls`` any more, or OpenSSL does not take them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # An empty passphrase: without one, OpenSSL would ask for it on the terminal.
        context.load_cert_chain(paths.cert, paths.key, password="")
        if tls.client_ca is not None:
            context.load_verify_locations(cadata=tls.client_ca.decode("ascii", "ignore"))
            context.verify_mode = ssl.CERT_OPTIONAL
    except (ssl.SSLError, OSError, ValueError) as error:
        raise UnusableFiles([f"{CERT} {paths.cert} and {KEY} {paths.key}: OpenSSL does not take them ({error})"]) from error
    now_there = Disk()
    if (now_there.bytes_of(paths.cert, CERT), now_there.bytes_of(paths.key, KEY)) != (tls.chain, tls.key):
        raise UnusableFiles([f"{CERT} {paths.cert} and {KEY} {paths.key}: were changed while they were read"])
    return context


def _each_once(problems: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(problems))
