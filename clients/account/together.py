"""Settles many accounts at once, so that one call to the service asks for all of them.

Each settlement goes on to its next question; all these are asked together, and so on. Mostly two rounds do.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from clients.account.records import Account, Answer, Question, Record, Settlement, Steps, Work
from clients.account.settlement import settling

AskAll = Callable[[Sequence[Question]], Sequence[Answer]]
"""Answers in the order of the questions."""


class Case(NamedTuple):
    """What is to be settled."""

    account: Account
    records: Mapping[str, Record]
    work: Work


def settle_all(cases: Sequence[Case], ask: AskAll) -> list[Settlement]:
    """The settlements in order. Raises what ``ask`` raises."""
    found: dict[int, Settlement] = {}
    going: list[tuple[int, Steps[Settlement], Answer | None]] = [
        (number, settling(*case), None) for number, case in enumerate(cases)
    ]
    while going:
        asking: list[tuple[int, Steps[Settlement], Question]] = []
        for number, steps, answer in going:
            try:
                asking.append((number, steps, next(steps) if answer is None else steps.send(answer)))
            except StopIteration as ended:
                found[number] = ended.value
        answers = ask([question for _, _, question in asking]) if asking else []
        going = [(number, steps, answer) for (number, steps, _), answer in zip(asking, answers, strict=True)]
    return [found[number] for number in range(len(cases))]
