"""Whether a text, a body or a row tells of a subject by number, however the number is written; and taking the number out.

An erasure must reach what was never read into a record (Personal Information Protection Law art. 47): refused bodies, rows set aside.
"""

from __future__ import annotations

import base64
import binascii
import html
import io
import lzma
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

SHORTEST = 4
"""Signs of a number below which it is not looked for: it would be found in everything."""
LONG = 8
"""From so many signs on a number is found within a longer word too (machine-readable zones put a check digit behind it)."""
MOST_MEMBER, MOST_UNPACKED, MOST_MEMBERS = 64 << 20, 256 << 20, 10_000
"""Bytes of an archive's member and of all its members, and members, that are looked through: beyond these it counts as unread."""
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, RuntimeError, ValueError,
    LookupError, ArithmeticError,
)  # fmt: skip
"""What reading an archive raises that was cut off, forged or locked (NotImplementedError is a RuntimeError)."""
MASK = "***"
_BETWEEN = r"[\s\-\x{2010}-\x{2015}\x{2212}._/·?]{0,3}"
_GAP = r"[\s\-\u2010-\u2015\u2212._/·?]{0,3}"
_BASE64 = re.compile(r"[A-Za-z0-9+/_\-]{40,}={0,2}")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|[ntrbf\"/\\])")
_RUNS = re.compile(r"</(?:\w+:)?t>\s*</(?:\w+:)?r>\s*<(?:\w+:)?r>(?:\s*<(?:\w+:)?rPr>.*?</(?:\w+:)?rPr>)?\s*<(?:\w+:)?t[^>]*>", re.DOTALL)
_FLOAT = re.compile(r"(?<![\d.])\d\.\d+E\+?\d{1,2}(?!\d)")


@dataclass(frozen=True, slots=True)
class _Words:
    """Patterns that must all be found, for Python and, without the ends of words, for columns (RE2)."""

    exact: tuple[re.Pattern[str], ...]
    loose: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """A subject as it is looked for. Empty (`bool` is False) where it has no number that could be found."""

    groups: tuple[_Words, ...]

    @classmethod
    def of(cls, refs: Iterable[str]) -> Sought:
        """Of the references of a subject (`person:P/CN/E00000001`, `truck:…`); a token tells no number."""
        found = {words for ref in refs if (words := _words(ref))}
        return cls(tuple(_Words(tuple(map(_exact, words)), tuple(map(_loose, words))) for words in sorted(found)))

    def __bool__(self) -> bool:
        return bool(self.groups)

    def told(self, text: str) -> bool:
        """Whether a text tells of the subject: in any case and width, with blanks or hyphens between."""
        plain = _plain(text)
        return any(all(one.search(plain) for one in group.exact) for group in self.groups)

    def within(self, body: bytes) -> bool | None:
        """Whether a body does: JSON, XML, EDIFACT, CSV, XLSX, texts in base64; None where it is a broken archive that cannot be read."""
        if body.startswith(b"PK\x03\x04"):
            return self._archive(body)
        return any(self.told(view) for view in _views(body))

    def _archive(self, body: bytes) -> bool | None:
        room = MOST_UNPACKED
        try:
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                for number, name in enumerate(archive.namelist()):
                    with archive.open(name) as member:
                        content = member.read(min(MOST_MEMBER, room))
                    room -= len(content)
                    if any(self.told(view) for view in _views(content, sheet=True)):
                        return True
                    if room <= 0 or number >= MOST_MEMBERS:
                        return None
        except _BROKEN:
            return None
        return False

    def scrubbed(self, value: Any) -> Any:
        """A JSON value without the numbers: `***` in their place, or in place of the whole text where they are written otherwise."""
        if isinstance(value, dict):
            return {name: self.scrubbed(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.scrubbed(one) for one in value]
        if isinstance(value, bool) or not isinstance(value, str | int | float) or not self.told(str(value)):
            return value
        text = str(value)
        for group in self.groups:
            for one in group.exact:
                text = re.sub(one.pattern, MASK, text, flags=re.IGNORECASE)
        return MASK if self.told(text) else text


def _words(ref: str) -> tuple[str, ...]:
    kind, _, value = ref.partition(":")
    value = value or kind
    if kind == "person":
        if value.startswith("T_"):
            return ()
        first, _, rest = value.partition("/")
        # Without a document a person is told by name and booking, which must all be there; the birth date is written in many ways.
        parts = [part for at, part in enumerate(rest.split("/")) if at != 2] if first == "N" else [value.split("/", 2)[-1]]
    else:
        parts = [value.rpartition(":")[2]]
    bare = tuple(squeezed for part in parts if (squeezed := "".join(sign for sign in _plain(part) if sign.isalnum())))
    return bare if sum(map(len, bare)) >= SHORTEST else ()


def _plain(text: str) -> str:
    return text.upper() if text.isascii() else unicodedata.normalize("NFKC", text).upper()


def _exact(word: str) -> re.Pattern[str]:
    pattern = _GAP.join(map(re.escape, word))
    return re.compile(pattern if len(word) >= LONG else f"(?<![0-9A-Za-z]){pattern}(?![0-9A-Za-z])")


def _loose(word: str) -> str:
    return _BETWEEN.join(map(re.escape, word))


def _views(body: bytes, *, sheet: bool = False) -> Iterator[str]:
    """The readings of a body under which a number may show itself."""
    for text in _decoded(body):
        yield text
        if "\\" in text:
            yield _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", text)
        if "&" in text:
            yield html.unescape(text)
        if sheet:
            yield _RUNS.sub("", text)
            yield _FLOAT.sub(lambda found: f"{Decimal(found[0]):f}".partition(".")[0], text)
        yield from _unpacked(text)


def _decoded(body: bytes) -> Iterator[str]:
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield body.decode("utf-16", "replace")
    elif b"\0" in body[:200]:
        yield body.replace(b"\0", b"").decode("utf-8", "replace")
    try:
        yield body.decode("utf-8")
    except UnicodeDecodeError:
        yield body.decode("utf-8", "replace")
        yield body.decode("gb18030", "replace")


def _unpacked(text: str) -> Iterator[str]:
    """Texts that stand in base64, as signed messages hold them."""
    for found in _BASE64.finditer(text):
        bare = found[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield base64.b64decode(bare + "=" * (-len(bare) % 4)).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            continue


@dataclass(frozen=True, slots=True)
class Looked:
    """A stretch of a place that was looked through: how much, how much of it told of the subject, how much nobody could read; where
    to go on behind, "" at the end."""

    after: str
    looked: int = 0
    told: int = 0
    unread: int = 0
