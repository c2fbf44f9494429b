"""What was granted before, told either way, and whether what the cycle was granted holds it."""

from policy.calculator.checks import (
    MAX_ITEMS,
    MAX_QUANTITY,
    Report,
    check_id,
    check_month,
    check_quantities,
    check_quantity,
    is_few,
    is_proper,
)
from policy.calculator.request import GrantedBefore, Request


def check_granted_before(request: Request, report: Report) -> None:
    """Each entry by itself, whether they contradict each other, and whether what the cycle was granted holds them."""
    check_quantities("already_granted", request.already_granted, report)
    if request.already_granted:
        if request.granted_before:
            report("already_granted", "says once more what granted_before is for; leave it out")
        if len({outage.outage_id for outage in request.outages}) > 1:
            report("already_granted", "is of one outage, and there are several; tell it by outage, in granted_before")
    told = dict(request.already_granted)
    if request.granted_before:
        if not is_few("granted_before", request.granted_before, report):
            return
        told = _by_benefit(request, report)
    cycle = None if request.subscriber is None else request.subscriber.granted_this_cycle
    if cycle is None or len(cycle) > MAX_ITEMS or len(told) > MAX_ITEMS:
        return
    for name in sorted(told):
        if is_proper(name) and 0 <= cycle.get(name, 0) < told[name]:
            report(
                f'subscriber.granted_this_cycle.quantities["{name}"]',
                "is less than what was granted before for these outages, which is part of it",
            )


def _by_benefit(request: Request, report: Report) -> dict[str, int]:
    """Checks each entry; returns by benefit what those without a month say together, which the cycle's total holds."""
    outages = _known(request)
    first: dict[tuple[str, str, str], int] = {}
    of_cycle: dict[str, int] = {}
    of_benefit: dict[str, int] = {}
    for number, each in enumerate(request.granted_before):
        at = f"granted_before[{number}]"
        _names(at, each, report)
        if each.outage_id and outages is not None and each.outage_id not in outages:
            report(f"{at}.outage_id", "is no outage of this request; ask about it too, or leave the entry out")
        same = first.setdefault((each.outage_id, each.benefit, each.month), number)
        if same != number:
            report(at, f"is of the same outage, benefit and month as granted_before[{same}]; tell their sum, once")
        of_benefit[each.benefit] = of_benefit.get(each.benefit, 0) + max(each.quantity, 0)
        if each.quantity <= MAX_QUANTITY < of_benefit[each.benefit]:
            report(f"{at}.quantity", f"makes, with those before it of the same benefit, more than {MAX_QUANTITY}")
        if not each.month:
            of_cycle[each.benefit] = of_cycle.get(each.benefit, 0) + max(each.quantity, 0)
    return of_cycle


def _known(request: Request) -> frozenset[str] | None:
    """The ids of the outages; None where there are so many that they are to be mended first."""
    if len(request.outages) > MAX_ITEMS:
        return None
    return frozenset(outage.outage_id for outage in request.outages)


def _names(at: str, entry: GrantedBefore, report: Report) -> None:
    """Each field of an entry by itself; which benefits there are, and whether they go by month, is for the version to say."""
    check_id(f"{at}.outage_id", entry.outage_id, report)
    check_id(f"{at}.benefit", entry.benefit, report)
    check_quantity(f"{at}.quantity", entry.quantity, report)
    if entry.month:
        check_month(f"{at}.month", entry.month, report)
