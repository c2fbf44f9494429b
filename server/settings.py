"""How the server is set up: by flags, by environment variables, or by default, in this order. Checked all at once."""

import argparse
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, get_args

import policy
from native.mode import Mode
from server.access_log import Logged
from server.cannot_start import CannotStartError
from server.log import LogFormat, LogLevel
from server.memory_limit import LEAST_BYTES
from server.metadata import RECEIVES_KEY
from server.request_id import METADATA_KEY
from server.when_full import WhenFull

Plaintext = Literal["loopback", "anywhere", "never"]
ENVIRONMENT_PREFIX: Final = "MAKEGOOD_"
SHIPPED_CATALOG: Final = Path(policy.__path__[0]) / "catalog"


_EPILOG: Final = f"""\
Each flag can also be given as an environment variable, --max-batch-rows as {ENVIRONMENT_PREFIX}MAX_BATCH_ROWS.
A flag wins; an empty variable is as good as none.

examples:
  python -m server
  python -m server --listen 0.0.0.0:50051 --metrics-listen 0.0.0.0:9464 --tls-cert server.pem --tls-key server.key
  python -m server check-access access.yaml
  {ENVIRONMENT_PREFIX}CATALOG=/etc/makegood/catalog python -m server --default-policy my-policy

what it does:
  It loads every policy of the catalog; with a slip in any of them it says where, and opens no port
  (python -m policy check finds the same). When it answers calls it says so on stdout; log lines go to stderr.
  Besides its own services it answers grpc.health.v1.Health and server reflection (v1 and v1alpha).
  Over HTTP, beside /metrics, /livez says that the process lives, and /readyz whether calls are answered.
  The id of a call is in its log line and in its trailing metadata, {METADATA_KEY}: the request_id of the question,
  else the {METADATA_KEY} of the call's metadata, else a new one.
  An answer of over 4 MiB, which clients of gRPC do not take unless they are set to, is refused before it is counted, with
  the number of rows that fit; a client that takes more says so in the call's metadata, {RECEIVES_KEY}: BYTES.

limits:
  Callers are held back before they are refused: a connection has --max-calls-per-connection open and its client keeps the
  next ones, and calls queue for --max-queue-millis (batches for --max-wait-seconds). Batches and messages of streams are
  worked on one after the other, so that questions and probes do not wait for them. A call whose message does not come, or
  whose answer is not read, ends after --max-wait-seconds, and sooner where others want its place; one client may be late
  with a few. What is refused is RESOURCE_EXHAUSTED with a time to try again, and is counted by reason
  (makegood_grpc_calls_refused_total) beside what pools hold and may hold (makegood_pool_calls, _waiting, _limit).
  Each message is held whole, by as many calls as are on their way: while that takes more than --max-memory-bytes, new calls
  are refused and those that are on their way end, the last that came first.

who may call:
  Without --tls-cert calls are answered in clear, and on loopback alone unless --plaintext says otherwise by name. With
  --tls-client-ca every client of gRPC has to show a certificate. --access-file maps callers, by certificate or by token, to
  methods, policies and rates; whoever it does not name is refused. Both hold for /metrics too, where a certificate may be
  shown; /livez and /readyz are open. The files are read again when they change; what cannot be used is told in the log and in
  makegood_security_reload_failing, and the last good ones stay in use. What is refused is counted by reason
  (makegood_access_denied_total, makegood_scrapes_denied_total). Rates are those of each worker. server/docs/access.md has more.

workers:
  --workers 2 starts two processes that answer on one port, and a third one that keeps them: it reads the policies, serves
  /metrics for all together, replaces a worker that dies, and is the one to send signals to. Limits are those of each worker.
  The kernel gives each new connection to one of them, where it stays: callers use all workers when they open several.

signals:
  SIGTERM, SIGINT   health says NOT_SERVING and /readyz 503; after --drain-delay-seconds new calls are refused, and running
                    ones get --drain-seconds to finish;
                    a second signal ends it at once
  SIGHUP            the policies are loaded anew; a set that is not valid changes nothing but log, metrics and GetPolicy
  Others that would end it without a drain are ignored, with a log line.

decision log:
  --decision-log DIRECTORY records every decision, and every refusal of a message that was read, enough to decide it again:
  python -m server replay does, under the same policies or others, and tells every difference; see its --help.
  python -m server pack makes one Parquet file of it.
  server/docs/decision-log.md has the rest.

reload:
  python -m server reload has a server of this machine load its policies anew, waits, and says how that went; see its --help.
  Files that change are loaded by themselves (--watch-seconds). server/docs/reload.md has the rest.

exit status:
  0   stopped by a signal
  1   a defect of the server, or it did not come to its end in five seconds more than both together
  2   the settings, the files that they name or the policies cannot be used, a port is taken, or a worker does not come up
"""


class SettingsError(CannotStartError):
    """Settings that cannot be used; ``log_format`` is what they say of it, where they do."""

    def __init__(self, problems: Sequence[str], log_format: LogFormat) -> None:
        super().__init__(problems)
        self.log_format = log_format


class Unusable(ValueError):
    """Why a value cannot be used and what to give instead."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. Port 0: any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    # No names: a name can stand for several addresses, and half of them taken would go unnoticed.
    if not _is_ip_address(host) or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise Unusable("give an IP address and a port, as in 127.0.0.1:50051 or [::]:50051")
    return Address(host, int(port))


def _is_ip_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise Unusable(f"give a whole number from {low} to {high}")
        return int(text)

    return parse


def _memory(text: str) -> int:
    value = _whole(0, 2**48)(text)
    if 0 < value < LEAST_BYTES:
        raise Unusable(f"give at least {LEAST_BYTES}, for a worker holds some of it at rest; or 0")
    return value


def _one_of(words: Any) -> Callable[[str], Any]:
    choices: tuple[str, ...] = get_args(words)

    def parse(text: str) -> str:
        if text not in choices:
            raise Unusable(f"give one of {', '.join(choices)}")
        return text

    return parse


def _directory(text: str) -> Path:
    if not Path(text).is_dir():
        raise Unusable("give a directory that exists")
    return Path(text)


def _paths(text: str) -> str:
    if not all(text.split(",")):
        raise Unusable("give paths of fields as in errors, as in subscriber.plan_type,outages; or all")
    return text


def _name(text: str) -> str:
    if not text:
        raise Unusable("give a name")
    return text


def _path(text: str) -> str:
    if "\0" in text:
        raise Unusable("give the path of a file")
    return text


def _yes_or_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise Unusable("give yes or no")
    return text == "yes"


def _about(parse: Callable[[str], Any], help_: str) -> dict[str, Any]:
    return {"parse": parse, "help": help_}


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be set. The text of a field is also its help on the command line."""

    listen: Address = field(
        default=Address("127.0.0.1", 50051), metadata=_about(_address, "Where gRPC calls are answered. Port 0: any free one.")
    )
    metrics_listen: Address = field(
        default=Address("127.0.0.1", 9464), metadata=_about(_address, "Where Prometheus reads /metrics. Port 0: any free one.")
    )
    tls_cert: str = field(
        default="",
        metadata=_about(
            _path,
            "File of the server's certificate, PEM, and after it those up to its authority; turns TLS on, for gRPC and HTTP.",
        ),
    )
    tls_key: str = field(
        default="", metadata=_about(_path, "File of the certificate's private key, PEM, without a passphrase.")
    )
    tls_client_ca: str = field(
        default="",
        metadata=_about(
            _path, "File of the authorities, PEM, that vouch for clients; every client has to show a certificate (mTLS)."
        ),
    )
    plaintext: Plaintext = field(
        default="loopback",
        metadata=_about(
            _one_of(Plaintext),
            "Where calls are answered in clear if there is no TLS: on loopback alone, anywhere, or never.",
        ),
    )
    access_file: str = field(
        default="",
        metadata=_about(
            _path,
            "File that says who may call, YAML; without one, whoever can connect may."
            " python -m server check-access FILE judges it.",
        ),
    )
    reflection: bool = field(
        default=True, metadata=_about(_yes_or_no, "Whether server reflection tells callers of the services.")
    )
    reuse_port: bool = field(
        default=False,
        metadata=_about(
            _yes_or_no,
            "Whether several servers may share the port of --listen (SO_REUSEPORT); each needs its own --metrics-listen.",
        ),
    )
    catalog: Path = field(default=SHIPPED_CATALOG, metadata=_about(_directory, "Directory of the policies."))
    default_policy: str = field(
        default="cn-standard", metadata=_about(_name, "Id of the policy that decides requests that name none.")
    )
    watch_seconds: int = field(
        default=5,
        metadata=_about(
            _whole(0, 86_400),
            "Seconds between looks at the files of the catalog; a change is loaded once they stand still. 0: only when asked.",
        ),
    )
    traces: bool = field(
        default=False,
        metadata=_about(
            _yes_or_no,
            "Whether spans of calls are made for OpenTelemetry (makegood[traces]); its variables OTEL_… say where they go and"
            " how many there are.",
        ),
    )
    decision_log: str = field(
        default="",
        metadata=_about(
            str,
            "Directory of records of all decisions, and of refusals of messages that were read, one file after another."
            " Empty: none.",
        ),
    )
    decision_log_key_file: str = field(
        default="",
        metadata=_about(
            str,
            "Keys that seal what names a subscriber there, looked at every moment; the first seals. Empty: it is left out,"
            " and nothing can be replayed.",
        ),
    )
    decision_log_facts: str = field(
        default="all",
        metadata=_about(_paths, "Which facts of a question are recorded, by their paths with commas between them; all: all."),
    )
    decision_log_when_full: WhenFull = field(
        default="block",
        metadata=_about(
            _one_of(WhenFull),
            "What becomes of a call when too much waits to be recorded: block, and refused after --max-queue-millis; shed,"
            " refused at once; drop, answered and not recorded.",
        ),
    )
    decision_log_queue_bytes: int = field(
        default=64 * 2**20, metadata=_about(_whole(2**16, 2**34), "Bytes that may wait to be recorded, of each worker.")
    )
    decision_log_max_bytes: int = field(
        default=256 * 2**20, metadata=_about(_whole(2**12, 2**40), "Bytes after which another file of records is begun.")
    )
    decision_log_max_age_seconds: int = field(
        default=3600, metadata=_about(_whole(1, 86_400 * 366), "Seconds after which another file of records is begun.")
    )
    max_batch_rows: int = field(
        default=10_000, metadata=_about(_whole(1, 1_000_000), "Items that a batch, or one message of a stream, may have.")
    )
    max_message_bytes: int = field(
        default=16 * 2**20,
        metadata=_about(
            _whole(1024, 2**29),
            "Bytes that a request message may have; over twice as many are dropped unread: RESOURCE_EXHAUSTED, no RetryInfo.",
        ),
    )
    max_memory_bytes: int = field(
        default=0,
        metadata=_about(
            _memory,
            "Resident memory of a worker over which calls are answered RESOURCE_EXHAUSTED; 0: five eighths of what the cgroup"
            " lets all workers have, if it sets a limit.",
        ),
    )
    workers: int = field(
        default=1,
        metadata=_about(
            _whole(1, 256),
            "Processes that answer calls on the port of --listen, each within the limits below; more than cores are no use.",
        ),
    )
    threads: int = field(
        default=2,
        metadata=_about(_whole(1, 256), "Threads that answer unary calls; with more than two each call takes longer."),
    )
    max_concurrent_calls: int = field(
        default=2048,
        metadata=_about(
            _whole(1, 100_000),
            "Unary calls that may run and queue together, and batches likewise; one more is answered RESOURCE_EXHAUSTED.",
        ),
    )
    max_queue_millis: int = field(
        default=2000,
        metadata=_about(
            _whole(1, 3_600_000), "Milliseconds that a call may queue; one that queued longer is answered RESOURCE_EXHAUSTED."
        ),
    )
    max_concurrent_streams: int = field(
        default=64,
        metadata=_about(
            _whole(1, 1024),
            "Streams that may be open together, each with a thread; one more takes the place of one that is silent or unread,"
            " or is answered RESOURCE_EXHAUSTED.",
        ),
    )
    max_wait_seconds: int = field(
        default=30,
        metadata=_about(
            _whole(1, 3600),
            "Seconds that a call may keep the server waiting for its next message, or for its answer to be read;"
            " then it ends RESOURCE_EXHAUSTED.",
        ),
    )
    max_connections: int = field(
        default=1000, metadata=_about(_whole(1, 100_000), "Connections that may be open together; one more is closed.")
    )
    max_calls_per_connection: int = field(
        default=16,
        metadata=_about(_whole(1, 10_000), "Calls that a connection may have open; its client holds back the next ones."),
    )
    max_connection_idle_seconds: int = field(
        default=600, metadata=_about(_whole(1, 86_400), "Seconds after which a connection without calls is closed.")
    )
    max_connection_age_seconds: int = field(
        default=3600,
        metadata=_about(
            _whole(1, 86_400),
            "Seconds after which a connection takes no new calls; those that run get as long again. Clients open a new one.",
        ),
    )
    keepalive_seconds: int = field(
        default=20,
        metadata=_about(
            _whole(1, 3600),
            "Seconds of silence after which a caller is asked for a sign of life; it is gone if as many more bring none.",
        ),
    )
    drain_seconds: int = field(
        default=20, metadata=_about(_whole(0, 3600), "Seconds that running calls get to finish after SIGTERM.")
    )
    compiled: Mode = field(
        default="auto",
        metadata=_about(
            _one_of(Mode),
            "Whether what is compiled may run, auto, must run, require, or the same source runs uncompiled, forbid.",
        ),
    )
    drain_delay_seconds: int = field(
        default=0,
        metadata=_about(
            _whole(0, 3600),
            "Seconds after SIGTERM in which probes hear NOT_SERVING and calls are still answered, for a load balancer to see.",
        ),
    )
    log_format: LogFormat = field(
        default="json", metadata=_about(_one_of(LogFormat), "Log lines on stderr: json, or text for people.")
    )
    log_level: LogLevel = field(
        default="info", metadata=_about(_one_of(LogLevel), "Lowest level that is logged: debug, info, warning or error.")
    )
    log_calls: Logged = field(
        default="all", metadata=_about(_one_of(Logged), "Which calls get a log line: all, failed or none.")
    )

    @property
    def secured(self) -> bool:
        """Whether there is TLS, or a file that says who may call."""
        return bool(self.tls_cert or self.access_file)

    def shown(self) -> dict[str, str | int | bool]:
        """The values for the log. None of them is a secret."""
        values = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        return {name: value if isinstance(value, (int, str)) else str(value) for name, value in values.items()}


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Settings from flags, then the environment, then defaults. Raises SettingsError with every problem at once."""
    flags = vars(_parser().parse_args(arguments))
    values: dict[str, Any] = {}
    problems: list[str] = []
    for each in dataclasses.fields(Settings):
        variable = ENVIRONMENT_PREFIX + each.name.upper()
        flag: str | None = flags[each.name]
        text = environment.get(variable, "") if flag is None else flag
        if flag is None and not text:
            continue
        try:
            values[each.name] = each.metadata["parse"](text)
        except Unusable as problem:
            given = f"{variable}={text}" if flag is None else f"{_flag(each.name)} {text}"
            problems.append(f"{given}: {problem}")
    settings = Settings(**values)
    if settings.listen == settings.metrics_listen and settings.listen.port:
        problems.append(f"listen and metrics-listen are both {settings.listen}: give one of them another port")
    problems += _contradictions(settings)
    if problems:
        raise SettingsError(problems, settings.log_format)
    return settings


def _contradictions(settings: Settings) -> list[str]:
    """What holds between settings of TLS: nobody beyond this machine is answered in clear unless that is asked for by name."""
    cert, key = settings.tls_cert, settings.tls_key
    if cert or key or settings.tls_client_ca:
        problems = [] if cert and key else ["TLS needs both --tls-cert and --tls-key: give the one that is missing"]
        if settings.plaintext == "anywhere":
            problems.append("--plaintext anywhere and TLS contradict each other: leave out one of them")
        return problems
    if settings.plaintext == "never":
        return ["--plaintext never: give --tls-cert and --tls-key"]
    if settings.plaintext == "anywhere":
        return []
    places = {"--listen": settings.listen, "--metrics-listen": settings.metrics_listen}
    return [
        f"{flag} {at}: would be answered in clear beyond this machine; give --tls-cert and --tls-key,"
        " or --plaintext anywhere where something in front of it speaks TLS or nobody else can connect"
        for flag, at in places.items()
        if not ip_address(at.host).is_loopback
    ]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """As any other setting that cannot be used."""
        raise SettingsError([f"{message}; --help lists every flag"], Settings().log_format)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m server",
        description="Answers what telecom customers are owed after an outage, over gRPC.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    shown = Settings().shown()
    for each in dataclasses.fields(Settings):
        default = "the catalog that ships with the server" if each.name == "catalog" else shown[each.name]
        default = {True: "yes", False: "no"}[default] if isinstance(default, bool) else default
        parser.add_argument(_flag(each.name), metavar="VALUE", help=f"{each.metadata['help']} (default: {default})")
    parser.add_argument(
        "--version", action="store_true", help="Say what would run here, and whether it is compiled; then exit."
    )
    return parser


def asks_for_version(arguments: Sequence[str]) -> bool:
    """Whether --version is among the flags, which are known to be well formed."""
    return bool(_parser().parse_args(arguments).version)


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
