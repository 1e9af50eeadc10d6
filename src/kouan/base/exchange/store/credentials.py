"""The keys that the platform shares with parties' systems, wrapped by the vault; the former one stays valid for a day."""

from __future__ import annotations

from collections.abc import Sequence

from kouan.kernel.database import Connection
from kouan.kernel.vault import Vault

_PUT = """insert into connector_secret (connector, org, wrapped, set_by, set_at, readers) values ($1, $2, $3, $4, now(), $5)
    on conflict (connector, org) do update set former = connector_secret.wrapped, wrapped = $3, set_by = $4, set_at = now()"""
_KEYS = """select wrapped, case when set_at > now() - interval '1 day' then former end as former
    from connector_secret where connector = $1 and org = $2"""


def _place(connector: str, org: int) -> str:
    return f"connector:{connector}/{org}"


async def put(conn: Connection, vault: Vault, connector: str, org: int, key: bytes, by: str) -> None:
    """Keep a new key of a party; the one before it signs for a day more."""
    wrapped = vault.wrap(key, _place(connector, org))
    await conn.execute(_PUT, connector, org, wrapped, by, [1, org])


async def keys(conn: Connection, vault: Vault, connector: str, org: int) -> tuple[bytes, ...]:
    """The keys by which what goes to a party is signed, newest first; none when none was agreed."""
    row = await conn.fetchrow(_KEYS, connector, org)
    wrapped: Sequence[bytes | None] = (row["wrapped"], row["former"]) if row else ()
    return tuple(vault.unwrap(bytes(one), _place(connector, org)) for one in wrapped if one is not None)


async def known(conn: Connection) -> frozenset[tuple[str, int]]:
    """The parties that have a key, in the connection's scope."""
    return frozenset((row["connector"], row["org"]) for row in await conn.fetch("select connector, org from connector_secret"))
