"""The one channel that every caller shares: where the server is, how it is trusted, how long it is waited for.

Every option has a flag and an environment variable. A deadline is set on each call and never in a service config: there,
grpcio lets a timeout fire at once (grpc/grpc#34547). grpcio's own retries are off, so that :mod:`clients.retry` is the
only place that repeats a call.
"""

import argparse
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import grpc

from clients.errors import BadInput

DEFAULT_ADDRESS = "localhost:50051"
DEFAULT_MAX_MESSAGE_MIB = 64
_LOOPBACK = re.compile(r"localhost|::1|127(?:\.[0-9]{1,3}){3}")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,8192}")
_HOST_AND_PORT = re.compile(r"(?:dns:///)?(?:\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files as read. ``ca`` None: the roots that grpcio ships with. ``cert`` and ``key``: both or neither."""

    ca: bytes | None
    cert: bytes | None
    key: bytes | None
    server_name: str


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach the server."""

    address: str
    """Host and port, or unix:PATH."""
    timeout_seconds: float
    """For one call, all its attempts and the waits between them."""
    max_message_bytes: int
    """Of one message, sent or received."""
    tls: Tls | None
    """None: in clear."""
    token_file: str = ""
    """The token that says who calls; "": none does."""
    is_to_quote: bool = False
    """Nothing is booked by the answers: the server keeps them apart from what it grants."""

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What a call tells the server: the longest answer it takes, which gRPC itself does not tell, what for, and who calls.

        The token is read for each call, for whoever renews it writes it there. Raises BadInput where none can be read.
        """
        said = [("makegood-receives-bytes", str(self.max_message_bytes))]
        if self.is_to_quote:
            said.append(("makegood-purpose", "quote"))
        if not self.token_file:
            return tuple(said)
        problems: list[str] = []
        token = _token(self.token_file, problems)
        if problems:
            raise BadInput("the connection cannot be used", [f"  {problem}" for problem in problems])
        return (*said, ("authorization", f"Bearer {token}"))

    @property
    def hint(self) -> str:
        """What a person checks when the server does not answer."""
        trust = "TLS (--tls-ca was given)" if self.tls else "plain text (no --tls-ca was given)"
        return (
            f"check that the server runs there (--address or MAKEGOOD_ADDRESS), that it speaks {trust}, "
            f"and that {self.timeout_seconds:g} s are enough (--timeout)"
        )


def add_arguments(parser: argparse.ArgumentParser, environ: Mapping[str, str], *, default_timeout_seconds: int) -> None:
    """Add the flags of the connection; their defaults come from the environment."""
    group = parser.add_argument_group("connection", "Each of these is also read from the environment variable in brackets.")

    def add(flag: str, variable: str, default: str, help_: str, metavar: str) -> None:
        shown = f" (default {default})" if default else ""
        group.add_argument(flag, metavar=metavar, default=environ.get(variable) or default, help=f"{help_} [{variable}]{shown}")

    add("--address", "MAKEGOOD_ADDRESS", DEFAULT_ADDRESS, "where the server is, host:port or unix:PATH", "HOST:PORT")
    add("--timeout", "MAKEGOOD_TIMEOUT", str(default_timeout_seconds), "seconds for a call with all its attempts", "SECONDS")
    add("--max-message", "MAKEGOOD_MAX_MESSAGE_MIB", str(DEFAULT_MAX_MESSAGE_MIB), "largest message in MiB, either way", "MIB")
    add("--tls-ca", "MAKEGOOD_TLS_CA", "", "certificates to trust, PEM; turns TLS on", "FILE")
    add("--tls-cert", "MAKEGOOD_TLS_CLIENT_CERT", "", "this client's certificate, PEM; with --tls-key", "FILE")
    add("--tls-key", "MAKEGOOD_TLS_CLIENT_KEY", "", "this client's private key, PEM, without a passphrase", "FILE")
    add("--tls-server-name", "MAKEGOOD_TLS_SERVER_NAME", "", "name in the server's certificate, if not the host", "NAME")
    add("--token-file", "MAKEGOOD_TOKEN_FILE", "", "the token (JWT) that says who calls; read anew for each call", "FILE")


def connection(arguments: argparse.Namespace) -> Connection:
    """The connection that the flags ask for. Raises BadInput naming everything that is wrong with them."""
    problems: list[str] = []
    timeout = _number(arguments.timeout, "--timeout", problems)
    mebibytes = _number(arguments.max_message, "--max-message", problems)
    _check_address(arguments.address, problems)
    tls = _tls(arguments, problems)
    if arguments.token_file:
        _token(arguments.token_file, problems)
        if tls is None and not _is_this_machine(arguments.address):
            problems.append("--token-file: a token goes to another machine over TLS alone; give --tls-ca as well")
    if problems:
        raise BadInput("the connection cannot be set up", [f"  {problem}" for problem in problems])
    return Connection(arguments.address, timeout, int(mebibytes * 2**20), tls, arguments.token_file)


def open_channel(to: Connection) -> grpc.Channel:
    """A channel of its own (no connection is shared between channels, so several spread over several servers)."""
    options: list[tuple[str, str | int]] = [
        ("grpc.max_send_message_length", to.max_message_bytes),
        ("grpc.max_receive_message_length", to.max_message_bytes),
        ("grpc.enable_retries", 0),
        ("grpc.service_config_disable_resolution", 1),
        ("grpc.use_local_subchannel_pool", 1),
        # A caller that waits for a server to come back must not wait on the connection's own, far longer, schedule.
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.min_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 2000),
    ]
    if to.tls is None:
        return grpc.insecure_channel(to.address, options)
    if to.tls.server_name:
        options.append(("grpc.ssl_target_name_override", to.tls.server_name))
    return grpc.secure_channel(to.address, grpc.ssl_channel_credentials(to.tls.ca, to.tls.key, to.tls.cert), options)


def _number(text: str, flag: str, problems: list[str]) -> float:
    """A number above 0, or a problem."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e6:
        problems.append(f"{flag} {text!r}: a number above 0 is needed")
    return number


def _check_address(address: str, problems: list[str]) -> None:
    """Refuse what grpcio would take and then never reach."""
    if address.startswith("unix:"):
        return
    match = _HOST_AND_PORT.fullmatch(address)
    if match is None:
        problems.append(f"--address {address!r}: write host:port, for example {DEFAULT_ADDRESS}; an IPv6 host stands in [ ]")
    elif not 0 < int(match["port"]) < 65536:
        problems.append(f"--address {address!r}: a port is between 1 and 65535")


def _is_this_machine(address: str) -> bool:
    """Whether what is said there stays here."""
    host = address.removeprefix("dns:///").rpartition(":")[0].strip("[]")
    return address.startswith("unix:") or _LOOPBACK.fullmatch(host) is not None


def _token(path: str, problems: list[str]) -> str:
    """What stands in the file, or a problem, which never shows it."""
    content = _read(path, "--token-file", problems)
    if content is None:
        return ""
    text = content.decode("ascii", "replace").strip()
    if not _TOKEN.fullmatch(text):
        problems.append(f"--token-file {path}: no token stands there alone; write it without Bearer, quotes and spaces")
        return ""
    return text


def _tls(arguments: argparse.Namespace, problems: list[str]) -> Tls | None:
    """The PEM files as read, or problems. grpcio would take any bytes and fail on the first call, so they are checked here."""
    ca, cert, key = arguments.tls_ca, arguments.tls_cert, arguments.tls_key
    if not (ca or cert or key):
        if arguments.tls_server_name:
            problems.append("--tls-server-name is only for TLS; give --tls-ca as well")
        return None
    if bool(cert) != bool(key):
        problems.append("--tls-cert and --tls-key belong together; one of them is missing")
    files = {"--tls-ca": ca, "--tls-cert": cert, "--tls-key": key}
    contents = {flag: _read(path, flag, problems) for flag, path in files.items() if path}
    if contents.get("--tls-ca") is not None:
        wrong = f"--tls-ca {ca}: no certificate in PEM form can be read from it"
        _check_pem(lambda context: context.load_verify_locations(cafile=ca), wrong, problems)
    if contents.get("--tls-cert") is not None and contents.get("--tls-key") is not None:
        wrong = f"--tls-cert {cert} and --tls-key {key}: not a certificate and its own key in PEM form without a passphrase"
        # An empty passphrase: without one, OpenSSL would ask for it on the terminal.
        _check_pem(lambda context: context.load_cert_chain(cert, key, password=""), wrong, problems)
    return Tls(contents.get("--tls-ca"), contents.get("--tls-cert"), contents.get("--tls-key"), arguments.tls_server_name)


def _read(path: str, flag: str, problems: list[str]) -> bytes | None:
    """The file's bytes, or a problem."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        problems.append(f"{flag} {path}: {error.strerror}")
        return None


def _check_pem(load: Callable[[ssl.SSLContext], None], wrong: str, problems: list[str]) -> None:
    """Let OpenSSL read the files once."""
    try:
        load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    except (ssl.SSLError, ValueError) as error:
        problems.append(f"{wrong} ({error})")
