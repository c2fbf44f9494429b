"""Files of TLS that cannot be used: nothing starts, and a sentence says what to change."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from server.access.files import Disk, UnusableFiles
from server.access.tls import TlsPaths, read_tls
from server.settings import Settings, SettingsError, read_settings
from tests.access.pki import DAY, HOST, Pair, authority, issued, of_client, of_server, server_files, written
from tests.server.processes import ended

NOW = int(__import__("time").time())


def told(paths: TlsPaths, now: int = NOW) -> str:
    with pytest.raises(UnusableFiles) as refused:
        read_tls(paths, Disk(), now)
    return "\n".join(refused.value.problems)


def paths_of(directory: Path, cert: bytes, key: bytes, client_ca: bytes | None = None, key_mode: int = 0o600) -> TlsPaths:
    return TlsPaths(
        written(directory, "server.pem", cert),
        written(directory, "server.key", key, key_mode),
        None if client_ca is None else written(directory, "clients.pem", client_ca),
    )


def test_files_that_belong_together_are_taken(tmp_path: Path) -> None:
    between = issued(by=authority(), is_authority=True)
    pair = issued(f"dns:{HOST}", by=between)
    tls = read_tls(paths_of(tmp_path, pair.pem + between.pem + authority().pem, pair.key_pem, authority().pem), Disk(), NOW)
    assert tls.client_ca == authority().pem
    assert tls.expires_at == min(int(each.certificate.not_valid_after_utc.timestamp()) for each in (pair, between, authority()))


GOOD = of_server()
LATE = issued(f"dns:{HOST}", by=authority(), begins=-2 * DAY, ends=-DAY)
EARLY = issued(f"dns:{HOST}", by=authority(), begins=DAY, ends=2 * DAY)
OLD_AUTHORITY = issued(is_authority=True, begins=-2 * DAY, ends=-DAY)
RSA_1024 = rsa.generate_private_key(65537, 1024)


@dataclass(frozen=True)
class Mistake:
    name: str
    says: tuple[str, ...]
    cert: bytes = GOOD.pem
    key: bytes = GOOD.key_pem
    client_ca: bytes | None = None
    key_mode: int = 0o600


def of_pair(name: str, pair: Pair, *says: str) -> Mistake:
    return Mistake(name, says, pair.pem, pair.key_pem)


MISTAKES = [
    Mistake(
        "the key of another certificate", ("--tls-key", "is not the key of the first certificate"), key=of_server().key_pem
    ),
    of_pair("an expired certificate", LATE, "--tls-cert", "has expired on", "give one that is valid"),
    of_pair("a certificate of tomorrow", EARLY, "is not valid before", "set the clock"),
    Mistake("an expired one in the chain", ("certificate 2 has expired",), cert=GOOD.pem + OLD_AUTHORITY.pem),
    Mistake("a chain in the wrong order", ("certificate 2 did not issue certificate 1",), cert=GOOD.pem + of_server().pem),
    Mistake("the key where the certificate goes", ("is a private key", "give the certificate here"), cert=GOOD.key_pem),
    Mistake("the certificate where the key goes", ("--tls-key", "no private key in PEM form"), key=GOOD.pem),
    Mistake("an empty certificate", ("--tls-cert", "is empty"), cert=b""),
    Mistake("an empty key", ("--tls-key", "is empty"), key=b""),
    Mistake("a certificate that is no PEM", ("no certificate in PEM form",), cert=b"\x30\x82" * 40),
    Mistake("a certificate cut off", ("no certificate in PEM form",), cert=GOOD.pem[:200]),
    Mistake("a key with a passphrase", ("has a passphrase", "openssl pkey"), key=GOOD.key_pem_with_passphrase),
    Mistake("a key that others may read", ("others may read or change it", "chmod 600"), key_mode=0o644),
    Mistake("a key that the group may change", ("others may read or change it",), key_mode=0o620),
    of_pair("a certificate for no host", issued(by=authority()), "names no host (subjectAltName)"),
    of_pair("a certificate for clients", of_client(f"dns:{HOST}"), "is not for servers", "serverAuth"),
    of_pair("a weak key", issued(f"dns:{HOST}", key=RSA_1024), "RSA key of 1024 bits is too weak"),
    of_pair(
        "a key of a kind that TLS here does not take",
        issued(f"dns:{HOST}", key=ed25519.Ed25519PrivateKey.generate()),
        "take P-256",
    ),
    of_pair("P-521", issued(f"dns:{HOST}", key=ec.generate_private_key(ec.SECP521R1())), "take P-256"),
    of_pair(
        "a curve that TLS here does not take", issued(f"dns:{HOST}", key=ec.generate_private_key(ec.SECP256K1())), "take P-256"
    ),
    Mistake("an empty file of authorities", ("--tls-client-ca", "is empty"), client_ca=b""),
    Mistake("authorities that are no PEM", ("--tls-client-ca", "no certificate in PEM form"), client_ca=b"none"),
    Mistake("a client's certificate as authority", ("is no authority (CA:FALSE)",), client_ca=of_client("dns:a").pem),
    Mistake("authorities that have all expired", ("--tls-client-ca", "has expired"), client_ca=OLD_AUTHORITY.pem),
    Mistake("a file that is far too long", ("has more than 1048576 bytes",), cert=b"x" * (2**20 + 1)),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_named_with_what_to_change(mistake: Mistake, tmp_path: Path) -> None:
    said = told(paths_of(tmp_path, mistake.cert, mistake.key, mistake.client_ca, mistake.key_mode))
    assert all(each in said for each in mistake.says), said


def test_one_expired_authority_in_a_bundle_refuses_nothing(tmp_path: Path) -> None:
    """As one who is about to be replaced stands there with its successor."""
    bundle = OLD_AUTHORITY.pem + authority().pem
    assert read_tls(paths_of(tmp_path, GOOD.pem, GOOD.key_pem, bundle), Disk(), NOW).client_ca == bundle


def test_a_certificate_is_valid_to_the_last_second_and_from_the_first(tmp_path: Path) -> None:
    paths = paths_of(tmp_path, GOOD.pem, GOOD.key_pem)
    begins = int(GOOD.certificate.not_valid_before_utc.timestamp())
    ends = int(GOOD.certificate.not_valid_after_utc.timestamp())
    for now in (begins, ends - 1):
        read_tls(paths, Disk(), now)
    for now in (begins - 1, ends):
        assert "valid" in told(paths, now)


def test_what_is_not_there_or_cannot_be_read_is_named_all_at_once(tmp_path: Path) -> None:
    said = told(TlsPaths(tmp_path / "none.pem", tmp_path, tmp_path / "none.ca"))
    assert "--tls-cert" in said and "none.pem: no such file or directory" in said
    assert "--tls-key" in said and "is a directory" in said
    assert "--tls-client-ca" in said


# --------------------------------------------------------------------------------------------------------- the settings


@dataclass(frozen=True)
class Contradiction:
    flags: tuple[str, ...]
    says: str
    and_says: tuple[str, ...] = field(default=())


CONTRADICTIONS = [
    Contradiction(("--tls-cert", "a"), "TLS needs both --tls-cert and --tls-key"),
    Contradiction(("--tls-key", "a"), "TLS needs both --tls-cert and --tls-key"),
    Contradiction(("--tls-client-ca", "a"), "TLS needs both --tls-cert and --tls-key"),
    Contradiction(("--tls-cert", "a", "--tls-key", "b", "--plaintext", "anywhere"), "contradict each other"),
    Contradiction(("--plaintext", "never"), "give --tls-cert and --tls-key"),
    Contradiction(("--plaintext", "yes"), "give one of loopback, anywhere, never"),
    Contradiction(("--listen", "0.0.0.0:50051"), "--listen 0.0.0.0:50051: would be answered in clear beyond this machine"),
    Contradiction(("--listen", "[::]:50051"), "--listen [::]:50051: would be answered in clear beyond this machine"),
    Contradiction(("--listen", "192.0.2.1:1"), "would be answered in clear beyond this machine"),
    Contradiction(("--metrics-listen", "0.0.0.0:9464"), "--metrics-listen 0.0.0.0:9464: would be answered in clear"),
]


@pytest.mark.parametrize("case", CONTRADICTIONS, ids=lambda case: " ".join(case.flags))
def test_in_clear_nobody_beyond_this_machine_is_answered_unless_asked_for_by_name(case: Contradiction) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(case.flags, {})
    assert any(case.says in problem for problem in refused.value.problems)


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--listen", "127.1.2.3:1"),
        ("--listen", "[::1]:1"),
        ("--listen", "0.0.0.0:1", "--plaintext", "anywhere"),
        ("--listen", "0.0.0.0:1", "--metrics-listen", "0.0.0.0:2", "--tls-cert", "a", "--tls-key", "b"),
        ("--tls-cert", "a", "--tls-key", "b", "--plaintext", "never"),
    ],
)
def test_what_is_asked_for_by_name_is_taken(flags: tuple[str, ...]) -> None:
    assert isinstance(read_settings(flags, {}), Settings)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_does_not_start_with_bad_files_and_says_so_in_a_log_line(tmp_path: Path, workers: str) -> None:
    files = server_files(tmp_path)
    files.key.write_bytes(of_server().key_pem)
    files.cert.write_bytes(LATE.pem)
    done = ended(*files.flags, "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--workers", workers)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "makegood does not start" in line
    assert "has expired on" in line and "is not the key of the first certificate" in line


def test_a_long_life_is_no_mistake(tmp_path: Path) -> None:
    pair = issued(f"dns:{HOST}", ends=timedelta(days=36_500))
    assert read_tls(paths_of(tmp_path, pair.pem, pair.key_pem), Disk(), NOW).expires_at > NOW
