"""The questions of a batch for one version: defaults filled in, and what that version asks of a request looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow.compute as pc

from policy.calculator import codes, rules
from policy.calculator.columns.calendar import ColumnTime
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Claims, Cycles, Given, Ints, Mask, Questions
from policy.calculator.columns.ragged import lines_of
from policy.calculator.program import Program
from policy.calculator.reads import divides_by_cycle
from policy.calculator.request import NoticeRequest
from policy.calculator.validate import MAX_INSTANT, MAX_ITEMS
from policy.calculator.validate_for import SPECIFIED
from policy.calculator.values import MONTH_LENGTHS
from server.columns.arrow import by_distinct
from server.columns.attributes import facts_of
from server.columns.reading import APPLICATION, PROACTIVE_NOTICE, Rows
from server.translate.requests import Defaults

_EXPLAIN: Final = {"": 0, codes.NONE: 1, codes.SUMMARY: 2}
"""As the contract numbers them; 0 is left to the defaults."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rows ask, defaults filled in, whichever version decides. ``alone``: not surely valid.

    ``notices[notice[i]]`` is what row i is to be told, if its mode is PROACTIVE_NOTICE.
    """

    rows: Rows
    mode: Ints
    as_of: Ints
    first_outage: Ints
    last_outage: Ints
    notices: Sequence[NoticeRequest | None]
    notice: Ints
    summary: Mask
    alone: Mask

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.mode)


def asked(rows: Rows, defaults: Defaults, now: int) -> Asked:
    """The rows but for the last, which holds the outages of the defaults."""
    count = rows.count - 1
    alone = rows.alone[:count].copy()
    default_mode = codes.MODES.index(defaults.mode) if defaults.mode in codes.MODES else -1
    mode = np.where(rows.mode[:count] >= 0, rows.mode[:count], default_mode)
    alone |= mode < 0
    as_of_default = now if defaults.as_of is None else defaults.as_of
    as_of = np.where(rows.as_of.given[:count], rows.as_of.numbers[:count], as_of_default)
    if defaults.as_of_violations or not 0 <= as_of_default <= MAX_INSTANT:
        alone |= ~rows.as_of.given[:count]
    own = rows.last_outage[:count] > rows.first_outage[:count]
    first = np.where(own, rows.first_outage[:count], rows.first_outage[count])
    last = np.where(own, rows.last_outage[:count], rows.last_outage[count])
    if rows.alone[count] and rows.last_outage[count] > rows.first_outage[count]:
        alone |= ~own
    alone |= (first == last) & (mode != APPLICATION)
    explain = rows.explain[:count]
    explain = np.where(explain == 0, _EXPLAIN.get(defaults.explain, -1), explain)
    summary = explain == _EXPLAIN[codes.SUMMARY]
    alone |= ~summary & (explain != _EXPLAIN[codes.NONE])
    own_notice = rows.notice[:count]
    alone |= (own_notice > 0) & (mode != PROACTIVE_NOTICE)
    notice = np.where(own_notice > 0, own_notice + 1, (mode == PROACTIVE_NOTICE).astype(np.int64))
    _after(rows, first, last, as_of, alone)
    if rows.claims is None:
        alone |= mode == APPLICATION
    else:
        there = rows.claims.given[:count]
        alone |= there != (mode == APPLICATION)
        late = (rows.claims.claimed_at[:count] > as_of) | (rows.claims.ended_at[:count] > as_of)
        alone |= there & (late | (rows.claims.started_at[:count] >= as_of))
    notices = [None, defaults.notice, *rows.notices[1:]]
    return Asked(rows, mode, as_of, first, last, notices, notice, summary, alone)


def _after(rows: Rows, first: Ints, last: Ints, as_of: Ints, alone: Mask) -> None:
    """Marks rows with an outage that begins at or after as_of, or ends after it."""
    owner, outage = lines_of(first, last - first)
    outages = rows.outages
    late = outages.started_at[outage] >= as_of[owner]
    late |= outages.ended_at.given[outage] & (outages.ended_at.numbers[outage] > as_of[owner])
    alone[owner[late]] = True


class Asking:
    """What one version asks of a row besides."""

    def __init__(self, program: Program) -> None:
        version = program.version
        self._version = version
        self._currency = version.currency_code
        self._benefits = [benefit.name for benefit in version.benefits]
        self._divides_by_cycle = divides_by_cycle(version)
        self._time = ColumnTime(program.local)
        self._reads_fee = "subscriber.monthly_fee" in program.reads
        self._row_codes = [name for name in SPECIFIED if f"subscriber.{name}" in program.reads]
        self._outage_codes = [name for name in SPECIFIED if f"outages[].{name}" in program.reads]
        declared = {fact.field: fact for fact in version.facts} | dict(program.reads)
        core = [fact for fact in declared.values() if fact.of == "subscriber" and not fact.attribute]
        self._bounded: list[rules.Fact] = [fact for fact in core if fact.at_most is not None]
        languages = {each.language for each in version.notice.templates} if version.notice else set()
        self._languages: set[str] = languages
        attributes = [fact for fact in declared.values() if fact.attribute]
        self._attributes = [fact for fact in attributes if fact.of == "subscriber"]
        self._outage_attributes = [fact for fact in attributes if fact.of == "outage"]

    def questions(self, asked: Asked, of_version: Mask, zone_names: frozenset[str]) -> Questions:
        """The questions; rows of other versions are hard in it, as are rows that this one may find fault with."""
        rows, count = asked.rows, asked.count
        hard = asked.alone | ~of_version
        facts = {name: Given(column.numbers[:count], column.given[:count]) for name, column in rows.facts.items()}
        self._check_subscribers(rows, facts, hard)
        hard |= _in_unknown_zone(rows.time_zone, zone_names)[:count]
        cycle = _by_name(rows.cycle, self._benefits, count, hard)
        before = _by_name(rows.before, self._benefits, count, hard)
        self._check_way(asked, hard)
        facts |= _of_claims(asked)
        cycles = Cycles(rows.cycles.given[:count], rows.cycles.started_at[:count], rows.cycles.ended_at[:count])
        self._check_cycles(cycles, hard)
        attributes = facts_of(rows.attributes, self._attributes, self._currency)
        facts |= {name: Given(column.numbers[:count], column.given[:count]) for name, column in attributes.columns.items()}
        hard |= attributes.wrong[:count]
        of_outages = facts_of(rows.outage_attributes, self._outage_attributes, self._currency)
        questions = Questions(
            count=count,
            subscriber_ids=rows.subscriber_ids[:count],
            mode=np.where(hard, 0, asked.mode),
            as_of=asked.as_of,
            first_outage=np.where(hard, 0, asked.first_outage),
            last_outage=np.where(hard, 0, asked.last_outage),
            outages=replace(rows.outages, facts={**rows.outages.facts, **of_outages.columns}, intervals=of_outages.intervals),
            facts=facts,
            cycles=cycles,
            cycle_known=rows.cycle_known[:count],
            cycle=cycle,
            before=before,
            claims=None if rows.claims is None else _first(rows.claims, count),
            notices=asked.notices,
            notice=asked.notice,
            summary=asked.summary,
            hard=hard,
        )
        return self._looked_at(questions, of_outages.wrong)

    def _check_subscribers(self, rows: Rows, facts: Mapping[str, Given], hard: Mask) -> None:
        """Marks rows whose fee is in another currency, whose facts go too far, or that leave out a code which is read."""
        count, fee = len(hard), facts["monthly_fee"]
        if self._reads_fee:
            hard |= fee.given & by_distinct(rows.fee_currency, lambda code: code != self._currency, np.bool_)[:count]
        else:
            hard |= fee.given & ~_looks_like_currency(rows.fee_currency)[:count]
        for fact in self._bounded:
            column = facts.get(fact.name)
            if column is not None and fact.at_most is not None:
                hard |= column.given & (column.numbers > fact.at_most)
        for name in self._row_codes:
            hard |= ~facts[name].given

    def _check_cycles(self, cycles: Cycles, hard: Mask) -> None:
        """Marks rows whose cycle has more or fewer days than the version divides by."""
        if self._divides_by_cycle and cycles.given.any():
            days = self._time.day_of(cycles.ended_at) - self._time.day_of(cycles.started_at)
            hard |= cycles.given & ((days < MONTH_LENGTHS.start) | (days >= MONTH_LENGTHS.stop))

    def _check_way(self, asked: Asked, hard: Mask) -> None:
        """Marks applications and notices that the version does not take as they are."""
        claims, rule, applications = asked.rows.claims, self._version.claims, asked.mode == APPLICATION
        if rule is None:
            hard |= applications
        elif claims is not None and rule.channels:
            taken = np.array([channel in rule.channels for channel in codes.CLAIM_CHANNELS], np.bool_)
            hard |= applications & ~taken[np.clip(claims.channel[: asked.count], 0, len(taken) - 1)]
        right = np.array([self._notice_is_right(notice) for notice in asked.notices], np.bool_)
        hard |= (asked.mode == PROACTIVE_NOTICE) & ~right[asked.notice]

    def _looked_at(self, questions: Questions, wrong_outages: Mask) -> Questions:
        """Marks rows with an outage that has a wrong attribute, or leaves out a cause or impact that the version reads."""
        if not self._outage_codes and not wrong_outages.any():
            return questions
        frame = Frame(questions)
        questions.hard[frame.view_row[wrong_outages[frame.view_outage]]] = True
        for name in self._outage_codes:
            questions.hard[frame.view_row[~frame.fact(name, "view").given]] = True
        return questions

    def _notice_is_right(self, notice: NoticeRequest | None) -> bool:
        if self._version.notice is None:
            return False
        if notice is None:
            return True
        known = notice.channel in ("", *codes.NOTICE_CHANNELS) and self._languages.issuperset(notice.languages)
        return known and len(notice.languages) <= MAX_ITEMS


def _of_claims(asked: Asked) -> dict[str, Given]:
    """The facts that a policy reads of claims."""
    claims, count, everything = asked.rows.claims, asked.count, np.ones(asked.count, np.bool_)
    made = Given((asked.mode == APPLICATION).astype(np.int64), everything)
    if claims is None:
        return {"claim": made, "claimed_at": Given(np.zeros(count, np.int64), ~everything)}
    return {"claim": made, "claimed_at": Given(claims.claimed_at[:count], claims.given[:count])}


def _first(claims: Claims, count: int) -> Claims:
    return Claims(
        claims.given[:count],
        claims.channel[:count],
        claims.claimed_at[:count],
        claims.started_at[:count],
        claims.ended_at[:count],
    )


def _by_name(quantities: tuple[Ints, Any, Ints], benefits: Sequence[str], count: int, hard: Mask) -> dict[str, Ints]:
    """A column for each benefit; rows that name another, or one twice, are hard."""
    owner, names, amounts = quantities
    columns = {name: np.zeros(count, np.int64) for name in benefits}
    within = owner < count
    if not within.any():
        return columns
    seen = np.zeros(count, np.int64)
    for name in benefits:
        these = within & np.asarray(pc.equal(names, name).to_numpy(zero_copy_only=False), np.bool_)
        rows = owner[these]
        columns[name][rows] = amounts[these]
        hard[rows[1:][rows[1:] == rows[:-1]]] = True
        np.add.at(seen, rows, 1)
    total = np.zeros(count, np.int64)
    np.add.at(total, owner[within], 1)
    hard |= seen != total
    return columns


def _in_unknown_zone(zones: Any, known: frozenset[str]) -> Mask:
    return by_distinct(zones, lambda name: name != "" and name not in known, np.bool_)


def _looks_like_currency(currencies: Any) -> Mask:
    return by_distinct(
        currencies, lambda code: len(code) == 3 and code.isascii() and code.isalpha() and code.isupper(), np.bool_
    )
