"""Each call of a door takes part in its caller's trace and is measured under its route.

A `traceparent` that comes with a call (W3C Trace Context) is taken up and handed on to whoever is asked for it; the answer tells our
part of the trace in `traceresponse`. A stream that stands open is not measured.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kouan.kernel import calls
from kouan.kernel.meters import measured

PAGES = "door GET page"
UNKNOWN = "door unknown"
STREAM = "text/event-stream"


class Observed:
    """Traces and measures HTTP calls; anything else passes through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = calls.begun(Headers(scope=scope).get("traceparent", ""), scope)
        calls.enter(call)
        status, counted, work = 500, True, measured(UNKNOWN)

        async def sending(message: Message) -> None:
            nonlocal status, counted
            if message["type"] == "http.response.start":
                status, headers = message["status"], MutableHeaders(scope=message)
                headers.setdefault("traceresponse", call.stated)
                counted = not headers.get("content-type", "").startswith(STREAM)
            await send(message)

        work.begin()
        try:
            await self._app(scope, receive, sending)
        finally:
            call.status = status
            work.service = _named(call, scope["path"])
            work.end(failed=status >= 500, counted=counted)
            call.over = True


def _named(call: calls.Call, path: str) -> str:
    # What came in by no route was made up outside: it gets one name for all.
    return f"door {call.door}" if call.door else PAGES if not path.startswith("/api/") else UNKNOWN
