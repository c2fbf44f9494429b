"""The desk's question: from flags, from a file, from standard input; contradictions are refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from clients.crm import cli, flags
from clients.errors import BadInput
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import (
    EXPLAIN_FULL,
    EXPLAIN_SUMMARY,
    MODE_APPLICATION,
    MODE_AUTOMATIC,
    ComputeCompensationRequest,
)
from tests.clients.desk import OUTAGE, WHO


def question(*arguments: str) -> ComputeCompensationRequest:
    """What a command line would ask."""
    return cli.question(cli.parser().parse_args(arguments), flags.Flags())


def refusal(*arguments: str) -> str:
    with pytest.raises(BadInput) as refused:
        question(*arguments)
    return str(refused.value)


def test_flags_and_file_ask_the_same(tmp_path: Path) -> None:
    """A question by flags is the one that a file with the same facts asks."""
    cycle = ("--billing-cycle", "2026-03-01T00:00+08:00/2026-04-01T00:00+08:00", "--nothing-granted-this-cycle")
    by_flags = question("quote", *WHO, "--value-added", "MUSIC", *cycle, "--outage", OUTAGE)
    subscriber: dict[str, Any] = {
        "subscriber_id": "138",
        "plan_type": "DATA",
        "monthly_fee": {"currency_code": "CNY", "amount_minor": 12900},
        "data_allowance_bytes": 20 * 2**30,
        "data_remaining_bytes": 2**30,
        "value_added_services": ["MUSIC"],
        "billing_cycle": {"started_at": "2026-02-28T16:00:00Z", "ended_at": "2026-03-31T16:00:00Z"},
        "granted_this_cycle": {},
    }
    outage = {
        "outage_id": "out-1",
        "started_at": "2026-03-04T00:00:00Z",
        "ended_at": "2026-03-04T03:30:00Z",
        "cause": "EQUIPMENT_FAILURE",
        "impact": "LOSS",
    }
    file = tmp_path / "question.json"
    file.write_text(json.dumps({"subscriber": subscriber, "outages": [outage]}))
    assert by_flags == question("quote", str(file))
    assert by_flags.mode == MODE_AUTOMATIC
    assert by_flags.explain == EXPLAIN_SUMMARY


def test_outage_says_all_that_a_record_says() -> None:
    """An open end, degraded service, a party, services, an announcement and attributes fit in one flag."""
    text = (
        "2026-03-04T08:00+08:00/,construction_damage,DEGRADED,party=contractor-7,services=DATA+voice,"
        "announced=2026-03-01T00:00Z,reported=2026-03-04T01:00Z,negligence=GROSS"
    )
    outage = question("quote", *WHO, "--outage", text).outages[0]
    assert not outage.HasField("ended_at")
    assert outage.cause == facts_pb2.CAUSE_CONSTRUCTION_DAMAGE
    assert outage.impact == facts_pb2.IMPACT_DEGRADED
    assert outage.responsible_party == "contractor-7"
    assert outage.services == [facts_pb2.SERVICE_DATA, facts_pb2.SERVICE_VOICE]
    assert (outage.HasField("announced_at"), outage.HasField("reported_at")) == (True, True)
    assert outage.attributes["negligence"].text == "GROSS"


def test_flag_wins_over_file(tmp_path: Path) -> None:
    """How it is asked can be changed without changing the file."""
    file = tmp_path / "question.json"
    file.write_text('{"subscriber": {"subscriber_id": "138"}, "policy": {"policy_id": "a"}, "explain": "NONE"}')
    request = question(
        "quote", str(file), "--policy", "b", "--version", "2", "--explain", "full", "--as-of", "1970-01-01T00:01Z"
    )
    assert (request.policy.policy_id, request.policy.version) == ("b", "2")
    assert (request.explain, request.as_of.seconds) == (EXPLAIN_FULL, 60)


def test_every_wrong_flag_is_named() -> None:
    """All the flags that have to be mended are named at once."""
    text = refusal(
        "quote", "--subscriber", "1", "--plan-type", "DATE", "--fee", "1.005", "--allowance", "20GB", "--outage", "x,NOISE"
    )
    for flag in ("--plan-type", "--fee", "--allowance", "--outage"):
        assert flag in text
    assert "did you mean DATA" in text


def test_claim_is_an_application_made_now() -> None:
    """A claim carries its channel and span; claimed now, the facts are looked at now as well."""
    span = "2026-06-10T11:00+08:00/2026-06-10T15:00+08:00"
    request = question("claim", *WHO, "--outage", OUTAGE, "--channel", "hotline", "--claimed", span)
    assert request.mode == MODE_APPLICATION
    assert request.claim.channel == facts_pb2.CLAIM_CHANNEL_HOTLINE
    assert request.claim.ended_at.seconds - request.claim.started_at.seconds == 4 * 3600
    assert request.as_of == request.claim.claimed_at


def test_claim_without_its_facts_is_not_filed() -> None:
    """Channel, span and the recorded id of each outage are asked for before the server is."""
    text = refusal("claim", *WHO, "--outage", OUTAGE.removesuffix(",id=out-1"))
    for needed in ("--channel", "--claimed", "id=…"):
        assert needed in text


@pytest.mark.parametrize(
    ("flags_", "said"),
    [
        (("--already-granted", "voice=600", "--already-granted", "voice=60"), "--already-granted: voice stands twice"),
        (("--granted-this-cycle", "data=1GiB", "--nothing-granted-this-cycle"), "contradicts --granted-this-cycle"),
        (("--already-granted", "data=1XB"), "'data=1XB': a quantity has one of the units B, KiB, MiB"),
        (("--already-granted", "voice=0.5s"), "not a whole number of bytes, seconds"),
        (("--already-granted", "voice=-5"), "'voice=-5': a quantity has one of the units"),
        (("--already-granted", "voice"), "is not BENEFIT=QUANTITY"),
        (("--attribute", "a=1", "--attribute", "a=2"), "--attribute: a stands twice"),
        (("--outage", OUTAGE + ",DEGRADED,LOSS"), "its impact stands twice"),
        (("--outage", OUTAGE + ",UNKNOWN"), "its cause stands twice"),
        (("--outage", OUTAGE + ",id=out-2"), "id stands twice"),
    ],
)
def test_flags_that_contradict_each_other_are_refused(flags_: tuple[str, ...], said: str) -> None:
    """Which of the two is meant is not guessed."""
    assert said in refusal("quote", *WHO, "--outage", OUTAGE, *flags_)


def test_facts_by_flags_beside_a_file_are_refused(tmp_path: Path) -> None:
    """They would be dropped without a word; how it is asked can be said beside a file."""
    (tmp_path / "q.json").write_text('{"subscriber": {"subscriber_id": "138"}}')
    text = refusal("quote", str(tmp_path / "q.json"), "--fee", "5", "--nothing-granted-this-cycle")
    assert ("--fee: is for a subscriber" in text, "--nothing-granted-this-cycle: is for" in text) == (True, True)


@pytest.mark.parametrize(
    ("pair", "quantity"),
    [
        ("voice=10min", 600),
        ("voice=600", 600),
        ("voice=1.5 h", 5400),
        ("data=1.5GiB", 3 * 2**29),
        ("vas=2days", 2),
        ("vas=1day", 1),
        ("credit=5.00 CNY", 500),
        ("credit=500JPY", 500),
        ("bonus=12.5%", 1250),
    ],
)
def test_quantity_is_read_in_its_unit(pair: str, quantity: int) -> None:
    """Exactly, in the unit that a person says."""
    request = question("quote", *WHO, "--outage", OUTAGE, "--already-granted", pair)
    assert dict(request.already_granted.quantities) == {pair.partition("=")[0]: quantity}


def test_wrong_claim_channel_is_one_line() -> None:
    """One slip is told once."""
    span = "2026-03-04T08:00+08:00/2026-03-04T11:30+08:00"
    said = refusal("claim", *WHO, "--outage", OUTAGE, "--channel", "FAX", "--claimed", span).splitlines()
    assert len(said) == 2
    assert "--channel: 'FAX' is not one of HOTLINE" in said[1]


def test_facts_come_from_one_place(tmp_path: Path) -> None:
    """Neither nothing nor a file and flags together is a question."""
    assert "either" in refusal("quote")
    assert "not both" in refusal("quote", str(tmp_path / "question.json"), *WHO)


@pytest.mark.parametrize(
    ("flags_", "said"),
    [
        (("--allowance", "30GB"), "30 GB is 30GiB where it counts by 1024 and 30000000000 bytes by 1000; write one of them"),
        (("--allowance", "0.5 tb"), "0.5 TB is 0.5TiB where it counts by 1024 and 500000000000 bytes by 1000"),
        (("--remaining", "20G"), "20 G is 20GiB where it counts by 1024"),
        (("--remaining", "20gib"), "'20gib' is not a data volume; write 20GiB"),
        (("--remaining", "20,5GiB"), "write bytes, or a number with B, KiB, MiB, GiB, TiB"),
        (("--already-granted", "data=30GB"), "30 GB is 30GiB where it counts by 1024"),
        (("--granted-this-cycle", "data=1kb"), "1 KB is 1KiB where it counts by 1024 and 1000 bytes by 1000"),
        (("--fee", "129,00"), "'129,00' is not an amount; write it as 129.00"),
        (("--fee", "￥129"), "'￥129' is not an amount; write it as 129.00"),
        (("--zone", "asia/shanghai"), "(did you mean Asia/Shanghai?)"),
        (("--zone", "Shanghai"), "(did you mean Asia/Shanghai?)"),
        (("--zone", "Asia/Shanghia"), "(did you mean Asia/Shanghai?)"),
        (("--fee", "129_00"), "'129_00' is not an amount; write it as 129.00"),
        (("--value-added", "NULL"), "--value-added: 'NULL' is what some programs write for no value"),
        (("--subscriber", "null"), "--subscriber: 'null' is what some programs write for no value"),
        (("--outage", OUTAGE + ",party=N/A"), "--outage party: 'N/A' is what some programs write for no value"),
        (("--outage", OUTAGE.replace(",", "，").replace("out-1", "o")), "between its parts stand commas (,) and not ，"),
        (("--outage", OUTAGE.replace("id=out-1", "ID=o")), "--outage ID=o: write id=o"),
        (("--outage", OUTAGE.replace("id=out-1", "id=")), "--outage id=: is empty"),
        (("--outage", OUTAGE + ",cause=UNKNOWN"), "its cause stands twice"),
        (("--outage", OUTAGE + ",impact=BROKEN"), "'BROKEN' is not one of LOSS, DEGRADED"),
    ],
)
def test_slip_in_a_flag_is_told_with_what_to_write(flags_: tuple[str, ...], said: str) -> None:
    who = ("--plan-type", "DATA", *(() if "--subscriber" in flags_ else ("--subscriber", "138")))
    outage = () if "--outage" in flags_ else ("--outage", OUTAGE)
    words = ("quote", *who, *outage, *flags_)
    arguments = cli.parser().parse_args(words)
    with pytest.raises(BadInput) as error:
        cli._zone(cli.question(arguments, flags.Flags()).subscriber.time_zone)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("flags_", "field", "value"),
    [
        (("--outage", OUTAGE.replace("EQUIPMENT_FAILURE", "equipment failure")), "cause", facts_pb2.CAUSE_EQUIPMENT_FAILURE),
        (("--outage", OUTAGE.replace("EQUIPMENT_", "cause=CAUSE_EQUIPMENT-")), "cause", facts_pb2.CAUSE_EQUIPMENT_FAILURE),
        (("--outage", OUTAGE + ",impact=degraded"), "impact", facts_pb2.IMPACT_DEGRADED),
    ],
)
def test_codes_are_taken_as_a_person_writes_them(flags_: tuple[str, ...], field: str, value: int) -> None:
    """In any case, with spaces or dashes, with their prefix or their name: they say one thing."""
    assert getattr(question("quote", *WHO, *flags_).outages[0], field) == value


@pytest.mark.parametrize(("tag", "language"), [("zh-CN", "zh"), ("ZH", "zh"), ("en_US", "en"), ("en", "en")])
def test_language_is_that_of_a_tag(tag: str, language: str) -> None:
    assert cli.parser().parse_args(["quote", "q.json", "--language", tag]).language == language
    with pytest.raises(SystemExit):
        cli.parser().parse_args(["quote", "q.json", "--language", "fr"])


@pytest.mark.parametrize("mode", ["AUTOMATIC", "automatic", "MODE_AUTOMATIC", "Automatic", 1])
def test_mode_of_a_file_is_taken_with_and_without_its_prefix(tmp_path: Path, mode: object) -> None:
    file = tmp_path / "question.json"
    file.write_text(json.dumps({"subscriber": {"subscriber_id": "138"}, "mode": mode}))
    assert question("quote", str(file)).mode == MODE_AUTOMATIC


def test_repeated_flag_with_the_same_value_is_a_slip() -> None:
    """Services are counted, and an outage that stands twice was meant to be another."""
    for flags_ in (("--value-added", "MUSIC", "--value-added", "MUSIC"), ("--outage", OUTAGE)):
        with pytest.raises(SystemExit):
            cli.parser().parse_args(["quote", *WHO, "--outage", OUTAGE, *flags_])
