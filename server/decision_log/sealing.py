"""What names a subscriber, sealed: with AES-SIV (RFC 5297), under a key that has an id.

The mode is deterministic, and needs no nonce: a country's outage is more records than random nonces of 96 bits are safe for
under one key. What can be seen of two sealed texts is whether they are equal, and as what stands in clear beside them is
authenticated too, the time included, two records never are.

Sealed are, besides the subscriber's id, the decision's id and the keys of grants: they are hashes of facts that stand in the
record and of the subscriber's id, and there are so few telephone numbers that whoever has the one can try out the other.
"""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from server.cannot_start import CannotStartError

KEY_BYTES: Final = 64
"""Two keys of AES-256: one authenticates, one encrypts."""
_KEY_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HOW: Final = (
    'a line for each key has its id and 64 random bytes in base64: echo "key-1 $(head -c 64 /dev/urandom | base64 -w0)"'
)
_OTHERS: Final = 0o007


class UnusableKeys(CannotStartError):
    """A file of keys cannot be used."""


class CannotOpen(Exception):
    """What is sealed cannot be opened; the text says why."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by their ids. The one of ``seals_with`` seals; all of them open."""

    seals_with: str
    by_id: Mapping[str, AESSIV]

    def seal(self, text: bytes, beside: bytes) -> str:
        """``text``, to be opened with what stands ``beside`` it unchanged; in base64."""
        sealed = self.by_id[self.seals_with].encrypt(text, [beside, self.seals_with.encode()])
        return b64encode(sealed).decode()

    def open(self, key_id: str, sealed: str, beside: bytes) -> bytes:
        """What was sealed. Raises CannotOpen."""
        key = self.by_id.get(key_id)
        if key is None:
            raise CannotOpen(f"it is sealed under key {key_id!r}, which the key file does not hold")
        try:
            return key.decrypt(b64decode(sealed, validate=True), [beside, key_id.encode()])
        except (InvalidTag, binascii.Error, ValueError):
            raise CannotOpen(
                f"what is sealed under key {key_id!r} does not open: the record was changed, or the key file holds another key"
            ) from None


NO_KEYS: Final = Keys("", {})


def read_keys(path: Path) -> Keys:
    """The keys of a file; the first line seals. Raises UnusableKeys with every line that is wrong, and nothing of a key."""
    try:
        if path.stat().st_mode & _OTHERS:
            raise UnusableKeys([f"{path}: everybody can read the keys: chmod o= {path}"])
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it holds other characters than those of ASCII"
        raise UnusableKeys([f"{path}: the keys cannot be read: {why}; {_HOW}"]) from None
    keys: dict[str, AESSIV] = {}
    problems = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        wrong = _take(line, keys)
        if wrong:
            problems.append(f"{path}:{number}: {wrong}")
    if not keys and not problems:
        problems.append(f"{path}: there is no key in it; {_HOW}")
    if problems:
        raise UnusableKeys(problems)
    return Keys(next(iter(keys)), keys)


def _take(line: str, keys: dict[str, AESSIV]) -> str:
    key_id, _, text = line.strip().partition(" ")
    if not _KEY_ID.fullmatch(key_id):
        return f"it does not begin with the id of a key: letters, digits, dots, dashes, at most 64; {_HOW}"
    if key_id in keys:
        return f"key {key_id!r} stands there twice; a key that takes its place needs an id of its own"
    try:
        key = b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return f"key {key_id!r} is no base64; {_HOW}"
    if len(key) != KEY_BYTES:
        return f"key {key_id!r} has {len(key)} bytes, not {KEY_BYTES}; {_HOW}"
    keys[key_id] = AESSIV(key)
    return ""
