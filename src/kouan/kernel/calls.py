"""Which call a process works for just now: its trace (W3C Trace Context) and its door.

What is measured, counted or handed on below a door asks here; a task that is begun for a call goes on under the same trace.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

_STATED = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
NO_TRACE, NO_SPAN = "0" * 32, "0" * 16
SAMPLED = "01"


@dataclass(slots=True)
class Call:
    """One call of a door. `trace` and `parent` came with it or were made here; `span` is our own part of the trace.

    `scope`: the ASGI scope, in which the router notes the route that it found.
    """

    trace: str
    span: str
    parent: str = ""
    flags: str = SAMPLED
    scope: Mapping[str, Any] = field(default_factory=dict)

    @property
    def door(self) -> str:
        """Method and route (with placeholders, never with what stood in them); empty before the route is found."""
        route = getattr(self.scope.get("route"), "path", "")
        return f"{self.scope.get('method', '')} {route}" if route else ""

    @property
    def stated(self) -> str:
        """The call as `traceparent` says it to whoever is asked next."""
        return f"00-{self.trace}-{self.span}-{self.flags}"


_call: ContextVar[Call | None] = ContextVar("call", default=None)


def begun(traceparent: str = "", scope: Mapping[str, Any] | None = None) -> Call:
    """A call that begins: of the trace that its caller stated, or of a new one where that is none (W3C Trace Context 3.2)."""
    found = _STATED.fullmatch(traceparent.strip())
    span, scope = secrets.token_hex(8), scope or {}
    if found:
        version, trace, parent, flags, more = found.groups()
        # Version 00 ends with its flags; a later one may say more, which is not for us.
        if version != "ff" and trace != NO_TRACE and parent != NO_SPAN and not (more and version == "00"):
            return Call(trace, span, parent, flags if version == "00" else SAMPLED, scope)
    return Call(secrets.token_hex(16), span, scope=scope)


def enter(call: Call) -> None:
    """Work for a call from here on, in this task and those that it begins."""
    _call.set(call)


def current() -> Call | None:
    """The call that is worked for, or None."""
    return _call.get()


def passed_on() -> dict[str, str]:
    """The header by which the party that is asked now can tell that it works for the same trace."""
    call = _call.get() or begun()
    return {"traceparent": call.stated}
