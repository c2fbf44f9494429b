"""A whole version: its figures, measures, clocks and benefits, its claims, recourse, messages and warnings."""

from collections.abc import Iterator
from fractions import Fraction

from policy.calculator import rules
from policy.calculator.decision import Decision
from policy.calculator.trace import ClockRun, Run
from policy.tools.coverage.benefits import benefit_items, see_benefit, see_refused
from policy.tools.coverage.branches import condition_items, value_items
from policy.tools.coverage.clocks import band_items, clock_items, see_clock, see_time
from policy.tools.coverage.items import Item, Place, Seen
from policy.tools.describing.values import Wording, length_text


def version_items(version: rules.Version) -> Iterator[Item]:
    """Everything that there is to exercise, in the order of a file."""
    root = Place((), "", Wording(version))
    yield root.at("versions").rule(version, "decides", f"one that version {version.version} decides")
    for figure in version.figures:
        clause = figure.clause.id if figure.clause else ""
        yield from value_items(figure.value, root.at("figures", figure.name, clause=clause))
    yield from value_items(version.calendar, root.at("calendar"))
    for measure in version.measures:
        yield from band_items(measure, root.at("measures", measure.name, clause=measure.clause.id))
    for clock in version.clocks:
        yield from clock_items(clock, root.at("clocks", clock.name, clause=clock.clause.id))
    for benefit in version.benefits:
        yield from benefit_items(benefit, root.at("benefits", benefit.name, clause=benefit.components[0].clause.id))
    if version.claims is not None:
        yield from _claims_items(version.claims, root.at("claims", clause=version.claims.clause.id))
    if version.recourse is not None:
        place = root.at("recourse", clause=version.recourse.clause.id)
        yield place.rule(version.recourse, "owed", "one for which a third party owes something")
        yield from condition_items(version.recourse.owed_by, place.at("from"))
    if version.notice is not None:
        for template in version.notice.templates:
            place = root.at("notice", template.channel.lower(), template.language, clause=version.notice.clause.id)
            yield place.rule(template, "", "one that this message is written for")
    yield from _warning_items(version, root)


def _claims_items(claims: rules.Claims, place: Place) -> Iterator[Item]:
    if claims.within_seconds is not None:
        said = f"{length_text(claims.within_seconds)} after the last outage that meets the claim"
        yield from place.at("within").edges(claims, "at most", "one claimed", said, "a second", part="within")
    if claims.within_local_days is not None:
        said = f"{claims.within_local_days} local days after the last outage that meets the claim"
        yield from place.at("within").edges(claims, "at most", "one claimed", said, "a day", part="within")
    if claims.before is not None:
        said = f"the start of {claims.before}"
        yield from place.at("within").edges(claims, "less than", "one claimed at", said, "a second", part="before")
    if claims.widen_seconds is not None:
        said = f"{length_text(claims.widen_seconds)} away from an outage"
        yield from place.at("widen").edges(claims, "less than", "one for an interval", said, "a second", part="widen")
    if claims.warn_below is not None:
        said = f"{claims.warn_below * 100} % of it"
        yield from place.at("warn below").edges(claims, "less than", "one on record for", said, "a second", part="warn below")


def _warning_items(version: rules.Version, root: Place) -> Iterator[Item]:
    for clause in version.unsettled:
        place = root.at("unsettled", clause.id, clause=clause.id)
        yield place.rule(clause, "RULE_UNSETTLED", "one that carries the warning RULE_UNSETTLED")
    if any(benefit.at_most_per_cycle is not None for benefit in version.benefits):
        yield root.at("benefits").rule(version, "CYCLE_TOTAL_UNKNOWN", "one that carries the warning CYCLE_TOTAL_UNKNOWN")
    if version.recourse is not None:
        place = root.at("recourse", clause=version.recourse.clause.id)
        yield place.rule(version, "RESPONSIBLE_PARTY_UNKNOWN", "one that carries the warning RESPONSIBLE_PARTY_UNKNOWN")


def see_decision(seen: Seen, run: Run, decision: Decision) -> None:
    """Marks what one decision did."""
    version, lowered = run.lowered.version, run.lowered
    seen.rule(version, "decides")
    seen.take(lowered.calendars.taken(run.memory))
    _see_rules(seen, run)
    if lowered.recourse is not None:
        for view in run.row.views:
            seen.take(lowered.recourse.test.taken(run.memory, view.at))
        if decision.recourse:
            seen.rule(lowered.recourse.rule, "owed")
    for template in version.notice.templates if version.notice is not None else ():
        if any((each.channel, each.language) == (template.channel, template.language) for each in decision.notice):
            seen.rule(template)
    for warning in decision.warnings:
        seen.rule(version, warning.code)
    unsettled = {warning.clause for warning in decision.warnings if warning.code == "RULE_UNSETTLED"}
    for clause in version.unsettled:
        if clause.id in unsettled:
            seen.rule(clause, "RULE_UNSETTLED")


def _see_rules(seen: Seen, run: Run) -> None:
    """Marks what the clocks and benefits did, of the request and in each occasion."""
    claims = run.lowered.version.claims
    run.memory.enter(0)
    for clock in run.clocks.values():
        if clock.is_missing:
            continue
        see_clock(seen, run, clock)
        if claims is not None and run.row.request.claim is not None:
            _see_claim(seen, claims, run, clock)
    for time in run.times():
        see_time(seen, run, time)
    for refused in run.refused:
        see_refused(seen, run, refused)
    for benefit in run.benefits:
        see_benefit(seen, run, benefit)
    run.memory.enter(0)


def _see_claim(seen: Seen, claims: rules.Claims, run: Run, known: ClockRun) -> None:
    claim = run.row.request.claim
    assert claim is not None and claim.claimed_at is not None  # INVARIANT: validated before a run is made
    assert claim.started_at is not None and claim.ended_at is not None
    if claims.within_seconds is not None and known.met and all(view.outage.ended_at is not None for view in known.met):
        last = max(view.end for view in known.met)
        seen.edge(claims, "at most", claim.claimed_at, last + claims.within_seconds, part="within")
    if claims.within_local_days is not None and known.met and all(view.outage.ended_at is not None for view in known.met):
        last_day = seen.local.day_of(max(view.end for view in known.met)) + claims.within_local_days
        seen.edge(claims, "at most", seen.local.day_of(claim.claimed_at), last_day, part="within")
    if claims.before is not None:
        start = seen.local.starts_at(claims.before.toordinal())
        seen.edge(claims, "less than", claim.claimed_at, start, part="before")
    for view in known.counted if claims.widen_seconds is not None else ():
        apart = max(view.start - claim.ended_at, claim.started_at - view.end)
        seen.edge(claims, "less than", apart, claims.widen_seconds or 0, part="widen")
    if claims.warn_below is not None:
        recorded, claimed = known.recorded_share
        seen.edge(claims, "less than", Fraction(recorded, claimed), claims.warn_below, Fraction(1, claimed), part="warn below")
