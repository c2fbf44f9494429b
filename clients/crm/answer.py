"""Writes an answer for the desk: outcome, grants, reasons, what to note, in words and exact human units."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from fractions import Fraction

from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from rich.text import Text

from clients import enums, units
from clients.crm.explanation import duration, exact, explanation_lines
from clients.crm.words import Words
from makegood.v1 import decision_pb2

Owed = decision_pb2.Grant | decision_pb2.Quote
USED_UP = (
    decision_pb2.BENEFIT_KIND_DATA_BYTES,
    decision_pb2.BENEFIT_KIND_VOICE_SECONDS,
    decision_pb2.BENEFIT_KIND_UNLIMITED_DATA,
    decision_pb2.BENEFIT_KIND_TOP_UP_BONUS,
)
"""Kinds that wait to be used, so that a customer asks until when."""


def write(
    console: Console, decision: decision_pb2.Decision, words: Words, zone: tzinfo | None, *, with_keys: bool, in_short: bool
) -> None:
    """Print the decision. ``zone`` None: UTC, and it is said once. ``with_keys`` shows the keys under which grants are booked.

    ``in_short``: the explanation is a summary, and it is said how to get all of it.
    """
    in_zone = zone or UTC
    outcome = enums.code(decision_pb2.Outcome.DESCRIPTOR, decision.outcome)
    console.print(Text(words.outcomes.get(outcome, outcome), style="bold"))
    several = {(occasion.started_at.seconds, occasion.ended_at.seconds) for occasion in decision.occasions}
    occasions = decision.occasions if len(several) > 1 else ()
    granted = (_owed(grant, words, in_zone, occasions, grant.grant_key if with_keys else "") for grant in decision.grants)
    _block(console, words.labels["granted"], granted)
    _block(console, words.labels["quoted"], (_owed(quote, words, in_zone, occasions, "") for quote in decision.quotes))
    _block(console, words.labels["why"], (line for reason in decision.reasons for line in _reason(reason, words)))
    _block(console, words.labels["know"], (_warning(warning, words) for warning in decision.warnings))
    _block(console, words.labels["recourse"], (_recourse(recourse, words) for recourse in decision.recourse))
    _block(console, words.labels["notice"], (line for message in decision.notice.messages for line in _notice(message, words)))
    how = list(explanation_lines(decision.explanation, words, in_zone))
    if how and in_short:
        how.append(words.labels["all_steps"])
    _block(console, words.labels["how"], how)
    console.print()
    for line in _stamp(decision, words, zone):
        console.print(Text(line, style="dim"))


def _block(console: Console, heading: str, lines: Iterable[str]) -> None:
    """A heading and its lines; nothing when there are none."""
    shown = list(lines)
    if shown:
        console.print()
        console.print(Text(heading, style="bold"))
        for line in shown:
            console.print(Text(f"  {line}"))


def quantity(owed: Owed, words: Words) -> str:
    """What is granted or quoted, exact: 1900 MiB of data, 71 min of calls, 5.00 CNY of credit."""
    kind = enums.code(decision_pb2.BenefitKind.DESCRIPTOR, owed.kind)
    number, unit = units.measure(kind, owed.quantity, owed.currency_code)
    text = words.count(number, unit) if unit in words.units else f"{number} {unit}"
    return words.kinds.get(kind, kind + " {quantity}").format(quantity=text)


def local(stamp: Timestamp, zone: tzinfo) -> str:
    """An instant by the wall clock of ``zone``, with its offset."""
    return datetime.fromtimestamp(stamp.seconds, UTC).astimezone(zone).isoformat(sep=" ")


def _owed(owed: Owed, words: Words, zone: tzinfo, occasions: Sequence[decision_pb2.Occasion], key: str) -> str:
    """One grant or quote; ``occasions`` where it has to be said for which of them it is, ``key`` where it is to be shown."""
    labels = words.labels
    parts = [quantity(owed, words)]
    if occasions:
        of = occasions[owed.occasion]
        parts.append(labels["occasion"].format(start=local(of.started_at, zone), end=local(of.ended_at, zone)))
    if owed.HasField("window"):
        parts.append(labels["window"].format(start=local(owed.window.started_at, zone), end=local(owed.window.ended_at, zone)))
    elif owed.valid_for_seconds:
        parts.append(labels["valid_for"].format(time=duration(owed.valid_for_seconds, words)))
    elif owed.kind in USED_UP:
        parts.append(labels["no_limit"])
    parts.append(labels["clause"].format(clause=owed.clause))
    if key:
        parts.append(f"{labels['key']} {key}")
    return f"{owed.benefit}: " + ", ".join(parts)


def _reason(reason: decision_pb2.Reason, words: Words) -> Iterator[str]:
    code = enums.code(decision_pb2.ReasonCode.DESCRIPTOR, reason.code)
    meaning, advice = words.reasons.get(code, ("", ""))
    yield f"{meaning} ({_about(code, reason.clause, reason.field, reason.benefit, words)})".strip()
    if advice:
        yield f"  {words.labels['can_do']}: {advice}"


def _warning(warning: decision_pb2.Warning, words: Words) -> str:
    code = enums.code(decision_pb2.WarningCode.DESCRIPTOR, warning.code)
    return f"{words.warnings.get(code, '')} ({_about(code, warning.clause, warning.field, '', words)})".strip()


def _about(code: str, clause: str, field: str, benefit: str, words: Words) -> str:
    """The code, and what it rests on and is about where that is said."""
    parts = [code, benefit, words.labels["clause"].format(clause=clause) if clause else "", field]
    return ", ".join(part for part in parts if part)


def _recourse(recourse: decision_pb2.Recourse, words: Words) -> str:
    party = recourse.responsible_party or words.labels["unnamed"]
    return words.labels["owes"].format(
        party=party, amount=units.money(recourse.amount.amount_minor, recourse.amount.currency_code)
    )


def _notice(message: decision_pb2.NoticeMessage, words: Words) -> Iterator[str]:
    channel = enums.code(decision_pb2.NoticeChannel.DESCRIPTOR, message.channel)
    about = [channel, message.language]
    if message.segments:
        encoding = enums.code(decision_pb2.SmsEncoding.DESCRIPTOR, message.encoding)
        about.append(words.labels["segments"].format(segments=message.segments, encoding=encoding))
    yield f"[{', '.join(about)}]"
    if message.title:
        yield f"  {message.title}"
    yield from (f"  {line}" for line in message.body.splitlines())


def _stamp(decision: decision_pb2.Decision, words: Words, zone: tzinfo | None) -> Iterator[str]:
    if decision.HasField("clock_seconds") and decision.HasField("weighted_seconds"):
        weighted = Fraction(decision.weighted_seconds.numerator, decision.weighted_seconds.denominator)
        hours = units.decimal(weighted / 3600)
        # Policies pay by the weighted hour, so hours are what a person counts with; a third of one is said in minutes.
        shown = exact(str(weighted), "s", words) if "/" in hours else f"{hours} {words.units['h'][1]}"
        yield words.labels["counted"].format(clock=duration(decision.clock_seconds, words), weighted=shown)
    policy = decision.policy
    yield words.labels["decided"].format(
        policy=policy.policy_id, version=policy.version, as_of=local(decision.as_of, zone or UTC)
    )
    yield words.labels["stamp"].format(decision=decision.decision_id, sha256=policy.sha256, engine=policy.engine_version)
    if zone is None:
        yield words.labels["utc"]
