"""Making an amount stand at a cap, at a minimum, or where it is granted without a claim."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from policy.calculator import rules
from policy.calculator.checks import MAX_QUANTITY
from policy.calculator.errors import CalculatorError
from policy.calculator.request import Request
from policy.calculator.trace import BenefitRun
from policy.language.kinds import PAID_IN
from policy.tools.boundaries import Boundary
from policy.tools.boundary_cases.context import Base, Context, Row, Rows, beside, lasting
from policy.tools.boundary_cases.facts import given
from policy.tools.boundary_cases.threshold_search import threshold
from policy.tools.proving.lengths import DAY_SECONDS

MOST_SECONDS = 400 * DAY_SECONDS

Test = Callable[[BenefitRun], bool]


def rows_of_amount(context: Context, boundary: Boundary, base: Base) -> list[Rows]:
    """Longer and longer outages, then higher and higher fees, until the amount passes the boundary."""
    benefit = next(each for each in (*boundary.parents, boundary.holder) if isinstance(each, rules.Benefit))
    if boundary.part == "at most per cycle":
        return _of_cycle(context, benefit, base)
    if boundary.part == "at most per month":
        return _of_month(context, benefit, base)
    test, is_at = _test(boundary)
    found: list[Rows] = []
    for make, most in _scales(context, base):

        def holds(size: int, make: Callable[[int], Row | None] = make) -> bool:
            row = make(size)
            run = None if row is None else amounts(context, row.request, benefit)
            return run is not None and test(run)

        size = threshold(holds, 1, most)
        if size is not None:
            found += beside(partial(_resized, make, size if is_at else size - 1))
    return found


def _resized(make: Callable[[int], Row | None], size: int, by: int) -> Row | None:
    return make(size + by)


def amounts(context: Context, request: Request, benefit: rules.Benefit) -> BenefitRun | None:
    """What the benefit came to; None where the request is refused, or the benefit is not decided."""
    try:
        run = context.work(request)
    except CalculatorError:
        return None
    return next((each for each in run.benefits if each.benefit.rule is benefit), None)


def _test(boundary: Boundary) -> tuple[Test, bool]:
    """What holds from the boundary on, and whether it does at the boundary itself or only a unit beyond."""
    if boundary.part == "at most":
        return (lambda run: run.after_cap < run.after_minimum), False
    if boundary.part == "at least":
        return (lambda run: run.rounded > 0 and run.after_minimum == run.rounded), True
    amount = boundary.holder
    assert isinstance(amount, rules.AmountIs)  # INVARIANT: coverage lists no other boundary of a benefit
    if amount.op in ("at least", "less than"):
        return (lambda run: run.after_cap >= amount.quantity), True
    return (lambda run: run.after_cap > amount.quantity), False


def _scales(context: Context, base: Base) -> Iterator[tuple[Callable[[int], Row | None], int]]:
    """What can be made larger so that more is paid: the time of one outage, or an amount of money."""
    start = base.scene.origin
    yield partial(lasting, context, base, start), MOST_SECONDS
    for fact in context.builder.facts.values():
        if fact.of == "subscriber" and fact.type == "money":
            most = fact.at_most or MAX_QUANTITY

            def with_money(amount: int, fact: rules.Fact = fact) -> Row | None:
                if amount < 0:
                    return None
                return Row(f"{fact.name} {context.say.amount(amount, 'money')}", given(context, base.request, fact, amount))

            yield with_money, most


def _of_cycle(context: Context, benefit: rules.Benefit, base: Base) -> list[Rows]:
    """What the cycle was given already, so that what it has left is a unit more than is due, just that, and a unit less."""
    subscriber = base.request.subscriber
    assert subscriber is not None  # INVARIANT: a base is decided

    def with_used(used: int) -> Request:
        return replace(base.request, subscriber=replace(subscriber, granted_this_cycle={benefit.name: used}))

    run = amounts(context, with_used(0), benefit)
    if run is None or run.cycle_left is None or not run.after_granted:
        return []
    return _used(context, benefit, run.cycle_left - run.after_granted, "this cycle", with_used)


def _of_month(context: Context, benefit: rules.Benefit, base: Base) -> list[Rows]:
    """The same of the local month that the first occasion begins in, after what its cycle has left."""
    subscriber, first = base.request.subscriber, amounts(context, base.request, benefit)
    assert subscriber is not None  # INVARIANT: a base is decided
    if first is None:
        return []
    year, month = divmod(first.occasion.month, 12)
    name = f"{year:04}-{month + 1:02}"

    def with_used(used: int) -> Request:
        return replace(base.request, subscriber=replace(subscriber, granted_by_month={name: {benefit.name: used}}))

    run = amounts(context, with_used(0), benefit)
    if run is None or run.month_left is None or not run.after_granted:
        return []
    due = run.after_granted if run.cycle_left is None else min(run.after_granted, run.cycle_left)
    return _used(context, benefit, run.month_left - due, f"in {name}", with_used)


def _used(context: Context, benefit: rules.Benefit, spare: int, of: str, with_used: Callable[[int], Request]) -> list[Rows]:
    """A unit less was granted before than leaves just what is due, ``spare``; just that; and a unit more."""

    def make(by: int) -> Row | None:
        used = spare + by * benefit.unit
        said = context.say.amount(used, PAID_IN[benefit.kind])
        return None if used < 0 else Row(f"granted {of} {said}", with_used(used))

    return beside(make)
