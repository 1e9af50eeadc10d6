"""Changing the signing key: the old key signs the new one's name, and the ledger records the act."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kouan.kernel import clock
from kouan.kernel.ledger import canonical, store
from kouan.kernel.ledger.entry import SALT_BYTES, Entry, seal
from kouan.kernel.ledger.keys import KeyFolder, SigningKey
from kouan.kernel.ledger.statements import Rotation

if TYPE_CHECKING:
    from kouan.kernel.database import Connection

ACTION = "ledger.rotate"
RECORD = "kernel.ledger.key"

_OPEN = "SELECT id, by FROM ledger_request WHERE done IS NULL ORDER BY at FOR UPDATE"


async def rotate_if_asked(
    conn: Connection, keys: KeyFolder, old: SigningKey, origin: str, size: int
) -> SigningKey | None:
    """Honour open requests, all by one rotation, inside the caller's transaction; returns the new key.

    The new key is on disk before the database knows it: a crash leaves an unused file, never a lost key.
    """
    requests = await conn.fetch(_OPEN)
    if not requests:
        return None
    new = keys.make()
    at = clock.now()
    named = (canonical.to_base64(old.spki), canonical.to_base64(new.spki))
    rotation = Rotation(origin, *named, size, clock.stamp(at), keys.suite.code)
    await conn.execute("UPDATE ledger_key SET until = $1 WHERE until IS NULL", at)
    await conn.execute("INSERT INTO ledger_key VALUES ($1, $2, $3)", new.fingerprint, new.spki, at)
    number = await conn.fetchval("SELECT coalesce(max(number), 0) + 1 FROM ledger_rotation")
    entry = Entry(
        id=await conn.fetchval("SELECT uuidv7()"),
        at=at,
        action=ACTION,
        record=RECORD,
        subject=new.fingerprint,
        version=number,
        org=origin,
        actor=requests[0]["by"],
    )
    body = rotation.body()
    await store.append(conn, [seal(keys.suite, entry, keys.suite.hash(body), os.urandom(SALT_BYTES))])
    await conn.execute("INSERT INTO ledger_rotation VALUES ($1, $2, $3, $4)", number, entry.id, body, old.sign(body))
    done = [row["id"] for row in requests]
    await conn.execute("UPDATE ledger_request SET done = $1 WHERE id = ANY ($2)", at, done)
    return new
