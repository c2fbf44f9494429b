"""The published outages in examples/, decided by a real server under the default policy.

The expected time is weighted by hand from the policy's bands, in Shanghai time: half from 0 to 6, 1 from 6 to 9 and from 23 on,
1.2 from 18 to 23, and 1.5 from 9 to 18 on a working day, else 1. A converged plan of 129.00 CNY with a third of its data left
has 200 MiB x 0.6 x 1.5 = 180 MiB and 5 min for each weighted hour, and a day for each 24 h begun.
"""

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import grpc
import pytest
from google.protobuf import json_format

from clients.crm import cli
from clients.crm.flags import Flags
from makegood.v1 import decision_pb2
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest
from makegood.v1.compensation_service_pb2_grpc import CompensationServiceStub
from tests.clients.conftest import Run
from tests.clients.server_process import ROOT, ServerProcess

EXAMPLES = ROOT / "examples"
FILES = sorted(EXAMPLES.glob("*.json"))
HOURS = {
    # Spring Festival: 10:00-12:00.
    "telstra-2016-02-09": "2",
    # A Thursday, 15:00-19:00: 3 x 1.5 + 1.2.
    "telstra-2016-03-17": "5.7",
    # Tomb-Sweeping holiday, 14:17-16:48: 2 h 31 min x 1.
    "skt-2018-04-06": "151/60",
    # 13:00-05:30: 5 x 1.5 + 5 x 1.2 + 1 + 5.5 x 0.5 = 17.25; to 11:30, degraded: (0.5 x 0.5 + 3 + 2.5 x 1.5) x 1/2 = 3.5.
    "o2-2018-12-06": "20.75",
    # A Monday, 10:16-11:45: 89 min x 1.5.
    "kt-2021-10-25": "2.225",
    # From Saturday 00:35: 65/24 + 3 + 9 + 6 + 1; Sunday 3 + 3 + 9 + 6 + 1; Monday to 14:00: 3 + 3 + 5 x 1.5.
    "kddi-2022-07-02": "1373/24",
    # Friday 16:45 to Saturday 07:45: 1.25 x 1.5 + 6 + 1 + 3 + 1.75.
    "rogers-2022-07-08": "13.625",
    # A Wednesday, 01:05-13:00: 59/12 x 0.5 + 3 + 4 x 1.5.
    "optus-2023-11-08": "275/24",
    # Thursday 16:45 to Friday 04:45: 1.25 x 1.5 + 6 + 1 + 4.75 x 0.5.
    "att-2024-02-22": "11.25",
    # A Thursday, 01:30-11:00: 4.5 x 0.5 + 3 + 2 x 1.5.
    "verizon-2026-01-14": "8.25",
}
"""Weighted hours of the outages of mobile services."""
NOT_MOBILE = {"starhub-2020-04-15", "m1-2020-05-12", "kt-wireline-2024-08-10"}
DAYS = {"kddi-2022-07-02": 3}
"""Where it is not one."""
CAP_MIB = 10 * 1024


@pytest.fixture(scope="module")
def stub(server: ServerProcess) -> Iterator[CompensationServiceStub]:
    with grpc.insecure_channel(server.address) as channel:
        yield CompensationServiceStub(channel)


def asked(file: Path) -> ComputeCompensationRequest:
    """What the desk asks when it is given the file."""
    return cli.question(cli.parser().parse_args(["quote", str(file)]), Flags())


def granted(decision: decision_pb2.Decision) -> tuple[int, int, int]:
    """Data in MiB, calls in minutes, and days."""
    quantities = {grant.benefit: grant.quantity for grant in decision.grants}
    assert quantities["data"] % 2**20 == quantities["voice"] % 60 == 0
    return quantities["data"] // 2**20, quantities["voice"] // 60, quantities["value_added"]


def expected(name: str) -> tuple[int, int, int]:
    """The same, worked out from the weighted hours."""
    hours = Fraction(HOURS[name])
    return min(-(-180 * hours // 1), CAP_MIB), -(-5 * hours // 1), DAYS.get(name, 1)


def test_every_published_outage_is_an_example() -> None:
    """Thirteen outages, a file each, and an expectation for each file."""
    assert {file.stem for file in FILES} == HOURS.keys() | NOT_MOBILE
    assert len(FILES) == 13


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_example_is_decided_as_worked_out_by_hand(file: Path, stub: CompensationServiceStub) -> None:
    """Weighted time and grants are those of the policy's own clauses, and the answer says which version decided."""
    decision = stub.ComputeCompensation(asked(file), timeout=10).decision
    assert (decision.policy.policy_id, decision.policy.version) == ("cn-standard", "2026-01")
    assert not decision.warnings
    if file.stem in NOT_MOBILE:
        assert decision.outcome == decision_pb2.OUTCOME_NOT_ELIGIBLE
        assert [reason.code for reason in decision.reasons] == [decision_pb2.REASON_CODE_SERVICE_NOT_COVERED]
        return
    assert decision.outcome == decision_pb2.OUTCOME_GRANTED
    weighted = decision.weighted_seconds
    assert Fraction(weighted.numerator, weighted.denominator) == Fraction(HOURS[file.stem]) * 3600
    assert granted(decision) == expected(file.stem)
    capped = [reason.benefit for reason in decision.reasons if reason.code == decision_pb2.REASON_CODE_CAPPED]
    assert capped == (["data"] if expected(file.stem)[0] == CAP_MIB else [])


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_example_is_the_contracts_own_json(file: Path) -> None:
    """A file can be given to any gRPC tool as it is: protobuf itself reads it, and reads what the desk reads."""
    document = json.loads(file.read_text())
    message = json_format.ParseDict(document, ComputeCompensationRequest())
    assert message.request_id == file.stem
    message.explain = asked(file).explain
    assert message == asked(file)


def test_table_of_the_readme_says_what_is_decided() -> None:
    """Every line of examples/README.md has the grants that the tests hold, and every file has a line."""
    table = (EXAMPLES / "README.md").read_text().partition("## Thirteen outages")[2].partition("\n## ")[0]
    lines = [line.split("|") for line in table.splitlines() if line.startswith("| [")]
    said = {re.findall(r"\[(.+?)\]\((.+?)\)", line[1])[0]: line[5].strip() for line in lines}
    for (name, file), grants in said.items():
        assert file == f"{name}.json"
        if name in NOT_MOBILE:
            assert grants == "nothing: not a mobile service"
            continue
        data, voice, days = expected(name)
        shown = "10 GiB (the cap)" if data == CAP_MIB else f"{data} MiB"
        assert grants == f"{shown}, {voice} min, {days} day{'' if days == 1 else 's'}"
    assert {name for name, _ in said} == HOURS.keys() | NOT_MOBILE


def test_quote_of_an_example_is_one_command(run_real: Run) -> None:
    """What `make run` says to type next prints the grants and how they were worked out."""
    done = run_real("crm", "quote", EXAMPLES / "rogers-2022-07-08.json")
    assert (done.returncode, done.stderr) == (0, "")
    for part in (
        "data: 2453 MiB of data",
        "voice: 69 min of calls",
        "Counted 15 h of outage, weighted 13.625 h",
        "3.1.1  By length",
    ):
        assert part in done.stdout
