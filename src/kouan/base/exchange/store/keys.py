"""Idempotency keys of batches: the parts have keys of their own, the batch's bare key is taken beside them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kouan.kernel.clock import now
from kouan.kernel.database import Pool

_OTHER = "select 1 from idempotency where org = $1 and key = any($2) and body <> $3 limit 1"
_USE = """insert into idempotency (org, key, body, submission, at) values ($1, $2, $3, $4, $5)
    on conflict do nothing"""


async def used_otherwise(pool: Pool, org: int, keys: Sequence[str], digest: bytes) -> bool:
    """Whether one of an organisation's keys was used for another body than that of a digest (the vault's)."""
    return bool(await pool.fetchval(_OTHER, org, list(keys), digest))


async def use(pool: Pool, org: int, key: str, digest: bytes, receipt: UUID) -> None:
    """Note that a key is used for a body, under its first receipt."""
    await pool.execute(_USE, org, key, digest, receipt, now())
