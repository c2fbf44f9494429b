"""What the versions of a policy declare, as far as cases name it: attributes with their types, benefits with their kinds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy.calculator import rules


@dataclass(frozen=True, slots=True)
class Known:
    """The names of one policy, over all its versions."""

    policy_id: str
    versions: tuple[str, ...]
    currency_code: str
    attributes: Mapping[rules.Of, Mapping[str, rules.Fact]]
    kinds: Mapping[str, str]

    @classmethod
    def of(cls, versions: Sequence[rules.Version]) -> "Known":
        """Of the versions of one policy, by date: of two declarations under one name the later one holds."""
        declared = [fact for version in versions for fact in version.facts if fact.attribute]
        owners: tuple[rules.Of, ...] = ("subscriber", "outage")
        return cls(
            policy_id=versions[-1].policy_id,
            versions=tuple(version.version for version in versions),
            currency_code=versions[-1].currency_code,
            attributes={of: {fact.name: fact for fact in declared if fact.of == of} for of in owners},
            kinds={benefit.name: benefit.kind for version in versions for benefit in version.benefits},
        )
