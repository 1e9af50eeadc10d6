"""The platform's own link key: made once, wrapped by the vault, its public half handed to partners."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kouan.cooperation.link import sealing
from kouan.cooperation.link.store import reading
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM

PLACE = "link:key"
EXTRA = "cooperation.link.key"


async def own(port: Port) -> Ed25519PrivateKey:
    """The key that signs what goes to partners; made at the first call."""
    found: Ed25519PrivateKey | None = port.extras.get(EXTRA)
    if found is None:
        async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
            wrapped = await reading.key(conn)
            if wrapped is None:
                await reading.keep_key(conn, port.vault.wrap(secrets.token_bytes(sealing.BYTES), PLACE))
                wrapped = await reading.key(conn)
        assert wrapped is not None
        found = port.extras[EXTRA] = sealing.private_of(port.vault.unwrap(bytes(wrapped), PLACE))
    return found


async def public(port: Port) -> str:
    """The public half, as a partner pins it."""
    return sealing.written((await own(port)).public_key())
