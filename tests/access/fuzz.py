"""Authorisation files and tokens with slips at random, and what must hold of whatever comes of them."""

import json
import re
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, Final

import jwt

from server.access.denials import REASONS, Denied
from server.access.files import Handed, UnusableFiles
from server.access.guard import method_words
from server.access.reader import read_access
from server.access.rules import Access
from server.access.tokens import Tokens
from tests.access.jwt_tokens import AUDIENCE, ISSUER, SKEW_SECONDS, claims, ec_key, jwk, key_set, rsa_key
from tests.access.secure import BY_TOKEN

PATH: Final = Path("/access/access.yaml")
KEYS: Final = key_set()
WHOLE: Final = f"open: [health]\n{BY_TOKEN}    rate: {{calls: 10 per second, rows: 6000 per minute, burst: 5 s}}\n"
_PLACED: Final = re.compile(rf"{re.escape(str(PATH))}:[0-9]+:[0-9]+: \S")
_PIECES: Final = (
    *(
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "!!x ",
        "<<: ",
        "|\n",
        ">-\n",
        "'",
        '"',
        "#",
        "\t",
        "\n",
        "---\n",
        "? ",
        "%",
        "@",
    ),
    *(
        "\x00",
        "\ufeff",
        "\u2028",
        "é",
        "\U0001f600",
        "any",
        "null",
        "~",
        "1e9",
        "0x1",
        "-1",
        "99999999999 per second",
        "301 s",
        "../",
    ),
)


def read(content: bytes, keys: bytes = KEYS) -> Access | None:
    """The file, or nothing where it is refused, with places and words; anything else is a defect."""
    handed = Handed({str(PATH): content, str(PATH.parent / "keys.json"): keys})
    try:
        return read_access(PATH, handed, method_words())
    except UnusableFiles as error:
        problems = error.problems
    assert problems
    wrong = [problem for problem in problems if content and not _PLACED.match(problem)]
    assert not wrong, wrong
    return None


def spoilt_file(random: Random) -> bytes:
    """The whole file with a few slips."""
    text = WHOLE
    for _ in range(random.randint(1, 4)):
        text = random.choice(_SLIPS)(text, random)
    data = text.encode("utf-8", "surrogatepass")
    if random.random() < 0.1 and data:
        at = random.randrange(len(data))
        data = data[:at] + random.randbytes(random.randint(1, 3)) + data[at + random.randint(0, 3) :]
    return data


def _piece(text: str, random: Random) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(_PIECES) + text[at + random.choice((0, 0, 1, 3)) :]


def _line(text: str, random: Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at = random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(random.randrange(len(lines) + 1), lines[at])
        case 2:
            lines[at] = " " * random.randint(1, 4) + lines[at]
        case _:
            lines[at] = lines[at].lstrip(" ")
    return "".join(lines)


def _word(text: str, random: Random) -> str:
    words = re.findall(r"[A-Za-z0-9_./:-]+", text)
    if not words:
        return text
    return text.replace(random.choice(words), random.choice((random.choice(words), "x", "")), random.choice((1, -1)))


_SLIPS: Final[tuple[Callable[[str, Random], str], ...]] = (_piece, _line, _word)


def file_holds(random: Random) -> bool:
    """Whether a spoilt file was taken; raises where what must hold does not."""
    content = spoilt_file(random)
    access = read(content)
    if access is None:
        return False
    # What is taken grants to names in it, methods that there are, and never a token to an issuer that it does not have.
    for identity in access.identities:
        assert identity.certificates or identity.subjects
        assert identity.methods <= {*method_words(), "health", "reflection", "metrics"}
        assert {name for name, _ in identity.subjects} <= {issuer.name for issuer in access.issuers.values()}
    assert all("HS256" not in issuer.algorithms and issuer.keys for issuer in access.issuers.values())
    assert read(content) is not None
    return True


# ----------------------------------------------------------------------------------------------------------------- tokens

_VALUES: Final[tuple[Any, ...]] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        2**53,
        2**53 + 1,
        2**64,
        10**400,
        1e300,
        float("inf"),
        float("nan"),
        "",
        "x",
        "1",
        [],
        {},
        [None],
    ),
    *(
        {"a": 1},
        AUDIENCE,
        ISSUER,
        "billing",
        [AUDIENCE],
        [AUDIENCE, 1],
        [ISSUER],
        "k1",
        "ES256",
        "none",
        "HS256",
        "RS256",
        "é" * 9,
        "\x00",
    ),
)


@lru_cache(maxsize=1)
def verifier() -> Tokens:
    access = read(WHOLE.encode(), key_set(jwk(ec_key(), kid="k1"), jwk(rsa_key(), kid="k2")))
    assert access is not None
    return Tokens(access.issuers)


def token_holds(random: Random) -> bool:
    """Whether a spoilt token was believed; raises where what must hold does not."""
    match random.randrange(4):
        case 0:
            sent, expected = _spoilt_text(random), False
        case 1:
            sent, expected = _other_parts(random), False
        case _:
            sent, expected = _signed(random)
    now = int(time.time())
    try:
        found = verifier().verified(sent, now)
    except Denied as denied:
        reason = denied.reason
    else:
        assert expected, sent
        assert found.subject
        return True
    assert reason in REASONS
    return False


def _good(random: Random) -> str:
    return jwt.encode(claims(jti=str(random.random())), ec_key(), "ES256", {"kid": "k1"})


@lru_cache(maxsize=1)
def _one_good() -> str:
    return _good(Random(1))


def _spoilt_text(random: Random) -> str:
    text = good = _one_good()
    while text == good:
        at = random.randrange(len(text))
        piece = random.choice((chr(random.randrange(0x250)), ".", "=", "-", "_", "A", "", " ", "\ud800", good[:40]))
        text = text[:at] + piece + text[at + random.randint(0, 2) :]
    return text


def _part(of: Any) -> str:
    return jwt.utils.base64url_encode(json.dumps(of).encode()).decode()


def _spoilt(of: dict[str, Any], random: Random) -> dict[str, Any]:
    spoilt = dict(of)
    for _ in range(random.randint(1, 3)):
        name = random.choice((*of, "crit", "b64", "jwk", "jku", "x5c", "typ", "cty"))
        if random.random() < 0.2:
            spoilt.pop(name, None)
        else:
            spoilt[name] = random.choice((*_VALUES, int(time.time()) + random.randint(-120, 120)))
    return spoilt


def _other_parts(random: Random) -> str:
    """Header and claims of any kind under a signature of others."""
    header = _spoilt({"alg": "ES256", "kid": "k1", "typ": "JWT"}, random)
    return f"{_part(header)}.{_part(_spoilt(claims(), random))}.{_one_good().rpartition('.')[2]}"


def _signed(random: Random) -> tuple[str, bool]:
    """Claims of any kind, signed by the right key; and whether they are to be believed, by a look of our own."""
    said = _spoilt(claims(), random)
    key = ec_key()
    signing = f"{_part({'alg': 'ES256', 'kid': 'k1'})}.{_part(said)}"
    signature = jwt.get_algorithm_by_name("ES256").sign(signing.encode(), key)
    sent = f"{signing}.{jwt.utils.base64url_encode(signature).decode()}"
    return sent, _may_be_believed(said, int(time.time()))


def _may_be_believed(said: dict[str, Any], now: int) -> bool:
    """What a token must say at the least; a second this way or that is not looked at."""
    audience = said.get("aud")
    ends, begins = said.get("exp"), said.get("nbf", 0)
    return (
        said.get("iss") == ISSUER
        and (audience == AUDIENCE or (isinstance(audience, list) and AUDIENCE in audience))
        and isinstance(said.get("sub"), str)
        and bool(said["sub"])
        and isinstance(ends, int | float)
        and not isinstance(ends, bool)
        and ends > now - SKEW_SECONDS - 2
        and isinstance(begins, int | float)
        and begins < now + SKEW_SECONDS + 2
    )
