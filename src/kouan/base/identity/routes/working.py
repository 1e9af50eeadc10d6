"""The dependency that makes a caller an administrator at work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Depends, Request

from kouan.base.identity.service import doors
from kouan.base.identity.service.administration import Admin
from kouan.kernel.principal import Principal


def administrator(*roles: str) -> Callable[[Request, Principal], Awaitable[Admin]]:
    """A dependency: the caller at work, who must hold one of these roles (Denied otherwise)."""

    held = Depends(doors.holding(*roles))

    # A default and not an annotation: FastAPI reads postponed annotations in the module, where the roles are unknown.
    async def working(request: Request, who: Principal = held) -> Admin:
        return Admin(doors.directory_of(request), who, doors.request_id(request))

    return working
