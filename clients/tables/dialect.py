"""Finds out how a CSV is written: encoding, separator, line end. What the file shows is taken and said; no guess is taken."""

import codecs
import csv
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from clients.errors import BadInput
from clients.tables import source
from clients.tables.options import TableOptions
from clients.tables.source import Source

SAMPLE_BYTES: Final = 2**20
UTF_8: Final = "utf-8"
_MARKS: Final = {codecs.BOM_UTF8: UTF_8, codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_WIDE: Final = frozenset(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"))
_SUPERSETS: Final = {"gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "ascii": UTF_8, "utf-8-sig": UTF_8}
_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "|"}
_SEP_LINE: Final = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_NO_TEXT: Final = {
    b"PK\x03\x04": "an Excel workbook (or a ZIP archive); save it as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as CSV UTF-8",
    b"PAR1": "a Parquet file; give it a name that ends in .parquet",
    b"ARROW1": "an Arrow file; give it a name that ends in .arrow",
    b"<": "a page or an XML document and no table; save it as CSV UTF-8",
    b"%PDF": "a PDF; save the table as CSV UTF-8",
    b"BZh": "packed with bzip2; unpack it",
    b"\xfd7zXZ": "packed with xz; unpack it",
    b"\xff\xfe\x00\x00": "UTF-32; save it as UTF-8",
}
_PER_LINE_TO_REFUSE: Final = 10


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV is written. ``header_line``: the line that ``header`` is. ``notes`` say what was recognised."""

    source: Source
    encoding: str
    delimiter: str
    header: list[str]
    header_line: int
    notes: list[str] = field(default_factory=list)


def find(path: Path, options: TableOptions) -> Dialect:
    """How a file is written. Raises BadInput, once for the file, where that cannot be known."""
    notes: list[str] = []
    packed = source.packing(path)
    raw = source.head(path, packed, SAMPLE_BYTES)
    if what := next((what for mark, what in _NO_TEXT.items() if raw.startswith(mark)), ""):
        raise BadInput(f"{path} is {what}")
    if packed and path.suffix != source.SUFFIXES[packed]:
        notes.append(f"it is packed ({packed})")
    mark = next((mark for mark in _MARKS if raw.startswith(mark)), b"")
    encoding = _MARKS.get(mark) or _encoding(path, raw, options.encoding, notes)
    if encoding != UTF_8:
        notes.append(f"its encoding is {encoding}")
    wide = encoding in _WIDE
    text = raw[len(mark) :].decode(encoding, "replace")
    # A CR that stands alone ends lines only where no line ends otherwise.
    only_cr = "\r" in text[:-1] and "\n" not in text
    if only_cr:
        notes.append("its lines end in CR alone")
    of = Source(path, packed, len(mark), encoding if wide else "", only_cr)
    return _shaped(of, UTF_8 if wide else encoding, text.replace("\r\n", "\n").replace("\r", "\n"), options, notes)


def text_of(path: Path, raw: bytes, given: str) -> str:
    """A whole text by its mark, as UTF-8, or else in the encoding that is said. Raises BadInput with what to type."""
    mark = next((mark for mark in _MARKS if raw.startswith(mark)), b"")
    try:
        return raw[len(mark) :].decode(_MARKS.get(mark, UTF_8))
    except UnicodeDecodeError as error:
        if not given or mark:
            hint = "; say in which encoding it is, for example --encoding gb18030" if not mark else ""
            raise BadInput(f"{path} is not {_MARKS.get(mark, UTF_8).upper()} (byte {error.start + 1}){hint}") from error
    try:
        return raw.decode(_known(given))
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is neither UTF-8 nor {given} (byte {error.start + 1})") from error


def _shaped(of: Source, encoding: str, text: str, options: TableOptions, notes: list[str]) -> Dialect:
    """With the separator and the header."""
    first, _, rest = text.partition("\n")
    header_line = 1
    delimiter = options.delimiter
    if sep := _SEP_LINE.fullmatch(first):
        header_line, (first, _, rest) = 2, rest.partition("\n")
        notes.append(f"its first line says that {_DELIMITERS.get(sep[1], repr(sep[1]))} separate the columns")
        delimiter = delimiter or sep[1]
    if not first.strip():
        raise BadInput(f"{of.path}:{header_line}: the header cannot be read: it is empty; the header has to be the first line")
    if not delimiter:
        unquoted = re.sub(r'"[^"]*"', "", first)
        delimiter = max(_DELIMITERS, key=unquoted.count)
        if delimiter != ",":
            notes.append(f"{_DELIMITERS[delimiter]} separate the columns")
    try:
        header = next(csv.reader([first], strict=True, delimiter=delimiter))
    except csv.Error as error:
        raise BadInput(f"{of.path}:{header_line}: the header cannot be read: {error}") from error
    return Dialect(of, encoding, delimiter, [name.strip() for name in header], header_line, notes)


def _encoding(path: Path, raw: bytes, given: str, notes: list[str]) -> str:
    """The encoding of a file without a mark."""
    wanted = _known(given)
    whole = raw if len(raw) < SAMPLE_BYTES else raw[: raw.rfind(b"\n") + 1]
    if wanted in _WIDE:
        return "utf-16-le" if wanted == "utf-16" else wanted
    header = whole.partition(b"\n")[0]
    if header.count(0) * 4 > len(header):
        little = header[1:2] == b"\0"
        raise BadInput(f"{path} is UTF-16 without its mark; say --encoding utf-16-{'le' if little else 'be'}")
    try:
        text = whole.decode()
    except UnicodeDecodeError:
        return wanted or _unless_foreign(path, whole)
    if wanted and wanted != UTF_8:
        sure = any(character >= "\u0800" for character in text)
        if sure:
            notes.append(f"it is UTF-8, so --encoding {given} is not for it")
        return UTF_8 if sure else wanted
    if not wanted and (word := _of_several_scripts(text)) and _reads_as(whole, "gb18030"):
        shown = word.encode().decode("gb18030", "replace")
        raise BadInput(
            f"{path} is UTF-8 or GB18030, and its bytes do not tell which: a word of it is {word!r} or {shown!r}",
            ["  say --encoding utf-8 or --encoding gb18030"],
        )
    return UTF_8


def _known(name: str) -> str:
    if not name:
        return ""
    try:
        found = codecs.lookup(name).name
        b"a".decode(found, "replace")
    except (LookupError, ValueError):  # one of bytes, or one that reads no damaged text
        raise BadInput(f"--encoding {name}: there is no such encoding; for example gb18030, big5, utf-16, cp1252") from None
    return _SUPERSETS.get(found, found)


def _unless_foreign(path: Path, raw: bytes) -> str:
    """UTF-8 where only some lines are damaged; BadInput with what to type where the file is written otherwise."""
    damaged, sound, lines = [], 0, raw.split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            sound += any(character >= "\u0800" for character in line.decode())
        except UnicodeDecodeError:
            damaged.append((number, line))
    number, line = damaged[0]
    chinese = _reads_as(raw, "gb18030")
    if sound >= len(damaged) or not (chinese or len(damaged) * _PER_LINE_TO_REFUSE >= len(lines) > _PER_LINE_TO_REFUSE):
        return UTF_8
    cell = next(cell for cell in re.split(rb'[,;\t|"\r]', line) if not cell.isascii())
    readings = [(name, cell.decode(name)) for name in ("gb18030", "big5", "cp1252") if _reads_as(cell, name)]
    raise BadInput(
        f"{path} is not UTF-8 (line {number}); say in which encoding it is",
        [f"  --encoding {name}, if line {number} holds {shown!r}" for name, shown in readings] or ["  --encoding NAME"],
    )


def _reads_as(raw: bytes, encoding: str) -> bool:
    try:
        return any(unicodedata.category(character).startswith("L") for character in raw.decode(encoding) if character > "\x7f")
    except UnicodeDecodeError:
        return False


def _of_several_scripts(text: str) -> str:
    """A word whose letters come from several scripts, as bytes of GB18030 do that happen to be UTF-8; "" where there is none.

    Only where nothing of the text is beyond the scripts that two bytes encode: three bytes do not fit by chance.
    """
    if text.isascii() or max(text) >= "\u0800":
        return ""
    for word in re.findall(r"[\x80-\u07ff]+", text):
        scripts = {unicodedata.name(character, "?").split(" ")[0] for character in word}
        if len(scripts) > 1:
            return str(word)
    return ""
