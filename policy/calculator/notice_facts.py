"""What there is to tell a customer of a decision, read from its run."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from policy.calculator.decision import Grant
from policy.calculator.facts import View
from policy.calculator.notice import Amount, NoticeFacts
from policy.calculator.rules import About
from policy.calculator.trace import BenefitRun, Run


def things_to_tell(run: Run, grants: Sequence[Grant], texts: AbstractSet[About]) -> Iterator[NoticeFacts]:
    """What is granted, or that an outage goes on of which nothing was granted yet; then what was granted and does not stand.

    ``texts``: what the policy has messages about besides what is granted.
    """
    if grants:
        yield _granted(run, grants, "top up" if "top up" in texts else "granted")
    elif "known" in texts and (ongoing := [view for view in _ongoing(run) if not _was_granted(run, view)]):
        causes = tuple(dict.fromkeys(view.outage.cause for view in ongoing))
        yield NoticeFacts(ongoing[0].start, run.row.request.as_of, 0, causes, (), "known")
    if "correction" in texts and _is_settled(run):
        yield from _correction(run)


def length_of(spans: Sequence[tuple[int, int, int]]) -> int:
    """How long spans that are in order of their starts are together, each instant once."""
    total, reached = 0, 0
    for start, end, _ in spans:
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _granted(run: Run, grants: Sequence[Grant], about: About) -> NoticeFacts:
    """Of the time that what is granted was counted by; a top-up where any of it is added to what was granted before."""
    if not any(each.granted_before for each in grants):
        about = "granted"
    whole: Counter[str] = Counter()
    for each in grants:
        whole[each.benefit] += each.granted_before + each.quantity
    told = [each for each in run.owed if each.granted]
    return _of_time(run, told, tuple(grants), about, _whole(run, whole))


def _correction(run: Run) -> Iterator[NoticeFacts]:
    """Of benefits of which more was granted before than stands of them in all; of the time that what stands was counted by."""
    before, stands = _granted_before(run), Counter[str]()
    for each in run.benefits:
        stands[each.benefit.rule.name] += each.before + (each.quantity if each.granted else 0)
    less = {name: quantity for name, quantity in before.items() if quantity > stands[name]}
    if less:
        standing = [each for each in run.benefits if each.benefit.rule.name in less and (each.before or each.granted)]
        whole = _whole(run, {name: stands[name] for name in less})
        yield _of_time(run, standing, _whole(run, less), "correction", whole)


def _of_time(
    run: Run, told: Sequence[BenefitRun], amounts: tuple[Grant | Amount, ...], about: About, whole: tuple[Amount, ...]
) -> NoticeFacts:
    times = {id(part.clock): part.clock for each in told for part in each.components if part.clock and part.parts}
    counted = sorted({(span.start, span.end, span.view.index) for time in times.values() for span in time.spans})
    by_index = {view.index: view for view in run.row.views}
    # What was counted by number, or does not stand at all, rests on no time: the message tells of the outages themselves.
    views = [view for each in told for view in each.occasion.views] or run.row.views
    lost = counted or sorted((view.start, view.end, view.index) for view in views)
    causes = tuple(dict.fromkeys(by_index[index].outage.cause for _, _, index in lost))
    return NoticeFacts(lost[0][0], max(end for _, end, _ in lost), length_of(counted), causes, amounts, about, whole)


def _ongoing(run: Run) -> list[View]:
    """The outages that go on, of the services of a clock that was asked, in order of their starts."""
    counted = {view.index for view in run.counted()}
    found = [view for view in run.row.views if view.outage.ended_at is None and view.index in counted]
    return sorted(found, key=lambda view: (view.start, view.index))


def _is_settled(run: Run) -> bool:
    """Whether nothing more is to come of it: while an outage goes on, or a person decides, what was granted is left alone."""
    undecided = run.missing or any(reason.code == "AMOUNT_AT_DISCRETION" for reason in run.reasons)
    return not undecided and not _ongoing(run)


def _granted_before(run: Run) -> Mapping[str, int]:
    """By benefit, of all outages of the request."""
    before = Counter(run.row.request.already_granted)
    for each in run.row.request.granted_before:
        before[each.benefit] += each.quantity
    return before


def _was_granted(run: Run, view: View) -> bool:
    """Whether anything was granted before for an outage."""
    request = run.row.request
    told = (each.quantity for each in request.granted_before if each.outage_id == view.outage.outage_id)
    return any(told) or any(request.already_granted.values())


def _whole(run: Run, quantities: Mapping[str, int]) -> tuple[Amount, ...]:
    """In the order of the policy."""
    benefits = [each for each in run.lowered.version.benefits if each.name in quantities]
    return tuple(Amount(each.name, each.kind, quantities[each.name], each.valid_for_seconds) for each in benefits)
