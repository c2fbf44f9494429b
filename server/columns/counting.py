"""Tells the metrics of rows that were decided together: one count for all rows that share their labels."""

from typing import Final

import numpy as np

from policy.calculator import codes
from policy.calculator.columns.questions import Ints
from policy.calculator.columns.ragged import lines_of
from server.columns.batches import Together
from server.decision_metrics import MIXED, NO_OUTAGE, Tally

_CAUSES: Final = (*codes.CAUSES, "", MIXED, NO_OUTAGE)
_UNSPECIFIED, _MIXED, _NO_OUTAGE = (_CAUSES.index(word) for word in ("", MIXED, NO_OUTAGE))
_PLAN_TYPES: Final = (*codes.PLAN_TYPES, "")


def count(together: Together, tally: Tally) -> None:
    """Counts every row once."""
    rows, answers, asked = together.rows, together.answers, together.asked
    plan_type = asked.rows.facts["plan_type"]
    plans = np.where(plan_type.given[rows], plan_type.numbers[rows], len(codes.PLAN_TYPES))
    key = answers.shape[rows]
    for column, words in ((_causes(together), _CAUSES), (plans, _PLAN_TYPES), (asked.mode[rows], codes.MODES)):
        key = key * len(words) + column
    distinct, place = np.unique(key, return_inverse=True)
    order = np.argsort(place, kind="stable")
    heads = np.searchsorted(place[order], np.arange(len(distinct)))
    times = np.diff(np.append(heads, len(rows)))
    # Metrics count in floats, which no sum of quantities overflows.
    sums = {name: np.add.reduceat(column[rows][order].astype(np.float64), heads) for name, column in answers.quantities.items()}
    owed = np.zeros(len(distinct))
    recourse = answers.recourse
    if recourse is not None:
        told = ~answers.hard[recourse.row]
        of = place[np.searchsorted(rows, recourse.row[told])]
        np.add.at(owed, of, recourse.amount_minor[told])
    for number, code in enumerate(distinct.tolist()):
        rest, mode = divmod(code, len(codes.MODES))
        rest, plan = divmod(rest, len(_PLAN_TYPES))
        shape, cause = divmod(rest, len(_CAUSES))
        decision = answers.shapes[shape]
        quantities = [int(sums[grant.benefit][number]) for grant in decision.grants]
        claims = {} if recourse is None or not owed[number] else {recourse.currency_code: int(owed[number])}
        tally.decided_alike(
            decision,
            _CAUSES[cause],
            _PLAN_TYPES[plan],
            codes.MODES[mode],
            int(times[number]),
            quantities,
            claims,
        )


def _causes(together: Together) -> Ints:
    """The cause that all outages of a row share, by its place among the labels."""
    rows, asked = together.rows, together.asked
    first, last = asked.first_outage[rows], asked.last_outage[rows]
    cause = asked.rows.outages.facts["cause"]
    known = np.where(cause.given, cause.numbers, _UNSPECIFIED)
    if not len(known):
        return np.full(len(rows), _NO_OUTAGE)
    causes = known[np.minimum(first, len(known) - 1)]
    owner, outage = lines_of(first, last - first)
    causes[owner[known[outage] != causes[owner]]] = _MIXED
    return np.where(first == last, _NO_OUTAGE, causes)
