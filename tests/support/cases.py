"""Cases as data: ``tests/cases/*.yaml``.

A file holds ``as_of`` (for cases that name none) and ``cases``; other keys are there for YAML anchors. A case holds

    id        the claim it makes, unique
    why       the arithmetic, by hand
    subscriber {id, plan, fee, allowance, remaining, vas, customer, payment, zone, billing, cycle, attributes}
    outages   [{id, from, to, cause, impact, services, party, announced, reported, areas, source, attributes}]
    mode, as_of, claim {channel, at, from, to}, notice {channel, languages}, already, policy, version, explain
    expect    {outcome, reasons, warnings, grants, recourse, clock, weighted}   or   {malformed: [field paths]}

Not said: subscriber id "s-1", mode AUTOMATIC, impact LOSS; everything else is not given. ``cycle: {}`` is "nothing granted
this cycle", no ``cycle`` is "not known". A reason is a code, or ``{MISSING_FACT: field}``, ``{CAPPED: benefit}``. Reasons,
warnings, grants and recourse that are not said are none; ``clock`` and ``weighted`` that are not said are not compared.
Codes go through every entry point, so an unknown one is written as the number of an enum that nobody has defined: "99".
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import yaml

from policy.calculator.request import Request
from tests.support.answers import Answer, Said
from tests.support.facts import Facts, quantities_from, request_from
from tests.support.units import money_minor, quantity, ratio

CASES: Final = Path(__file__).parent.parent / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    """One case: a request, what is expected of it, and the names of the fields of the answer that it does not state."""

    id: str
    why: str
    request: Request
    expected: Answer
    unstated: frozenset[str]

    def differences(self, answer: Answer) -> dict[str, tuple[object, object]]:
        """In which stated fields an answer differs: expected, given."""
        differences = self.expected.differences(answer)
        return {name: pair for name, pair in differences.items() if name not in self.unstated}


def load_cases(name: str) -> list[Case]:
    """The cases of ``tests/cases/<name>.yaml``; a repeated id or an unknown word is an error."""
    document = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    cases = [_case(entry, document["as_of"]) for entry in document["cases"]]
    repeated = [case_id for case_id, count in Counter(case.id for case in cases).items() if count > 1]
    if repeated:
        raise ValueError(f"{name}: repeated case ids {repeated}")
    return cases


def _case(entry: Mapping[str, Any], as_of: str) -> Case:
    facts = {word: value for word, value in entry.items() if word not in ("id", "why", "expect")}
    try:
        expected, unstated = _answer(entry["expect"])
        return Case(entry["id"], entry["why"], request_from(facts, as_of), expected, unstated)
    except (KeyError, ValueError) as error:
        raise ValueError(f"case {entry.get('id')}: {error}") from error


def _answer(expect: Facts) -> tuple[Answer, frozenset[str]]:
    """The expected answer and what it leaves unstated."""
    if unknown := set(expect) - {"malformed", "outcome", "reasons", "warnings", "grants", "recourse", "clock", "weighted"}:
        raise KeyError(f"unknown words {sorted(unknown)}")
    if "malformed" in expect:
        return Answer(malformed=frozenset(expect["malformed"])), frozenset()
    answer = Answer(
        outcome=expect["outcome"],
        reasons=frozenset(_said(reason) for reason in expect.get("reasons", ())),
        warnings=frozenset(expect.get("warnings", ())),
        grants=quantities_from(expect.get("grants", {})),
        recourse={party: money_minor(amount)[0] for party, amount in expect.get("recourse", {}).items()},
        clock_seconds=quantity(expect["clock"]) if "clock" in expect else None,
        weighted_seconds=Fraction(ratio(expect["weighted"])) if "weighted" in expect else None,
        bookable=expect["outcome"] == "GRANTED",
    )
    stated = {"clock_seconds": "clock" in expect, "weighted_seconds": "weighted" in expect}
    return answer, frozenset(name for name, is_stated in stated.items() if not is_stated)


def _said(reason: str | Mapping[str, str]) -> Said:
    if isinstance(reason, str):
        return reason, ""
    ((code, about),) = reason.items()
    return code, about
