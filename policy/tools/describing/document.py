"""A policy as one Markdown document: its versions, and one of them whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from policy.calculator import rules
from policy.calculator.explain import clause_texts
from policy.language.currencies import DECIMALS
from policy.language.days import WEEKDAYS
from policy.language.kinds import PAID_IN
from policy.language.problems import listed
from policy.tools.cases.formatting import money_text
from policy.tools.describing.sentences import KINDS, Sentences
from policy.tools.describing.tables import choice_table, is_choice, markdown_table
from policy.tools.describing.values import Wording, time_text


class Description:
    """Describes one ``version``, one of ``versions``, with the texts of clauses in ``language`` where there are such."""

    def __init__(self, versions: Sequence[rules.Version], version: rules.Version, language: str) -> None:
        self._versions, self._version, self._language = versions, version, language
        self._wording = Wording(version)
        self._sentences = Sentences(version)

    def lines(self) -> Iterator[str]:
        """The document, line by line; a section that would be empty is left out."""
        version = self._version
        days = "" if version.calendar is None else f"; working days: {self._wording.value(version.calendar, '')}"
        yield f"# {version.policy_id}: {version.title}"
        yield ""
        yield f"Source: {version.source}. Confidence: {version.confidence or 'not said'}."
        yield f"Money in {version.currency_code}; local time of {version.zone}{days}."
        sections: Mapping[str, Iterable[str]] = {
            "Versions": self._dates(),
            "What is given": self._benefits(),
            "What time counts": self._clocks(),
            "How time weighs": self._measures(),
            "Figures": self._figures(),
            "Facts that are read": self._facts(),
            "Claims": self._claims(),
            "Recourse": self._recourse(),
            "Corrections": self._corrections(),
            "Messages": self._messages(),
            "What the source leaves open": self._unsettled(),
            "Clauses": self._clauses(clause_texts(self._version)),
            "Other clauses, which no rule cites": self._clauses({each.id: each.texts for each in self._version.uncited}),
        }
        for title, lines in sections.items():
            said = list(lines)
            if said:
                yield from ("", f"## {title}", *([] if said[0] == "" else [""]), *said)

    def _dates(self) -> Iterator[str]:
        changing = self._changing()
        yield f"The local date of {self._version.pinned_by.name} picks the version. Described here is {self._version.version}."
        yield ""
        rows = [
            [each.version, str(each.in_force_from), str(each.in_force_until or "open")]
            + [said[number] for said in changing.values()]
            + [each.sha256[:12]]
            for number, each in enumerate(self._versions)
        ]
        yield from markdown_table(["version", "from", "until", *changing, "sha256"], rows)

    def _changing(self) -> dict[str, list[str]]:
        """The figures in one line that differ between versions: what each is in each of them."""
        said: dict[str, list[str]] = {}
        for number, version in enumerate(self._versions):
            wording = Wording(version)
            for figure in version.figures:
                if not is_choice(figure.value):
                    each = said.setdefault(figure.name, [""] * len(self._versions))
                    each[number] = wording.value(figure.value, wording.unit(rules.Named(figure)))
        return {name: each for name, each in said.items() if len(set(each)) > 1}

    def _benefits(self) -> Iterator[str]:
        for benefit in self._version.benefits:
            clauses = ", ".join(dict.fromkeys(component.clause.id for component in benefit.components))
            yield from _heading(f"{benefit.name}: {KINDS[benefit.kind]}", clauses)
            yield from _bullets(self._sentences.benefit(benefit))

    def _clocks(self) -> Iterator[str]:
        for clock in self._version.clocks:
            yield from _heading(clock.name, clock.clause.id)
            yield from _bullets(self._sentences.clock(clock))

    def _measures(self) -> Iterator[str]:
        for measure in self._version.measures:
            yield from _heading(measure.name, measure.clause.id)
            spans = [_span(band) for band in measure.bands]
            if all(band.working == band.other for band in measure.bands):
                rows = [[span, str(band.other)] for span, band in zip(spans, measure.bands, strict=True)]
                yield from markdown_table(["local time", "weight"], rows)
            else:
                rows = [[span, str(band.working), str(band.other)] for span, band in zip(spans, measure.bands, strict=True)]
                yield from markdown_table(["local time", "working day", "other day"], rows)

    def _figures(self) -> Iterator[str]:
        for figure in self._version.figures:
            yield from _heading(figure.name, figure.clause.id if figure.clause is not None else "")
            unit = self._wording.unit(rules.Named(figure))
            if is_choice(figure.value):
                yield from choice_table(self._wording, figure.value, figure.name, unit)
            else:
                yield self._wording.value(figure.value, unit)

    def _facts(self) -> Iterator[str]:
        yield "A fact that is needed, not given and not taken for something here cannot be decided without."
        yield ""
        rows = [
            [
                fact.name,
                " or ".join(fact.codes) if fact.codes else fact.type,
                fact.field,
                "" if fact.at_most is None else self._wording.amount(fact.at_most, fact.type),
                self._absent(fact),
            ]
            for fact in sorted(self._version.facts, key=lambda fact: (fact.of, fact.name))
        ]
        yield from markdown_table(["fact", "what it is", "where the request says it", "at most", "if absent"], rows)

    def _absent(self, fact: rules.Fact) -> str:
        match fact.if_absent:
            case None:
                return ""
            case bool():
                return "yes" if fact.if_absent else "no"
            case str() as code:
                return code
            case Fraction() | int() as amount:
                return self._wording.amount(amount, fact.type)
            case _:
                return "none"

    def _claims(self) -> Iterator[str]:
        rule = self._version.claims
        if rule is not None:
            yield f"Clause {rule.clause.id}."
            yield ""
            yield from _bullets(self._sentences.claims(rule))

    def _corrections(self) -> Iterator[str]:
        rule = self._version.corrections
        if rule.clause is not None:
            yield f"Clause {rule.clause.id}."
            yield ""
        yield self._sentences.corrections(rule)

    def _recourse(self) -> Iterator[str]:
        rule = self._version.recourse
        if rule is not None:
            yield f"Clause {rule.clause.id}."
            yield ""
            yield from _bullets(self._sentences.recourse(rule))
            yield ""
            kinds = {benefit.name: benefit.kind for benefit in self._version.benefits}
            rows = [[name, self._worth(worth, kinds[name])] for name, worth in rule.value_minor_per_unit.items()]
            yield from markdown_table(["benefit", "is worth"], rows)

    def _worth(self, minor_per_base_unit: Fraction, kind: str) -> str:
        currency = self._version.currency_code
        size, unit = {
            "bytes": (1 << 20, "MiB"),
            "seconds": (60, "min"),
            "days": (1, "day"),
            "money": (10 ** DECIMALS[currency], currency),
        }.get(PAID_IN[kind], (100, "%"))
        minor = minor_per_base_unit * size
        worth = money_text(minor.numerator, currency) if minor.denominator == 1 else f"{minor} minor units of {currency}"
        return f"{worth} per {unit}"

    def _messages(self) -> Iterator[str]:
        notice = self._version.notice
        if notice is not None:
            yield f"Clause {notice.clause.id}."
            yield ""
            rows = [[each.channel, each.language, each.title, each.body] for each in notice.templates]
            yield from markdown_table(["channel", "language", "title", "text"], rows)
            if notice.further:
                yield ""
                rows = [[each.about, each.channel, each.language, each.title, each.body] for each in notice.further]
                yield from markdown_table(["about", "channel", "language", "title", "text"], rows)

    def _unsettled(self) -> Iterator[str]:
        for clause in self._version.unsettled:
            yield f"- {clause.id}: {self._in_language(clause.texts)}"

    def _clauses(self, clauses: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
        if clauses:
            rows = [[clause, self._in_language(texts)] for clause, texts in clauses.items()]
            yield from markdown_table(["clause", "text"], rows)

    def _in_language(self, texts: Mapping[str, str]) -> str:
        return texts.get(self._language) or next(iter(texts.values()), "")


def _heading(name: str, clauses: str) -> Iterator[str]:
    yield ""
    yield f"### {name}{f' (clause {clauses})' if clauses else ''}"
    yield ""


def _bullets(sentences: Iterable[str]) -> Iterator[str]:
    """A list; what begins with two spaces belongs to the entry above it."""
    for sentence in sentences:
        yield f"  - {sentence.strip()}" if sentence.startswith("  ") else f"- {sentence}"


def _span(band: rules.Band) -> str:
    days = "" if band.weekdays == rules.EVERY_DAY else f"{listed([WEEKDAYS[day].capitalize() for day in band.weekdays])}, "
    return f"{days}{time_text(band.from_second)} to {time_text(band.until_second)}"
