"""Policies loaded anew under load: all of a change or nothing of it, in every worker, and told where the files are wrong."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Event
from urllib.request import urlopen

import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from makegood.v1 import policy_service_pb2 as policy_pb
from makegood.v1 import policy_service_pb2_grpc as policy_grpc
from policy import PolicySet, load_catalog
from server.loading.state import LoadState, digest_of
from tests.access import jwt_tokens, pki
from tests.access.pki import authority, of_server, server_files
from tests.access.secure import access_file
from tests.server.catalogs import BAD, PAID, POLICY, TWICE, copied, file_of, written
from tests.server.messages import details_of
from tests.server.processes import ROOT, START_SECONDS, Served, started
from tests.server.running import PATIENCE_SECONDS, code_name, eventually, refused, running
from tests.server.samples import GRANTED_BYTES, minimal, question
from tests.server.test_rolling import Client, asking, some_more

RELOADS = 12
"""Half of them bad. A hundred are made by hand; see server/docs/reload.md."""
WORKERS = pytest.mark.parametrize("workers", ["1", "2"])
ONLY_WHEN_ASKED = ("--watch-seconds", "0", "--log-calls", "none")


def reload(server: Served, *flags: str, environment: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """What an operator types."""
    return subprocess.run(
        [sys.executable, "-m", "server", "reload", "--metrics-listen", server.metrics_url.split("/")[2], *flags],
        cwd=ROOT,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        timeout=START_SECONDS * 2,
        check=False,
    )


def granted(server: Served) -> int:
    """By whichever worker takes a new connection."""
    with server.channel() as channel:
        answer = compensation_grpc.CompensationServiceStub(channel).ComputeCompensation(question(), timeout=PATIENCE_SECONDS)
    return minimal(answer.decision)[1]


def told(server: Served) -> policy_pb.PolicyLoad:
    with server.channel() as channel:
        stub = policy_grpc.PolicyServiceStub(channel)
        return stub.GetPolicy(policy_pb.GetPolicyRequest(version="2026-01"), timeout=PATIENCE_SECONDS).load


# ------------------------------------------------------------------------------------------------------------ one process


@WORKERS
def test_what_the_files_say_decides_after_a_reload_in_every_worker(tmp_path: Path, workers: str) -> None:
    catalog = copied(tmp_path)
    with started("--catalog", str(catalog), "--workers", workers, *ONLY_WHEN_ASKED) as server:
        assert granted(server) == GRANTED_BYTES
        before = told(server)
        written(catalog, TWICE)
        done = reload(server)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("loaded: 1 versions, ")
        assert {granted(server) for _ in range(8)} == {2 * GRANTED_BYTES}
        after = told(server)
        assert after.sha256 != before.sha256
        assert after.sha256 in done.stdout
        assert after.last_success_at.seconds >= before.last_success_at.seconds
        assert server.samples("makegood_policy_set_info", sha256=after.sha256) == [1]
        assert server.samples("makegood_policy_set_info") == [1]
        assert len(server.samples("makegood_policy_info")) == 1
        assert not server.events("worker died")


@WORKERS
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_set_leaves_the_last_good_one_and_says_where_it_is_wrong(tmp_path: Path, workers: str, bad: str) -> None:
    if workers == "2" and bad != "a word that there is not":
        pytest.skip("how a set is bad makes no difference to who is told")
    catalog = copied(tmp_path)
    with started("--catalog", str(catalog), "--workers", workers, *ONLY_WHEN_ASKED) as server:
        before = told(server)
        success_at = server.metric("makegood_policies_last_successful_load_timestamp_seconds")
        assert server.metric("makegood_policies_last_load_successful") == 1
        said, why = BAD[bad]
        written(catalog, said)
        done = reload(server)
        assert done.returncode == 1
        file = str(file_of(catalog))
        assert f"{file}:" in done.stderr
        assert why in done.stderr
        assert {granted(server) for _ in range(8)} == {GRANTED_BYTES}
        loads = [told(server) for _ in range(8)]
        for load in loads:
            assert (load.sha256, load.last_success_at) == (before.sha256, before.last_success_at)
            assert load.problem_count >= 1
            assert all(problem.file == file and problem.line >= 1 and problem.message for problem in load.problems)
        (line,) = eventually(lambda: server.events("policies not reloaded"))
        assert line["level"] == "error"
        assert all(problem.startswith(f"{file}:") for problem in line["problems"])
        assert server.metric("makegood_policies_last_successful_load_timestamp_seconds") == success_at
        assert server.metric("makegood_policies_last_load_attempt_timestamp_seconds") >= success_at
        assert server.metric("makegood_policies_last_load_successful") == 0
        assert server.samples("makegood_policies_load_problem_info", file=file, line=str(loads[0].problems[0].line)) == [1]
        written(catalog, PAID)
        assert reload(server).returncode == 0
        assert not told(server).problem_count
        assert server.metric("makegood_policies_last_load_successful") == 1
        assert server.samples("makegood_policies_load_problem_info") == []


@WORKERS
def test_a_worker_that_comes_up_later_has_what_was_loaded_last_and_hears_of_failures(tmp_path: Path, workers: str) -> None:
    if workers == "1":
        pytest.skip("there are none")
    catalog = copied(tmp_path)
    with started("--catalog", str(catalog), "--workers", workers, *ONLY_WHEN_ASKED) as server:
        written(catalog, TWICE)
        assert reload(server).returncode == 0
        written(catalog, "pai: 1")
        assert reload(server).returncode == 1
        for line in server.events("worker ready"):
            os.kill(line["pid"], signal.SIGKILL)
        eventually(lambda: len(server.events("worker ready")) == 4)
        assert {granted(server) for _ in range(8)} == {2 * GRANTED_BYTES}
        assert all(told(server).problem_count for _ in range(8))


def test_an_empty_catalog_a_missing_default_and_a_missing_directory_are_bad_sets_too(tmp_path: Path) -> None:
    catalog = copied(tmp_path)
    with started("--catalog", str(catalog), *ONLY_WHEN_ASKED) as server:
        (catalog / POLICY).rename(tmp_path / "elsewhere")
        assert "holds no policy" in reload(server).stderr
        (tmp_path / "elsewhere").rename(catalog / "another")
        assert reload(server).returncode == 1
        catalog.rename(tmp_path / "gone")
        assert "there is no such directory" in reload(server).stderr
        assert granted(server) == GRANTED_BYTES


def test_a_signal_loads_too_and_leaves_no_call_without_an_answer(tmp_path: Path) -> None:
    catalog = copied(tmp_path)
    with started("--catalog", str(catalog), *ONLY_WHEN_ASKED) as server:
        written(catalog, TWICE)
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: server.events("policies reloaded"))
        assert granted(server) == 2 * GRANTED_BYTES
        assert server.events("policies reloaded")[0]["because"] == "SIGHUP"


@pytest.mark.parametrize("how", ["a rename", "in place, in two parts", "a link that is turned"])
def test_files_that_change_are_loaded_by_themselves_once_they_stand_still(tmp_path: Path, how: str) -> None:
    """A link that is turned is how Kubernetes changes what it mounts of a ConfigMap."""
    catalog = copied(tmp_path)
    if how == "a link that is turned":
        catalog = _linked(tmp_path, catalog)
    with started("--catalog", str(catalog), "--watch-seconds", "1", "--log-calls", "none") as server:
        if how == "a rename":
            written(catalog, TWICE)
        elif how == "in place, in two parts":
            _written_slowly(catalog)
        else:
            other = copied(tmp_path / "other")
            written(other, TWICE)
            aside = tmp_path / "data.new"
            aside.symlink_to(other)
            aside.rename(tmp_path / "data")
        eventually(lambda: server.events("policies reloaded"))
        assert granted(server) == 2 * GRANTED_BYTES
        assert not server.events("policies not reloaded")


def _linked(tmp_path: Path, catalog: Path) -> Path:
    """A catalog whose policy is a link through a link, as in a volume."""
    (tmp_path / "data").symlink_to(catalog)
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / POLICY).symlink_to(Path("..", "data", POLICY))
    return mounted


def _written_slowly(catalog: Path) -> None:
    """The first half is no policy; whoever loads it says so."""
    text = file_of(catalog).read_text(encoding="utf-8").replace(PAID, TWICE)
    with file_of(catalog).open("w", encoding="utf-8") as file:
        file.write(text[: len(text) // 2])
        file.flush()
        file.write(text[len(text) // 2 :])


def test_a_touch_is_as_good_as_the_command_and_a_set_that_is_the_same_stays(tmp_path: Path) -> None:
    catalog = copied(tmp_path)
    with started("--catalog", str(catalog), "--watch-seconds", "1", "--log-calls", "none") as server:
        before = told(server)
        file_of(catalog).touch()
        eventually(lambda: server.events("policies reloaded"))
        assert server.events("policies reloaded")[0]["changed"] is False
        assert told(server).sha256 == before.sha256


def test_nothing_is_loaded_that_nobody_changed(tmp_path: Path) -> None:
    with started("--catalog", str(copied(tmp_path)), "--watch-seconds", "1", "--log-calls", "none") as server:
        for _ in range(40):
            granted(server)
        eventually(lambda: server.metric("process_cpu_seconds_total") > 0)
        assert server.metric("makegood_policies_reloads_total") == 0


# --------------------------------------------------------------------------------------------------------------- the page


def test_the_page_tells_what_is_loaded_and_the_command_whom_it_cannot_reach(tmp_path: Path) -> None:
    with started("--catalog", str(copied(tmp_path)), *ONLY_WHEN_ASKED) as server:
        with urlopen(server.metrics_url.replace("/metrics", "/policies"), timeout=PATIENCE_SECONDS) as response:
            page = json.load(response)
        assert page["process"]["pid"] == server.process.pid
        assert [(each["policy"], each["version"]) for each in page["policies"]] == [(POLICY, "2026-01")]
        assert page["sha256"] == told(server).sha256
    done = reload(server)
    assert done.returncode == 2
    assert "cannot be read" in done.stderr
    assert "--metrics-listen" in done.stderr


@WORKERS
def test_the_command_is_answered_over_tls_and_by_who_wants_to_know_it(tmp_path: Path, workers: str) -> None:
    catalog, files = copied(tmp_path), server_files(tmp_path)
    access, token = access_file(tmp_path), pki.written(tmp_path, "token", jwt_tokens.token().encode())
    flags = (*files.flags, "--access-file", str(access), "--catalog", str(catalog), "--workers", workers)
    with started(*flags, *ONLY_WHEN_ASKED) as server:
        cert = ("--tls-cert", files.settings["tls_cert"])
        in_clear, nobody = reload(server), reload(server, *cert)
        assert (in_clear.returncode, nobody.returncode) == (2, 2)
        assert "--tls-cert" in in_clear.stderr
        assert "401" in nobody.stderr
        assert "--token-file" in nobody.stderr
        done = reload(server, *cert, "--token-file", str(token))
        assert (done.returncode, done.stdout.partition(":")[0]) == (0, "loaded, with the digest from before")
        written(catalog, None)
        by_variables = {"MAKEGOOD_TLS_CERT": files.settings["tls_cert"], "MAKEGOOD_TOKEN_FILE": str(token)}
        assert reload(server, environment=by_variables).returncode == 1


def test_the_command_takes_no_other_servers_certificate(tmp_path: Path) -> None:
    """Not even one of the same authority, after which that authority stands."""
    files, other = server_files(tmp_path), of_server()
    chain = pki.written(tmp_path, "other.pem", other.pem + authority().pem)
    with started(*files.flags, "--catalog", str(copied(tmp_path)), *ONLY_WHEN_ASKED) as server:
        done = reload(server, "--tls-cert", str(chain))
    assert done.returncode == 2
    assert "CERTIFICATE_VERIFY_FAILED" in done.stderr


# --------------------------------------------------------------------------------------------------- one answer, one set


def test_a_stream_has_one_set_to_its_end(tmp_path: Path) -> None:
    catalog = copied(tmp_path)
    first = load_catalog(catalog, POLICY)
    written(catalog, TWICE)
    second = load_catalog(catalog, POLICY)
    with running(first) as server:
        asked: list[service_pb.StreamComputeRequest] = [service_pb.StreamComputeRequest(items=[question()])] * 3

        answered = Event()

        def messages() -> Iterator[service_pb.StreamComputeRequest]:
            yield asked[0]
            assert answered.wait(PATIENCE_SECONDS)
            _put(server.process.put, second)
            yield asked[1]
            yield asked[2]

        stream = server.compensation.StreamCompute(messages(), timeout=PATIENCE_SECONDS)
        answers = [next(stream)]
        answered.set()
        answers += stream
        assert [minimal(answer.results[0].decision)[1] for answer in answers] == [GRANTED_BYTES] * 3
        assert minimal(server.compensation.ComputeCompensation(question()).decision)[1] == 2 * GRANTED_BYTES


def _put(put: Callable[[PolicySet | None, LoadState], None], policies: PolicySet) -> None:
    put(policies, LoadState(digest_of(policies), 1, 1, 1))


def test_a_batch_has_one_set_in_all_of_its_rows(tmp_path: Path) -> None:
    """In columns and one by one."""
    catalog = copied(tmp_path)
    sets = [load_catalog(catalog, POLICY)]
    written(catalog, TWICE)
    sets.append(load_catalog(catalog, POLICY))
    batch = service_pb.BatchComputeRequest(items=[question()] * 200)
    with running(sets[0]) as server:
        for turn in range(1, 20):
            call = server.compensation.BatchCompute.future(batch, timeout=PATIENCE_SECONDS)
            _put(server.process.put, sets[turn % 2])
            assert len({result.decision.policy.sha256 for result in call.result().results}) == 1


@pytest.mark.parametrize("rows", [1, 100])
def test_a_question_that_names_a_digest_is_answered_by_that_or_not_at_all(policies: PolicySet, rows: int) -> None:
    loaded = policies.version(POLICY, "2026-01").sha256
    right, other, malformed = question(), question(), question()
    right.policy.expected_sha256, other.policy.expected_sha256, malformed.policy.expected_sha256 = loaded, "0" * 64, "0" * 63
    with running(policies) as server:
        plain = server.compensation.ComputeCompensation(question()).decision
        assert server.compensation.ComputeCompensation(right).decision == plain
        batch = service_pb.BatchComputeRequest(items=[right, other, malformed] * rows)
        results = server.compensation.BatchCompute(batch).results
        defaults = service_pb.BatchDefaults(policy=other.policy)
        by_default = server.compensation.BatchCompute(
            service_pb.BatchComputeRequest(defaults=defaults, items=[question()] * rows)
        ).results
    assert all(result.decision == plain for result in results[::3])
    for result in (*results[1::3], *by_default):
        assert code_name(result.error) == "FAILED_PRECONDITION"
        assert loaded in result.error.message
        assert "0" * 64 in result.error.message
    for result in results[2::3]:
        (violation,) = details_of(result.error)["BadRequest"].field_violations
        assert violation.field == "policy.expected_sha256"


def test_a_version_that_is_in_force_no_longer_is_found_by_its_digest_no_more(tmp_path: Path) -> None:
    catalog = copied(tmp_path)
    before = load_catalog(catalog, POLICY)
    written(catalog, TWICE)
    with running(before) as server:
        asked = question()
        asked.policy.expected_sha256 = before.version(POLICY, "2026-01").sha256
        assert server.compensation.ComputeCompensation(asked).decision.grants
        _put(server.process.put, load_catalog(catalog, POLICY))
        assert code_name(refused(lambda: server.compensation.ComputeCompensation(asked))) == "FAILED_PRECONDITION"


# ------------------------------------------------------------------------------------------------------------- under load


class AnyAmount(Client):
    """Takes either amount, for it does not know when which is in force."""

    granted = frozenset({GRANTED_BYTES, 2 * GRANTED_BYTES})


def test_reloads_under_load_half_of_them_bad_cost_no_call(tmp_path: Path) -> None:
    catalog = copied(tmp_path)
    with (
        started("--catalog", str(catalog), "--workers", "2", *ONLY_WHEN_ASKED) as server,
        asking(server.address, AnyAmount) as clients,
    ):
        for turn in range(RELOADS):
            written(catalog, ["pai: 1", TWICE, None, PAID][turn % 4])
            attempts = server.metric("makegood_policies_reloads_total")
            server.process.send_signal(signal.SIGHUP)
            eventually(lambda seen=attempts: server.metric("makegood_policies_reloads_total") > seen)  # type: ignore[misc]
        some_more(clients)
        eventually(lambda: len(server.events("policies not reloaded")) == RELOADS // 2)
        eventually(lambda: len(server.events("policies reloaded")) == RELOADS // 2)
        assert not server.events("worker died")
