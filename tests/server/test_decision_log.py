"""The decision log: a record for each decision and each refusal, its owner's alone, naming nobody, and never lost unsaid."""

import os
import stat
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from zlib import crc32

import orjson
import pytest
from prometheus_client import CollectorRegistry

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import PolicySet
from server.cannot_start import CannotStartError
from server.decision_log.entry import Entry
from server.decision_log.facts import KeptFacts
from server.decision_log.files import OPEN, RotatedFiles
from server.decision_log.metrics import LogMetrics
from server.decision_log.queue import EntryQueue
from server.decision_log.record import Unreadable, line_of, record_of
from server.decision_log.sealing import NO_KEYS, UnusableKeys, read_keys
from server.errors import DecisionLogFull
from server.recording import Asked
from tests.server.decision_logs import KEY, files, found, key_file, key_line, read, recording
from tests.server.processes import STOP_SECONDS, started
from tests.server.running import PATIENCE_SECONDS, Rigged, code_name, ended, eventually, refused, running
from tests.server.samples import SUBSCRIBER_ID, decision, question
from tests.server.two_workers import TWO, call

RECORDS = "makegood_decision_log_records_total"
CALLS = "makegood_decision_log_calls_total"


def malformed() -> service_pb.ComputeCompensationRequest:
    message = question("r-2")
    message.outages[0].ended_at.seconds = 1
    return message


# ------------------------------------------------------------------------------------------------------ what is recorded


def test_there_is_a_record_for_each_decision_and_each_refusal_by_every_way(policies: PolicySet, tmp_path: Path) -> None:
    batch = service_pb.BatchComputeRequest(items=[question(), malformed()] * 50)
    piece = service_pb.StreamComputeRequest(items=[question()])
    with recording(policies, tmp_path) as server:
        answer = server.compensation.ComputeCompensation(question())
        refused(lambda: server.compensation.ComputeCompensation(malformed()))
        results = server.compensation.BatchCompute(batch).results
        list(server.compensation.StreamCompute(iter([piece, piece])))
    first, second, *rows = read(tmp_path)
    assert first.answer == answer.decision
    assert (second.told["refused"], second.told["fields"]) == ("INVALID_ARGUMENT", ["outages[0].ended_at"])
    assert [row.answer for row in rows[:100]] == [
        each.decision if each.HasField("decision") else each.error for each in results
    ]
    assert [row.told["row"] for row in rows[:100]] == list(range(100))
    assert len(rows) == 102
    for record, asked in zip(rows, [question(), malformed()], strict=False):
        assert record.question == asked.SerializeToString(deterministic=True)
        assert not record.why_not_replayed


def test_a_message_that_is_refused_whole_is_one_record_that_says_so(policies: PolicySet, tmp_path: Path) -> None:
    with recording(policies, tmp_path, max_batch_rows=2) as server:
        refused(lambda: server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=[question()] * 3)))
        for method in ("ComputeCompensation", "BatchCompute", "StreamCompute"):
            ended(server, f"makegood.v1.CompensationService/{method}", b"\xff")
    records = read(tmp_path)
    assert [record.told["refused"] for record in records] == ["INVALID_ARGUMENT"] * 4
    assert [record.told.get("rows", 1) for record in records] == [3, 1, 1, 1]
    assert [record.why_not_replayed.split()[-1] for record in records] == ["items", "question", "items", "items"]


def test_the_instant_that_stood_in_for_one_that_was_not_given_is_recorded(policies: PolicySet, tmp_path: Path) -> None:
    asked = question()
    asked.ClearField("as_of")
    with recording(policies, tmp_path) as server:
        answer = server.compensation.ComputeCompensation(asked)
    (record,) = read(tmp_path)
    assert record.told["now"] == record.told["as_of"] == answer.decision.as_of.seconds


def test_nothing_is_written_where_it_is_not_asked_for(policies: PolicySet, tmp_path: Path) -> None:
    with running(policies) as server:
        server.compensation.ComputeCompensation(question())
        assert "makegood_decision_log" not in server.scrape()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("arguments", [(), TWO], ids=["alone", "two workers"])
def test_what_waits_is_written_when_the_server_is_drained(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    keys = ("--decision-log-key-file", str(key_file(tmp_path)))
    with started(*arguments, "--decision-log", str(tmp_path / "log"), *keys, "--log-calls", "none") as server:
        made = sum(call(server) for _ in range(4))
        server.process.terminate()
        assert server.process.wait(STOP_SECONDS) == 0
    assert len(read(tmp_path)) == made
    assert not list((tmp_path / "log").glob(f"*{OPEN}"))


# ------------------------------------------------------------------------------------------------------------ who is named


def test_no_file_holds_in_clear_who_it_is_about_or_what_follows_from_it(policies: PolicySet, tmp_path: Path) -> None:
    """Ids and keys are hashes of the id and of facts beside it, and there are few telephone numbers to try."""
    strange = question(subscriber_id=f"{SUBSCRIBER_ID}\u200b")
    with recording(policies, tmp_path) as server:
        answer = server.compensation.ComputeCompensation(question("asked-by-13800138000"))
        refused(lambda: server.compensation.ComputeCompensation(strange))
        server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=[question(), strange] * 40))
    (file,) = files(tmp_path)
    lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    clear = b"".join(b64decode(line[name]) for line in lines for name in ("question", "answer") if name in line)
    for secret in (SUBSCRIBER_ID, "13800138000", answer.decision.decision_id, answer.decision.grants[0].grant_key):
        assert secret.encode() not in file.read_bytes()
        assert secret.encode() not in clear
    assert read(tmp_path)[0].answer == answer.decision


def test_without_a_key_who_it_is_about_is_left_out_and_the_record_says_so(policies: PolicySet, tmp_path: Path) -> None:
    with recording(policies, tmp_path, decision_log_key_file="") as server:
        server.compensation.ComputeCompensation(question())
    (record,) = read(tmp_path)
    assert record.lacks == ("subscriber.subscriber_id",)
    assert "subscriber.subscriber_id" in record.why_not_replayed
    assert b"sealed" not in files(tmp_path)[0].read_bytes()


def test_a_key_that_takes_the_place_of_another_seals_from_then_on_and_both_open(policies: PolicySet, tmp_path: Path) -> None:
    keys = key_file(tmp_path)
    with recording(policies, tmp_path, decision_log_key_file=str(keys)) as server:
        server.compensation.ComputeCompensation(question())
        eventually(lambda: server.metric(RECORDS, fate="written") == 1)
        keys.write_text(key_line("key-2") + keys.read_text())
        eventually(lambda: _one_more(server.compensation.ComputeCompensation, tmp_path))
        keys.write_text("nonsense\n")
        eventually(lambda: server.metric("makegood_decision_log_key_errors_total") == 1)
        server.compensation.ComputeCompensation(question())
        assert [line["in_use"] for line in server.lines() if line["event"] == "keys of the decision log not reloaded"] == [
            "key-2"
        ]
    told = [orjson.loads(line)["key"] for line in files(tmp_path)[0].read_bytes().splitlines()]
    assert (told[0], told[-1], set(told)) == (KEY, "key-2", {KEY, "key-2"})


def _one_more(ask: Callable[[service_pb.ComputeCompensationRequest], object], directory: Path) -> bool:
    ask(question())
    return b'"key":"key-2"' in b"".join(each.read_bytes() for each in (directory / "log").iterdir())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is no key in it"),
        ("# a comment\n\n", "there is no key in it"),
        ("key-1\n", "has 0 bytes, not 64"),
        ("key-1 AAAA\n", "has 3 bytes, not 64"),
        ("key-1 %%%\n", "is no base64"),
        ("-k AAAA\n", "does not begin with the id of a key"),
        (f"{'k' * 65} AAAA\n", "does not begin with the id of a key"),
        ("ключ AAAA\n", "other characters"),
        (key_line() + key_line(), "stands there twice"),
    ],
)
def test_keys_that_cannot_be_used_are_told_by_line_and_nothing_of_a_key_is(tmp_path: Path, text: str, says: str) -> None:
    path = key_file(tmp_path)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnusableKeys) as refusal:
        read_keys(path)
    assert says in str(refusal.value)
    assert str(path) in str(refusal.value)
    assert len(text) < 20 or text.split()[1] not in str(refusal.value)


def test_keys_that_everybody_can_read_are_refused(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    path.chmod(0o644)
    with pytest.raises(UnusableKeys, match="everybody can read the keys"):
        read_keys(path)


# -------------------------------------------------------------------------------------------------------- which facts are


def test_only_facts_that_are_listed_are_kept_and_a_record_says_what_it_lacks(policies: PolicySet, tmp_path: Path) -> None:
    asked = question()
    asked.subscriber.attributes["mood"].text = "ANGRY"
    with recording(policies, tmp_path, decision_log_facts="mode,as_of,outages.started_at,subscriber.plan_type") as server:
        server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=[asked]))
        server.compensation.BatchCompute(
            service_pb.BatchComputeRequest(
                defaults=service_pb.BatchDefaults(outages=question().outages),
                items=[service_pb.ComputeCompensationRequest(mode=service_pb.MODE_AUTOMATIC)],
            )
        )
    first, second = read(tmp_path)
    kept = service_pb.ComputeCompensationRequest.FromString(first.question)
    assert {field.name for field, _ in kept.subscriber.ListFields()} == {"subscriber_id", "plan_type"}
    assert {field.name for field, _ in kept.outages[0].ListFields()} == {"started_at"}
    assert set(first.lacks) >= {"subscriber.attributes", "subscriber.monthly_fee", "outages.cause", "outages.ended_at"}
    assert "defaults.outages.cause" in second.lacks
    assert "ANGRY" not in str(kept)


def test_what_is_not_listed_and_was_not_there_is_not_lacking() -> None:
    asked = service_pb.ComputeCompensationRequest(mode=service_pb.MODE_AUTOMATIC)
    assert KeptFacts(["mode"]).keep(asked) == []
    assert asked.mode


def test_an_attribute_is_kept_by_its_name() -> None:
    asked = question()
    asked.subscriber.attributes["mood"].text = "ANGRY"
    asked.subscriber.attributes["since"].integer = 1
    assert KeptFacts(["subscriber.attributes.mood", "outages", "outages.cause"]).keep(asked)
    assert list(asked.subscriber.attributes) == ["mood"]
    assert len(asked.outages) == 1


@pytest.mark.parametrize("path", ["subscriber.nothing", "nothing", "mode.x", "subscriber.subscriber_id", "request_id"])
def test_a_path_that_the_contract_does_not_have_or_that_is_never_kept_is_refused(path: str) -> None:
    with pytest.raises(CannotStartError, match=path.replace(".", r"\.")):
        KeptFacts([path])


def test_a_field_that_this_release_does_not_know_is_not_kept() -> None:
    asked = service_pb.ComputeCompensationRequest.FromString(question().SerializeToString() + b"\xfa\x07\x03abc")
    KeptFacts(["all"]).keep(asked)
    assert b"abc" not in asked.SerializeToString()


# ----------------------------------------------------------------------------------------------------------------- files


def test_files_are_their_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        log = RotatedFiles(tmp_path / "log", 2**20, 60)
        log.write(b"{}\n")
        log.close()
    finally:
        os.umask(before)
    (file,) = files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_another_file_is_begun_at_a_size_and_at_an_age_and_none_that_is_empty(tmp_path: Path) -> None:
    now = [0.0]
    log = RotatedFiles(tmp_path / "log", 10, 60, lambda: now[0])
    log.close_when_old()
    assert not list((tmp_path / "log").iterdir())
    log.write(b"1234567\n\n")  # one byte below
    assert not files(tmp_path)
    log.write(b"\n")
    assert [file.stat().st_size for file in files(tmp_path)] == [10]
    log.write(b"\n")
    now[0] = 59.9
    log.close_when_old()
    assert len(files(tmp_path)) == 1
    now[0] = 60.0
    log.close_when_old()
    assert len(files(tmp_path)) == 2
    log.close()
    assert len(files(tmp_path)) == 2


def test_a_disk_that_is_full_half_way_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = RotatedFiles(tmp_path / "log", 2**20, 60)
    log.write(b"first\n")
    whole = os.write
    room_bytes = [3, 0]

    def some(descriptor: int, data: bytes) -> int:
        room = room_bytes.pop(0)
        if not room:
            raise OSError(28, "No space left on device")
        return whole(descriptor, bytes(data)[:room])

    monkeypatch.setattr("server.decision_log.files.os.write", some)
    with pytest.raises(OSError, match="No space"):
        log.write(b"second\n")
    monkeypatch.undo()
    log.write(b"second\n")
    log.close()
    assert files(tmp_path)[0].read_bytes() == b"first\nsecond\n"


def test_a_directory_that_cannot_be_written_keeps_a_server_from_starting(policies: PolicySet, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a file")
    with pytest.raises(CannotStartError, match="--decision-log"), recording(policies, tmp_path):
        pass


# ----------------------------------------------------------------------------------------------------------------- fates


def queue(when_full: str, wait_millis: int = 50) -> tuple[EntryQueue, LogMetrics]:
    metrics = LogMetrics(CollectorRegistry(), 100)
    return EntryQueue(100, when_full, wait_millis, metrics), metrics  # type: ignore[arg-type]


def entry(size_bytes: int) -> Entry:
    asked = Asked("m", 0, Rigged(lambda _: decision()), b"", is_batch=True)
    return Entry(0, asked, 7, b"", None, size_bytes)


def test_below_its_limit_a_queue_takes_everything() -> None:
    for when_full in ("block", "shed", "drop"):
        waiting, metrics = queue(when_full)
        waiting.put(entry(99))
        waiting.admit()
        waiting.put(entry(1))
        assert waiting.size_bytes == 100
        assert not any(each._value.get() for each in (*metrics.records.values(), *metrics.calls.values()))


def test_a_full_queue_drops_and_counts_records() -> None:
    waiting, metrics = queue("drop")
    waiting.put(entry(100))
    waiting.admit()
    waiting.put(entry(1))
    assert (waiting.size_bytes, metrics.records["dropped"]._value.get()) == (100, 7)


def test_a_full_queue_sheds_and_counts_calls() -> None:
    waiting, metrics = queue("shed")
    waiting.put(entry(100))
    with pytest.raises(DecisionLogFull):
        waiting.admit()
    assert metrics.calls["shed"]._value.get() == 1
    waiting.done()
    waiting.admit()


def test_a_full_queue_blocks_until_there_is_room_and_then_sheds() -> None:
    waiting, metrics = queue("block", wait_millis=int(PATIENCE_SECONDS * 1000))
    waiting.put(entry(100))
    let_in = Event()

    def call_in() -> None:
        waiting.admit()
        let_in.set()

    caller = Thread(target=call_in)
    caller.start()
    eventually(lambda: metrics.calls["blocked"]._value.get() == 1)
    time.sleep(0.05)
    assert not let_in.is_set()
    waiting.done()
    assert let_in.wait(PATIENCE_SECONDS)
    caller.join()
    impatient, metrics = queue("block", wait_millis=10)
    impatient.put(entry(100))
    with pytest.raises(DecisionLogFull):
        impatient.admit()
    assert (metrics.calls["blocked"]._value.get(), metrics.calls["shed"]._value.get()) == (1, 1)


@pytest.mark.parametrize("when_full", ["block", "shed", "drop"])
def test_a_disk_that_takes_nothing_has_the_fate_that_was_chosen_and_no_other(
    policies: PolicySet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when_full: str
) -> None:
    """And when it takes something again, nothing is lost of what was let in."""
    broken = Event()
    write = RotatedFiles.write

    def failing(log: RotatedFiles, lines: bytes) -> None:
        if broken.is_set():
            raise OSError(28, "No space left on device")
        write(log, lines)

    monkeypatch.setattr(RotatedFiles, "write", failing)
    monkeypatch.setattr("server.decision_log.writer.AGAIN_SECONDS", 0.05)
    broken.set()
    answered = 0
    with recording(
        policies,
        tmp_path,
        decision_log_when_full=when_full,
        decision_log_queue_bytes=4096,
        max_queue_millis=200,
    ) as server:
        codes = set()
        for _ in range(20):
            call = ended(server, "makegood.v1.CompensationService/ComputeCompensation", question().SerializeToString())
            codes.add(call.code().name)
            answered += call.code().name == "OK"
        eventually(lambda: server.metric("makegood_decision_log_write_errors_total") >= 1)
        assert (
            server.metric("makegood_decision_log_queue_bytes")
            <= server.metric("makegood_decision_log_queue_limit_bytes") + 2048
        )
        if when_full == "drop":
            assert codes == {"OK"}
            assert server.metric(RECORDS, fate="dropped") > 0
        else:
            assert codes == {"OK", "RESOURCE_EXHAUSTED"}
            assert server.metric(CALLS, fate="shed") == 20 - answered
            assert (server.metric(CALLS, fate="blocked") > 0) == (when_full == "block")
            assert server.metric("makegood_grpc_calls_refused_total", reason="DECISION_LOG_FULL") == 20 - answered
        dropped = server.metric(RECORDS, fate="dropped")
        assert len([line for line in server.lines() if line["event"] == "decision log cannot be written"]) == 1
        broken.clear()
        eventually(lambda: server.metric(RECORDS, fate="written") == answered - dropped)
    assert len(read(tmp_path)) == answered - dropped


def test_what_cannot_be_written_before_the_end_is_counted_and_told(
    policies: PolicySet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: RotatedFiles, __: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RotatedFiles, "write", failing)
    monkeypatch.setattr("server.decision_log.log.CLOSE_SECONDS", 0.2)
    with recording(policies, tmp_path) as server:
        server.compensation.ComputeCompensation(question())
        server.stop()
        lost = [line["records"] for line in server.lines() if line["event"] == "records of the decision log lost"]
    assert lost == [1]


# ---------------------------------------------------------------------------------------------------------------- reading


def test_a_line_is_read_as_it_was_written_and_no_other(tmp_path: Path) -> None:
    keys = read_keys(key_file(tmp_path))
    told = {"now": 1, "engine": "e", "default_policy": "p"}
    line = line_of(told, {"subscriber_id": "s"}, keys)[:-1]
    assert record_of(line, keys).question == b"\x1a\x03\x0a\x01s"
    for cut in range(len(line)):
        with pytest.raises(Unreadable):
            record_of(line[:cut], keys)
    for place in range(len(line)):
        damaged = bytearray(line)
        damaged[place] ^= 1
        with pytest.raises(Unreadable):
            record_of(bytes(damaged), keys)


def test_what_stands_beside_what_is_sealed_cannot_be_changed_unseen(tmp_path: Path) -> None:
    keys = read_keys(key_file(tmp_path))
    one, other = (line_of({"now": n, "engine": "e", "default_policy": "p"}, {"subscriber_id": "s"}, keys) for n in (1, 2))
    sealed = one.index(b',"key"')
    mixed = one[:sealed] + other[sealed:].partition(b',"crc32"')[0]
    record = record_of(mixed + b',"crc32":"%08x"}' % crc32(mixed), keys)
    assert "does not open" in record.why_not_replayed
    assert record_of(one[:-1], NO_KEYS).why_not_replayed == f"it is sealed under key {KEY!r}, which the key file does not hold"


def test_a_code_is_told_by_its_name(policies: PolicySet, tmp_path: Path) -> None:
    asked = question()
    asked.policy.policy_id = "nobody's"
    with recording(policies, tmp_path) as server:
        assert code_name(refused(lambda: server.compensation.ComputeCompensation(asked))) == "NOT_FOUND"
    assert [found_.what.told["refused"] for found_ in found(tmp_path)] == ["NOT_FOUND"]  # type: ignore[union-attr]


def test_a_month_is_kept_as_far_as_it_is_listed() -> None:
    question = service_pb.ComputeCompensationRequest()
    for month in ("2026-02", "2026-03"):
        for benefit in ("credit", "data"):
            question.subscriber.granted_by_month[month].quantities[benefit] = 5
    lacks = KeptFacts(["subscriber.granted_by_month.2026-03.quantities.credit"]).keep(question)
    kept = {month: dict(each.quantities) for month, each in question.subscriber.granted_by_month.items()}
    assert kept == {"2026-03": {"credit": 5}}
    assert lacks == ["subscriber.granted_by_month", "subscriber.granted_by_month.2026-03.quantities"]
