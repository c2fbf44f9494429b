"""The names of one version while it is read: what each stands for, where it may be read, and whether anything reads it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, NoReturn, TypeVar

from policy.calculator import rules
from policy.calculator.contract import FACTS
from policy.calculator.cycle import BILLING_CYCLE
from policy.language.core_facts import SPECIAL_SUBJECTS
from policy.language.kinds import Axis, Place, Typed, fact_type
from policy.language.problems import At, Refused, Report, did_you_mean, listed, nearest
from policy.language.yaml_tree import Text

T = TypeVar("T")

LENGTH: Final = "length"
"""The plain time of the occasion: the subject of a choice or of a condition."""
AVAILABILITY: Final = "availability"
"""The part of the month or billing cycle in which there was service: the subject of a choice or of a condition."""
OF_OCCASION: Final[Mapping[str, Typed]] = MappingProxyType(
    {
        LENGTH: Typed(rules.Length(), "seconds", axes=frozenset({"occasion"})),
        AVAILABILITY: Typed(rules.Availability(), "quotient", axes=frozenset({"availability"})),
    }
)
"""What is known of an occasion without any fact."""


class Lazy(Generic[T]):
    """Something that the file names; it is read when it is first asked for, since the order of the file never matters."""

    def __init__(self, what: str, name: Text, read: Callable[[], T], report: Report) -> None:
        self.what, self.name, self.used = what, name, False
        self._read, self._report = read, report
        self._value: T | None = None
        self._broken = self._reading = False

    def get(self) -> T:
        """What the name stands for. Raises Refused, again and again, once it could not be read."""
        if self._value is None:
            if self._reading:
                self._report.refuse(self.name.at, f"{self.what} {self.name.text} is defined by itself", "break the circle")
            if self._broken:
                raise Refused
            self._reading = True
            try:
                self._value = self._read()
            except Refused:
                self._broken = True
                raise
            finally:
                self._reading = False
        return self._value

    @property
    def broken(self) -> bool:
        """Whether it was tried and could not be read."""
        return self._broken

    def use(self) -> T:
        """The same, for a reader that counts as one."""
        self.used = True
        return self.get()


class Stranger(NamedTuple):
    """A code that a reader of ``name`` asks for at ``at`` and that it never yields, though it yields one that is ``near``."""

    name: str
    near: str
    code: str
    at: At
    near_at: At


class Scope:
    """What the words of one version can refer to.

    ``currency`` is "" where the file does not give a readable one; ``language`` "" where it gives none, None where it cannot be
    read. ``for_each``: what benefits are worked out for that do not say otherwise, None where it cannot be read. ``looks``: at
    how much time in which scopes a condition looked, in the order of reading; ``looks_of``: those under ``only`` of each clock.
    """

    def __init__(self, report: Report, currency: str, language: str | None, for_each: rules.ForEach | None = None) -> None:
        self.report = report
        self.language = language
        self.for_each = for_each
        self._currency = currency
        self.clauses: Mapping[str, Lazy[rules.Clause]] = {}
        self.facts: dict[str, Lazy[rules.Fact]] = {}
        self.figures: dict[str, Lazy[Typed]] = {}
        self.measures: dict[str, Lazy[rules.Measure]] = {}
        self.clocks: dict[str, Lazy[rules.Clock]] = {}
        self.reads: dict[str, rules.Fact] = {}
        self.looks: list[tuple[rules.Scope, At]] = []
        self.looks_of: dict[str, list[tuple[rules.Scope, At]]] = {}
        self.calendar_at: At | None = None
        self.counts_working_days = False
        self._asked: set[tuple[str, str]] = set()
        self._strangers: list[Stranger] = []

    @property
    def currency(self) -> str:
        """The one currency of the policy."""
        if not self._currency:
            raise Refused
        return self._currency

    @property
    def has_currency(self) -> bool:
        """Whether the file gives a readable one."""
        return bool(self._currency)

    def fact(self, name: Text, place: Place) -> rules.Fact:
        """The fact that ``name`` stands for, to be read at ``place``."""
        declared = self.facts.get(name.text)
        if declared is not None:
            fact = declared.use()
        elif name.text in FACTS:
            fact = FACTS[name.text]
        else:
            self._unknown(name, (*self.facts, *FACTS), "fact")
        if fact.of not in place.axes:
            self.report.refuse(
                name.at, f"{fact.name} is a fact of {_owner(fact.of)}; {place.name} cannot read it", _where_to(fact.of, place)
            )
        self.reads.setdefault(fact.field if fact.attribute else fact.name, fact)
        return fact

    def value(self, name: Text, place: Place) -> Typed:
        """The fact or figure that ``name`` stands for, to be read at ``place``."""
        lazy = self.figures.get(name.text)
        if lazy is None:
            if name.text not in self.facts and name.text not in FACTS:
                self._unknown(name, (*self.figures, *self.facts, *FACTS), "fact or figure")
            fact = self.fact(name, place)
            return Typed(fact, fact_type(fact), fact.codes, frozenset((fact.of,)))
        figure = lazy.use()
        beyond = sorted(figure.axes - place.axes)
        if beyond:
            what = _OF_THE_OCCASION.get(beyond[0]) or f"a fact of {_owner(beyond[0])}"
            message = f"{name.text} reads {what}; {place.name} cannot read it"
            self.report.refuse(name.at, message, _where_to(beyond[0], place))
        if figure.by_month and not place.month:
            self.report.refuse(name.at, f"{name.text} is a share by days_in_month; it stands only under pay:")
        return figure

    def subject(self, name: Text, place: Place) -> Typed:
        """What is chosen by or tested: as :meth:`value`, or the length or the availability of the occasion."""
        typed = OF_OCCASION.get(name.text)
        if typed is None:
            return self.value(name, place)
        for axis in typed.axes - place.axes:
            whole = "a month or a billing cycle" if axis == "availability" else "an occasion"
            self.report.refuse(name.at, f"{name.text} is of {whole}; {place.name} cannot read it", _where_to(axis, place))
        return typed

    def measure(self, name: Text) -> rules.Measure:
        """The measure that ``name`` stands for."""
        lazy = self.measures.get(name.text)
        if lazy is None:
            known = listed(list(self.measures), "or") if self.measures else ""
            hint = did_you_mean(name.text, self.measures, f"measures are {known}" if known else "declare it under measures:")
            self.report.refuse(name.at, f"there is no measure {name.text}", hint)
        return lazy.use()

    def clock(self, name: Text) -> rules.Clock:
        """The clock that ``name`` stands for."""
        lazy = self.clocks.get(name.text)
        if lazy is None:
            known = listed(list(self.clocks), "or") if self.clocks else ""
            hint = did_you_mean(name.text, self.clocks, f"clocks are {known}" if known else "declare it under clocks:")
            self.report.refuse(name.at, f"there is no clock {name.text}", hint)
        return lazy.use()

    def ask_codes(self, name: Text, subject: Typed, asked: list[tuple[str, At]]) -> None:
        """Notes which codes of ``subject``, called ``name``, a reader asks for, and where. Refuses one that it never yields."""
        if not subject.codes:
            return
        self._asked.update((name.text, code) for code, _ in asked)
        for code, at in asked:
            if code in subject.codes:
                continue
            near, written = nearest(code, subject.codes), dict(subject.written)
            if near in written:  # which of the two is the slip is known when all readers are
                self._strangers.append(Stranger(name.text, near, code, at, written[near]))
                raise Refused
            hint = did_you_mean(code, subject.codes, f"it is one of {', '.join(subject.codes)}")
            self.report.refuse(at, f"{name.text} is never {code}", hint)

    def tell_strangers(self) -> None:
        """Reports codes that are asked for and never yielded: at the reader, or where the near one is that nobody asks for."""
        for name, near, code, at, near_at in self._strangers:
            if (name, near) in self._asked:
                self.report.add(at, f"{name} is never {code}", f"did you mean {near}?")
                continue
            lines = sorted({each.at.line for each in self._strangers if each[:3] == (name, near, code)})
            where = f"line {lines[0]} asks" if len(lines) == 1 else f"lines {listed(list(map(str, lines)))} ask"
            message = f"{name} gives {near} here, which nothing asks for; {where} for {code}, which {name} never is"
            self.report.add(near_at, message, f"write {code} here, or {near} there")

    def read_cycle(self) -> None:
        """Notes that the billing cycle is read."""
        self.reads.setdefault(BILLING_CYCLE.name, BILLING_CYCLE)

    def count_working_days(self, at: At) -> None:
        """Notes that working days are counted, for which the policy has to say whose."""
        self.counts_working_days = True
        if self.calendar_at is None:
            self.report.refuse(at, "working days are counted, and the policy names no calendar", "add calendar: CN, or GB-SCT")

    def named(self) -> tuple[Lazy[rules.Fact] | Lazy[Typed] | Lazy[rules.Measure] | Lazy[rules.Clock], ...]:
        """Everything that a rule can name."""
        return (
            *self.facts.values(), *self.figures.values(), *self.measures.values(), *self.clocks.values(),
        )  # fmt: skip

    def _unknown(self, name: Text, known: tuple[str, ...], what: str) -> NoReturn:
        if name.text in SPECIAL_SUBJECTS:
            self.report.refuse(name.at, f"{name.text} does not stand here", SPECIAL_SUBJECTS[name.text])
        hint = did_you_mean(name.text, known, "declare a fact under facts:, a value under figures:")
        self.report.refuse(name.at, f"there is no {what} {name.text}", hint)


_OF_THE_OCCASION: Final[Mapping[Axis, str]] = MappingProxyType(
    {"occasion": "the length of the occasion", "availability": "the availability of the month or cycle"}
)


def _owner(of: Axis) -> str:
    return f"an {of}" if of == "outage" else f"the {of}"


def _where_to(of: Axis, place: Place) -> str:
    if of == "outage":
        return place.elsewhere
    if of == "occasion":
        return f"{LENGTH} stands in when, pay, times, bounds and granted of a benefit"
    if of == "availability":
        return "write for each: month, or for each: billing cycle, for the benefit"
    return "only facts of the subscriber stand here" if of in ("claim", "request") else ""
