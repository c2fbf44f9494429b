"""Exact totals of a run: how many of what, and how much of it. All integers; counts of parts add up in any order."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from clients import units
from clients.alike import Alike
from clients.billing.results import ERROR, NO_OUTAGE
from clients.billing.vectors import fields, grouped

Counts = Counter[tuple[str, ...]]
"""By a path such as ("outcomes", "GRANTED") or ("grants", "data", "DATA_BYTES", "", "quantity")."""
_BENEFIT: Final = "benefit", "kind", "currency_code"
_PARTY: Final = "responsible_party", "currency_code"


def count(rows: pa.RecordBatch) -> Counts:
    """The counts of some rows of a result."""
    counts: Counts = Counter({("rows",): rows.num_rows})
    of = dict(zip(rows.schema.names, rows.columns, strict=True))
    outcomes = grouped([of["status"]])
    counts.update({("outcomes", status): number for (status,), number, _ in outcomes})
    for title in ("reasons", "warnings"):
        codes = fields(of[title].flatten())["code"]
        once = [code for (_, code), _, _ in grouped([pc.list_parent_indices(of[title]), codes])]
        counts.update((title, code) for code in once)
    counts.update({("outages", outage_id): number for (outage_id,), number, _ in grouped([of["outage_ids"].flatten()])})
    failed = of["error_code"].filter(pc.equal(of["status"], ERROR))
    counts.update({("errors", code): number for (code,), number, _ in grouped([failed])})
    _count_amounts(of, counts)
    stamps = [of[name] for name in ("policy_id", "policy_version", "policy_sha256", "engine_version")]
    counts.update({("policies", *stamp): number for stamp, number, _ in grouped(stamps) if stamp[0]})
    return counts


def count_repeats(number: int, first: Iterable[tuple[int, int]]) -> Counts:
    """Rows that repeat the subscriber of an earlier one, and the first few with the line that they repeat."""
    counts: Counts = Counter({("repeated_rows",): number}) if number else Counter()
    counts.update(("repeats", str(line), str(earlier)) for line, earlier in first)
    return counts


def _count_amounts(of: dict[str, pa.Array], counts: Counts) -> None:
    """Quantities. What cannot be booked is counted apart from what can, and what is granted also by outage."""
    for title in ("grants", "quotes"):
        owed = fields(of[title].flatten())
        _add(counts, title, [owed[name] for name in _BENEFIT], owed["quantity"], "quantity")
    grants, recourse = fields(of["grants"].flatten()), fields(of["recourse"].flatten())
    part = fields(grants["parts"].flatten())
    of_grant = pc.list_parent_indices(grants["parts"])
    parts = [part["outage_id"], *(grants[name].take(of_grant) for name in _BENEFIT)]
    _add(counts, "parts", parts, part["quantity"], "quantity", counted=False)
    _add(counts, "recourse", [recourse[name] for name in _PARTY], recourse["amount_minor"], "amount_minor")
    part = fields(recourse["outages"].flatten())
    of_recourse = pc.list_parent_indices(recourse["outages"])
    due = [part["outage_id"], *(recourse[name].take(of_recourse) for name in _PARTY)]
    _add(counts, "recourse_of", due, part["amount_minor"], "amount_minor", counted=False)
    notices = fields(of["notices"].flatten())
    _add(counts, "notices", [notices[name] for name in ("channel", "language")], notices["segments"], "segments")


def _add(
    counts: Counts, title: str, keys: Sequence[pa.Array], quantities: pa.Array, what: str, *, counted: bool = True
) -> None:
    """By key: the sum of quantities and, where that is ``counted``, how many there are."""
    for key, number, quantity in grouped(keys, quantities):
        counts[title, *key, what] = quantity
        if counted:
            counts[title, *key, "count"] = number


def in_last_row(counts: Counts) -> str:
    """What the last row of a result says of all its rows, as JSON; nothing where there is no row."""
    if not counts["rows",]:
        return ""
    return json.dumps({"rows": counts["rows",], "grants": _amounts(counts, "grants")}, separators=(",", ":"))


def document(counts: Counts, errors: Alike, outage_ids: Iterable[str]) -> dict[str, object]:
    """The totals for a machine: integers in base units, money also as an exact decimal in a text."""
    granted = _by_outage(counts, "parts", "benefit", "kind", "currency_code", "quantity")
    recourse = _by_outage(counts, "recourse_of", "responsible_party", "currency_code", "amount_minor")
    return {
        "rows": counts["rows",],
        "repeated_rows": counts["repeated_rows",],
        "outcomes": _table(counts, "outcomes"),
        "reasons": _table(counts, "reasons"),
        "warnings": _table(counts, "warnings"),
        "errors": _table(counts, "errors"),
        "errors_alike": errors.summary(),
        "errors_of_other_kinds": errors.others,
        "grants": _amounts(counts, "grants"),
        "quotes": _amounts(counts, "quotes"),
        "recourse": [
            {
                "responsible_party": party,
                "currency_code": currency,
                "claims": counts["recourse", party, currency, "count"],
                "amount_minor": counts["recourse", party, currency, "amount_minor"],
                "amount": units.money_decimal(counts["recourse", party, currency, "amount_minor"], currency),
            }
            for _, party, currency, _ in _keys(counts, "recourse", "count")
        ],
        "notices": [
            {
                "channel": channel,
                "language": language,
                "messages": counts["notices", channel, language, "count"],
                "segments": counts["notices", channel, language, "segments"],
            }
            for _, channel, language, _ in _keys(counts, "notices", "count")
        ],
        "outages": [
            {
                "outage_id": outage_id,
                "subscribers": counts["outages", outage_id],
                "granted": granted.get(outage_id, []),
                "recourse": recourse.get(outage_id, []),
            }
            for outage_id in outage_ids
        ],
        "policies": [
            {"policy_id": policy, "version": version, "sha256": sha256, "engine_version": engine, "decisions": number}
            for (_, policy, version, sha256, engine), number in sorted(_of(counts, "policies"))
        ],
    }


def lines(counts: Counts, errors: Alike, outage_ids: Iterable[str]) -> list[str]:
    """The totals for a person."""
    shown = [units.several(counts["rows",], "row")]
    for title in ("outcomes", "errors", "reasons", "warnings"):
        shown += [f"  {number:>12} {code}" for code, number in _table(counts, title).items()] and [
            f"{title}:",
            *(f"  {number:>12} {code}" for code, number in _table(counts, title).items()),
        ]
        shown += [f"  {told}" for told in errors.told()] if title == "errors" else []
    for title in ("grants", "quotes"):
        for _, benefit, kind, currency, _ in _keys(counts, title, "count"):
            quantity = units.plain(kind, counts[title, benefit, kind, currency, "quantity"], currency)
            number = counts[title, benefit, kind, currency, "count"]
            shown.append(
                f"{'granted' if title == 'grants' else 'quoted'} {benefit}: {quantity} in {units.several(number, title[:-1])}"
            )
    for _, party, currency, _ in _keys(counts, "recourse", "count"):
        amount = units.money(counts["recourse", party, currency, "amount_minor"], currency)
        claims = units.several(counts["recourse", party, currency, "count"], "claim")
        shown.append(f"recourse against {party or '(not named)'}: {amount} in {claims}")
    for _, channel, language, _ in _keys(counts, "notices", "count"):
        number, segments = (counts["notices", channel, language, what] for what in ("count", "segments"))
        shown.append(
            f"notices by {channel} in {language}: {number}" + (f" ({units.several(segments, 'segment')})" if segments else "")
        )
    shown += [
        f"outage {outage_id} hit no subscriber of the file" for outage_id in outage_ids if not counts["outages", outage_id]
    ]
    if repeated := counts["repeated_rows",]:
        pairs = sorted((int(line), int(earlier)) for (_, line, earlier), _ in _of(counts, "repeats"))
        where = ", ".join(f"line {line} that of line {earlier}" for line, earlier in pairs)
        more = ", …" if repeated > len(pairs) else ""
        what = "1 row repeats" if repeated == 1 else f"{repeated} rows repeat"
        shown.append(f"{what} the subscriber of an earlier row ({where}{more}): these totals count such a subscriber each time")
    if missed := counts["outcomes", NO_OUTAGE]:
        whom = "1 subscriber is" if missed == 1 else f"{missed} subscribers are"
        shown.append(f"{whom} in no area that an outage names ({NO_OUTAGE}); check that both files write areas alike")
    for (_, policy, version, sha256, engine), number in sorted(_of(counts, "policies")):
        shown.append(f"{units.several(number, 'decision')} by {policy} {version}, sha256 {sha256}, engine {engine}")
    return shown


def _of(counts: Counts, title: str) -> list[tuple[tuple[str, ...], int]]:
    return [(key, number) for key, number in counts.items() if key[0] == title]


def _keys(counts: Counts, title: str, what: str) -> list[tuple[str, ...]]:
    return sorted(key for key, _ in _of(counts, title) if key[-1] == what)


def _table(counts: Counts, title: str) -> dict[str, int]:
    """Codes by number, most frequent first."""
    return {key[1]: number for key, number in sorted(_of(counts, title), key=lambda item: (-item[1], item[0]))}


def _amounts(counts: Counts, title: str) -> list[dict[str, object]]:
    return [
        {
            "benefit": benefit,
            "kind": kind,
            "currency_code": currency,
            "count": counts[title, benefit, kind, currency, "count"],
            "quantity": counts[title, benefit, kind, currency, "quantity"],
        }
        for _, benefit, kind, currency, _ in _keys(counts, title, "count")
    ]


def _by_outage(counts: Counts, title: str, *names: str) -> dict[str, list[dict[str, object]]]:
    """Amounts by outage; ``names``: of what stands in a key behind the outage, the last one of the amount."""
    found: dict[str, list[dict[str, object]]] = {}
    for key in _keys(counts, title, names[-1]):
        _, outage_id, *of, _ = key
        found.setdefault(outage_id, []).append(dict(zip(names, (*of, counts[key]), strict=True)))
    return found
