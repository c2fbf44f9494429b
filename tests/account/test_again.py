"""What was decided is decided again: the same bytes under the same text and engine, else compared field by field."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete

from clients.account import again, tables
from clients.account.again import Found
from clients.account.database import opened
from clients.account.service import Server
from clients.errors import ExitCode
from makegood.v1 import decision_pb2
from makegood.v1.policy_service_pb2 import GetPolicyResponse, PolicySummary
from tests.account.conftest import Run
from tests.account.test_runs import O1, O2, enter, person, settle, write_people
from tests.clients.server_process import ServerProcess


def audit(run: Run, *more: str) -> tuple[int, list[dict[str, Any]]]:
    code, out, err = run("audit", "1", "--again", "--json", *more)
    assert err == ""
    return code, [each for each in map(json.loads, out.splitlines()) if "decided_again" in each]


def a_night(run: Run) -> None:
    enter(run, O1 + O2)
    write_people(person(1))
    settle(run)


def test_the_same_text_and_engine_give_the_same_bytes(run_real: Run) -> None:
    a_night(run_real)
    code, told = audit(run_real)
    assert code == ExitCode.DONE
    assert [(each["decision"], each["decided_again"], each["text_is_there"]) for each in told] == [
        (1, "the same bytes", True),
        (2, "the same bytes", True),
    ]
    assert run_real("audit", "1", "--again")[1].splitlines()[-1] == (
        "decided again: GRANTED of revision 1, number 2: the same to the byte"
    )


def test_a_question_is_shown_with_the_facts_that_it_was_decided_on(run_real: Run) -> None:
    a_night(run_real)
    (first, _) = [each for each in map(json.loads, run_real("audit", "1", "--json")[1].splitlines()) if "decision" in each]
    assert first["question"]["subscriber"]["data_remaining_bytes"] == str(12 * 2**30)


def test_a_text_that_the_server_no_longer_has_is_said_and_what_decides_now_is_compared(
    run_real: Run, other_text: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour was 200 MiB, and is 100 now."""
    a_night(run_real)
    monkeypatch.setenv("MAKEGOOD_ADDRESS", other_text.address)
    code, told = audit(run_real)
    line = run_real("audit", "1", "--again")[1]
    assert code == ExitCode.ROWS_FAILED
    assert {(each["decided_again"], each["text_is_there"]) for each in told} == {("otherwise", False)}
    differing = {path: (before, after) for path, before, after in told[0]["differences"]}
    assert differing["grants[0].quantity"] == (str(330 * 2**20), str(165 * 2**20))
    assert "the server has the text of cn-standard 2026-01 no more" in line
    assert "grants[0].quantity: 346030080 then, 173015040 now" in line


@pytest.fixture(scope="module")
def other_text(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose policy pays half."""
    folder = tmp_path_factory.mktemp("other text")
    server = ServerProcess(folder)
    (version,) = folder.glob("catalog/cn-standard/2*.yaml")
    version.write_text(re.sub("pay: 200 MiB", "pay: 100 MiB", version.read_text("utf-8")), "utf-8")
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_a_question_that_was_erased_cannot_be_decided_again(run_real: Run, ledger: str) -> None:
    a_night(run_real)
    with opened(ledger, create=False) as database:
        database.write(lambda c: c.execute(delete(tables.PERSON_QUESTION)))
    code, told = audit(run_real)
    assert (code, {each["decided_again"] for each in told}) == (ExitCode.ROWS_FAILED, {"erased"})


@pytest.mark.parametrize(
    ("change", "found", "fields"),
    [
        (lambda decision: setattr(decision.policy, "engine_version", "9"), Found.SAME_FIELDS, set()),
        (lambda decision: decision.grants.pop(), Found.OTHERWISE, {"grants"}),
        (lambda decision: setattr(decision.grants[0], "quantity", 5), Found.OTHERWISE, {"grants[0].quantity"}),
    ],
)
def test_what_differs_is_named_field_by_field(
    run_real: Run, ledger: str, change: Callable[[decision_pb2.Decision], None], found: Found, fields: set[str]
) -> None:
    """Another engine may differ in nothing but its version; under the same one, any difference is one."""
    a_night(run_real)
    with opened(ledger, create=False) as database:
        kept = database.read(lambda c: again.kept(c, "1"))[:1]

    def compute(requests: Any) -> list[Any]:
        decision = decision_pb2.Decision.FromString(kept[0].answer)
        change(decision)
        return [decision for _ in requests]

    summary = PolicySummary(policy_id="cn-standard")
    summary.versions.add(version="2026-01", sha256=kept[0].policy[2])
    (told,) = again.decided(kept, Server([summary], compute, lambda *_: GetPolicyResponse()))
    assert told.found == found
    paths = set(told.differences or {})
    assert all(any(path.startswith(field) for path in paths) for field in fields)
    assert paths == fields if found is Found.SAME_FIELDS else paths
    same = replace(kept[0], question=None)
    assert next(again.decided([same], Server([], lambda _: [], lambda *_: GetPolicyResponse()))).found is Found.ERASED
