"""The matrix of authorisation: who is let in to what, over calls, messages of streams and rows.

Each denial has a code, a reason, a counter and a line.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import policy_service_pb2 as policy_pb
from makegood.v1 import policy_service_pb2_grpc as policy_grpc
from native.choice import from_environment
from policy import PolicySet
from server.access.credentials import Callers, Credentials
from server.access.denials import Denied
from server.deciding import Deciding
from tests.access.jwt_tokens import ec_key, jwk, key_set, token, unsigned
from tests.access.pki import of_client, server_files
from tests.access.secure import BY_TOKEN, RULES, access_file, asks, bearer, channel, denials, metrics_of
from tests.access.test_file import read
from tests.server.processes import FREE_PORTS, ended
from tests.server.running import PATIENCE_SECONDS, Running, code_name, eventually, refusal_or, refused, running
from tests.server.samples import SUBSCRIBER_ID, question


def reason_of(status: status_pb2.Status) -> str:
    info = error_details_pb2.ErrorInfo()
    return next((info.reason for detail in status.details if detail.Unpack(info)), "")


def retry_millis(status: status_pb2.Status) -> int:
    retry = error_details_pb2.RetryInfo()
    return next(retry.retry_delay.ToMilliseconds() for detail in status.details if detail.Unpack(retry))


def outcome(answer: Any) -> str:
    """OK, or the code and the reason."""
    return f"{code_name(answer)} {reason_of(answer)}" if isinstance(answer, status_pb2.Status) else "OK"


@pytest.fixture(scope="module")
def by_token(policies: PolicySet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """In clear on loopback, callers known by token."""
    with running(policies, access_file=str(access_file(tmp_path_factory.mktemp("access")))) as server:
        yield server


@pytest.fixture(scope="module")
def mutual(policies: PolicySet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Over TLS, callers known by certificate or token."""
    directory = tmp_path_factory.mktemp("mutual")
    settings = server_files(directory, mutual=True).settings
    with running(policies, access_file=str(access_file(directory, RULES)), **settings) as server:
        yield server


# ----------------------------------------------------------------------------------------------------------------- tokens


@dataclass
class Try:
    name: str
    made: Callable[[], tuple[tuple[str, str | bytes], ...]]
    outcome: str

    @cached_property
    def metadata(self) -> tuple[tuple[str, str | bytes], ...]:
        """Made when it is tried, for a token lasts some minutes."""
        return self.made()


TRIES = [
    Try("nothing", lambda: (), "UNAUTHENTICATED NO_CREDENTIALS"),
    Try("a good token", lambda: bearer(token()), "OK"),
    Try("in other letters", lambda: (("authorization", f"bEARER {token()}"),), "OK"),
    Try("without a scheme", lambda: (("authorization", token()),), "UNAUTHENTICATED TOKEN_MALFORMED"),
    Try("another scheme", lambda: (("authorization", "Basic YTpi"),), "UNAUTHENTICATED TOKEN_MALFORMED"),
    Try("an empty one", lambda: (("authorization", ""),), "UNAUTHENTICATED TOKEN_MALFORMED"),
    Try("two tokens", lambda: bearer(token()) * 2, "UNAUTHENTICATED TOKEN_MALFORMED"),
    Try("a good one after a bad one", lambda: bearer("x") + bearer(token()), "UNAUTHENTICATED TOKEN_MALFORMED"),
    Try("nonsense", lambda: bearer("a.b.c"), "UNAUTHENTICATED TOKEN_MALFORMED"),
    Try("unsigned", lambda: bearer(unsigned({"alg": "none", "kid": "k1"})), "UNAUTHENTICATED TOKEN_ALGORITHM"),
    Try("by another key", lambda: bearer(token(ec_key(1))), "UNAUTHENTICATED TOKEN_SIGNATURE"),
    Try("by a key of another name", lambda: bearer(token(headers={"kid": "k9"})), "UNAUTHENTICATED TOKEN_KEY"),
    Try("of another issuer", lambda: bearer(token(iss="https://evil.example")), "UNAUTHENTICATED TOKEN_ISSUER"),
    Try("for another service", lambda: bearer(token(aud="other")), "UNAUTHENTICATED TOKEN_AUDIENCE"),
    Try("expired", lambda: bearer(token(exp=int(time.time()) - 600)), "UNAUTHENTICATED TOKEN_EXPIRED"),
    Try("not yet valid", lambda: bearer(token(nbf=int(time.time()) + 600)), "UNAUTHENTICATED TOKEN_NOT_YET_VALID"),
    Try("without an end", lambda: bearer(token(exp=None)), "UNAUTHENTICATED TOKEN_CLAIMS"),
    Try("of a subject that is nobody", lambda: bearer(token(sub="mallory")), "PERMISSION_DENIED UNKNOWN_SUBJECT"),
    Try("of a subject that begins alike", lambda: bearer(token(sub="billing2")), "PERMISSION_DENIED UNKNOWN_SUBJECT"),
]


@pytest.mark.parametrize("each", TRIES, ids=lambda each: each.name)
def test_a_call_is_let_in_or_refused_for_a_reason_that_is_counted_and_logged(by_token: Running, each: Try) -> None:
    code, _, reason = each.outcome.partition(" ")
    count = 0.0 if code == "OK" else denied(by_token, reason)
    lines = len(denials(by_token, reason))
    ask = by_token.compensation.ComputeCompensation
    answer = refusal_or(lambda: ask(question(), timeout=PATIENCE_SECONDS, metadata=each.metadata))
    assert outcome(answer) == each.outcome
    if code != "OK":
        assert denied(by_token, reason) == count + 1
        new = denials(by_token, reason)[lines:]
        assert [line["method"] for line in new] == ["ComputeCompensation"]
        assert eventually(lambda: [line for line in by_token.lines() if line["event"] == "call" and line["code"] == code])


def denied(server: Running, reason: str) -> float:
    text = metrics_of(server)
    return sum(
        float(line.split()[1])
        for line in text.splitlines()
        if line.startswith(f'makegood_access_denied_total{{reason="{reason}"}}')
    )


def test_no_line_and_no_metric_holds_a_token_or_a_subscriber(by_token: Running) -> None:
    sent = [each.metadata[0][1] for each in TRIES if each.metadata]
    tokens = [str(each).rpartition(" ")[2] for each in sent]
    seen = by_token.output.getvalue() + metrics_of(by_token)
    by_token.lines()
    assert not [each for each in tokens if len(each) > 5 and each in seen]
    assert SUBSCRIBER_ID not in seen
    assert "mallory" not in seen


def test_a_caller_is_named_in_the_line_of_its_call(by_token: Running) -> None:
    asks(by_token.channel, question("named"), token())()
    (line,) = eventually(lambda: [line for line in by_token.lines() if line.get("request_id") == "named"])
    assert line["caller"] == "billing"


# ------------------------------------------------------------------------------------------------------------ certificates


CERTIFICATES = {
    "a SPIFFE id": (of_client("spiffe://makegood.example/billing"), "OK"),
    "a host": (of_client("dns:billing.example"), "OK"),
    "a host beside others": (of_client("dns:other.example", "dns:billing.example"), "OK"),
    "both of one identity": (of_client("dns:billing.example", "spiffe://makegood.example/billing"), "OK"),
    "nobody": (of_client("dns:other.example"), "PERMISSION_DENIED UNKNOWN_CERTIFICATE"),
    "no name": (of_client(), "PERMISSION_DENIED UNKNOWN_CERTIFICATE"),
    "a path below": (of_client("spiffe://makegood.example/billing/x"), "PERMISSION_DENIED UNKNOWN_CERTIFICATE"),
    "a host below": (of_client("dns:x.billing.example"), "PERMISSION_DENIED UNKNOWN_CERTIFICATE"),
    "every host": (of_client("dns:*.example"), "PERMISSION_DENIED UNKNOWN_CERTIFICATE"),
    "a URI that looks like a host": (of_client("raw-uri:dns:billing.example"), "PERMISSION_DENIED UNKNOWN_CERTIFICATE"),
    "a host that looks like a URI": (of_client("dns:spiffe.makegood.example"), "PERMISSION_DENIED UNKNOWN_CERTIFICATE"),
    "two identities": (of_client("dns:billing.example", "dns:desk.example"), "UNAUTHENTICATED CERTIFICATE_AMBIGUOUS"),
    "a SPIFFE id and a URI": (
        of_client("spiffe://makegood.example/billing", "https://makegood.example/"),
        "UNAUTHENTICATED CERTIFICATE_AMBIGUOUS",
    ),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_certificate_is_known_by_its_names_alone(mutual: Running, name: str) -> None:
    client, expected = CERTIFICATES[name]
    with channel(mutual, client) as opened:
        assert outcome(refusal_or(asks(opened, question()))) == expected


def test_bytes_that_are_no_certificate_to_us_are_nobodys(tmp_path: Path) -> None:
    """TLS may be less strict than the library that reads the names."""
    callers = Callers(read(tmp_path, BY_TOKEN))
    for shown in (b"-----BEGIN CERTIFICATE-----", b"\x30\x00", b"x"):
        with pytest.raises(Denied) as denied_:
            callers.identity(Credentials(shown), 0)
        assert denied_.value.reason == "UNKNOWN_CERTIFICATE"


def test_a_token_decides_where_one_is_sent(mutual: Running) -> None:
    """A gateway's certificate does not make up for a bad token, nor does it narrow a good one."""
    with channel(mutual, of_client("dns:desk.example")) as opened:
        assert outcome(refusal_or(asks(opened, question(), token(sub="billing")))) == "OK"
        assert outcome(refusal_or(asks(opened, question(), token(sub="mallory")))) == "PERMISSION_DENIED UNKNOWN_SUBJECT"
        assert outcome(refusal_or(asks(opened, question(), "x"))) == "UNAUTHENTICATED TOKEN_MALFORMED"


def test_a_certificate_that_expires_while_its_connection_lasts_ends_the_calls(policies: PolicySet, tmp_path: Path) -> None:
    client = of_client("dns:billing.example", ends=timedelta(seconds=4))
    settings = server_files(tmp_path, mutual=True).settings
    with (
        running(policies, access_file=str(access_file(tmp_path, RULES)), **settings) as server,
        channel(server, client) as opened,
    ):
        assert outcome(refusal_or(asks(opened, question()))) == "OK"
        eventually(lambda: outcome(refusal_or(asks(opened, question()))) == "UNAUTHENTICATED CERTIFICATE_EXPIRED")


# ----------------------------------------------------------------------------------------------------------------- methods


def outcome_of(server: Running, method: str, sub: str | None, message: bytes = b"") -> str:
    """Any method, by a token about ``sub``."""
    metadata = bearer(token(sub=sub)) if sub else ()
    if method.endswith(("ServerReflectionInfo", "StreamCompute")):
        stream = server.streaming(method)(iter([message]), metadata=metadata, timeout=PATIENCE_SECONDS)
        return outcome(refusal_or(lambda: list(stream)))
    return outcome(refusal_or(lambda: server.unary(method)(message, metadata=metadata, timeout=PATIENCE_SECONDS)))


HEALTH = "/grpc.health.v1.Health/Check"
REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
LIST_SERVICES = reflection_pb2.ServerReflectionRequest(list_services="").SerializeToString()


def test_every_method_needs_an_identity_that_may_call_it(by_token: Running) -> None:
    methods = [HEALTH, REFLECTION, "/makegood.v1.PolicyService/ListPolicies", "/makegood.v1.CompensationService/BatchCompute"]
    for method in methods:
        assert outcome_of(by_token, method, None) == "UNAUTHENTICATED NO_CREDENTIALS"
        assert outcome_of(by_token, method, "billing") == "OK"
    for method in (HEALTH, REFLECTION):
        assert outcome_of(by_token, method, "desk") == "PERMISSION_DENIED METHOD_FORBIDDEN"


def test_what_is_open_needs_none_and_what_is_not_there_is_no_secret(policies: PolicySet, tmp_path: Path) -> None:
    rules = "open: [health, reflection, metrics]\n" + BY_TOKEN
    with running(policies, access_file=str(access_file(tmp_path, rules))) as server:
        assert outcome_of(server, HEALTH, None) == "OK"
        assert outcome_of(server, REFLECTION, None, LIST_SERVICES) == "OK"
        assert server.metric("makegood_access_denied_total") == 0
        assert server.health() == health_pb2.HealthCheckResponse.SERVING
        assert outcome_of(server, "/makegood.v1.PolicyService/ListPolicies", None) == "UNAUTHENTICATED NO_CREDENTIALS"


@pytest.mark.parametrize("method", [REFLECTION, REFLECTION.replace("v1", "v1alpha")])
def test_reflection_can_be_switched_off(policies: PolicySet, method: str) -> None:
    with running(policies, reflection=False) as server:
        stream = server.streaming(method)(iter([LIST_SERVICES]), timeout=PATIENCE_SECONDS)
        assert outcome(refusal_or(lambda: list(stream))) == "UNIMPLEMENTED UNKNOWN_METHOD"


# ---------------------------------------------------------------------------------------------------------------- policies


def asked(policy_id: str = "", version: str = "") -> service_pb.ComputeCompensationRequest:
    message = question()
    if policy_id:
        message.policy.policy_id, message.policy.version = policy_id, version
    return message


FORBIDDEN = "PERMISSION_DENIED POLICY_FORBIDDEN"


@pytest.fixture(scope="module")
def narrow(policies: PolicySet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The desk may use what is not the default, or a version of it that does not decide the question."""
    rules = BY_TOKEN.replace("[nl-7.1a, cn-standard/2026-01]", "[nl-7.1a, cn-standard/none]")
    with running(policies, access_file=str(access_file(tmp_path_factory.mktemp("narrow"), rules))) as server:
        yield server


def test_a_policy_that_is_forbidden_decides_nothing_also_where_it_is_the_default(narrow: Running) -> None:
    def answer(message: service_pb.ComputeCompensationRequest) -> str:
        return outcome(refusal_or(asks(narrow.channel, message, token(sub="desk"))))

    assert answer(asked()) == FORBIDDEN
    assert answer(asked("cn-standard")) == FORBIDDEN
    assert answer(asked("cn-standard", "2026-01")) == FORBIDDEN
    assert answer(asked("no-such-policy")) == FORBIDDEN  # it is not told which there are
    assert "no-such-policy" not in narrow.output.getvalue()


def test_a_version_that_is_allowed_decides_and_only_that(by_token: Running) -> None:
    """Of cn-standard the desk may use the version that decides the question."""
    assert outcome(refusal_or(asks(by_token.channel, asked(), token(sub="desk")))) == "OK"
    assert outcome(refusal_or(asks(by_token.channel, asked("cn-standard", "2026-01"), token(sub="desk")))) == "OK"
    assert outcome(refusal_or(asks(by_token.channel, asked("cn-standard", "2025"), token(sub="desk")))) == FORBIDDEN


@pytest.mark.parametrize("rows", [1, 120])
def test_a_row_whose_policy_is_forbidden_is_that_rows_error(by_token: Running, rows: int) -> None:
    """Of few rows and of many; by the row's own policy, and by that of the defaults."""
    allowed, forbidden = asked(), asked("us-att-fiber")
    batch = service_pb.BatchComputeRequest(items=[allowed, forbidden] * rows)
    before = denied(by_token, "POLICY_FORBIDDEN")
    lines = len(denials(by_token, "POLICY_FORBIDDEN"))
    answer = by_token.compensation.BatchCompute(batch, metadata=bearer(token(sub="desk")))
    assert [outcome_of_row(result) for result in answer.results] == ["OK", FORBIDDEN] * rows
    assert denied(by_token, "POLICY_FORBIDDEN") == before + rows
    assert len(denials(by_token, "POLICY_FORBIDDEN")) == lines + 1
    batch = service_pb.BatchComputeRequest(items=[question()] * rows)
    batch.defaults.policy.policy_id = "us-att-fiber"
    answer = by_token.compensation.BatchCompute(batch, metadata=bearer(token(sub="desk")))
    assert [outcome_of_row(result) for result in answer.results] == [FORBIDDEN] * rows
    everybody = by_token.compensation.BatchCompute(batch, metadata=bearer(token()))
    assert FORBIDDEN not in [outcome_of_row(result) for result in everybody.results]


@pytest.mark.parametrize("rows", [1, 120])
def test_a_version_that_is_forbidden_decides_no_row_by_its_date(narrow: Running, rows: int) -> None:
    batch = service_pb.BatchComputeRequest(items=[question()] * rows)
    answer = narrow.compensation.BatchCompute(batch, metadata=bearer(token(sub="desk")))
    assert [outcome_of_row(result) for result in answer.results] == [FORBIDDEN] * rows


@pytest.mark.skipif(not from_environment().compiled, reason="rows are answered from bytes to bytes where that is compiled")
def test_a_caller_of_some_policies_is_answered_from_bytes_to_bytes_as_one_of_all_is(by_token: Running) -> None:
    """By a policy of which it may use one version, chosen by date or by name. It cost forty times as much the ordinary way."""
    batch = service_pb.BatchComputeRequest(items=[asked(), asked("cn-standard", "2026-01")])
    everybody = by_token.compensation.BatchCompute(batch, metadata=bearer(token()))
    with mock.patch.object(Deciding, "answer", side_effect=AssertionError):
        assert by_token.compensation.BatchCompute(batch, metadata=bearer(token(sub="desk"))) == everybody
        assert outcome(refusal_or(asks(by_token.channel, asked(), token(sub="desk")))) == "OK"
        message = service_pb.StreamComputeRequest(items=batch.items)
        (streamed,) = by_token.compensation.StreamCompute(iter([message]), metadata=bearer(token(sub="desk")))
        assert streamed.results == everybody.results


def outcome_of_row(result: service_pb.BatchResult) -> str:
    if not result.HasField("error"):
        return "OK"
    return outcome(result.error) if result.error.details else f"{code_name(result.error)} POLICY_FORBIDDEN"


def test_policies_are_listed_and_told_as_far_as_they_may_be_used(by_token: Running, policies: PolicySet) -> None:
    desk, billing = bearer(token(sub="desk")), bearer(token())
    stub_ = policy_grpc.PolicyServiceStub(by_token.channel)
    everything = stub_.ListPolicies(policy_pb.ListPoliciesRequest(), metadata=billing)
    assert len(everything.policies) == len(policies.policy_ids)
    listed = stub_.ListPolicies(policy_pb.ListPoliciesRequest(), metadata=desk)
    assert {policy.policy_id for policy in listed.policies} <= {"cn-standard", "nl-7.1a"}
    assert [version.version for policy in listed.policies if policy.is_default for version in policy.versions] == ["2026-01"]

    def told(policy_id: str) -> str:
        ask = policy_pb.GetPolicyRequest(policy_id=policy_id)
        return outcome(refusal_or(lambda: stub_.GetPolicy(ask, metadata=desk)))

    assert told("cn-standard") == told("") == "OK"
    assert told("us-att-fiber") == told("no-such-policy") == FORBIDDEN


# ------------------------------------------------------------------------------------------------------- streams and change


class Feed:
    """Messages, one whenever it is asked for."""

    def __init__(self) -> None:
        self._next = threading.Semaphore(0)
        self._open = True

    def __iter__(self) -> Iterator[service_pb.StreamComputeRequest]:
        while True:
            assert self._next.acquire(timeout=PATIENCE_SECONDS)
            if not self._open:
                return
            yield service_pb.StreamComputeRequest(items=[question()])

    def more(self) -> None:
        self._next.release()

    def close(self) -> None:
        self._open = False
        self._next.release()


def test_each_message_of_a_stream_is_looked_at_also_after_the_file_changed(policies: PolicySet, tmp_path: Path) -> None:
    path = access_file(tmp_path)
    with running(policies, access_file=str(path)) as server:
        feed = Feed()
        answers = server.compensation.StreamCompute(iter(feed), metadata=bearer(token(sub="desk")), timeout=PATIENCE_SECONDS)
        feed.more()
        assert len(next(answers).results) == 1
        path.write_text(BY_TOKEN.replace("subject: desk", "subject: other"))
        eventually(lambda: [line for line in server.lines() if line["event"] == "reloaded"])
        feed.more()
        assert outcome(refused(lambda: next(answers))) == "PERMISSION_DENIED UNKNOWN_SUBJECT"
        feed.close()
        assert len(denials(server, "UNKNOWN_SUBJECT")) == 1


def test_a_token_that_expires_ends_its_stream_at_the_next_message(policies: PolicySet, tmp_path: Path) -> None:
    path = access_file(tmp_path, BY_TOKEN.replace("skew: 30 s", "skew: 0 s"))
    with running(policies, access_file=str(path)) as server:
        feed = Feed()
        sent = token(exp=int(time.time()) + 3)
        answers = server.compensation.StreamCompute(iter(feed), metadata=bearer(sent), timeout=PATIENCE_SECONDS)
        feed.more()
        next(answers)
        time.sleep(4)
        feed.more()
        assert outcome(refused(lambda: next(answers))) == "UNAUTHENTICATED TOKEN_EXPIRED"
        feed.close()


def failing(server: Running) -> bool:
    return 'makegood_security_reload_failing{what="access"} 1.0' in metrics_of(server)


def test_a_bad_file_or_key_set_keeps_the_last_good_one_and_says_so(policies: PolicySet, tmp_path: Path) -> None:
    path = access_file(tmp_path)
    with running(policies, access_file=str(path)) as server:
        path.write_text(BY_TOKEN.replace("policies: any", "policys: any"))
        eventually(lambda: failing(server))
        (line,) = [line for line in server.lines() if line["event"] == "not reloaded"]
        assert "access.yaml:12:5: an identity knows no word 'policys'" in line["problems"][0]
        assert outcome(refusal_or(asks(server.channel, question(), token()))) == "OK"
        path.write_text(BY_TOKEN)
        eventually(lambda: not failing(server))
        (tmp_path / "keys.json").write_text("{}")
        eventually(lambda: failing(server))
        assert outcome(refusal_or(asks(server.channel, question(), token()))) == "OK"
        (tmp_path / "keys.json").write_bytes(key_set(jwk(ec_key(1), kid="k1")))
        eventually(lambda: outcome(refusal_or(asks(server.channel, question(), token(ec_key(1))))) == "OK")
        assert outcome(refusal_or(asks(server.channel, question(), token()))) == "UNAUTHENTICATED TOKEN_SIGNATURE"
        path.unlink()
        assert outcome(refusal_or(asks(server.channel, question(), token(ec_key(1))))) == "OK"


def test_a_policy_that_is_not_loaded_is_told_in_the_log(narrow: Running) -> None:
    (line,) = [line for line in narrow.lines() if line["event"] == "access file names policies that are not loaded"]
    assert line["policies"] == ["cn-standard/none"]


# ------------------------------------------------------------------------------------------------------------------- rates


def test_what_is_over_a_rate_is_refused_with_a_time_to_try_again(policies: PolicySet, tmp_path: Path) -> None:
    rules = BY_TOKEN + "    rate: {calls: 120 per hour, burst: 60 s}\n"
    with running(policies, access_file=str(access_file(tmp_path, rules))) as server:
        call = asks(server.channel, question(), token(sub="desk"))
        assert [outcome(refusal_or(call)) for _ in range(3)] == ["OK", "OK", "RESOURCE_EXHAUSTED RATE_EXCEEDED"]
        assert 0 < retry_millis(refused(call)) <= 30_000
        assert outcome(refusal_or(asks(server.channel, question(), token()))) == "OK"  # nobody else waits for it
        path = tmp_path / "access.yaml"
        path.write_text(rules + "# touched\n")
        eventually(lambda: [line for line in server.lines() if line["event"] == "reloaded"])
        assert outcome(refusal_or(call)) == "RESOURCE_EXHAUSTED RATE_EXCEEDED"  # a reload gives nothing back


def test_messages_of_streams_and_rows_count(policies: PolicySet, tmp_path: Path) -> None:
    rules = BY_TOKEN + "    rate: {calls: 100 per hour, rows: 3600 per hour, burst: 5 s}\n"
    with running(policies, access_file=str(access_file(tmp_path, rules))) as server:
        desk = bearer(token(sub="desk"))
        batch = service_pb.BatchComputeRequest(items=[question()] * 100)
        messages = [service_pb.StreamComputeRequest(items=batch.items)] * 2
        answers = server.compensation.StreamCompute(iter(messages), metadata=desk, timeout=PATIENCE_SECONDS)
        assert len(next(answers).results) == 100  # let in whole: there was room for one
        status = refused(lambda: next(answers))
        assert outcome(status) == "RESOURCE_EXHAUSTED RATE_EXCEEDED"
        assert len(denials(server, "RATE_EXCEEDED")) == 1


def test_where_tokens_would_come_in_clear_from_elsewhere_is_said(policies: PolicySet, tmp_path: Path) -> None:
    with running(policies, access_file=str(access_file(tmp_path)), plaintext="anywhere") as server:
        assert [line for line in server.lines() if line["event"] == "tokens come in clear"]


def test_a_file_that_knows_certificates_is_of_no_use_where_none_is_asked_for(tmp_path: Path) -> None:
    done = ended("--access-file", str(access_file(tmp_path, RULES)), *FREE_PORTS)
    assert done.returncode == 2
    assert "knows callers by certificate, and no client is asked for one; give --tls-client-ca" in done.stderr
