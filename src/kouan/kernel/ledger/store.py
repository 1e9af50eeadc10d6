"""Appending to the ledger and proving what it holds, inside transactions of the caller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kouan.kernel.errors import Refused, Unavailable
from kouan.kernel.ledger import canonical, entry, statements, tiles, tree
from kouan.kernel.ledger.failures import UnknownEntry
from kouan.kernel.ledger.tables import TOLD
from kouan.kernel.suites.suite import Suite
from kouan.kernel.text import Text

if TYPE_CHECKING:
    from kouan.kernel.database import Connection

PROOF_VERSION = 2

_ENTRY = (
    "SELECT e.body, e.salt, e.document, l.leaf_index FROM ledger_entry e"
    " LEFT JOIN ledger_leaf l ON l.entry = e.id WHERE e.id = $1"
)
_LATEST = (
    "SELECT c.size, c.body, c.signature, k.spki FROM ledger_checkpoint c"
    " JOIN ledger_key k ON k.fingerprint = c.key ORDER BY c.size DESC LIMIT 1"
)
_STANDING = (
    "SELECT exists (SELECT 1 FROM ledger_checkpoint) AS signed,"
    " exists (SELECT 1 FROM ledger_pending p JOIN ledger_entry e ON e.id = p.entry WHERE e.at < $1) AS late"
)
_ROTATIONS = "SELECT body, signature FROM ledger_rotation ORDER BY number"


async def append(conn: Connection, entries: Sequence[entry.Sealed]) -> None:
    """Store sealed entries in the caller's transaction; the signer finds them once it has committed."""
    await conn.execute(entry.INSERT_SQL, *entry.columns(entries))


async def forget(conn: Connection, ids: Sequence[UUID]) -> int:
    """Erase salt and document hash of entries; returns how many had them. Proofs still verify, unopened."""
    return int(await conn.fetchval("SELECT ledger_forget($1)", list(ids)))


async def positions(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Leaf index of each entry that is in the signed tree; those still waiting are left out."""
    rows = await conn.fetch("SELECT entry, leaf_index FROM ledger_leaf WHERE entry = ANY ($1)", list(ids))
    return {row["entry"]: row["leaf_index"] for row in rows}


async def standing(conn: Connection, before: datetime) -> tuple[bool, bool]:
    """Whether anything was signed yet, and whether an entry from before a moment still waits for its place."""
    row = await conn.fetchrow(_STANDING, before)
    assert row is not None
    return bool(row["signed"]), bool(row["late"])


async def proof(conn: Connection, suite: Suite, entry_id: UUID) -> dict[str, Any] | None:
    """The proof of an entry against the latest checkpoint; None while it waits for its checkpoint.

    Raises UnknownEntry. The result verifies with `verify.verify` and nothing else of this server.
    """
    row = await conn.fetchrow(_ENTRY, entry_id)
    if row is None:
        raise UnknownEntry(str(entry_id))
    if row["leaf_index"] is None:
        return None
    signed = await conn.fetchrow(_LATEST)
    if signed is None:
        return None
    index, size = row["leaf_index"], signed["size"]
    path = await tiles.range_hashes(conn, suite, tree.inclusion_ranges(index, size), size)
    rotations = await conn.fetch(_ROTATIONS)
    opened = row["salt"] is not None
    return {
        "v": PROOF_VERSION,
        "suite": suite.code,
        "entry": entry.fields(row["body"]),
        "leaf_index": index,
        "path": [step.hex() for step in path],
        "checkpoint": _signed(signed["body"], signed["signature"]),
        "key": {
            "fingerprint": suite.fingerprint(signed["spki"]),
            "spki": canonical.to_base64(signed["spki"]),
        },
        "rotations": [_signed(one["body"], one["signature"]) for one in rotations],
        "disclosure": {"salt": row["salt"].hex(), "document": row["document"].hex()} if opened else None,
    }


async def checkpoint(conn: Connection) -> dict[str, Any]:
    """The latest signed checkpoint; raises Unavailable before the first."""
    row = await conn.fetchrow(_LATEST)
    if row is None:
        raise _not_started()
    return _signed(row["body"], row["signature"])


async def current_key(conn: Connection) -> str:
    """The public key that signs now, PEM SubjectPublicKeyInfo; raises Unavailable before the first."""
    spki = await conn.fetchval("SELECT spki FROM ledger_key WHERE until IS NULL")
    if spki is None:
        raise _not_started()
    return statements.pem_of(spki)


async def consistency(conn: Connection, suite: Suite, old: int, new: int) -> dict[str, Any]:
    """RFC 6962 proof that the tree of `new` leaves extends that of `old`, with both roots.

    Nothing lies between equal sizes: the path is empty. Raises Refused unless 0 < old <= new <= size of the latest checkpoint.
    """
    size = await conn.fetchval("SELECT max(size) FROM ledger_checkpoint")
    if size is None:
        raise _not_started()
    _check_sizes(old, new, size)
    ranges = [(0, old), (0, new), *(tree.consistency_ranges(old, new) if old < new else ())]
    old_root, new_root, *path = await tiles.range_hashes(conn, suite, ranges, new)
    return {
        "suite": suite.code,
        "from": old,
        "to": new,
        "roots": {"from": old_root.hex(), "to": new_root.hex()},
        "path": [step.hex() for step in path],
    }


async def request_rotation(conn: Connection, by: str) -> UUID:
    """Ask the running signer for a new key; `by` is the keyed token of who asks. Returns the request."""
    found: UUID = await conn.fetchval("INSERT INTO ledger_request (kind, by) VALUES ('rotate', $1) RETURNING id", by)
    await conn.execute("SELECT pg_notify($1, '')", TOLD)
    return found


async def is_rotated(conn: Connection, request: UUID) -> bool:
    """Whether the signer has honoured a request for rotation."""
    return bool(await conn.fetchval("SELECT done IS NOT NULL FROM ledger_request WHERE id = $1", request))


def _signed(body: bytes, signature: bytes) -> dict[str, Any]:
    return {**entry.fields(body), "signature": canonical.to_base64(signature)}


def _check_sizes(old: int, new: int, size: int) -> None:
    problems = (
        (old < 1, "from", "起点须至少为 1", "from must be at least 1"),
        (new > size, "to", f"终点超出账本当前的 {size} 条", f"to lies beyond the ledger's {size} leaves"),
        (old > new, "from", "起点大于终点", "from is larger than to"),
    )
    for wrong, field, zh, en in problems:
        if wrong:
            raise Refused(Text(zh, en), field=field, rule="RFC 6962 2.1.2", code="ledger.consistency")


def _not_started() -> Unavailable:
    return Unavailable(
        Text("账本尚未签发第一个检查点", "the ledger has not signed its first checkpoint yet"),
        code="ledger.starting",
        retry_after=1,
    )
