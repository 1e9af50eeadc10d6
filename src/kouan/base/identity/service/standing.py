"""What an account has kept of the rights that it had when it began something that goes on without it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from kouan.base.identity.store import accounts
from kouan.kernel.database import Pool
from kouan.kernel.principal import Principal


async def still(source: Pool, who: Principal) -> Principal | None:
    """A principal that was kept, with no more roles and level than its account has now; None when it has none left.

    What bears no account's number (the platform itself) is as it was.
    """
    try:
        account = UUID(who.user)
    except ValueError:
        return who
    found = await accounts.standing(source, account, who.org)
    if found is None or not who.roles & found[0]:
        return None
    return replace(who, roles=who.roles & found[0], clearance=min(who.clearance, found[1]))
