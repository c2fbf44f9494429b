"""Saying a value: exact texts, units, and what a value read on the path that was taken."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from policy.calculator import rules
from policy.calculator.cycle import BILLING_CYCLE, cycle_of, days_in
from policy.calculator.decision import Input
from policy.calculator.facts import RATIO_DENOMINATOR, Row, View
from policy.calculator.reads import facts_read
from policy.calculator.values import Values

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def instant_text(seconds: int) -> str:
    """An instant as RFC 3339 in UTC."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def exact(numerator: int, denominator: int = 1) -> str:
    """A number as text, in lowest terms: ``95/2``, or ``4`` where it is whole."""
    return str(Fraction(numerator, denominator))


def unit_of(kind: str, currency_code: str) -> str:
    """The base unit of a benefit's kind."""
    return {
        "DATA_BYTES": "B",
        "VOICE_SECONDS": "s",
        "VALUE_ADDED_DAYS": "days",
        "VALIDITY_DAYS": "days",
        "CREDIT": f"minor units of {currency_code}",
        "UNLIMITED_DATA": "s",
        "TOP_UP_BONUS": "basis points",
    }[kind]


class Tracer:
    """Reads back what a value read, from the same compiled forms and remembered figures that made the answer."""

    def __init__(self, version: rules.Version, values: Values) -> None:
        self._currency = version.currency_code
        self._values = values

    def value(self, value: rules.Value, ctx: Row | View) -> str:
        """The value itself, as exact text."""
        compiled = self._values.compiled(value)
        return self.said(compiled.read(self._ctx(compiled.of_outage, ctx)), compiled.denominator)

    def unit(self, figure: rules.Figure) -> str:
        """The base unit in which a figure is told."""
        return f"minor units of {self._currency}" if figure.unit == self._currency else figure.unit

    def inputs(self, value: rules.Value, ctx: Row | View) -> tuple[Input, ...]:
        """What ``value`` read on the path that was taken, each once."""
        return tuple(dict.fromkeys(self._inputs(value, ctx)))

    def cycle(self, part: object, row: Row) -> tuple[Input, ...]:
        """The billing cycle, where ``part`` of the version looks at time by it and the request gives it."""
        is_read = row.subscriber.billing_cycle is not None and BILLING_CYCLE.field in facts_read(part)
        return (self._fact(BILLING_CYCLE, row),) if is_read else ()

    def _inputs(self, value: rules.Value, ctx: Row | View) -> list[Input]:
        match value:
            case rules.Fact():
                return [self._fact(value, ctx)]
            case rules.Named(figure=figure):
                return [Input(f"figures.{figure.name}", self.value(value, ctx), self.unit(figure))]
            case rules.Share(of=of):
                return self._inputs(of, ctx)
            case rules.MonthShare(of=of):
                return [*self._inputs(of, ctx), Input("days_in_month", str(_row(ctx).days_in_month), "days")]
            case rules.CycleShare(of=of):
                days = days_in(cycle_of(_row(ctx)), self._values.local_day)
                return [*self._inputs(of, ctx), self._fact(BILLING_CYCLE, ctx), Input("days_in_cycle", str(days), "days")]
            case rules.Larger(values=parts):
                return [each for part in parts for each in self._inputs(part, ctx)]
            case rules.Quotient(numerator=above, denominator=below):
                return [*self._inputs(above, ctx), *self._inputs(below, ctx)]
            case rules.CodeChoice() | rules.Ladder():
                return [*self._inputs(value.subject, ctx), *self._branch(value, ctx)]
            case _:
                return []

    def _branch(self, choice: rules.CodeChoice | rules.Ladder, ctx: Row | View) -> list[Input]:
        compiled = self._values.compiled(choice)
        assert compiled.pick is not None  # INVARIANT: a choice compiles with its pick
        taken = compiled.pick(self._ctx(compiled.of_outage, ctx))
        branches = [branch for _, branch in (choice.cases if isinstance(choice, rules.CodeChoice) else choice.steps)]
        branch = branches[taken] if taken < len(branches) else choice.otherwise
        return [] if branch is None else self._inputs(branch, ctx)

    def _fact(self, fact: rules.Fact, ctx: Row | View) -> Input:
        compiled = self._values.compiled(fact)
        field = fact.field
        if fact.of == "outage" and isinstance(ctx, View):
            field = field.replace("[]", f"[{ctx.index}]", 1)
        read = compiled.read(self._ctx(compiled.of_outage, ctx))
        if fact.type == "instant":
            return Input(field, instant_text(read))
        if fact.type == "date":
            return Input(field, str(datetime.fromordinal(read).date()))
        if fact.type == "intervals":
            return Input(field, ", ".join(f"{instant_text(a)}/{instant_text(b)}" for a, b in read))
        denominator = RATIO_DENOMINATOR if fact.type == "ratio" else 1
        unit = {"money": f"minor units of {self._currency}", "bytes": "B", "seconds": "s"}.get(fact.type, "")
        return Input(field, self.said(read, denominator), unit)

    @staticmethod
    def _ctx(of_outage: bool, ctx: Row | View) -> Row | View:
        return ctx if of_outage else _row(ctx)

    @staticmethod
    def said(value: Any, denominator: int) -> str:
        """What a compiled value returned, as exact text."""
        match value:
            case bool():
                return "yes" if value else "no"
            case int():
                return exact(value, denominator)
            case frozenset():
                return " or ".join(sorted(value))
            case _:
                return str(value)


def _row(ctx: Row | View) -> Row:
    return ctx.row if isinstance(ctx, View) else ctx
