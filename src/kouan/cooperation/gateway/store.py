"""The gateway's own signing key, wrapped by the vault, and the records that wait for something."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kouan.kernel.database import Connection
from kouan.kernel.vault import Vault

DDL: tuple[str, ...] = (
    """create table if not exists gateway_key (
        one boolean primary key default true check (one), key_id text not null, wrapped bytea not null,
        made_at timestamptz not null default now())""",
    "grant select, insert on gateway_key to kouan_app",
)
PLACE = "cooperation.gateway.key"


async def key(conn: Connection, vault: Vault, fresh_id: str) -> tuple[str, Ed25519PrivateKey]:
    """Identifier and private half of the port's key towards partners abroad; made at the first use."""
    made = Ed25519PrivateKey.generate().private_bytes_raw()
    await conn.execute(
        "insert into gateway_key (key_id, wrapped) select $1, $2 where not exists (select 1 from gateway_key) on conflict do nothing",
        fresh_id,
        vault.wrap(made, PLACE),
    )
    (row,) = await conn.fetch("select key_id, wrapped from gateway_key")
    return row["key_id"], Ed25519PrivateKey.from_private_bytes(vault.unwrap(bytes(row["wrapped"]), PLACE))


async def any_waits(conn: Connection) -> bool:
    """Whether there is any certificate that a declaration may cite."""
    return bool(await conn.fetchval("select exists (select 1 from r_cooperation_gateway_certificate where state <> 'standing')"))


async def cited_by(conn: Connection, declarations: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """Declarations, and the certificates not linked to them that mention the same permit or transport document."""
    rows = await conn.fetch(
        """select distinct a.record_id declaration, c.id certificate
           from ref a join ref b on b.ref = a.ref and b.record = 'cooperation.gateway.certificate'
           join r_cooperation_gateway_certificate c on c.id = b.record_id and c.state <> 'standing'
           where a.record_id = any($1) and (a.ref like 'permit:%' or a.ref like 'bill:%')""",
        list(declarations),
    )
    return [(row["declaration"], row["certificate"]) for row in rows]
