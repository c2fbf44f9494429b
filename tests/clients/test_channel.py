"""Where the server is and how it is trusted."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
import trustme
from google.rpc import code_pb2

from clients import channel
from clients.errors import BadInput, ExitCode
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest
from makegood.v1.compensation_service_pb2_grpc import CompensationServiceStub
from tests.clients.conftest import Run
from tests.clients.fakes import FakeServer, serving


def connection(*flags: str, environ: dict[str, str] | None = None) -> channel.Connection:
    """The connection of these flags."""
    parser = argparse.ArgumentParser()
    channel.add_arguments(parser, environ or {}, default_timeout_seconds=10)
    return channel.connection(parser.parse_args(flags))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def pem(authority: trustme.CA, tmp_path: Path) -> dict[str, str]:
    """Files of an authority and of one client."""
    client = authority.issue_cert("client.example")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    client.cert_chain_pems[0].write_to_path(tmp_path / "client.pem")
    client.private_key_pem.write_to_path(tmp_path / "client.key")
    return {name: str(tmp_path / file) for name, file in (("ca", "ca.pem"), ("cert", "client.pem"), ("key", "client.key"))}


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[FakeServer]:
    """A server that wants the client's certificate, and whose own is for makegood.example."""
    own = authority.issue_cert("makegood.example")
    chain = b"".join(blob.bytes() for blob in own.cert_chain_pems)
    credentials = grpc.ssl_server_credentials(
        [(own.private_key_pem.bytes(), chain)], authority.cert_pem.bytes(), require_client_auth=True
    )
    with serving(credentials) as server:
        yield server


def test_flag_wins_over_environment_wins_over_default() -> None:
    """The address is the default, or the environment's, or the flag's; an empty variable is none."""
    assert connection().address == "localhost:50051"
    assert connection(environ={"MAKEGOOD_ADDRESS": ""}).address == "localhost:50051"
    assert connection(environ={"MAKEGOOD_ADDRESS": "a:1"}).address == "a:1"
    assert connection("--address", "b:2", environ={"MAKEGOOD_ADDRESS": "a:1"}).address == "b:2"


@pytest.mark.parametrize("address", ["localhost", "http://localhost:50051", "localhost:0", "localhost:65536", "::1:50051", ""])
def test_address_that_cannot_be_reached_is_refused_at_once(address: str) -> None:
    """An address without a port, with a scheme or with an impossible port is named, and nothing is tried."""
    with pytest.raises(BadInput, match="the connection cannot be set up"):
        connection("--address", address)


@pytest.mark.parametrize(
    "address", ["localhost:1", "127.0.0.1:65535", "[::1]:50051", "dns:///makegood:50051", "unix:/run/m.sock"]
)
def test_usual_addresses_are_taken(address: str) -> None:
    """Host and port, IPv6 in brackets, a resolver's name and a socket are addresses."""
    assert connection("--address", address).address == address


@pytest.mark.parametrize("seconds", ["0", "-1", "ten", "nan", "inf"])
def test_deadline_is_a_number_above_zero(seconds: str) -> None:
    """A call without a deadline could hang for ever, so there is no way to ask for one."""
    with pytest.raises(BadInput, match="--timeout"):
        connection("--timeout", seconds)


def test_all_problems_are_named_together() -> None:
    """Whoever mends the flags mends them once."""
    with pytest.raises(BadInput) as refused:
        connection("--address", "x", "--timeout", "x", "--tls-cert", "/nowhere", "--tls-ca", "/nowhere")
    assert len(refused.value.lines) == 5  # address, timeout, a key is missing, and two files that are not there


def test_bad_tls_files_refuse_to_start(pem: dict[str, str], tmp_path: Path) -> None:
    """Files that are missing, empty, no PEM or do not belong together are named before anything is asked."""
    junk = tmp_path / "junk.pem"
    junk.write_bytes(b"-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n")
    empty = tmp_path / "empty.pem"
    empty.touch()
    other = tmp_path / "other.key"
    trustme.CA().issue_cert("other.example").private_key_pem.write_to_path(other)
    for flags in (
        ("--tls-ca", str(tmp_path / "missing.pem")),
        ("--tls-ca", str(junk)),
        ("--tls-ca", str(empty)),
        ("--tls-ca", str(tmp_path)),
        ("--tls-ca", pem["ca"], "--tls-cert", pem["cert"]),
        ("--tls-ca", pem["ca"], "--tls-cert", pem["cert"], "--tls-key", str(other)),
        ("--tls-ca", pem["ca"], "--tls-cert", pem["key"], "--tls-key", pem["cert"]),
        ("--tls-server-name", "makegood.example"),
    ):
        with pytest.raises(BadInput, match="the connection cannot be set up"):
            connection(*flags)


def test_a_token_is_read_for_each_call_and_goes_beyond_this_machine_over_tls_alone(tmp_path: Path, pem: dict[str, str]) -> None:
    """Whoever renews it writes it into the file; in clear it stays here."""
    file = tmp_path / "token"
    file.write_text("a.b.c\n")
    for address in ("127.0.0.1:1", "[::1]:1", "unix:/run/m.sock", "localhost:1"):
        to = connection("--token-file", str(file), "--address", address)
        assert ("authorization", "Bearer a.b.c") in to.metadata
    to = connection("--token-file", str(file))
    file.write_text("d.e.f")
    assert ("authorization", "Bearer d.e.f") in to.metadata
    for address in ("makegood:1", "127.0.0.1.example:1", "dns:///localhost.example:1", "10.0.0.1:1"):
        with pytest.raises(BadInput) as refused:
            connection("--token-file", str(file), "--address", address)
        assert "over TLS alone; give --tls-ca" in refused.value.lines[0]
        connection("--token-file", str(file), "--address", address, "--tls-ca", pem["ca"])
    file.unlink()
    with pytest.raises(BadInput, match="the connection cannot be used"):
        _ = to.metadata


@pytest.mark.parametrize("content", ["", "Bearer a.b.c", '"a.b.c"', "a b", "a\nb", "ä.b.c", "x" * 8193])
def test_what_is_no_token_is_refused_and_not_shown(content: str, tmp_path: Path) -> None:
    """It may be a secret of another kind."""
    file = tmp_path / "token"
    file.write_text(content)
    with pytest.raises(BadInput) as refused:
        connection("--token-file", str(file))
    assert "no token stands there alone" in refused.value.lines[0]
    assert not content or content not in str(refused.value)


def test_client_and_server_trust_each_other_by_certificate(secure: FakeServer, pem: dict[str, str]) -> None:
    """With the right files a call goes through; without the client's own, or in clear, it does not."""
    name = ("--tls-server-name", "makegood.example")
    own = ("--tls-cert", pem["cert"], "--tls-key", pem["key"])
    address = ("--address", secure.address)

    def call(*flags: str) -> str:
        to = connection(*address, *flags)
        with channel.open_channel(to) as opened:
            stub = CompensationServiceStub(opened)
            return stub.ComputeCompensation(ComputeCompensationRequest(request_id="x"), timeout=5).request_id

    assert call("--tls-ca", pem["ca"], *own, *name) == "x"
    for flags in ((), ("--tls-ca", pem["ca"], *name), ("--tls-ca", pem["ca"], *own)):
        with pytest.raises(grpc.RpcError) as failed:
            call(*flags)
        assert failed.value.code().value[0] == code_pb2.UNAVAILABLE


def test_answer_over_the_message_limit_is_an_error_that_is_not_repeated(fake: FakeServer) -> None:
    """The limit holds for what is received as well."""
    with channel.open_channel(channel.Connection(fake.address, 5, 1024, None)) as opened:
        stub = CompensationServiceStub(opened)
        with pytest.raises(grpc.RpcError) as failed:
            stub.ComputeCompensation(ComputeCompensationRequest(request_id="x" * 2000), timeout=5)
    assert failed.value.code().value[0] == code_pb2.RESOURCE_EXHAUSTED


QUOTE = ("quote", "--subscriber", "138", "--plan-type", "DATA", "--outage", "2026-03-04T08:00Z/2026-03-04T09:00Z,UNKNOWN")


def test_command_speaks_tls_by_flags_or_environment(run: Run, secure: FakeServer, pem: dict[str, str]) -> None:
    """The files can be named either way; a certificate of another authority is not trusted, and what to check is said."""
    own = ("--tls-cert", pem["cert"], "--tls-key", pem["key"], "--tls-server-name", "makegood.example")
    at = ("--address", secure.address)
    assert run("crm", *QUOTE, *at, "--tls-ca", pem["ca"], *own).returncode == ExitCode.DONE
    other = Path(pem["ca"]).with_name("other.pem")
    trustme.CA().cert_pem.write_to_path(other)
    strange = run("crm", *QUOTE, *at, "--tls-ca", other, *own)
    assert strange.returncode == ExitCode.UNREACHABLE
    assert "that it speaks TLS (--tls-ca was given)" in strange.stderr
    in_clear = run("crm", *QUOTE, *at)
    assert in_clear.returncode == ExitCode.UNREACHABLE
    assert "that it speaks plain text (no --tls-ca was given)" in in_clear.stderr


def test_server_that_does_not_answer_is_given_up_at_the_deadline(run: Run, fake: FakeServer) -> None:
    """The deadline goes out with every call; when it has passed, the exit code says so, and the flag is named."""

    def stand_still(context: grpc.ServicerContext) -> None:
        fake.pause.wait(60)

    fake.failures.append(stand_still)
    fake.pause.clear()
    done = run("crm", *QUOTE, "--timeout", "0.5")
    fake.pause.set()
    assert done.returncode == ExitCode.UNREACHABLE
    assert "Deadline Exceeded" in done.stderr
    assert "that 0.5 s are enough (--timeout)" in done.stderr
    (left,) = fake.deadlines
    assert left is not None
    assert left <= 0.5
