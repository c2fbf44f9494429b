"""Answers questions from bytes to bytes, one after the other; what is not plainly well formed is left to the ordinary way."""

# ruff: noqa: C901, PLR0912

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

from server.wire.filling import Work
from server.wire.keying import Keying
from server.wire.reader import Record
from server.wire.writing import Writer

if not cython.compiled:
    from policy.calculator.machine import _run
    from policy.calculator.machine_time import day_of
    from server.wire.filling import (
        cause_of,
        fill_outages,
        fill_row,
        keep_outages,
        languages,
        lay_again,
        lay_outages,
        lay_row,
    )
    from server.wire.places import *  # as rows.pxd does

_STEPS_AT_ONCE = 20_000
"""Some milliseconds, after which others may have the interpreter."""


class Rows:
    """Answers on some plans, one call at a time.

    ``used``: the memories in which something was counted that was not told yet; ``beyond``: what was too much to add up there.
    ``choices`` say by policy and version (their texts, with a zero byte between) where in ``chosen`` it stands what decides.
    """

    def __init__(
        self,
        plans: Sequence[object],
        choices: Mapping[bytes, int],
        chosen: Sequence[int],
        zone_names: frozenset[bytes],
        tables: Sequence[int],
        numbers: int,
        places: int,
        clauses: int,
    ) -> None:
        self.plans, self.choices, self.chosen, self.zones, self.places = plans, choices, chosen, zone_names, places
        self.works: list[Work | None] = [None] * len(plans)
        self.used: list[Any] = []
        self.beyond: list[Any] = []
        self.record, self.stated = Record(tables, numbers), Record(tables, numbers)
        self.keying, self.writer = Keying(), Writer(clauses)
        self.spans = array("q", bytes(0))
        self.count = self.batch = self.now = self.default = 0
        self.outcome = self.is_item = self.steps = self.shared_steps = self.first = self.last = self.sum = 0
        self.shared_as_of = ABSENT
        self.work: Work | None = None
        self.outages = self.record

    def open_one(self, source: bytes, now: int) -> None:
        """A question by itself, looked at ``now`` where it does not say."""
        self.batch += 1
        self.steps = 0
        self.shared_as_of = ABSENT
        self.now = now
        self.record.hold(source)
        self.stated.hold(source)
        self.stated.read(ROOT_DEFAULTS, 0, 0)
        self.default = self.choices.get(b"\0", -1)

    def open_batch(self, source: bytes, now: int, most: int) -> int:
        """A batch: how many items it has, of which none is looked at over ``most``; -1 where it is to go the ordinary way."""
        self.record.hold(source)
        self.stated.hold(source)
        self.batch += 1
        self.steps = 0
        self.shared_as_of = ABSENT
        self.now = now
        self.first = 0
        self.last = 0
        self.sum = 0
        count = self.look_through(0)
        if count < 0 or count > most:
            return count
        if 2 * count > len(self.spans):
            self.spans = array("q", bytes(16 * count))
        self.look_through(1)
        if self.stated.read(ROOT_DEFAULTS, self.first, self.last) < 0:
            return -1
        self.default = self.choice(self.stated) if self.stated.r[POLICY] >= 0 else self.choices.get(b"\0", -1)
        return count

    def look_through(self, keep: int) -> int:
        """How many items the batch has; -1 where anything but defaults is there, or those twice. May keep where they are."""
        record = self.record
        at = 0
        count = 0
        stated = 0
        end = len(record.data)
        while at < end:
            tag = record.data[at]
            if record.number(at + 1, end) < 0:
                return -1
            size = record.value
            at = record.at
            if size > end - at:
                return -1
            if tag == 18:
                if keep:
                    self.spans[2 * count] = at
                    self.spans[2 * count + 1] = at + size
                    self.sum += size
                count += 1
            elif tag == 10 and not stated:
                stated = 1
                self.first = at
                self.last = at + size
            else:
                return -1
            at += size
        return count

    def stated_bytes(self) -> bytes:
        """The defaults of the batch."""
        return self.record.source[self.first : self.last]

    def items_bytes(self) -> int:
        """How long all items are together."""
        return self.sum

    def taken(self) -> "list[Work]":
        """The memories in which something was counted that was not told yet."""
        used = self.used
        self.used = []
        return used

    def taken_beyond(self) -> "list[tuple[Work, int, int]]":
        """What was too much to add up there: label of an amount, or -1 for recourse, and how much."""
        beyond = self.beyond
        self.beyond = []
        return beyond

    def item(self, number: int) -> bytes:
        """The bytes of an item of the batch."""
        return self.record.source[self.spans[2 * number] : self.spans[2 * number + 1]]

    def choice(self, record: "Record") -> int:
        """Where it stands what decides by the policy that a record names; -1 where there is none."""
        r = record.r
        policy_id = record.source[r[POLICY_ID] : r[POLICY_ID] + r[POLICY_ID_BYTES]]
        version = record.source[r[VERSION] : r[VERSION] + r[VERSION_BYTES]]
        found = self.choices.get(policy_id + b"\0" + version)
        return -1 if found is None else found

    def answer_one(self) -> bytes | None:
        """The response to a question by itself; None where it is to go the ordinary way."""
        self.is_item = 0
        if self.answer(0, len(self.record.source)) < 0:
            return None
        return self.writer.taken()

    def answer_items(self, first: int, last: int, ordinary: Callable[[int], bytes]) -> list[bytes]:
        """The results of items of the batch, each as it stands in a response; of others, by what ``ordinary`` answers.

        There are fewer where that takes long, as the ordinary way does; the next are to be asked for then.
        """
        results = []
        self.is_item = 1
        most = self.steps + _STEPS_AT_ONCE
        for i in range(first, last):
            if self.answer(self.spans[2 * i], self.spans[2 * i + 1]) < 0:
                results.append(ordinary(i))
                break
            results.append(self.writer.taken())
            if self.steps > most:
                break
        return results

    def request_id(self) -> str:
        """The id of the question that was answered last."""
        r = self.record.r
        at = r[REQUEST_ID]
        return self.record.source[at : at + r[REQUEST_ID_BYTES]].decode()

    def decision_id(self) -> str:
        """The id of the decision that was answered last."""
        return bytes(self.keying.id[:16]).hex()

    def answer(self, at: int, end: int) -> int:
        """Answers the question in [at, end) into the writer; 0, or -1 where it is to go the ordinary way."""
        record = self.record
        if record.read(ROOT_REQUEST, at, end) < 0 or self.complete() < 0:
            return -1
        steps = self.steps_of()
        if steps > QUESTION_STEPS and self.outages.r[OUTAGES] != 1:
            return -1
        work = self.chosen_work()
        if work is None:
            return -1
        if fill_row(record, work) < 0:
            return -1
        notice = record if record.r[NOTICE] >= 0 else self.stated
        if record.r[MODE] == 2 and notice.r[NOTICE] >= 0 and languages(notice, work) < 0:
            return -1
        try:
            if self.decide(work) < 0:
                return -1
        except Exception:
            return -1  # it goes beyond 64 bits, or fails as it will fail the ordinary way
        if self.write(work, notice) < 0:
            return -1
        self.steps += steps
        return 0

    def complete(self) -> int:
        """Fills in what is stated once, and looks whether what is there goes together; -1 where it may not."""
        r = self.record.r
        stated = self.stated.r
        if r[SUBSCRIBER_ID_BYTES] == 0:
            return -1
        if r[MODE] < 0:
            r[MODE] = stated[MODE]
            if r[MODE] < 0:
                return -1
        if r[AS_OF] < 0:
            r[AS_OF] = stated[AS_OF] if stated[AS_OF] >= 0 else self.now
        as_of = r[AS_OF]
        if as_of < 0 or as_of > self.record.t[MOST_INSTANT]:
            return -1
        if r[EXPLAIN] < 0:
            r[EXPLAIN] = stated[EXPLAIN]
        if r[EXPLAIN] > 1:
            return -1
        self.outages = self.record if r[OUTAGES] > 0 else self.stated
        o = self.outages.r
        if o[OUTAGES] == 0 and r[MODE] != 1:
            return -1
        if o[LATEST_START] >= as_of or o[LATEST_END] > as_of:
            return -1
        if r[MODE] == 1:
            if r[CLAIM] < 0 or r[CLAIM_CHANNEL] < 0 or r[CLAIMED_AT] < 0 or r[CLAIMED_AT] > as_of:
                return -1
            if r[CLAIM_START] < 0 or r[CLAIM_START] >= as_of or r[CLAIM_END] <= r[CLAIM_START] or r[CLAIM_END] > as_of:
                return -1
        elif r[CLAIM] >= 0:
            return -1
        if r[NOTICE] >= 0 and r[MODE] != 2:
            return -1
        if r[ZONE_BYTES] > 0 and self.record.source[r[ZONE] : r[ZONE] + r[ZONE_BYTES]] not in self.zones:
            return -1
        return 0

    def steps_of(self) -> int:
        """How much work the question is, at the most; see :mod:`server.steps`. Spans that overlap count for each."""
        outages = self.outages
        r = outages.r
        as_of = self.record.r[AS_OF]
        said = STEPS_OF_ATTRIBUTE * self.record.r[FACTS_COUNT]
        if outages is self.stated and self.shared_as_of == as_of:
            return self.shared_steps + said
        seconds = 0
        steps = r[OUTAGES]
        outage = outages.t[FIRST_OUTAGE]
        for _ in range(r[OUTAGES]):
            ended = r[outage + ENDED]
            if ended < 0:
                ended = as_of
            seconds += ended - r[outage + STARTED]
            steps += (r[outage + SERVICES_COUNT] + r[outage + AREAS]) // 2 + STEPS_OF_ATTRIBUTE * r[outage + OUTAGE_FACTS_COUNT]
            outage += outages.t[OUTAGE_WIDTH]
        steps += seconds // 86400
        if outages is self.stated:
            self.shared_steps = steps
            self.shared_as_of = as_of
        return steps + said

    def chosen_work(self) -> "Work | None":
        """The memory of the version that decides; None where none does, or it is to go the ordinary way."""
        r = self.record.r
        where = self.choice(self.record) if r[POLICY] >= 0 else self.default
        if where < 0:
            return None
        number = self.chosen[where + CHOICE_FIRST]
        count = self.chosen[where + CHOICE_COUNT]
        pinned = self.chosen[where + CHOICE_PINNED]
        if pinned < 0:  # a version is named
            return self.work_of(number)
        o = self.outages.r
        earliest = ABSENT
        outage = self.outages.t[FIRST_OUTAGE]
        for _ in range(o[OUTAGES]):
            instant = o[outage + pinned]
            if instant >= 0 and (earliest < 0 or instant < earliest):
                earliest = instant
            outage += self.outages.t[OUTAGE_WIDTH]
        if o[OUTAGES] == 0:
            earliest = r[CLAIM_START]
        if earliest < 0:
            return None
        for i in range(number, number + count):
            work = self.work_of(i)
            if work is None:
                return None
            day = day_of(work.tab, work.t[ZONE_AT], earliest)
            if work.t[IN_FORCE_FROM] <= day and day < work.t[IN_FORCE_UNTIL]:
                return work
        return None

    def work_of(self, number: int) -> "Work | None":
        """The memory of a plan; None where its program cannot be run in 64 bits."""
        work = self.works[number]
        if work is None:
            plan = self.plans[number]
            if plan is None:
                return None
            work = self.works[number] = Work(plan, self.places)
        return work

    def decide(self, work: "Work") -> int:
        """Runs the program on the record; -1 where the version may find something wrong with it."""
        record = self.record
        outages = self.outages
        r = record.r
        is_shared = outages is self.stated
        while True:
            if is_shared and work.laid == self.batch:
                lay_again(outages, work, r[AS_OF])
            else:
                work.laid = 0
                if fill_outages(outages, work) < 0:
                    return -1
                if lay_outages(outages, work, r[AS_OF]) < 0:
                    work.grow(work.m[8])
                    continue
                if is_shared:
                    keep_outages(work)
                    work.laid = self.batch
                    if work.formed != self.batch:
                        work.shared_form = self.keying.outages_form(outages, work)
                        work.shared_ids = self.keying.ids_of(outages, work)
                        work.shared_cause = cause_of(outages)
                        work.formed = self.batch
            if lay_row(record, work) < 0:
                work.laid = 0
                work.grow(work.m[8])
                continue
            wanted = _run(work.code, work.tab, work.m, work.k, 0)
            if wanted == 0:
                return 0
            if wanted == 1:
                work.laid = 0
                work.grow(work.m[8])
            else:
                work.program.lowered.lay_out_year(work.m[9], work.m[16])
                work.read_tables()

    def write(self, work: "Work", notice: "Record") -> int:
        """Writes the answer and counts it; -1 where it is to go the ordinary way."""
        record = self.record
        t = work.t
        outcome = work.m[t[AT_OUTCOME]]
        if outcome == 3:
            return -1
        told = self.told(work, notice) if outcome == 0 and record.r[MODE] == 2 else b""
        if record.r[EXPLAIN] == 1:
            for j in range(t[CLOCKS]):
                if work.k[t[t[CLOCK_TABLE] + j * CLOCK_PLACES + CLOCK_AT_STAGE]] == 2:
                    return -1
        is_shared = self.outages is self.stated
        form = work.shared_form if is_shared else self.keying.outages_form(self.outages, work)
        self.keying.make_id(record, work, form, self.outages.r[OUTAGES], work.ongoing, notice)
        if outcome == 0:
            self.keying.make_stem(record, work, work.shared_ids if is_shared else self.keying.ids_of(self.outages, work))
        writer = self.writer
        while True:
            writer.begin()
            writer.decision(record, self.outages, work, self.keying, record.r[EXPLAIN], told)
            writer.enclose(18, len(writer.out))
            if record.r[REQUEST_ID_BYTES] > 0:
                end = writer.at
                writer.text(record, record.r[REQUEST_ID], record.r[REQUEST_ID_BYTES])
                writer.enclose(10, end)
            if self.is_item:
                writer.enclose(10, len(writer.out))
            if writer.at >= 0:
                break
            writer.grow()
        self.outcome = outcome
        self.work = work
        self.tally(work, outcome, work.shared_cause if is_shared else cause_of(self.outages))
        return 0

    def told(self, work: "Work", asked: "Record") -> bytes:
        """What the customer is told."""
        t = work.t
        m = work.m
        k = work.k
        spans = []
        for j in range(t[CLOCKS]):
            row = t[CLOCK_TABLE] + j * CLOCK_PLACES
            if k[t[row + CLOCK_AT_ORDER]] == 1 and k[t[row + CLOCK_AT_STAGE]] == 1 and m[t[row + CLOCK_AT_STAGE]] < 0:
                nth = m[t[row + CLOCK_AT_ORDER]]
                span = m[t[row + CLOCK_AT_SPANS]]
                for _ in range(m[t[row + CLOCK_AT_SPANS] + 1]):
                    spans.append((m[span], m[span + 1], nth, self.cause_at(work, m[span + 2])))
                    span += m[12]
        if not spans:
            place = m[6]
            for i in range(m[5]):
                spans.append((m[place], m[place + 1], i, self.cause_at(work, place)))
                place += m[11]
        spans.sort()
        causes = []
        ended = 0
        for each in spans:
            ended = max(ended, each[1])
            if each[3] not in causes:
                causes.append(each[3])
        granted = []
        for j in range(t[BENEFITS]):
            row = t[BENEFIT_TABLE] + j * BENEFIT_PLACES
            if m[t[row + BENEFIT_AT_STAGE]] == -1 and m[t[row + BENEFIT_AT_WAITS]] == 0:
                granted.append((j, m[t[row + BENEFIT_AT_QUANTITY]]))
        seconds = 0
        if t[HAS_CLOCK] and k[t[AT_FIRST_MERGED]] == 1:
            seconds = m[t[AT_FIRST_MERGED]] if m[t[AT_FIRST_STAGE]] >= 0 else m[t[AT_FIRST_SECONDS]]
        channel = ABSENT
        languages = []
        if asked.r[NOTICE] >= 0:
            channel = asked.r[NOTICE_CHANNEL]
            for i in range(asked.r[LANGUAGES_COUNT]):
                entry = asked.r[LANGUAGES] + i * ENTRY_PLACES
                languages.append(asked.source[asked.r[entry] : asked.r[entry] + asked.r[entry + 1]])
        facts = ((channel, tuple(languages)), spans[0][0], ended, seconds, tuple(causes), tuple(granted))
        written: bytes = work.plan.notices.field(facts)
        return written

    def cause_at(self, work: "Work", place: int) -> int:
        """The cause of the outage at a place of memory."""
        number = (place - work.m[6]) // work.m[11]
        return self.outages.r[self.outages.t[FIRST_OUTAGE] + number * self.outages.t[OUTAGE_WIDTH] + CAUSE]

    def tally(self, work: "Work", outcome: int, cause: int) -> int:
        """Counts an answer."""
        t = work.t
        m = work.m
        mode = self.record.r[MODE]
        if work.counted == 0:
            self.used.append(work)
        label = ((outcome * ALL_REASONS + self.writer.first_reason) * ALL_CAUSES + cause) * ALL_MODES + mode
        if work.counts[label] == 0:
            work.which[work.counted] = label
            work.counted += 1
        work.counts[label] += 1
        if outcome != 0:
            return 0
        for j in range(t[BENEFITS]):
            row = t[BENEFIT_TABLE] + j * BENEFIT_PLACES
            if m[t[row + BENEFIT_AT_STAGE]] != -1:
                continue
            label = ((j * ALL_CAUSES + cause) * ALL_PLANS + self.record.r[PLAN_TYPE] + 1) * ALL_MODES + mode
            if work.amounts[label] == 0:
                work.granting[work.granted] = label
                work.granted += 1
            quantity = m[t[row + BENEFIT_AT_QUANTITY]]
            if work.amounts[label] > t[LARGEST] - quantity:
                self.beyond.append((work, label, quantity))
            else:
                work.amounts[label] += quantity
        if t[HAS_RECOURSE] and work.k[t[AT_PARTIES]] == 1:
            for i in range(m[t[AT_PARTIES] + 1]):
                quantity = m[m[t[AT_PARTIES]] + 4 * i + 2]
                if work.recovered > t[LARGEST] - quantity:
                    self.beyond.append((work, -1, quantity))
                else:
                    work.recovered += quantity
        return 0
