"""From a catalog to policies that decide: read every file, then compile every version with its zone and calendars."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import version as installed_version
from pathlib import Path

from native.choice import from_environment
from policy.calculator import rules
from policy.calculator.policies import PolicySet
from policy.calculator.program import Compiled, Program
from policy.language import calendars
from policy.language.catalog import load_versions


def load_catalog(directory: Path, default_policy_id: str) -> PolicySet:
    """The policies of a catalog, ready to decide.

    Raises CatalogError with every problem of every file at once, and UnknownPolicy where the default is not in the catalog.
    """
    return compile_versions(load_versions(directory), default_policy_id)


def compile_versions(versions: Iterable[rules.Version], default_policy_id: str) -> PolicySet:
    """Versions that were read, compiled. Raises UnknownPolicy where none is of the default policy."""
    engine_version = engine()
    programs = [_compile(version, engine_version) for version in versions]
    return PolicySet(programs, default_policy_id, engine_version, calendars.zone_names())


@cache  # what is installed is read from files, which takes longer than to compile a small policy
def engine() -> str:
    """The version of the calculator and of the data that it counts with; it is part of every decision's id."""
    return f"{installed_version('makegood')}+{calendars.engine_data_version()}"


def _compile(version: rules.Version, engine_version: str) -> Program:
    days = {name: calendars.working_days(name) for name in sorted(_calendar_names(version.calendar))}
    choice = from_environment()
    compiled = None
    if choice.compiled:
        evaluator, teller = (choice.module(f"policy.calculator.{name}") for name in ("machine", "teller"))
        compiled = Compiled(evaluator, teller.Teller)
    return Program(version, calendars.zone(version.zone), days, engine_version, compiled)


def _calendar_names(calendar: rules.Value | None) -> set[str]:
    """Every calendar that a version may count by: the one it names, or those it chooses between."""
    match calendar:
        case rules.Code(codes=codes):
            return set(codes)
        case rules.CodeChoice(cases=cases, otherwise=otherwise):
            return {name for value in (*(value for _, value in cases), otherwise) for name in _calendar_names(value)}
        case rules.Named(figure=figure):
            return _calendar_names(figure.value)
        case _:
            return set()
