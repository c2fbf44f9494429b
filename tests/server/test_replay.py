"""What was recorded is decided again: the same to the byte, or with every difference, by rule and in money."""

import json
import random
from base64 import b64decode, b64encode
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from policy import CalculatorError, PolicySet, load_catalog
from server.decision_log.command import DIFFERENT, SAME, UNUSABLE, main, take
from server.decision_log.differences import differences
from server.decision_log.reader import LONGEST_LINE_BYTES, Found
from server.decision_log.record import Record, Unreadable, line_of, record_of
from server.decision_log.replay import Replayer
from server.decision_log.report import Report
from server.decision_log.sealing import read_keys
from server.loading.state import versions_of
from server.metadata import RECEIVES_KEY
from tests.server.catalogs import POLICY, TWICE, copied, written
from tests.server.decision_logs import files, key_file, recording, replay
from tests.server.messages import message_of
from tests.server.running import refused
from tests.server.samples import GRANTED_BYTES, question
from tests.support.cases import load_cases, load_published

FUZZED = 20_000
"""Damaged lines in each run of the tests; a million and more were tried by hand."""


def with_code(told: pytest.CaptureFixture[str]) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(told.readouterr().out)
    return report


def ask_all(server: Any) -> int:
    """The worked examples of every policy by each way, and what is wrong in several manners; how many questions."""
    messages = [message_of(case.request, case.id) for case in load_cases("cn_standard")]
    wrong = question("wrong")
    wrong.subscriber.subscriber_id = ""
    nobodys = question()
    nobodys.policy.policy_id = "nobody's"
    other = question()
    other.policy.expected_sha256 = "0" * 64
    without = question()
    without.ClearField("as_of")
    items = [*messages, wrong, nobodys, other, without]
    for item in items:
        server.compensation.ComputeCompensation.future(item).exception()
    raw = [item.SerializeToString() for item in items]
    batch = service_pb.BatchComputeRequest(items=items * 3)
    server.compensation.BatchCompute(batch)
    defaults = service_pb.BatchDefaults(
        outages=question().outages, mode=service_pb.MODE_AUTOMATIC, as_of=question().as_of, explain=service_pb.EXPLAIN_FULL
    )
    bare = service_pb.ComputeCompensationRequest(subscriber=question().subscriber)
    bad = service_pb.ComputeCompensationRequest()
    list(server.compensation.StreamCompute(iter([service_pb.StreamComputeRequest(defaults=defaults, items=[bare, bad])])))
    return len(raw) * 4 + 2


def test_a_log_is_decided_again_to_the_byte(policies: PolicySet, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with recording(policies, tmp_path, max_batch_rows=10_000) as server:
        asked = ask_all(server)
    assert replay(tmp_path, "--json") == SAME
    report = with_code(capsys)
    assert (report["same"], report["alike"], report["different"], report["not_replayed"]) == (asked, 0, 0, 0)


def test_another_policy_is_told_by_outcome_by_rule_and_in_amounts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalog = copied(tmp_path)
    with recording(load_catalog(catalog, POLICY), tmp_path) as server:
        server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=[question()] * 3))
        refused(lambda: server.compensation.ComputeCompensation(service_pb.ComputeCompensationRequest()))
    then = copied(tmp_path / "then")
    written(catalog, TWICE)
    assert replay(tmp_path, "--json", "--catalog", str(catalog), "--before", str(then)) == DIFFERENT
    report = with_code(capsys)
    assert (report["same"], report["different"]) == (1, 3)
    (benefit,) = report["benefits"]
    assert (benefit["policy"], benefit["benefit"], benefit["unit"]) == (POLICY, "data", "bytes")
    assert (benefit["before"], benefit["after"], benefit["change"]) == (3 * GRANTED_BYTES, 6 * GRANTED_BYTES, 3 * GRANTED_BYTES)
    assert benefit["records"] == report["rules"]["benefits.data"] == 3
    assert all(rule.startswith("benefits.data") for rule in report["rules"])
    fields = {each["field"]: (each["before"], each["after"]) for each in report["differences"][0]["fields"]}
    doubled = str(GRANTED_BYTES), str(2 * GRANTED_BYTES)
    assert fields == {"grants[data].quantity": doubled, "grants[data].parts[o-1].quantity": doubled}
    assert replay(tmp_path, "--catalog", str(catalog), "--list", "1") == DIFFERENT
    said = capsys.readouterr().out
    assert f"benefit data of {POLICY}: {3 * GRANTED_BYTES:,} → {6 * GRANTED_BYTES:,} (+{3 * GRANTED_BYTES:,}) bytes" in said
    assert "and 2 records more that are different" in said


def test_money_is_summed_by_currency_and_a_policy_that_is_gone_is_a_difference(
    policies: PolicySet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A catalog without the policy refuses what was granted: all of its credit is told as gone."""
    credited = _credited(policies)
    with recording(policies, tmp_path) as server:
        for message in credited:
            server.compensation.ComputeCompensation(message)
    assert replay(tmp_path, "--json", "--catalog", str(copied(tmp_path))) == DIFFERENT
    report = with_code(capsys)
    assert report["credit"]
    assert all(each["after"] == 0 < each["before"] for each in report["credit"].values())
    assert {each["after"] for each in report["outcomes"]} == {"NOT_FOUND"}


def _credited(policies: PolicySet) -> list[service_pb.ComputeCompensationRequest]:
    """Published cases in which policies credit money."""
    credited = []
    for case in load_published():
        with suppress(CalculatorError):
            if any(grant.kind == "CREDIT" and grant.grant_key for grant in policies.decide(case.request).grants):
                credited.append(case.request)
    return [message_of(request) for request in credited[:20]]


def test_a_record_by_another_engine_is_compared_field_by_field(
    policies: PolicySet, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with recording(policies, tmp_path) as server:
        server.compensation.ComputeCompensation(question())
    monkeypatch.setattr("policy.language.load.engine", lambda: "9.9.9")
    monkeypatch.setattr("server.decision_log.command.engine", lambda: "9.9.9")
    assert replay(tmp_path) == SAME
    said = capsys.readouterr().out
    assert "1 alike but for ids and versions" in said
    assert "here 9.9.9: compared field by field" in said


def test_what_a_question_expected_and_got_is_not_expected_of_another_policy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalog = copied(tmp_path)
    policies = load_catalog(catalog, POLICY)
    asked = question()
    asked.policy.expected_sha256 = policies.version(POLICY, "2026-01").sha256
    with recording(policies, tmp_path) as server:
        server.compensation.ComputeCompensation(asked)
    assert replay(tmp_path, "--catalog", str(catalog)) == SAME
    written(catalog, TWICE)
    assert replay(tmp_path, "--catalog", str(catalog), "--json") == DIFFERENT
    capsys.readouterr().out.partition("\n")


# -------------------------------------------------------------------------------------- what cannot be decided again


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"decision_log_key_file": ""}, "it was recorded without subscriber.subscriber_id"),
        ({"decision_log_facts": "mode,outages,as_of"}, "it was recorded without subscriber\n"),
    ],
)
def test_a_record_that_lacks_a_fact_says_so_and_is_not_decided(
    policies: PolicySet, tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: dict[str, str], why: str
) -> None:
    with recording(policies, tmp_path, **settings) as server:
        server.compensation.ComputeCompensation(question())
    if not (tmp_path / "keys").exists():
        key_file(tmp_path)
    assert replay(tmp_path) == UNUSABLE
    said = capsys.readouterr().out
    assert why in said
    assert "1 could not be" in said


def test_a_refusal_of_what_is_not_in_the_question_is_not_decided_again(
    policies: PolicySet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """How long an answer its caller takes stands in the metadata of the call; what he may ask is another file's.

    It is no reason to call a log that is well anything else.
    """
    asked = question()
    asked.explain = service_pb.EXPLAIN_FULL
    with recording(policies, tmp_path) as server:
        refused(lambda: server.compensation.ComputeCompensation(asked, metadata=((RECEIVES_KEY, "10"),)))
        batch = service_pb.BatchComputeRequest(items=[question()] * 10)
        refused(lambda: server.compensation.BatchCompute(batch, metadata=((RECEIVES_KEY, "10"),)))
        server.compensation.ComputeCompensation(question())
    assert replay(tmp_path) == SAME
    said = capsys.readouterr().out
    assert said.count("it was refused for what is not in the question: INVALID_ARGUMENT") == 2
    assert "1 records decided again" in said
    assert "2 were refused for who called or how" in said


def test_another_key_under_the_same_id_does_not_open_what_was_sealed(
    policies: PolicySet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with recording(policies, tmp_path) as server:
        server.compensation.ComputeCompensation(question())
    key_file(tmp_path)
    assert replay(tmp_path) == UNUSABLE
    assert "does not open: the record was changed, or the key file holds another key" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "it is no record of a decision log"),
        ("a log of another kind", b'{"timestamp": "x"}\n' * 50, "it is no record of a decision log"),
        ("a log of a later form", b'{"log":"makegood-decision-2","now":1}\n', "it is no record of a decision log"),
        ("a table", b"a,b\n1,2\n", "it is no record of a decision log"),
        ("one line without an end", b"x" * 1000, "it is no record of a decision log"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_a_file_of_another_kind_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert main([str(tmp_path / name)]) == UNUSABLE
    said = capsys.readouterr().out
    assert said.count(says) == 1
    assert f"{tmp_path / name}:1: " in said


def test_a_file_that_is_empty_missing_or_a_directory_without_logs_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").write_bytes(b"")
    assert main([str(tmp_path / "empty")]) == SAME
    assert "0 records" in capsys.readouterr().out
    assert main([str(tmp_path / "missing")]) == UNUSABLE
    assert "it cannot be read: No such file" in capsys.readouterr().out
    assert main([str(tmp_path)]) == UNUSABLE
    assert "no file of records is in it" in capsys.readouterr().out


def test_a_log_that_is_cut_tells_of_its_last_line_and_decides_the_others(
    policies: PolicySet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with recording(policies, tmp_path) as server:
        server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=[question()] * 5))
    (file,) = files(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    assert replay(tmp_path) == SAME  # its last record has all but its line's end
    file.write_bytes(whole[:-40])
    capsys.readouterr()
    assert replay(tmp_path) == UNUSABLE
    said = capsys.readouterr().out
    assert "4 the same to the byte" in said
    assert f"{file}:5: the file ends within it: its process was killed, or writes it still" in said
    lines = whole.splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], lines[1].replace(b"GRANTED", b"GRANTES"), b"\n", b"nonsense\n", *lines[2:]]))
    assert replay(tmp_path) == UNUSABLE
    said = capsys.readouterr().out
    assert "4 the same to the byte" in said
    assert f"{file}:2: the record is damaged" in said
    assert f"{file}:3: it is no record" in said


def test_a_line_without_end_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert LONGEST_LINE_BYTES >= 2**26
    monkeypatch.setattr("server.decision_log.reader.LONGEST_LINE_BYTES", 1000)
    (tmp_path / "long").write_bytes(b'{"log":"makegood-decision-1"' + b"x" * 5000 + b"\n")
    assert main([str(tmp_path / "long")]) == UNUSABLE
    assert capsys.readouterr().out.count("more than 1000 bytes") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--key-file", "/nowhere/keys"], "the keys cannot be read"),
        (["--catalog", "/nowhere/catalog"], "there is no such directory"),
        (["--before", "/nowhere/catalog"], "there is no such directory"),
    ],
)
def test_what_it_needs_and_cannot_use_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert main([str(tmp_path), *arguments]) == UNUSABLE
    assert says in capsys.readouterr().err


# --------------------------------------------------------------------------------------------------------------- damaged


def test_no_damage_under_a_right_seal_and_checksum_makes_a_replay_stumble(policies: PolicySet, tmp_path: Path) -> None:
    """As of a record that somebody made up: messages that hold what no server ever wrote."""
    with recording(policies, tmp_path) as server:
        ask_all(server)
    lines = [line for file in files(tmp_path) for line in file.read_bytes().splitlines()]
    keys, chance, report = read_keys(tmp_path / "keys"), random.Random(1), Report(1)
    now = Replayer(versions_of(policies))
    now.load()
    for _ in range(REPLAYED):
        told = {name: value for name, value in json.loads(chance.choice(lines)).items() if name not in OF_THE_LINE}
        name = chance.choice([name for name in ("question", "defaults", "answer") if name in told] or ["now"])
        told[name] = chance.choice((-1, 0, 2**62)) if name == "now" else _spoilt(told[name], chance)
        private = {"subscriber_id": "s", "decision_id": "d", "grant_keys": ["k"] * chance.randrange(3)}
        with suppress(Unreadable):
            take(Found(tmp_path, 1, record_of(line_of(told, private, keys)[:-1], keys)), now, now, report)
    assert report.different > 0
    assert [*report.lines("")]
    assert report.plain()


OF_THE_LINE = {"log", "key", "sealed", "crc32"}
REPLAYED = 1_000


def _spoilt(text: str, chance: random.Random) -> str:
    data = bytearray(b64decode(text))
    for _ in range(chance.choice((1, 1, 3)) if data else 0):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return b64encode(bytes(data)).decode()


def test_grants_of_one_benefit_are_told_apart_and_summed_and_quotes_beside_them() -> None:
    """For several occasions a benefit is granted several times; each has its difference, and the sum is of all."""
    before = decision_pb.Decision(outcome=decision_pb.OUTCOME_GRANTED)
    for quantity in (5, 7):
        before.grants.add(benefit="data", kind=decision_pb.BENEFIT_KIND_DATA_BYTES, quantity=quantity)
    before.quotes.add(benefit="data", kind=decision_pb.BENEFIT_KIND_DATA_BYTES, quantity=11)
    after = decision_pb.Decision.FromString(before.SerializeToString())
    after.grants[0].quantity, after.grants[1].quantity, after.quotes[0].quantity = 6, 8, 10
    found = differences(before, after)
    assert [str(each) for each in found] == [
        "grants[data].quantity: 5 → 6",
        "grants[data#2].quantity: 7 → 8",
        "quotes[data].quantity: 11 → 10",
    ]
    report = Report(0)
    report.replayed("here", Record({"engine": "1"}, b"", b"", before, (), ""), before, after, found)
    told = report.plain()
    assert [(each["before"], each["after"]) for each in (*told["benefits"], *told["quotes"])] == [(12, 14), (11, 10)]
