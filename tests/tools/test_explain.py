"""``explain`` decides a request in a file as the library does, and says every step; what is wrong with the file it says too."""

import io
import json
import sys
from collections.abc import Callable
from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest

from policy.tools.cli import main
from tests.language.small import SMALL, policy_directory

REQUEST: Final[dict[str, Any]] = {
    "subscriber": {
        "subscriberId": "s-1",
        "planType": "PLAN_TYPE_DATA",
        "monthlyFee": {"currencyCode": "CNY", "amountMinor": "12900"},
        "dataAllowanceBytes": "21474836480",
        "dataRemainingBytes": "1073741824",
        "grantedThisCycle": {},
    },
    "outages": [
        {
            "outageId": "o-1",
            "startedAt": "2026-03-04T00:00:00Z",
            "endedAt": "2026-03-04T03:30:00Z",
            "cause": "CAUSE_EQUIPMENT_FAILURE",
            "impact": "IMPACT_LOSS",
        }
    ],
    "mode": "MODE_AUTOMATIC",
    "asOf": "2026-04-01T00:00:00Z",
}
"""Worked example 1 of the default policy, as the contract's JSON; the cycle's total is known to be nothing."""

YAML: Final = """\
subscriber:
  subscriber_id: s-1
  plan_type: DATA
  monthly_fee: {currency_code: CNY, amount_minor: 12900}
  data_allowance_bytes: 21474836480
  data_remaining_bytes: 1073741824
  granted_this_cycle: {}
outages:
  - {outage_id: o-1, cause: EQUIPMENT_FAILURE, impact: LOSS,
     started_at: 2026-03-04T08:00:00+08:00, ended_at: 2026-03-04T11:30:00+08:00}
mode: AUTOMATIC
as_of: 2026-04-01 08:00:00+08:00
"""

Explain = Callable[..., tuple[int, str, str]]


@pytest.fixture
def explain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Explain:
    """Runs the command on a document; gives the exit code, what was said and what was complained of."""

    def run(document: Any, *flags: str) -> tuple[int, str, str]:
        path = tmp_path / ("request.yaml" if isinstance(document, str) else "request.json")
        path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        code = main(["explain", str(path), *flags])
        told = capsys.readouterr()
        return code, told.out, told.err.replace(str(path), path.name)

    return run


def changed(path: str, value: Any) -> dict[str, Any]:
    """The request with another value at a path of keys; None takes the key out."""
    document = deepcopy(REQUEST)
    *way, last = path.split(".")
    place: Any = document
    for key in way:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    place[last] = value
    return document


def violations(answer: tuple[int, str, str]) -> dict[str, str]:
    code, told, _ = answer
    assert code == 1
    return {each["field"]: each["message"] for each in json.loads(told)["violations"]}


def test_every_step_is_told_with_its_clause(explain: Explain) -> None:
    code, told, _ = explain(YAML)
    assert code == 0
    assert told.startswith("GRANTED by cn-standard 2026-01 (sha256 ")
    for line in (
        "  data: 1900 MiB, clause 3.1.2, grant key ",
        "benefits.data.count                        = 19/4 units",
        "clocks.outage.spans[0].weighted            = 4 h 45 min of weighted time",
        "benefits.voice                             – 0 s  [CUSTOMER_NOT_COVERED]  (3.1.2)",
        "clause 3.1.3: By cause: ",
    ):
        assert line in told
    assert "clause 3.1.3: 区分中断原因" in explain(YAML, "--language", "zh-CN")[1]


def test_json_and_yaml_are_one_request(explain: Explain) -> None:
    assert explain(YAML, "--json") == explain(REQUEST, "--json")


def test_json_has_every_field_of_the_decision_and_exact_ratios(explain: Explain) -> None:
    code, told, _ = explain(REQUEST, "--json")
    answer = json.loads(told)
    assert code == 0
    assert set(answer) == {
        "decision_id", "outcome", "reasons", "warnings", "grants", "quotes", "occasions", "recourse", "notice", "explanation",
        "policy", "as_of", "clock_seconds", "weighted_seconds", "corrections",
    }  # fmt: skip
    assert answer["outcome"] == "GRANTED"
    assert answer["grants"][0]["quantity"] == 1900 * 2**20
    assert (answer["clock_seconds"], answer["weighted_seconds"], answer["as_of"]) == (12600, "17100", 1775001600)
    assert answer["explanation"]["lines"][0]["rule"] == "versions"
    one_second = changed("outages.0.endedAt", "2026-03-04T03:30:01Z")
    assert json.loads(explain(one_second, "--json")[1])["weighted_seconds"] == str(Fraction(34203, 2))


def test_json_explains_as_much_as_the_request_asks(explain: Explain) -> None:
    assert json.loads(explain(REQUEST | {"explain": "EXPLAIN_NONE"}, "--json")[1])["explanation"] is None
    summary = json.loads(explain(REQUEST | {"explain": "SUMMARY"}, "--json")[1])["explanation"]["lines"]
    full = json.loads(explain(REQUEST, "--json")[1])["explanation"]["lines"]
    assert 0 < len(summary) < len(full)
    assert "benefits.data.count" in explain(REQUEST | {"explain": "NONE"})[1]


def test_standard_input_is_read_as_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(REQUEST).encode())))
    assert main(["explain", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "GRANTED"


def test_what_the_command_line_says_goes_before_what_the_request_says(explain: Explain, tmp_path: Path) -> None:
    policy_directory(tmp_path / "catalog", {"2026.yaml": SMALL.replace("EUR", "CNY")})
    flags = ("--json", "--catalog", str(tmp_path / "catalog"))
    code, told, _ = explain(changed("policy.policyId", "cn-standard"), "--policy", "small", *flags)
    assert (code, json.loads(told)["policy"]["policy_id"]) == (0, "small")
    code, told, _ = explain(REQUEST, "--version", "1999")
    assert (code, told) == (1, "")
    code, told, _ = explain(REQUEST, "--version", "1999", "--json")
    assert json.loads(told) == {"unknown_policy": {"policy_id": "cn-standard", "version": "1999", "known": ["2026-01"]}}


def test_a_policy_that_is_not_there_is_refused_with_those_that_are(explain: Explain, tmp_path: Path) -> None:
    policy_directory(tmp_path / "catalog", {"2026.yaml": SMALL})
    code, told, _ = explain(REQUEST, "--json", "--policy", "smal", "--catalog", str(tmp_path / "catalog"))
    assert code == 1
    assert json.loads(told) == {"unknown_policy": {"policy_id": "smal", "version": "", "known": ["small"]}}
    code, _, complaint = explain(REQUEST, "--catalog", str(tmp_path / "catalog"))
    assert code == 1
    assert complaint == "request.json cannot be decided: there is no policy 'cn-standard'; there are small\n"


def test_a_date_that_no_version_covers_is_refused_with_those_that_are(explain: Explain) -> None:
    outages = [REQUEST["outages"][0] | {"startedAt": "2025-12-31T15:59:59Z"}]
    code, told, _ = explain(REQUEST | {"outages": outages}, "--json")
    assert code == 1
    covered = ["2026-01-01 to open (2026-01)"]
    assert json.loads(told) == {"not_in_force": {"policy_id": "cn-standard", "on": "2025-12-31", "covered": covered}}


def test_a_policy_file_that_is_broken_is_refused_with_its_place(explain: Explain, tmp_path: Path) -> None:
    policy_directory(tmp_path / "catalog", {"2026.yaml": SMALL.replace("CREDIT", "KREDIT")})
    policy_directory(tmp_path / "catalog", {"2026.yaml": SMALL.replace("small", "sound")}, name="sound")
    flags = ("--catalog", str(tmp_path / "catalog"))
    code, _, complaint = explain(REQUEST, "--policy", "small", *flags)
    assert code == 2
    assert "small/2026.yaml:15:11: there is no kind of benefit KREDIT (did you mean CREDIT?)" in complaint
    assert explain(REQUEST, "--policy", "sound", *flags)[0] == 1, "a policy beside it can be explained all the same"


@pytest.mark.parametrize(
    ("path", "value", "field", "said"),
    [
        ("subscriber.planTyp", "DATA", "subscriber.planTyp", "is no field; did you mean plan_type?"),
        ("subscriber.plan_type", "DATA", "subscriber.plan_type", "stands twice, in two spellings"),
        ("subscriber.planType", "PLAN_TYPE_FIXED", "subscriber.plan_type", "is not a known value"),
        ("subscriber.planType", ["DATA"], "subscriber.plan_type", "must be a text"),
        ("subscriber.subscriberId", "\ud83d", "subscriber.subscriber_id", "half a character"),
        ("subscriber.monthlyFee", "129.00 CNY", "subscriber.monthly_fee", "must be an object"),
        ("subscriber.monthlyFee.amountMinor", 129.5, "subscriber.monthly_fee.amount_minor", "must be a whole number"),
        ("subscriber.monthlyFee.amountMinor", "1e3", "subscriber.monthly_fee.amount_minor", "must be a whole number"),
        ("subscriber.valueAddedServices", "MUSIC", "subscriber.value_added_services", "must be a list"),
        ("subscriber.grantedThisCycle", {"quantities": {"data": "x"}}, 'subscriber.granted_this_cycle.quantities["data"]', ""),
        ("subscriber.billingCycle", {"startedAt": "2026-03-01T00:00:00Z"}, "subscriber.billing_cycle.ended_at", "is missing"),
        ("subscriber.attributes", {"a": {}}, 'subscriber.attributes["a"]', "must hold exactly one of integer, ratio"),
        ("subscriber.attributes", {"a": {"integer": "1", "text": "1"}}, 'subscriber.attributes["a"]', "must hold exactly one"),
        ("subscriber.attributes", {"a": {"ratio": {"numerator": "1"}}}, 'subscriber.attributes["a"].ratio.denominator', "is 0"),
        ("subscriber.attributes", {"a": {"date": {"year": 2026, "month": 2}}}, 'subscriber.attributes["a"]', "2026-2-0 is no"),
        ("subscriber.attributes", {"a": {"yesOrNo": "perhaps"}}, 'subscriber.attributes["a"]', "must be true or false"),
        ("outages", {}, "outages", "must be a list"),
        ("outages.0.startedAt", "2026-03-04T00:00:00", "outages[0].started_at", "must be an instant with its offset"),
        ("outages.0.startedAt", "2026-02-29T00:00:00Z", "outages[0].started_at", "is no day, time or offset that exists"),
        ("outages.0.startedAt", "2026-03-04T00:00:00.000000001Z", "outages[0].started_at", "has a fraction of a second"),
        ("outages.0.endedAt", "2026-03-04T00:00:00Z", "outages[0].ended_at", "must be after started_at"),
        ("mode", None, "mode", "is not specified"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_named_with_its_field(path: str, value: Any, field: str, said: str, explain: Explain) -> None:
    assert said in violations(explain(changed(path, value), "--json"))[field]


def test_all_that_is_malformed_is_named_at_once(explain: Explain) -> None:
    """What the file cannot carry and what the calculator finds; each field once."""
    document = changed("outages.0.startedAt", "yesterday") | {"mode": "MODE_GUESS", "subscribr": {}}
    document["subscriber"]["monthlyFee"]["currencyCode"] = "USD"
    found = violations(explain(document, "--json"))
    assert sorted(found) == ["mode", "outages[0].started_at", "subscriber.monthly_fee.currency_code", "subscribr"]
    code, told, complaint = explain(document)
    assert (code, told) == (1, "")
    assert complaint.startswith("request.json cannot be decided:\n  outages[0].started_at: must be an instant with its offset")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("r.json", b"", "r.json:1:1: this is not JSON"),
        ("r.json", b'{"mode": "AUTOMATIC",\n}', "r.json:2:1: this is not JSON"),
        ("r.json", b'{"mode": "AUTOMATIC", "mode": "APPLICATION"}', "mode stands twice in one object"),
        ("r.json", b"[]", "a request is an object (begin with subscriber: and its fields)"),
        ("r.json", b'{"mode": "\xff"}', "the file is not UTF-8 text"),
        ("r.json", b"[" * 100_000, "the file is nested too deep"),
        ("r.json", b" " * (4 * 1024 * 1024 + 1), "the file has more than 4194304 bytes"),
        ("r.yaml", b"mode: AUTOMATIC\nmode: APPLICATION\n", "r.yaml:2:1: mode stands here again"),
        ("r.yaml", b"outages: [&o {}, *o]\n", "r.yaml:1:11: an anchor (&) is not taken (write the value out)"),
        ("r.yaml", b"", "r.yaml:1:1: the file is empty (begin with subscriber: and its fields)"),
        ("r.yaml", None, "r.yaml: the file cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_holds_no_request_leaves_with_2(
    name: str, content: bytes | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert main(["explain", str(path)]) == 2
    assert said in capsys.readouterr().err
