"""``describe`` says a policy to someone who reads no policy files, and leaves nothing out."""

from pathlib import Path
from typing import Final

import pytest

from policy.calculator.explain import clause_texts
from policy.language.catalog import load_policy
from policy.tools.cli import main
from policy.tools.describing.document import Description
from tests.language.small import SMALL, policy_directory
from tests.support.library import CATALOG

EVERY_WORD: Final = Path(__file__).parents[1] / "language" / "every-word"
POLICIES: Final = [EVERY_WORD, *sorted(path for path in CATALOG.iterdir() if path.is_dir())]

SENTENCES: Final = """\
The local date of reported_at picks the version. Described here is 2026.
| 2025 | 2025-01-01 | 2026-01-01 | 8.00 GBP | POSTPAID |
- Only where customer_type is CONSUMER and payment is covered and claimed_at is before 2026-12-31 and of any outage of it, towers_out is at least 10.
For each local day that is touched of *repair*, counted interruption by interruption: by the number of the unit (up to 5: daily; beyond: day_rate), times gateway_factor, times busy.
For each full 24 h of *outage*; a rest of more than 6 h counts as one more: 5/days_in_month of tariff.
- Less the figure `voucher`, not below 0.
- Rounded half up to 0.01 GBP, once.
- At least 1.00 GBP, if anything is due.
- At most monthly_fee for each.
- At most 100.00 GBP in a billing cycle.
- At most 80.00 GBP in a month.
- For each interruption by itself.
- For each outage by itself.
- For all together.
What was booked beyond what stands is clawed back.
- Valid for 90 days from booking.
- Granted automatically where the amount is more than 1.00 GBP; else owed on a claim.
*single* (clause e.1): Once, if any time of *cycle* is left: by the length of the occasion (less than 48 h: 1 GB; otherwise: 2 GB).
- Granted automatically where the whole has more than 6 h of daytime time; else owed on a claim.
- For each of dropped_calls: 1 min, times use_factor.
- Outages of FIXED_VOICE or FIXED_DATA; one that names no service counts as of all.
- Only where impact is LOSS and reported_at is on or after joined_on.
- Counting starts at the end of 2 working days after the day of reported_at.
- Counting starts at 12 h after known_at.
- Cut out: delays.
- What is left counts only where the interruption that it is part of has more than 24 h or the whole has at least 6 h of daytime time or claim is MADE.
- What is left counts only where its local day has more than 12 h.
| 06:00 to 18:00 | 3/2 | 1 |
| PLANNED_MAINTENANCE | at least 72 h | NOBODY |
the larger of 1/days_in_cycle of monthly_fee, 1/10 of average_bill and voucher
| at least 10 %, less than 50 % | 6/5 |
For each 1 h of weighted time (and exactly for a part of it) of *cycle*, counted billing cycle by billing cycle: 200 MiB.
| billing_cycle | intervals | subscriber.billing_cycle |
| dropped_calls | number | subscriber.attributes["dropped_calls"] | 10000 | 0 |
- Within 30 days of the end of the last outage that meets the claim.
- For each of them it owes 100 % of the value of its parts of the grants.
| bonus | 0.05 GBP per % |
| PUSH | en | Your outage | You get {grants}. |
| top up | SMS | en |  | {grants} more, {whole} in all. |
- b.1: Whether storms count is disputed.
| e.3 | A tenth more on the next top-up. |
"""  # noqa: E501  a sentence is one line of the document


@pytest.mark.parametrize("sentence", SENTENCES.splitlines())
def test_every_word_is_said(sentence: str) -> None:
    versions = load_policy(EVERY_WORD)
    assert any(sentence in line for line in Description(versions, versions[-1], "en").lines())


@pytest.mark.parametrize("directory", POLICIES, ids=lambda path: path.name)
def test_every_version_is_described_with_every_clause_and_name(directory: Path) -> None:
    versions = load_policy(directory)
    for version in versions:
        document = "\n".join(Description(versions, version, "en").lines())
        for clause in clause_texts(version):
            assert f"| {clause} |" in document
        for names in (version.figures, version.measures, version.clocks, version.benefits):
            assert all(f"\n### {each.name}" in document for each in names)
        for fact in version.facts:
            assert f"\n| {fact.name} |" in document


def test_clauses_that_no_rule_cites_stand_apart(tmp_path: Path) -> None:
    clauses = 'clauses: {3: "What is meant by a day.", 1: "Long ones."}\n'
    text = SMALL.replace('{1: "Outages of more than twelve hours."}', '"1"') + clauses
    versions = load_policy(policy_directory(tmp_path, {"2026.yaml": text}))
    document = "\n".join(Description(versions, versions[-1], "en").lines())
    cited, others = document.split("\n## Clauses\n")[1].split("\n## Other clauses, which no rule cites\n")
    assert "| 1 | Long ones. |" in cited
    assert "| 3 | What is meant by a day. |" in others
    assert "| 3 |" not in cited
    assert "| 1 |" not in others


def test_the_table_of_the_default_policy_has_a_row_for_every_case() -> None:
    versions = load_policy(CATALOG / "cn-standard")
    lines = list(Description(versions, versions[0], "zh-CN").lines())
    row = "| more than 0 B | at least 10 %, less than 50 % | at least 59.00 CNY, less than 129.00 CNY | 13/10 |"
    assert f"| DATA or CONVERGED {row}" in lines
    assert "| VOICE | 10 min |" in lines
    assert any(line.startswith("| 3.1.3 | 区分中断原因") for line in lines)


def test_a_policy_is_named_by_its_path_or_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "cn-standard"]) == 0
    by_id = capsys.readouterr().out
    assert main(["describe", str(CATALOG / "cn-standard" / "2026-01.yaml")]) == 0
    assert capsys.readouterr().out == by_id
    assert by_id.startswith("# cn-standard: ")


def test_the_version_is_the_last_or_the_one_that_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", str(EVERY_WORD)]) == 0
    assert "Described here is 2026." in capsys.readouterr().out
    assert main(["describe", str(EVERY_WORD), "--version", "2025"]) == 0
    assert "Described here is 2025." in capsys.readouterr().out
    assert main(["describe", str(EVERY_WORD), "--version", "2027"]) == 1
    assert capsys.readouterr().err == "there is no version 2027; there are 2025, 2026\n"


def test_a_policy_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "nothing"]) == 1
    assert capsys.readouterr().err.startswith("nothing:1:1: there is no such")
