"""What every route needs: who calls, and the port. The composition puts both into `app.state`."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from kouan.kernel.port import Port
from kouan.kernel.principal import Principal


async def caller(request: Request) -> Principal:
    """The signed-in caller; raises NotSignedIn."""
    return cast("Principal", await request.app.state.authenticate(request))


async def the_port(request: Request) -> Port:
    """The process's port."""
    return cast("Port", request.app.state.port)


Caller = Annotated[Principal, Depends(caller)]
ThePort = Annotated[Port, Depends(the_port)]
