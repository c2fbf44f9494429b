"""The explanation: how a run that made an answer is told step by step, with the rules that did not apply.

Lines of a benefit add up to its grant: the ``pay`` lines of a component, added, times its ``times`` lines, are its
``amount``; amounts joined, less ``minus``, give what ``round`` rounds; each bound after that shows what it left; the last line,
named as the benefit, is the quantity granted. What is of one occasion stands together; where there are several, its lines are
named below ``occasions[0]`` and so on, in the order of the decision's occasions.
"""

from collections.abc import Callable, Iterable, Mapping, MutableSequence
from functools import partial

from policy.calculator import rules
from policy.calculator.explain_benefit import BenefitLines
from policy.calculator.explain_clock import ClockLines
from policy.calculator.lowering.answer import ITEM_PLACES
from policy.calculator.lowering.assembler import OCCASION_END, OCCASION_MEMBERS, OCCASION_START, Bank, Reg
from policy.calculator.lowering.context import OUTAGE_INDEX
from policy.calculator.lowering.occasions import Occasions
from policy.calculator.lowering.values import Named
from policy.calculator.lowering.version import Lowered, as_numbers
from policy.calculator.memory import Memory
from policy.calculator.sentences import CLAUSE_WORKED_OUT, Sentences, Spot
from policy.calculator.stages import REASON
from policy.calculator.told import OUTAGE_ID, WORKED_OUT_LAST, Form, Text, Told, exact, instant, plain, whole
from policy.calculator.trace import PARTY_PLACES

_MEMBER_PLACES = 3
"""Of an outage of an occasion: its rank, its address, and where its record, cut to the occasion, ends."""
_SAID = Reg(Bank.SPAN, 1)
"""Of a warning: which one of those that the version may say."""
_OWED = Reg(Bank.SPAN, 2)
"""Of what is owed for an outage: the amount."""
_EARLIEST, _WHICH = 0, 1
"""Where the earliest instant that pins is kept, and the number of its outage, while they are looked for."""
_NEVER = 1 << 62


def told_of(lowered: Lowered, form: Form, quote: Callable[[str], bytes] = lambda _: b"") -> Told:
    """The sentences of a version. ``quote``: the text of a clause, as it stands after all lines; nothing where it has none."""
    return _Explanation(lowered, form).told(quote)


class _Explanation:
    """Writes the sentences of a version: a line for each clock and benefit, or every step."""

    def __init__(self, lowered: Lowered, form: Form) -> None:
        self._lowered, self._version = lowered, lowered.version
        self._to = to = Sentences(lowered.layout, form, lowered.clauses.ids)
        self._clocks, self._benefits = ClockLines(lowered, to), BenefitLines(lowered, to)

    def told(self, quote: Callable[[str], bytes]) -> Told:
        """All of them."""
        to, lowered = self._to, self._lowered
        for clause in (*clause_texts(self._version), *[clock.claims_clause for clock in lowered.clocks.values()]):
            to.clause(clause)
        held = sorted(lowered.codes.bits.items())
        codes = to.list([len(held), *to.piece(" or "), *(each for code, bit in held for each in (bit, *to.piece(code)))])
        stages = to.list([each for reason in REASON.values() for each in to.piece(reason)])
        below = to.piece("occasions[")
        summary = len(to.code)
        self._summary()
        full = len(to.code)
        self._full()
        cited = to.list([each for clause in to.clause_ids for each in to.field(to.form.clause, clause)])
        quotes = to.list([each for clause in to.clause_ids for each in to.quote(quote(clause))])
        weights = [2 * len(measure.bands) for measure in self._version.measures]
        return Told(
            lowered, to.form, as_numbers(to.code), as_numbers(to.lists), bytes(to.pieces), cited, quotes, codes, stages,
            below, tuple(to.clause_ids), max(weights, default=0), summary, full, partial(_lacking, lowered),
        )  # fmt: skip

    def _summary(self) -> None:
        self._clocks.refused()
        self._benefits.refused()
        self._to.each_occasion([partial(self._summary_of, group) for group in self._lowered.occasions])
        self._missing()
        self._unsettled()
        self._to.step("END")

    def _summary_of(self, group: Occasions) -> None:
        self._clocks.summary(group)
        self._benefits.summary(group)

    def _full(self) -> None:
        self._versions()
        for rule in self._version.figures:
            figure = self._lowered.figures.get(rule.name)
            if figure is not None and figure.is_remembered:
                self._figure(rule.name, figure)
        self._clocks.full()
        self._claims()
        self._benefits.refused()
        self._to.each_occasion([partial(self._occasion, group) for group in self._lowered.occasions])
        self._missing()
        self._recourse()
        self._unsettled()
        self._to.step("END")

    def _versions(self) -> None:
        to, version = self._to, self._version
        until = f" until {version.in_force_until}" if version.in_force_until else ""
        with to.line("versions"):
            self._pinned()
            to.value(plain(version.version))
            to.note(f"in force from {version.in_force_from}{until}")

    def _pinned(self) -> None:
        """The earliest instant that may pick a version, of the first outage that has it."""
        to, reg, field = self._to, self._lowered.pinned_by, self._version.pinned_by.field
        before, _, after = field.partition("[]")
        to.work_out("CONSTANT", _NEVER)
        to.work_out("STORE", _EARLIEST)
        with to.each_outage():
            later = Spot()
            to.unless(later, "KNOWN", reg)
            to.work_out("LOAD_STORED", _EARLIEST)
            to.work_out("LEAST_KNOWN", reg)
            with to.when("IS_STORED", 0, _EARLIEST):
                to.go(later)
            to.work_out("STORE", _EARLIEST)
            to.work_out("LOAD", OUTAGE_INDEX)
            to.work_out("STORE", _WHICH)
            to.put(later)
        to.work_out("LOAD_STORED", _EARLIEST)
        with to.when("LESS", WORKED_OUT_LAST, _NEVER):
            to.step("OPEN_INPUT")
            to.text(plain(f"{before}["))
            to.work_out("LOAD_STORED", _WHICH)
            to.text(whole())
            to.text(plain(f"]{after}"))
            to.step("NAMED")
            to.work_out("LOAD_STORED", _EARLIEST)
            to.text(Text("INSTANT", WORKED_OUT_LAST))
            to.step("END_INPUT")

    def _figure(self, name: str, figure: Named) -> None:
        """Of each place where a figure may have a value, what it is; or that it was not read in any."""
        to, read = self._to, Spot()
        to.work_out("FLAG", 0)
        match figure.bank:
            case Bank.ROW:
                self._figure_read(name, figure, None)
            case Bank.OCCASION:
                of_occasion = partial(self._figure_read, name, figure, ("occasions[", Text("OCCASION"), "]"))
                to.each_occasion([of_occasion for _ in self._lowered.occasions])
            case _:
                with to.each_outage():
                    self._figure_read(name, figure, ("outage ", OUTAGE_ID, ""))
        with to.when("FLAG"):
            to.go(read)
        with to.line(f"figures.{name}", figure.clause, applied=False):
            to.note("not read: nothing that was reached depends on it")
        to.put(read)

    def _figure_read(self, name: str, figure: Named, where: tuple[str, Text, str] | None) -> None:
        to = self._to
        with to.when("KNOWN", figure.reg):
            to.work_out("FLAG", 1)
            with to.line(f"figures.{name}", figure.clause):
                with to.once_each():
                    figure.write_inner_inputs(to)
                to.value(figure.text, figure.unit)
                if where is not None:
                    before, text, after = where
                    with to.noted():
                        to.text(plain(before))
                        to.text(text)
                        to.text(plain(after))

    def _claims(self) -> None:
        to, claims = self._to, self._version.claims
        if claims is None or claims.warn_below is None:
            return
        rule, clause = "claims.warn below", claims.clause.id
        with to.when("ZERO", self._lowered.request.claim_given) as none, to.line(rule, clause, applied=False):
            to.note("no claim was made")
        with to.otherwise(none):
            for name, clock in self._lowered.clocks.items():
                self._flag_if_owed(name)
                with to.line(rule, clause, applied=None):
                    unknown, owed = Spot(), Spot()
                    to.unless(unknown, "KNOWN", clock.order)
                    to.unless(unknown, "KNOWN", clock.stage)
                    to.input("on record", whole(clock.recorded), "s")
                    to.input("claimed", whole(clock.claimed), "s")
                    to.value(Text("RATIO", clock.recorded, clock.claimed))
                    with to.when("FLAG"), to.when("TRUE", clock.exceeds_record):
                        to.note("CLAIM_EXCEEDS_RECORD")
                    to.put(unknown)
                    with to.when("FLAG"):
                        to.go(owed)
                    to.note("nothing is owed of this time")
                    to.put(owed)

    def _flag_if_owed(self, clock: str) -> None:
        """Whether something owed was counted by a clock: another one's record says nothing of it."""
        to, end = self._to, Spot()
        to.work_out("FLAG", 0)
        with to.when("MISSING"):
            to.go(end)
        to.each_occasion([partial(self._flag_if_owed_in, group, clock) for group in self._lowered.occasions])
        to.put(end)

    def _flag_if_owed_in(self, group: Occasions, clock: str) -> None:
        to = self._to
        for benefit in group.benefits:
            components = [each for each in benefit.components if each.clock is not None and each.clock.rule.name == clock]
            with to.when("KNOWN", benefit.stage), to.when("LESS", benefit.stage, 0):
                for component in components:
                    with to.when("MORE_ITEMS", component.parts, 0):
                        to.work_out("FLAG", 1)

    def _occasion(self, group: Occasions) -> None:
        to = self._to
        with to.line("occasions[", middle="OCCASION", tail="]"):
            to.input("from", instant(OCCASION_START))
            to.input("until", instant(OCCASION_END))
            with to.each_item(OCCASION_MEMBERS, _MEMBER_PLACES, 1):
                to.input("outage", OUTAGE_ID)
            to.value(Text("BETWEEN", OCCASION_START, OCCASION_END), "s")
            to.note(group.kind)
        self._clocks.of_occasion(group)
        self._benefits.of_occasion(group)

    def _missing(self) -> None:
        to = self._to
        with to.each_missing(), to.line("facts", CLAUSE_WORKED_OUT, applied=False):
            with to.named(plain("")):
                to.text(Text("MISSED"))
            to.note("needed and not given")

    def _recourse(self) -> None:
        to, rule, recourse = self._to, self._version.recourse, self._lowered.recourse
        if rule is None or recourse is None:
            return
        clause, currency, nothing, end = rule.clause.id, f"minor units of {self._version.currency_code}", Spot(), Spot()
        with to.when("MISSING"):
            to.go(nothing)
        to.unless(nothing, "MORE_ITEMS", recourse.parties, 0)
        with (
            to.each_item(recourse.parties, PARTY_PLACES, 1),
            to.line('recourse["', clause, middle="OUTAGE", tail='"]'),
        ):
            to.input("responsible party", Text("PARTY"))
            to.input("worth of its parts", exact(recourse.due, recourse.denominator), currency)
            to.value(whole(_OWED), currency)
            to.note(rule.rounding)
        to.go(end)
        to.put(nothing)
        with to.line("recourse", clause, applied=False):
            to.note("nothing is booked that could be recovered")
        to.put(end)

    def _unsettled(self) -> None:
        to, answer = self._to, self._lowered.answer
        unsettled = [(number, each) for number, each in enumerate(answer.pieces) if each.code == "RULE_UNSETTLED"]
        if not unsettled:
            return
        with to.each_item(answer.warnings, ITEM_PLACES):
            for said, warning in unsettled:
                with to.when("EQUAL", _SAID, said), to.line("unsettled", warning.clause):
                    to.note(warning.code)


def _lacking(lowered: Lowered, number: int, occasion: int, m: MutableSequence[int], k: bytearray) -> bytes:
    """What a clock lacks, by its place among the clocks: of the request (0), or in the occasion at an address."""
    memory = Memory.over(lowered.layout, m, k)
    name, clock = list(lowered.clocks.items())[number]
    memory.enter(occasion)
    if occasion == 0:
        return ", ".join(sorted(clock.lacks(memory))).encode()
    of = next(each for each in lowered.occasions if occasion in memory.occasions(each.list))
    missing = of.times[name].lacks(memory)
    memory.enter(0)
    return ", ".join(sorted(missing)).encode()


def clause_texts(version: rules.Version) -> dict[str, Mapping[str, str]]:
    """Every clause of a version: id to text by language. Extracts under one id stand one after the other."""
    texts: dict[str, dict[str, str]] = {}
    for clause in _clauses(version):
        known = texts.setdefault(clause.id, {})
        for language, text in clause.texts.items():
            if language not in known:
                known[language] = text
            elif text not in known[language]:
                known[language] += " / " + text
    return dict(texts)


def _clauses(version: rules.Version) -> Iterable[rules.Clause]:
    yield from (figure.clause for figure in version.figures if figure.clause)
    yield from (measure.clause for measure in version.measures)
    yield from (clock.clause for clock in version.clocks)
    yield from (component.clause for benefit in version.benefits for component in benefit.components)
    yield from (rule.clause for rule in (version.claims, version.recourse, version.notice) if rule is not None)
    yield from version.unsettled
