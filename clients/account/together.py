"""Settles many accounts at once, so that one call to the service asks for all of them.

A settlement is pure: the answers to its first questions lead to the same next one. So it is worked out up to the first question
without an answer, and once more when that is there. Mostly two rounds do.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from clients.account.records import Account, Answer, Question, Record, Settlement, Work
from clients.account.settlement import settle

AskAll = Callable[[Sequence[Question]], Sequence[Answer]]
"""Answers in the order of the questions."""


class Case(NamedTuple):
    """What is to be settled."""

    account: Account
    records: Mapping[str, Record]
    work: Work


class _Lacking(Exception):
    """The question that has no answer yet."""

    def __init__(self, question: Question) -> None:
        self.question = question
        super().__init__()


def settle_all(cases: Sequence[Case], ask: AskAll) -> list[Settlement]:
    """The settlements in order. Raises what ``ask`` raises."""
    answers: list[list[Answer]] = [[] for _ in cases]
    found: list[Settlement | None] = [None] * len(cases)
    open_ones = list(range(len(cases)))
    while open_ones:
        lacking: list[tuple[int, Question]] = []
        for each in open_ones:
            outcome = _settled(cases[each], answers[each])
            if isinstance(outcome, Question):
                lacking.append((each, outcome))
            else:
                found[each] = outcome
        for (each, _), answer in zip(lacking, ask([question for _, question in lacking]) if lacking else (), strict=True):
            answers[each].append(answer)
        open_ones = [each for each, _ in lacking]
    return [each for each in found if each is not None]


def _settled(case: Case, answers: Sequence[Answer]) -> Settlement | Question:
    rest = iter(answers)

    def ask(question: Question) -> Answer:
        answer = next(rest, None)
        if answer is None:
            raise _Lacking(question)
        return answer

    try:
        return settle(case.account, case.records, case.work, ask)
    except _Lacking as lacking:
        return lacking.question
