"""The settlement of one subscriber: what stands for all that is touched, less what is booked. It asks by yielding, and is pure.

For each billing cycle that is touched, all occasions on record that begin in it are decided in order of time, each with its
kept facts and with what stands of the earlier ones. What is booked is the difference: each with its sign where the policy claws
back, and where it sets off, by benefit and cycle what is missing in all. These rules hold:

 1. Outages are grouped, and occasions placed in cycles, by what counts under the policy, as the service says it. Occasions of
    different benefits that are of one time and cycle are asked together, for one may leave out what another counts.
 2. The cycle in which an outage was last decided is remembered, for bookings do not suffice; an occasion whose beginning moved
    settles both cycles, and all that is in either.
 3. What is new is so by the revision that was asked about: one that comes between asking and booking stays new.
 4. Where a fact is missing nothing is booked in the cycles that it touches. The outage stays new; its facts are not kept.
    Facts that were erased are missing for ever.
 5. Each outage keeps its own facts, also one that did not count. What follows from a split, merge or new name inherits facts,
    and how it was decided. An occasion takes the facts of its earliest outage.
 6. A claim books upward only, and leaves what is to be reversed to the next run. An occasion of which any outage was decided
    unasked is so as a whole; an accepted claim is not late when it is decided again.
 7. Recourse is worked out once for an outage, from all its parts.
 8. Where it sets off, what is over-granted in a cycle that an outage left is moved to the one that it entered, at most the room
    there and the outage's own excess, before anything is topped up.
 9. While an outage goes on (again), nothing that was booked for it is reversed; it takes its room under the cycle's cap.
10. A change of policy, of its word on corrections, or of what others granted is a run over everything. The word is the policy's
    own: it holds also where nothing was ever decided.

What a person decided stands beside that, or in its place: by_hand.py says when. So does what a ledger of before booked, as
former.py says.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from clients.account import by_hand, former
from clients.account.differences import Missing, SetOff, clawed_back
from clients.account.plan import ERASED, Plan, plan
from clients.account.records import (
    Account,
    Answer,
    Ask,
    Cycle,
    Due,
    Kept,
    Question,
    Record,
    Result,
    Settlement,
    Steps,
    Work,
)
from clients.account.standing import Cycles, Standing


@dataclass(slots=True)
class _Word:
    """What the policy says of corrections, by a decision once there is one; and what was answered, so that it is asked once."""

    claws_back: bool
    answers: dict[Question, Answer] = field(default_factory=dict)

    def heard(self, steps: Steps[Result]) -> Steps[Result]:
        """The same steps, with an ear for it."""
        try:
            question = next(steps)
            while True:
                answer = self.answers.get(question)
                if answer is None:
                    answer = self.answers[question] = yield question
                if not answer.refused:
                    self.claws_back = answer.claws_back
                question = steps.send(answer)
        except StopIteration as ended:
            result: Result = ended.value
            return result


def settle(account: Account, records: Mapping[str, Record], work: Work, ask: Ask) -> Settlement:
    """What the account lacks, asked question by question. Raises what ``ask`` raises."""
    steps = settling(account, records, work)
    try:
        question = next(steps)
        while True:
            question = steps.send(ask(question))
    except StopIteration as ended:
        found: Settlement = ended.value
        return found


def settling(account: Account, records: Mapping[str, Record], work: Work) -> Steps[Settlement]:
    """What the account lacks. ``records``: those that hit the subscriber now, those it knows, and what these replaced."""
    account = by_hand.with_verdict(account, work.verdict)
    taken = former.taken_over(account, records, work)
    account, decided = taken.account, by_hand.taken_out(account, records)
    before = by_hand.standing(account, records, decided) + taken.standing
    out = decided | taken.out
    if out:
        records = {each: replace(record, current=False) if each in out else record for each, record in records.items()}
    word = _Word(_claws_back(account, records, work))
    planned = yield from word.heard(plan(account, records, work, taken.gone | by_hand.gone(account, records)))
    if not planned.new and work.verdict is None:
        return replace(unchanged(account), cycles=planned.cycles, placed=taken.placed)
    going = {each: planned.family[each] for unit in planned.units for each in unit.going}
    standing = Standing()
    cycles = Cycles(account, records, going, work, before)
    for cycle in sorted(planned.touched):
        units = [unit for unit in planned.units if not unit.why and cycle in unit.cycles]
        yield from word.heard(cycles.stand(cycle, units, standing))
    waiting = {each: unit.why for unit in planned.units if unit.why for each in unit.ids} | standing.waiting
    waiting |= dict.fromkeys((planned.erased & planned.new) - out, ERASED)
    blocked = _blocked(account, planned, waiting)
    settled = planned.touched - blocked
    standing.stands.update(before)
    missing, left = _missing(account, records, work, planned, standing, settled, going, claws_back=word.claws_back)
    kept = _kept(account, records, work, planned, standing, blocked, waiting)
    kept = {each: what for each, what in kept.items() if each not in out or each in account.kept}
    recourse = _recourse(account, kept, standing, going)
    if work.claim is not None:
        left |= {due.outage_id for due, amount in recourse.items() if amount < 0}
        recourse = {due: amount for due, amount in recourse.items() if amount > 0}
    met = work.claim is not None and not waiting and any(work.claim in unit.claims for unit in planned.units)
    return Settlement(
        bookings=missing.bookings,
        recourse=recourse,
        over_granted=missing.over_granted,
        settled=settled,
        kept={each: _unsettled(what, planned.family[each] & left) for each, what in kept.items()},
        cycles=planned.cycles,
        benefits={**account.benefits, **standing.benefits},
        decisions=(*planned.nothing, *standing.answers),
        claws_back=word.claws_back,
        waiting=waiting,
        reviews={each: why for each, why in standing.reviews.items() if each in kept},
        accepted=work.claim if met else None,
        verdict=work.verdict,
        areas=work.areas if work.facts is not None else None,
        placed=taken.placed,
    )


def unchanged(account: Account) -> Settlement:
    """Where nothing is new nothing is touched, and nothing changes but that a cycle may be known from now on."""
    return Settlement({}, {}, {}, frozenset(), {}, account.cycles, account.benefits, (), account.claws_back, {}, {})


def _claws_back(account: Account, records: Mapping[str, Record], work: Work) -> bool:
    """The word that holds where nothing is left to be asked about: of the version under which the last booked outage began."""
    booked = {place.outage_id for place in account.booked}.union(*(each.outages for each in account.former))
    word = work.terms.claws_back(max((records[each].started_at for each in booked & set(records)), default=work.as_of))
    return account.claws_back if word is None else word


def _unsettled(kept: Kept, left: Collection[str]) -> Kept:
    """``left``: of the outage, or of what it took the place of, what the next run is to reverse."""
    return replace(kept, unsettled=True) if left else kept


def _blocked(account: Account, planned: Plan, waiting: Collection[str]) -> frozenset[Cycle]:
    """Cycles that hold something which cannot be decided, and those linked to them by an outage in both (rule 4)."""
    if not waiting:
        return frozenset()
    in_play = {*planned.new, *account.kept, *(each for unit in planned.units for each in unit.ids)}
    links = [*(_cycles_of(planned, each) for each in in_play), *planned.linked]
    blocked = {cycle for each in waiting for cycle in _cycles_of(planned, each)}
    before = -1
    while len(blocked) != before:
        before = len(blocked)
        blocked |= {cycle for link in links if link & blocked for cycle in link}
    return frozenset(blocked)


def _cycles_of(planned: Plan, outage_id: str) -> frozenset[Cycle]:
    return planned.decided_in.get(outage_id, frozenset()) | planned.remembered(outage_id)


def _missing(
    account: Account,
    records: Mapping[str, Record],
    work: Work,
    planned: Plan,
    standing: Standing,
    settled: frozenset[Cycle],
    going: Mapping[str, frozenset[str]],
    *,
    claws_back: bool,
) -> tuple[Missing, set[str]]:
    """What to book in settled cycles; and outages of which a claim leaves something for a run to reverse (rule 6)."""
    booked = {place: quantity for place, quantity in account.booked.items() if place.cycle in settled}
    targets = {place: quantity for place, quantity in standing.stands.items() if place.cycle in settled}
    held = {member for members in going.values() for member in members}
    for place, quantity in booked.items():
        if place.outage_id in held:  # rule 9
            targets[place] = max(quantity, targets.get(place, 0))
    if claws_back and work.claim is None:
        return clawed_back(targets, booked), set()
    entered = {each: cycles & settled for each, cycles in planned.decided_in.items() if cycles & settled} if booked else {}
    set_off = SetOff({each: record.order for each, record in records.items()}, planned.family, entered)
    if not claws_back:
        return set_off.missing(targets, booked), set()
    added = set_off.added(targets, booked)
    after = {place: booked.get(place, 0) + added.bookings.get(place, 0) for place in {*booked, *targets}}
    return added, {place.outage_id for place, quantity in after.items() if quantity != targets.get(place, 0)}


def _kept(
    account: Account,
    records: Mapping[str, Record],
    work: Work,
    planned: Plan,
    standing: Standing,
    blocked: frozenset[Cycle],
    waiting: Mapping[str, str],
) -> dict[str, Kept]:
    """What is kept of all that was settled, by the revision that was asked about (rules 3 to 5)."""
    found: dict[str, Kept] = {}
    decided = {each: unit for unit in planned.units for each in unit.ids}
    beside = {each for each in account.kept if planned.remembered(each) & planned.touched}
    for each in {*decided, *beside, *planned.new}:
        before, unit = planned.inherited.get(each), decided.get(each)
        if each in waiting or each in planned.erased or (blocked and _cycles_of(planned, each) & blocked):
            continue
        if unit is None and before is None and (work.claim is not None or each not in planned.named):
            continue  # a claim that does not meet an outage decides nothing of it
        if unit is None and each not in planned.facts:
            continue  # a ledger of before booked it, and it was none: nobody knows its facts
        unasked = not unit.claims if unit is not None else work.claim is None and each in planned.named
        found[each] = Kept(
            facts=standing.facts.get(each, planned.facts.get(each, b"")),
            areas=before.areas if before is not None else work.areas,
            automatic=unasked or (before is not None and before.automatic),
            revision=records[each].revision,
            cycles=planned.decided_in.get(each, frozenset()),
        )
    return found


def _recourse(
    account: Account, kept: Mapping[str, Kept], standing: Standing, going: Mapping[str, frozenset[str]]
) -> dict[Due, int]:
    """What is due for settled outages less what was claimed; nothing is credited for one that goes on (rules 7 and 9)."""
    held = {member for members in going.values() for member in members}
    found: dict[Due, int] = {}
    for due in sorted({*standing.due, *account.claimed}):
        amount = standing.due[due] - account.claimed.get(due, 0)
        if due.outage_id in kept and amount and (amount > 0 or due.outage_id not in held):
            found[due] = amount
    return found
