"""Format: an external message standard mapped to records, with samples."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kouan.kernel.errors import Problem
from kouan.kernel.text import Text
from kouan.kernel.words import Word, every

MOST_BYTES = 16 << 20
"""Bytes of a body, at every door and in every format alike; what is larger is answered with 413 before it is read."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A record as a message states it, not yet judged: `record` is the full name, `data` its fields.

    `renew`: it takes the place of the filer's own record of the same key, as its next version, where there is one;
    `version`: the one that it then must have (0: none is kept yet), else the filing is refused as stale.
    """

    record: str
    data: Mapping[str, Any]
    position: str = ""
    warnings: tuple[Mapping[str, Any], ...] = ()
    structure_only: bool = False
    renew: bool = False
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a message that could not be read, with its problems."""

    problems: tuple[Problem, ...]
    position: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """Drafts that stand or fall together under one receipt (one message, one row)."""

    drafts: tuple[Draft, ...]
    position: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a body held. `batch`: several submissions are answered one by one (HTTP 200 accepted/refused)."""

    parts: Sequence[Submission | Unread]
    batch: bool = False
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """A small message of our own, to download beside the upload and to test with."""

    name: str
    title: Text
    body: bytes
    record: str = ""


class Format(Word):
    """Base of formats. `code` is the last part of `/api/intake/{format}`."""

    requires = ("title", "standard", "records", "media")
    title: ClassVar[Text]
    standard: ClassVar[str]
    records: ClassVar[tuple[str, ...]]
    media: ClassVar[str]

    @abstractmethod
    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Read a body. A body that is not of this format at all raises Refused with its problems."""

    def samples(self) -> tuple[Sample, ...]:
        """Samples of our own that this format reads without a problem."""
        return ()


def format_named(code: str) -> Format | None:
    """The format of that code, if declared."""
    found = next((f for f in every(Format) if f.code == code), None)
    return found() if found else None
