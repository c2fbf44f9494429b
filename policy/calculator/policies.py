"""The policies that are loaded: which version decides a request, and the decision."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from policy.calculator import rules
from policy.calculator.decision import Decision
from policy.calculator.errors import InvalidRequest, NotInForce, OtherDigest, UnknownPolicy, Violation
from policy.calculator.program import Program
from policy.calculator.request import Outage, Request
from policy.calculator.validate import MAX_INSTANT, violations_of


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

    def decide(self, request: Request) -> Decision:
        """What the subscriber is owed. Raises InvalidRequest with every violation, UnknownPolicy, NotInForce, OtherDigest."""
        violations = violations_of(request, self.zone_names)
        try:
            program = self._program_for(request, violations)
        except (UnknownPolicy, NotInForce):
            if violations:  # what is malformed is said first, for it may be why nothing was found
                raise InvalidRequest(violations) from None
            raise
        if program is None:
            raise InvalidRequest([*violations, *self._found_by_every_version(request)])
        violations += program.violations_of(request)
        if violations:
            raise InvalidRequest(violations)
        decides = program.version
        if request.expected_sha256 and request.expected_sha256 != decides.sha256:
            raise OtherDigest(decides.policy_id, decides.version, request.expected_sha256, decides.sha256)
        return program.decide(request)

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
        pinned_by = self._of(request.policy_id)[-1].version.pinned_by.name
        instants = [at for outage in request.outages if (at := _instant(outage, pinned_by)) is not None]
        if not instants and not request.outages and request.claim is not None and request.claim.started_at is not None:
            # An application that no outage is on record for: the day it is about.
            instants = [at for at in (request.claim.started_at,) if 0 <= at <= MAX_INSTANT]
        if not instants:
            if pinned_by != "started_at":
                field, message = f"outages[].{pinned_by}", "is what picks the version; give it, or name policy.version"
                violations.append(Violation(field, message))
            return None
        pinned = min(instants)
        return self._in_force(request.policy_id, pinned)

    def _found_by_every_version(self, request: Request) -> list[Violation]:
        """What is malformed whichever version decides: all that can be said besides where none can be picked."""
        first, *others = [program.violations_of(request) for program in self._of(request.policy_id)]
        return [violation for violation in first if all(violation in other for other in others)]

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
            version = program.version
            ordinal = program.local.day_of(on) if isinstance(on, int) else on.toordinal()
            until = version.in_force_until
            if version.in_force_from.toordinal() <= ordinal and (until is None or ordinal < until.toordinal()):
                return program
        covered = [
            f"{each.version.in_force_from} to {each.version.in_force_until or 'open'} ({each.version.version})"
            for each in programs
        ]
        raise NotInForce(policy_id or self.default_policy_id, date.fromordinal(ordinal), covered)


def _instant(outage: Outage, name: str) -> int | None:
    """An instant that may pick a version; one out of range is malformed, and picks none."""
    value = getattr(outage, name)
    return value if isinstance(value, int) and 0 <= value <= MAX_INSTANT else None
