"""Why a call, a message of a stream, a row or a scrape is not let in."""

from typing import Final, Literal, get_args

Reason = Literal[
    "NO_CREDENTIALS",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_AMBIGUOUS",
    "UNKNOWN_CERTIFICATE",
    "TOKEN_MALFORMED",
    "TOKEN_ISSUER",
    "TOKEN_ALGORITHM",
    "TOKEN_KEY",
    "TOKEN_SIGNATURE",
    "TOKEN_CLAIMS",
    "TOKEN_AUDIENCE",
    "TOKEN_EXPIRED",
    "TOKEN_NOT_YET_VALID",
    "UNKNOWN_SUBJECT",
    "METHOD_FORBIDDEN",
    "POLICY_FORBIDDEN",
    "RATE_EXCEEDED",
]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
"""All there are; none depends on what a caller sends."""


class Denied(Exception):
    """Base of all: ``reason`` for metrics, log and caller, and ``text`` for the caller, who is told what to change."""

    def __init__(self, reason: Reason, text: str) -> None:
        self.reason: Reason = reason
        self.text = text
        super().__init__(reason)


class Unauthenticated(Denied):
    """Nobody knows who calls."""


class Forbidden(Denied):
    """The caller is known, or has a certificate that is; it may not do this."""


class RateExceeded(Denied):
    """The caller has done this too often; it may again after ``wait_millis``."""

    def __init__(self, text: str, wait_millis: int) -> None:
        self.wait_millis = wait_millis
        super().__init__("RATE_EXCEEDED", text)
