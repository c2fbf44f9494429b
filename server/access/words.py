"""The words of an authorisation file: what may stand where, what it means, and how it is read.

Read as policy files are: every scalar stays the text that was written, nothing is taken that is not known, and every problem
has its place and what to write instead. The same tables make the JSON Schema for editors.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from policy.language.head import POLICY_ID_PATTERN
from policy.language.problems import Report, did_you_mean, listed
from policy.language.shapes import choice_of, map_of, one_or_more, ref, text
from policy.language.words import Form, Word, items_of, keep, read_all, read_form, text_of
from policy.language.yaml_tree import Kind, Node, Text
from server.access.files import Files, UnusableFiles
from server.access.keys import ALGORITHMS, Key, read_keys
from server.access.rates import Rate
from server.access.rules import OPENABLE

ACCESS_FILE: Final = Kind(
    "an authorisation file", "begin with identities: and what each may do", "write it out where it is needed", 1024 * 1024
)
NAME_PATTERN: Final = r"[a-z][a-z0-9_-]{0,63}"
POLICY_PATTERN: Final = rf"{POLICY_ID_PATTERN}(?:/[A-Za-z0-9][A-Za-z0-9._-]*)?"
CERTIFICATE_PATTERN: Final = r"dns:[a-z0-9_*-]+(?:\.[a-z0-9_-]+)*|(?!dns:|ip:)[a-z][a-z0-9+.-]*:[\x21-\x7e]+|ip:[0-9a-f.:]+"
SKEW_PATTERN: Final = r"[0-9]{1,3} ?s"
RATE_PATTERN: Final = r"[0-9]{1,9} per (?:second|minute|hour)"
BURST_PATTERN: Final = r"[0-9]{1,5} ?s"
ANY: Final = "any"
MAX_SKEW_SECONDS: Final = 300
MAX_BURST_SECONDS: Final = 3600
DEFAULT_BURST_SECONDS: Final = 1
_MAX_TEXT: Final = 512
_SPANS: Final = {"second": 1, "minute": 60, "hour": 3600}


@dataclass(frozen=True, slots=True)
class Context:
    """What a file is read with: ``directory`` is where it stands, ``files`` where its keys are read, ``methods`` what there is.

    ``issuers``: names of those that the file has.
    """

    report: Report
    directory: Path
    files: Files
    methods: tuple[str, ...]
    issuers: frozenset[str] = field(default_factory=frozenset)


def _matching(context: Context, node: Node, what: str, pattern: str, instead: str) -> Text:
    found = text_of(node, context.report, what)
    if not re.fullmatch(pattern, found.text) or len(found.text) > _MAX_TEXT:
        context.report.refuse(found.at, f"{what} {found.text[:80]!r} is not of that form", instead)
    return found


def _one_of(context: Context, node: Node, what: str, known: tuple[str, ...]) -> str:
    found = text_of(node, context.report, what)
    if found.text not in known:
        hint = did_you_mean(found.text, known, f"there are {listed(known)}")
        context.report.refuse(found.at, f"there is no {what} {found.text[:80]!r}", hint)
    return found.text


def _each(context: Context, node: Node, what: str, read: Any) -> tuple[Any, ...]:
    """A list in which nothing stands twice, and at least one thing does; a list of one may stand alone."""
    nodes = items_of(node)
    if not nodes:
        context.report.refuse(node.at, f"{what} is empty", "leave the word out, or write what it is to hold")
    values = read_all(nodes, read)
    for at, value in enumerate(values):
        if value in values[:at]:
            context.report.refuse(nodes[at].at, f"{what} has this twice", "remove one of them")
    return tuple(values)


# ---------------------------------------------------------------------------------------------------------------- issuers


def _line(context: Context, node: Node) -> str:
    return _matching(context, node, "the text", r"[\x21-\x7e]+", "printable ASCII without spaces").text


def _algorithms(context: Context, node: Node) -> frozenset[str]:
    return frozenset(_each(context, node, "algorithms:", lambda each: _one_of(context, each, "algorithm", ALGORITHMS)))


def _skew(context: Context, node: Node) -> int:
    found = _matching(context, node, "skew:", SKEW_PATTERN, "whole seconds, as in 30 s")
    seconds = int(found.text.rstrip("s"))
    if seconds > MAX_SKEW_SECONDS:
        context.report.refuse(found.at, f"skew: is {seconds} s", f"at most {MAX_SKEW_SECONDS} s; set the clocks instead")
    return seconds


def _keys(context: Context, node: Node) -> tuple[Key, ...]:
    found = text_of(node, context.report, "keys:")
    if not found.text.isprintable():
        context.report.refuse(found.at, "keys: is no path of a file", "a path, from where this file stands")
    path = context.directory / found.text
    try:
        return read_keys(context.files.bytes_of(path, "keys:"), f"keys: {path}")
    except UnusableFiles as error:
        for problem in error.problems:
            context.report.add(found.at, problem)
        return ()


ISSUER: Final[Form[Context]] = Form(
    name="an issuer",
    doc="Who signs tokens (JWT), and how they are verified. Nothing is fetched from it.",
    words={
        "issuer": Word("what its tokens say in iss", text(), _line, required=True),
        "audience": Word("what its tokens must say in aud: this service", text(), _line, required=True),
        "keys": Word("file of its public keys, JWKS or PEM, from where this file stands", text(), _keys, required=True),
        "algorithms": Word("those that it may sign with", one_or_more(choice_of(*ALGORITHMS)), _algorithms, required=True),
        "skew": Word(
            f"by how much the clocks may differ, as in 30 s; up to {MAX_SKEW_SECONDS} s",
            text(SKEW_PATTERN),
            _skew,
            required=True,
        ),
    },
)


# ------------------------------------------------------------------------------------------------------------- identities


def _certificates(context: Context, node: Node) -> tuple[str, ...]:
    instead = "dns:HOST in lower case, a URI as in spiffe://example.org/billing, or ip:ADDRESS"
    return _each(
        context, node, "certificates:", lambda each: _matching(context, each, "a name", CERTIFICATE_PATTERN, instead).text
    )


def _issuer_name(context: Context, node: Node) -> str:
    return _one_of(context, node, "issuer", tuple(sorted(context.issuers)))


TOKEN: Final[Form[Context]] = Form(
    name="a token",
    doc="Tokens of one issuer about one subject.",
    words={
        "issuer": Word("a name under issuers:", text(NAME_PATTERN), _issuer_name, required=True),
        "subject": Word("what its tokens say in sub", text(), _line, required=True),
    },
)


def _token(context: Context, node: Node) -> tuple[str, str]:
    found = read_form(TOKEN, context, node, context.report)
    return found.values["issuer"], found.values["subject"]


def _tokens(context: Context, node: Node) -> tuple[tuple[str, str], ...]:
    return _each(context, node, "tokens:", lambda each: _token(context, each))


def _methods(context: Context, node: Node) -> frozenset[str]:
    return frozenset(_each(context, node, "methods:", lambda each: _one_of(context, each, "method", context.methods)))


def _policies(context: Context, node: Node) -> frozenset[str] | None:
    if isinstance(node, Text) and node.text == ANY:
        return None
    instead = f"a policy's id, or one version of it as in cn-standard/2026-01; or {ANY} alone"

    def one(each: Node) -> str:
        found = _matching(context, each, "a policy", POLICY_PATTERN, instead)
        if found.text == ANY:
            context.report.refuse(found.at, f"{ANY} stands beside others", f"write policies: {ANY}, or leave it out")
        return found.text

    return frozenset(_each(context, node, "policies:", one))


def _per(context: Context, node: Node) -> tuple[int, int]:
    found = _matching(context, node, "a rate", RATE_PATTERN, "as in 100 per second, 6000 per minute, 500 per hour")
    count, span = found.text.split(" per ")
    if not int(count):
        context.report.refuse(found.at, "a rate of 0 lets nothing in", "leave the methods out instead")
    return int(count), _SPANS[span]


def _burst(context: Context, node: Node) -> int:
    found = _matching(context, node, "burst:", BURST_PATTERN, "whole seconds, as in 5 s")
    seconds = int(found.text.rstrip("s"))
    if not 0 < seconds <= MAX_BURST_SECONDS:
        context.report.refuse(found.at, f"burst: is {seconds} s", f"from 1 s to {MAX_BURST_SECONDS} s")
    return seconds


RATE: Final[Form[Context]] = Form(
    name="a rate",
    doc="How often it may ask, of each server process. What is over it is refused with a time to try again.",
    words={
        "calls": Word("calls, and further messages of streams, as in 100 per second", text(RATE_PATTERN), _per),
        "rows": Word("subscribers asked about, one by one or in batches, as in 50000 per second", text(RATE_PATTERN), _per),
        "burst": Word(
            f"so many seconds' worth may come at once; {DEFAULT_BURST_SECONDS} s where it is left out",
            text(BURST_PATTERN),
            _burst,
        ),
    },
)


def _rate(context: Context, node: Node) -> dict[str, Rate]:
    found = read_form(RATE, context, node, context.report)
    burst = found.get("burst", DEFAULT_BURST_SECONDS)
    rates: dict[str, Rate] = {}
    for name in ("calls", "rows"):
        if name in found.values:
            count, seconds = found.values[name]
            rates[name] = Rate(count, seconds, burst)
    if not rates:
        context.report.refuse(node.at, "a rate lacks calls: or rows:", "as in calls: 100 per second")
    return rates


IDENTITY: Final[Form[Context]] = Form(
    name="an identity",
    doc="A caller: how it is known, and what it may do. What is not said here it may not.",
    words={
        "certificates": Word(
            "names in its certificate (subjectAltName), any of which tells: dns:HOST, a URI as a SPIFFE id is, ip:ADDRESS",
            one_or_more(text(CERTIFICATE_PATTERN)),
            _certificates,
        ),
        "tokens": Word("whose tokens it is known by", one_or_more(ref("token")), _tokens),
        "methods": Word(
            "what it may call; health, reflection and metrics are words for those", one_or_more(text()), _methods, required=True
        ),
        "policies": Word(
            f"by which it may have decided, the default one included: ids, or id/version, or {ANY}",
            one_or_more(text(POLICY_PATTERN)),
            _policies,
        ),
        "rate": Word("how often it may", ref("rate"), _rate),
    },
)


def _open(context: Context, node: Node) -> frozenset[str]:
    return frozenset(_each(context, node, "open:", lambda each: _one_of(context, each, "thing to open", OPENABLE)))


ACCESS: Final[Form[Context]] = Form(
    name="an authorisation file",
    doc="Who may call this server, and what. Whoever is not named here may do nothing but what is open.",
    words={
        "open": Word("what needs no identity; /livez and /readyz over HTTP never do", one_or_more(choice_of(*OPENABLE)), _open),
        "issuers": Word("who signs tokens, by a name for use below", map_of(NAME_PATTERN, ref("issuer")), keep),
        "identities": Word(
            "callers, by a name for log lines", map_of(NAME_PATTERN, ref("identity"), at_least=1), keep, required=True
        ),
    },
)
FORMS: Final = {"issuer": ISSUER, "identity": IDENTITY, "token": TOKEN, "rate": RATE}
