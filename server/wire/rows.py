"""Answers questions from bytes to bytes, one after the other; what is not plainly well formed is left to the ordinary way."""

# ruff: noqa: C901, PERF401, PLR0912

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

from server.wire.keying import Keying
from server.wire.reader import Record
from server.wire.tallies import Tallies
from server.wire.work import Work
from server.wire.writing import Writer

if not cython.compiled:
    from policy.calculator.machine import _run
    from policy.calculator.machine_time import day_of
    from policy.calculator.sheet import Sheet
    from policy.calculator.teller import Teller
    from server.wire.filling import cause_of, fill_outages, fill_row, languages
    from server.wire.granted import fill_granted
    from server.wire.laying import keep_outages, lay_again, lay_outages, lay_row
    from server.wire.places import *  # as rows.pxd does
    from server.wire.telling import told

_BYTES_AT_ONCE = 1 << 20
_KEPT_BYTES = 1 << 20
_STEPS_AT_ONCE = 20_000
"""Some milliseconds, after which others may have the interpreter."""
_OUTSIDE = 1
"""Of a question: occasions are of another billing cycle than the one whose cap they ask, which is told as an error."""


class Rows:
    """Answers on some plans, one call at a time.

    ``tallies``: what is in no counter yet. ``counters`` and ``quoted`` by plan, see :class:`server.wire.work.Work`. ``choices``
    say by policy and version (their texts, with a zero byte between) where in ``chosen`` it stands what decides.
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
        counters: Sequence[Sequence[int]],
        quoted: Sequence[Sequence[int]],
    ) -> None:
        self.plans, self.choices, self.chosen, self.zones, self.places = plans, choices, chosen, zone_names, places
        self.works: list[Work | None] = [None] * len(plans)
        self.counters, self.quoted = counters, quoted
        self.tallies = Tallies()
        self.record, self.stated = Record(tables, numbers), Record(tables, numbers)
        self.keying, self.writer = Keying(), Writer()
        self.spans = array("q", bytes(0))
        self.explained = 0
        self.count = self.batch = self.looked = self.now = self.default = 0
        self.outcome = self.is_item = self.steps = self.elements = self.shared_steps = self.first = self.last = self.sum = 0
        self.shared_as_of = ABSENT
        self.work: Work | None = None
        self.outages = self.record
        self.permits = b""
        self.permitted = self.permits

    def permit(self, permitted: bytes) -> None:
        """Which plans may decide: by their number, 1 or 0. What another one would decide goes the ordinary way."""
        if permitted is not self.permits:  # it is the same for most calls
            self.permits = permitted
            self.permitted = permitted

    def open_one(self, source: bytes, now: int) -> None:
        """A question by itself, looked at ``now`` where it does not say."""
        self.shrink()
        self.batch += 1
        self.steps = 0
        self.elements = 0
        self.shared_as_of = ABSENT
        self.now = now
        self.record.hold(source)
        self.stated.hold(source)
        self.stated.read(ROOT_DEFAULTS, 0, 0)
        self.default = self.choices.get(b"\0", -1)

    def open_batch(self, source: bytes, now: int, most: int) -> int:
        """A batch: how many items it has, of which none is looked at over ``most``; -1 where it is to go the ordinary way."""
        self.shrink()
        self.record.hold(source)
        self.stated.hold(source)
        self.batch += 1
        self.steps = 0
        self.elements = 0
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

    def shrink(self) -> int:
        """What grew for a long answer is not kept for another call."""
        if len(self.writer.out) > _KEPT_BYTES:
            self.writer = Writer()
            for work in self.works:
                if work is not None:
                    work.teller = None
        return 0

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
        if self.answer(0, len(self.record.source)) != 0:
            return None
        return self.writer.taken()

    def answer_items(
        self, first: int, last: int, ordinary: Callable[[int], bytes], refused: Callable[[str, int, int, list[int]], bytes]
    ) -> list[bytes]:
        """The results of items of the batch, each as it stands in a response; of others, by what ``ordinary`` answers.

        ``refused`` answers those with occasions outside of their billing cycle: request id, the cycle's ends, where they begin.
        There are fewer where that takes long, as the ordinary way does, or is much; the next are to be asked for then.
        """
        results = []
        self.is_item = 1
        most = self.steps + _STEPS_AT_ONCE
        size = 0
        for i in range(first, last):
            answered = self.answer(self.spans[2 * i], self.spans[2 * i + 1])
            if answered < 0:
                results.append(ordinary(i))
                break
            result = self.result(answered, refused)
            results.append(result)
            size += len(result)
            if self.steps > most or size > _BYTES_AT_ONCE:
                break
        return results

    def result(self, answered: int, refused: Callable[[str, int, int, list[int]], bytes]) -> bytes:
        """The result of the question that was answered last."""
        if answered == _OUTSIDE:
            r = self.record.r
            return refused(self.request_id(), r[CYCLE_START], r[CYCLE_END], self.outside())
        return self.writer.taken()

    def answer_anew(self, source: bytes, refused: Callable[[str, int, int, list[int]], bytes]) -> bytes | None:
        """The result of an item of the batch that is written as ``source`` as well; None where it is to go the ordinary way."""
        record = self.record
        batch = record.source
        record.hold(source)
        answered = self.answer(0, len(source))
        result = None if answered < 0 else self.result(answered, refused)
        record.hold(batch)
        return result

    def is_too_much(self, first: int, count: int, most: int) -> int:
        """Whether the ``count`` items of the batch are more than ``most`` steps together.

        That is looked at once, where it may be so, before those from ``first`` on are answered.
        """
        if self.looked == self.batch or (self.steps <= _STEPS_AT_ONCE and self.stated.r[OUTAGES] * count <= most):
            return 0
        self.looked = self.batch
        steps = self.steps
        for i in range(first, count):
            # What is not plainly well formed is counted when it is answered.
            if self.record.read(ROOT_REQUEST, self.spans[2 * i], self.spans[2 * i + 1]) >= 0 and self.complete() >= 0:
                steps += self.steps_of()
        return steps > most

    def request_id(self) -> str:
        """The id of the question that was answered last."""
        r = self.record.r
        at = r[REQUEST_ID]
        return self.record.source[at : at + r[REQUEST_ID_BYTES]].decode()

    def decision_id(self) -> str:
        """The id of the decision that was answered last."""
        return bytes(self.keying.id[:16]).hex()

    def answer(self, at: int, end: int) -> int:
        """Answers the question in [at, end) into the writer; 0, _OUTSIDE, or -1 where it is to go the ordinary way."""
        record = self.record
        if record.read(ROOT_REQUEST, at, end) < 0 or self.complete() < 0:
            return -1
        steps = self.steps_of()
        if steps > QUESTION_STEPS and (self.outages.r[OUTAGES] != 1 or record.r[EXPLAIN] == FULL):
            return -1
        work = self.chosen_work()
        if work is None:
            return -1
        if fill_row(record, work) < 0:
            return -1
        notice = record if record.r[NOTICE] >= 0 else self.stated
        if record.r[MODE] == 2 and (work.plan.notices.tells_more or (notice.r[NOTICE] >= 0 and languages(notice, work) < 0)):
            return -1
        try:
            if self.decide(work) < 0:
                return -1
            self.work = work
            written = _OUTSIDE if work.m[work.t[AT_OUTSIDE] + 1] > 0 else self.write(work, notice)
        except Exception:
            return -1  # it goes beyond 64 bits, or fails as it will fail the ordinary way
        self.steps += steps
        self.elements += record.elements()
        return written

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
        if r[EXPLAIN] > FULL:
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
            for i in range(r[EARLIER_COUNT]):
                if r[r[EARLIER] + 2 * i + 1] > as_of:  # and so does what began before it ended
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
        said += self.record.r[GRANTED_COUNT] + self.record.r[MONTHS_COUNT]
        said += self.record.r[EARLIER_COUNT] * (1 + r[OUTAGES])
        if outages is not self.stated or self.shared_as_of != as_of:
            seconds = 0
            steps = r[OUTAGES]
            outage = outages.t[FIRST_OUTAGE]
            for _ in range(r[OUTAGES]):
                ended = r[outage + ENDED]
                if ended < 0:
                    ended = as_of
                seconds += ended - r[outage + STARTED]
                lists = (r[outage + SERVICES_COUNT] + r[outage + AREAS]) // 2
                steps += lists + STEPS_OF_ATTRIBUTE * r[outage + OUTAGE_FACTS_COUNT]
                outage += outages.t[OUTAGE_WIDTH]
            steps += seconds // 86400
            if outages is self.stated:
                self.shared_steps = steps
                self.shared_as_of = as_of
        else:
            steps = self.shared_steps
        steps += said
        return steps * STEPS_OF_FULL if self.record.r[EXPLAIN] == FULL else steps

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
            return self.work_of(number) if self.permitted[number] else None
        o = self.outages.r
        earliest = ABSENT
        latest = ABSENT
        outage = self.outages.t[FIRST_OUTAGE]
        for _ in range(o[OUTAGES]):
            instant = o[outage + pinned]
            if instant >= 0 and (earliest < 0 or instant < earliest):
                earliest = instant
            latest = max(latest, instant)
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
                if latest > earliest and day_of(work.tab, work.t[ZONE_AT], latest) >= work.t[IN_FORCE_UNTIL]:
                    return None  # whether an occasion pins another version is looked at elsewhere
                return work if self.permitted[i] else None
        return None

    def work_of(self, number: int) -> "Work | None":
        """The memory of a plan; None where its program cannot be run in 64 bits."""
        work = self.works[number]
        if work is None:
            plan = self.plans[number]
            if plan is None:
                return None
            work = self.works[number] = Work(plan, self.places, self.counters[number], self.quoted[number])
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
                        work.shared_cause = cause_of(outages)
                        work.formed = self.batch
            if fill_granted(record, outages, work) < 0:
                return -1
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
        """Writes the answer and counts it."""
        record = self.record
        t = work.t
        writer = self.writer
        outcome = work.m[t[AT_OUTCOME]]
        writer.list_occasions(work)
        missing = self.missing(work) if outcome == CANNOT_DECIDE else None
        sheet = self.explain(work, missing) if record.r[EXPLAIN] > 0 else None
        notices = told(writer, work, self.outages, notice) if outcome == 0 and record.r[MODE] == 2 else b""
        is_shared = self.outages is self.stated
        form = work.shared_form if is_shared else self.keying.outages_form(self.outages, work)
        self.keying.make_id(record, self.outages, work, form, notice)
        reasons = None if missing is None else missing.reasons
        while True:
            writer.begin()
            writer.decision(record, self.outages, work, self.keying, sheet, notices, reasons)
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
        self.explained = record.r[EXPLAIN]
        self.tallies.tally(writer, record, work, outcome, work.shared_cause if is_shared else cause_of(self.outages))
        return 0

    def outside(self) -> "list[int]":
        """Where the occasions begin that are of another billing cycle than the one whose cap they ask."""
        work = self.work
        assert work is not None  # INVARIANT: it has decided so
        m = work.m
        at = work.t[AT_OUTSIDE]
        starts = []
        for i in range(m[at + 1]):
            starts.append(m[m[at] + ITEM_PLACES * i + 1])
        return starts

    def missing(self, work: "Work") -> "Any":
        """What facts are missing, of all and of each occasion: see :class:`server.wire.lines.Missed`."""
        self.writer.group_occasions(work)
        occasions = [self.writer.grouped[i] for i in range(2 * self.writer.occasions)]
        return work.plan.lines.missing(work.numbers, work.known, occasions, self.record.r[EXPLAIN] > 0)

    def explain(self, work: "Work", missing: "Any") -> "Sheet":
        """Has the run told, in the lines that were asked for."""
        outages = self.outages
        teller: Teller = work.explains()
        self.writer.group_occasions(work)
        first = outages.t[FIRST_OUTAGE] + OUTAGE_ID
        teller.take(work.tab, work.m, work.k, outages.data, outages.r, first, outages.t[OUTAGE_WIDTH])
        entry = teller.full if self.record.r[EXPLAIN] == FULL else teller.summary
        teller.tell(entry, self.writer.grouped, self.writer.occasions, [] if missing is None else missing.fields)
        return teller.sheet
