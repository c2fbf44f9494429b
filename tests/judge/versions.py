"""Which version of a policy decides."""

from collections.abc import Iterable, Sequence

from policy.calculator import rules
from policy.calculator.request import Outage, Request
from tests.judge.order import decide
from tests.judge.verdict import Verdict
from tests.judge.wall_clock import local, zone_of

NO_VERSION = Verdict(error="no version")
SEVERAL_VERSIONS = Verdict(error="several versions")


def version_for(versions: Sequence[rules.Version], request: Request) -> rules.Version | None:
    """The version that is asked first: the named one, or the one in force on the local date of the earliest instant that pins it.

    An application that no outage is on record for is about the day on which the claimed interval begins.
    """
    if request.version:
        return next((each for each in versions if each.version == request.version), None)
    instants = [getattr(outage, versions[-1].pinned_by.name) for outage in request.outages]
    if not request.outages and request.claim is not None:
        instants = [request.claim.started_at]
    return in_force(versions, instants)


def in_force(versions: Sequence[rules.Version], instants: Iterable[int | None]) -> rules.Version | None:
    """The version in force on the local date of the earliest of some instants."""
    given = [each for each in instants if each is not None]
    if not given:
        return None
    for version in versions:
        day = local(min(given), zone_of(version.zone)).date()
        if version.in_force_from <= day and (version.in_force_until is None or day < version.in_force_until):
            return version
    return None


def judged(versions: Sequence[rules.Version], request: Request) -> Verdict:
    """What a policy says: every occasion of the version that is asked first has to pin that version."""
    version = version_for(versions, request)
    if version is None:
        return NO_VERSION
    verdict = decide(version, request)
    if request.version or verdict.error or len({_pinned(versions, [each]) for each in request.outages}) <= 1:
        return verdict
    by_id = {outage.outage_id: outage for outage in request.outages}
    for occasion in verdict.occasions:
        outages = [by_id[each] for each in occasion.outage_ids]
        if any(_instants(versions, outages)) and _pinned(versions, outages) != version.version:
            return SEVERAL_VERSIONS
    return verdict


def _instants(versions: Sequence[rules.Version], outages: Iterable[Outage]) -> list[int | None]:
    return [getattr(outage, versions[-1].pinned_by.name) for outage in outages]


def _pinned(versions: Sequence[rules.Version], outages: Iterable[Outage]) -> str:
    found = in_force(versions, _instants(versions, outages))
    return "" if found is None else found.version
