"""One line of the ledger: who did what to which record version, when, for whom, under which grant.

The content never enters the ledger. An entry carries `commitment`, the hash of a random salt and the
hash of the document as posted, by the log's suite; salt and document hash are kept beside it and can be erased.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import orjson

from kouan.kernel import clock
from kouan.kernel.ledger import canonical, tree
from kouan.kernel.suites.suite import Suite

VERSION = 1
SALT_BYTES = 16
DOCUMENT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """What is recorded of one act.

    `at` is the instant of acceptance with its zone; `record` the full name `board.module.record`;
    `subject` and `actor` are keyed tokens or salted commitments, never a reference or a name;
    `version` the record's version after the act; `grant` the permission used, `format` the message
    format, each None where there was none.
    """

    id: UUID
    at: datetime
    action: str
    record: str
    subject: str
    version: int
    org: str
    actor: str
    grant: str | None = None
    format: str | None = None


class Sealed(NamedTuple):
    """An entry ready to be stored: its canonical `body`, and what opens its commitment."""

    id: UUID
    at: datetime
    body: bytes
    salt: bytes
    document: bytes

    def leaf(self, suite: Suite) -> bytes:
        """The entry's leaf hash in the tree."""
        return tree.leaf_hash(suite, self.body)


def commit(suite: Suite, salt: bytes, document: bytes) -> str:
    """The commitment in an entry: hexadecimal H(salt || H of the document)."""
    return suite.hash(salt + document).hex()


def seal(suite: Suite, entry: Entry, document: bytes, salt: bytes) -> Sealed:
    """Seal `entry` over the hash of the raw document (32 bytes) with a random salt (16 bytes)."""
    if len(document) != DOCUMENT_BYTES or len(salt) != SALT_BYTES:
        raise ValueError("a document hash has 32 bytes and a salt 16")
    if entry.at.tzinfo is None or not 0 <= entry.version <= canonical.MAX_INT:
        raise ValueError("an entry's time carries its zone, and its version is a whole number from 0 on")
    at = entry.at if entry.at.tzinfo is UTC else entry.at.astimezone(UTC)
    # Written in key order and with orjson's own spelling of time and uuid, both for speed; the tests hold
    # the result equal to canonical.encode. orjson leaves out microseconds that are zero, and does not know
    # the kind of UUID that asyncpg returns.
    body = orjson.dumps(
        {
            "action": entry.action,
            "actor": entry.actor,
            "at": at if at.microsecond else clock.stamp(at),
            "commitment": suite.hash(salt + document).hex(),
            "format": entry.format,
            "grant": entry.grant,
            "id": entry.id if type(entry.id) is UUID else str(entry.id),
            "org": entry.org,
            "record": entry.record,
            "subject": entry.subject,
            "v": VERSION,
            "version": entry.version,
        },
        option=orjson.OPT_UTC_Z,
    )
    return Sealed(entry.id, at, body, salt, document)


def seal_many(suite: Suite, entries: Iterable[tuple[Entry, bytes]]) -> list[Sealed]:
    """Seal pairs of entry and document hash, each under a fresh random salt."""
    pairs = list(entries)
    salts = os.urandom(SALT_BYTES * len(pairs))
    return [
        seal(suite, entry, document, salts[at * SALT_BYTES : (at + 1) * SALT_BYTES])
        for at, (entry, document) in enumerate(pairs)
    ]


INSERT_SQL = (
    "INSERT INTO ledger_entry (id, at, body, salt, document)"
    " SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::bytea[], $4::bytea[], $5::bytea[])"
)
"""Stores sealed entries, whole lists at a time; parameters are `columns(sealed)`."""


def columns(
    sealed: Sequence[Sealed],
) -> tuple[list[UUID], list[datetime], list[bytes], list[bytes], list[bytes]]:
    """The parameters of INSERT_SQL, for use inside a larger statement."""
    return (
        [one.id for one in sealed],
        [one.at for one in sealed],
        [one.body for one in sealed],
        [one.salt for one in sealed],
        [one.document for one in sealed],
    )


def fields(body: bytes) -> dict[str, object]:
    """The entry of a stored body, as it stands in a proof."""
    found = canonical.decode(body)
    if not isinstance(found, dict):
        raise TypeError("the body of an entry is an object")
    return found
