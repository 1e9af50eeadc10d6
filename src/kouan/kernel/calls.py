"""Which call a process works for just now: its trace (W3C Trace Context) and its door.

What is measured, counted or handed on below a door asks here; a task that is begun for a call goes on under the same trace. Work
that follows from what a call filed, in whatever process, is a call of its own under that trace (`kept`, `follow`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

_STATED = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
NO_TRACE, NO_SPAN = "0" * 32, "0" * 16
SAMPLED = "01"


@dataclass(slots=True)
class Call:
    """One call of a door. `trace` and `parent` came with it or were made here; `span` is our own part of the trace.

    `scope`: the ASGI scope, in which the router notes the route that it found. `status`: what the door answered, 0 elsewhere.
    `over`: it has been answered. `lasting`: the trace is kept with what is filed, because its caller stated it or somebody collects
    traces. `rooted`: the span of the whole call is taken (by whatever was measured first).
    """

    trace: str
    span: str
    parent: str = ""
    flags: str = SAMPLED
    scope: Mapping[str, Any] = field(default_factory=dict)
    status: int = 0
    lasting: bool = False
    rooted: bool = False
    over: bool = False

    @property
    def sampled(self) -> bool:
        """Whether spans of this call are collected."""
        return bool(int(self.flags, 16) & 1)

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


_sampler: Callable[[str, str], bool] | None = None


def sample_by(told: Callable[[str, str], bool] | None) -> None:
    """Who decides whether the spans of a call are collected: asked for each that begins with its trace and the flags that came
    with it ("" for none). None: nobody collects any; what came with a call is handed on as it came."""
    global _sampler  # noqa: PLW0603 - a process has one sampler, as it has one set of meters
    _sampler = told


def begun(traceparent: str = "", scope: Mapping[str, Any] | None = None) -> Call:
    """A call that begins: of the trace that its caller stated, or of a new one where that is none (W3C Trace Context 3.2)."""
    found = _STATED.fullmatch(traceparent.strip())
    span, scope = secrets.token_hex(8), scope or {}
    if found:
        version, trace, parent, flags, more = found.groups()
        # Version 00 ends with its flags; a later one may say more, which is not for us.
        if version != "ff" and trace != NO_TRACE and parent != NO_SPAN and not (more and version == "00"):
            stated = flags if version == "00" else SAMPLED
            return Call(trace, span, parent, _flags(trace, stated), scope, lasting=True)
    trace = secrets.token_hex(16)
    return Call(trace, span, flags=_flags(trace, ""), scope=scope, lasting=_sampler is not None)


def _flags(trace: str, stated: str) -> str:
    if _sampler is None:
        return stated or SAMPLED
    # Only the first bit is ours to decide; what else was stated is handed on.
    others = int(stated or "00", 16) & ~1
    return f"{others | _sampler(trace, stated):02x}"


def enter(call: Call | None) -> None:
    """Work for a call from here on, in this task and those that it begins; None: for no call any more."""
    _call.set(call)


def follow(traceparent: str = "") -> Call:
    """Work from here on, in this task, at what follows from a call whose trace was kept, or from none ("")."""
    call = begun(traceparent)
    enter(call)
    return call


def current() -> Call | None:
    """The call that is worked for, or None."""
    return _call.get()


def kept() -> str:
    """How the call that is worked for is kept with what it files; "" where nobody stated or collects its trace."""
    call = _call.get()
    return call.stated if call is not None and call.lasting and not call.over else ""


def collected(trace: str) -> bool:
    """Whether spans of a call, as it was kept, are collected; False for none."""
    return bool(trace) and bool(int(trace[-2:], 16) & 1)


def passed_on(span: str = "") -> dict[str, str]:
    """The header by which the party that is asked now can tell that it works for the same trace. `span`: the part of the trace
    that asks, where it has one of its own."""
    call = _call.get() or begun()
    return {"traceparent": f"00-{call.trace}-{span or call.span}-{call.flags}"}
