"""The policies that are loaded: which version decides a request, and the decision."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from policy.calculator import rules
from policy.calculator.checks import ENOUGH_VIOLATIONS, MAX_INSTANT
from policy.calculator.decision import Decision
from policy.calculator.errors import (
    InvalidRequest,
    NotInForce,
    OtherDigest,
    SeveralVersions,
    UnknownPolicy,
    VersionOfOccasion,
    Violation,
)
from policy.calculator.program import Program
from policy.calculator.request import Outage, Request
from policy.calculator.validate import violations_of


class PolicySet:
    """Compiled policies, by id and date. Immutable: a reload makes another set."""

    def __init__(
        self, programs: Iterable[Program], default_policy_id: str, engine_version: str, zone_names: Collection[str]
    ) -> None:
        """``zone_names``: the IANA names that a request may use. Raises UnknownPolicy if the default is not there."""
        by_id: dict[str, list[Program]] = {}
        for program in programs:
            by_id.setdefault(program.version.policy_id, []).append(program)
        self._programs: Mapping[str, tuple[Program, ...]] = {
            policy_id: tuple(sorted(by_id[policy_id], key=lambda each: each.version.in_force_from))
            for policy_id in sorted(by_id)
        }
        self.zone_names = frozenset(zone_names)
        self.engine_version = engine_version
        self.default_policy_id = default_policy_id
        self._of(default_policy_id)

    @property
    def policy_ids(self) -> tuple[str, ...]:
        """The ids, sorted."""
        return tuple(self._programs)

    def versions(self, policy_id: str) -> tuple[rules.Version, ...]:
        """The versions of a policy, by date. Raises UnknownPolicy."""
        return tuple(program.version for program in self._of(policy_id))

    def version(self, policy_id: str, version: str) -> rules.Version:
        """One version by name. Raises UnknownPolicy."""
        return self.named(policy_id, version).version

    def programs(self, policy_id: str) -> tuple[Program, ...]:
        """The compiled versions of a policy, by date. Raises UnknownPolicy."""
        return self._of(policy_id)

    def in_force(self, policy_id: str, on: date) -> rules.Version:
        """The version that holds on a local date. Raises UnknownPolicy, NotInForce."""
        return self._in_force(policy_id, on).version

    def decide(self, request: Request, most_violations: int = ENOUGH_VIOLATIONS) -> Decision:
        """What the subscriber is owed.

        Raises InvalidRequest with every violation, or so many of them; UnknownPolicy, NotInForce, OtherDigest, SeveralVersions.
        """
        violations = violations_of(request, self.zone_names, most_violations)
        try:
            program = self._program_for(request, violations)
        except (UnknownPolicy, NotInForce):
            if violations:  # what is malformed is said first, for it may be why nothing was found
                raise InvalidRequest(violations) from None
            raise
        if program is None:
            raise InvalidRequest([*violations, *self._found_by_every_version(request, most_violations - len(violations))])
        if len(violations) < most_violations:
            violations += program.violations_of(request, most_violations - len(violations))
        if violations:
            raise InvalidRequest(violations)
        decides = program.version
        if request.expected_sha256 and request.expected_sha256 != decides.sha256:
            raise OtherDigest(decides.policy_id, decides.version, request.expected_sha256, decides.sha256)
        decision = program.decide(request)
        if not self._all_pin(program, request):
            self._check_occasions(program, request, decision)
        return decision

    def named(self, policy_id: str, version: str) -> Program:
        """One compiled version by name. Raises UnknownPolicy."""
        programs = self._of(policy_id)
        for program in programs:
            if program.version.version == version:
                return program
        known = [program.version.version for program in programs]
        raise UnknownPolicy(policy_id or self.default_policy_id, version, known)

    def _program_for(self, request: Request, violations: list[Violation]) -> Program | None:
        """The version that decides; None where the fact that picks it is missing, which is then among the violations."""
        if request.version:
            return self.named(request.policy_id, request.version)
        pinned_by = self._pinned_by(request.policy_id)
        instants = list(_pinned(request, pinned_by).values())
        if not instants and not request.outages and request.claim is not None and request.claim.started_at is not None:
            # An application that no outage is on record for: the day it is about.
            instants = [at for at in (request.claim.started_at,) if 0 <= at <= MAX_INSTANT]
        if not instants:
            if pinned_by != "started_at":
                field, message = f"outages[].{pinned_by}", "is what picks the version; give it, or name policy.version"
                violations.append(Violation(field, message))
            return None
        return self._in_force(request.policy_id, min(instants))

    def _pinned_by(self, policy_id: str) -> str:
        """By which instant of an outage the versions of a policy are picked."""
        return self._of(policy_id)[-1].version.pinned_by.name

    def _all_pin(self, program: Program, request: Request) -> bool:
        """Whether every outage pins ``program``, which the earliest does: of a span of dates, so the latest tells of all."""
        if request.version or len(request.outages) < 2:
            return True
        instants = _pinned(request, self._pinned_by(request.policy_id)).values()
        return not instants or _holds_at(program, max(instants))

    def _check_occasions(self, program: Program, request: Request, decision: Decision) -> None:
        """Raises SeveralVersions where the earliest outage of an occasion pins another version than ``program``."""
        at = _pinned(request, self._pinned_by(request.policy_id))
        pinned = []
        for occasion in decision.occasions:
            instants = [at[outage_id] for outage_id in occasion.outage_ids if outage_id in at]
            version = self._version_at(request.policy_id, min(instants)) if instants else program.version.version
            pinned.append(VersionOfOccasion(occasion.started_at, version))
        if any(each.version != program.version.version for each in pinned):
            raise SeveralVersions(program.version.policy_id, list(dict.fromkeys(pinned)))

    def _version_at(self, policy_id: str, instant: int) -> str:
        held = [program.version.version for program in self._of(policy_id) if _holds_at(program, instant)]
        return held[0] if held else ""

    def _found_by_every_version(self, request: Request, most: int) -> list[Violation]:
        """What is malformed whichever version decides, as none can be picked; nothing where that is very much."""
        first, *others = self._of(request.policy_id)
        found = first.violations_of(request, most) if most > 0 else []
        for program in others:
            also = set(program.violations_of(request)) if 0 < len(found) < most else ()
            found = [violation for violation in found if violation in also]
        return found

    def _of(self, policy_id: str) -> tuple[Program, ...]:
        programs = self._programs.get(policy_id or self.default_policy_id)
        if programs is None:
            raise UnknownPolicy(policy_id or self.default_policy_id, "", self.policy_ids)
        return programs

    def _in_force(self, policy_id: str, on: date | int) -> Program:
        """The version on a date, or on the local date of an instant: each version looks at it in its own zone."""
        programs = self._of(policy_id)
        ordinal = 0
        for program in programs:
            ordinal = program.local.day_of(on) if isinstance(on, int) else on.toordinal()
            if _holds_on(program.version, ordinal):
                return program
        covered = [
            f"{each.version.in_force_from} to {each.version.in_force_until or 'open'} ({each.version.version})"
            for each in programs
        ]
        raise NotInForce(policy_id or self.default_policy_id, date.fromordinal(ordinal), covered)


def _holds_on(version: rules.Version, ordinal: int) -> bool:
    """Whether a version is in force on a local date, by its ordinal."""
    until = version.in_force_until
    return version.in_force_from.toordinal() <= ordinal and (until is None or ordinal < until.toordinal())


def _holds_at(program: Program, instant: int) -> bool:
    """Whether a version is in force on the local date of an instant, in its own zone."""
    return _holds_on(program.version, program.local.day_of(instant))


def _pinned(request: Request, name: str) -> dict[str, int]:
    """The instant of each outage that may pick a version, by its id; of those that have one."""
    return {outage.outage_id: at for outage in request.outages if (at := _instant(outage, name)) is not None}


def _instant(outage: Outage, name: str) -> int | None:
    """An instant that may pick a version; one out of range is malformed, and picks none."""
    value = getattr(outage, name)
    return value if isinstance(value, int) and 0 <= value <= MAX_INSTANT else None
