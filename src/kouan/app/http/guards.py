"""ASGI guards around every route: strict headers, and a limit on how much a body may be."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kouan.kernel.errors import TooLarge
from kouan.kernel.formats import MOST_BYTES
from kouan.kernel.http.problems import answer
from kouan.kernel.ids import uuid7
from kouan.kernel.text import Text

TOO_LARGE = Text(f"请求体超过 {MOST_BYTES >> 20} MiB", f"The body is larger than {MOST_BYTES >> 20} MiB")
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "worker-src 'self' blob:; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class _Over(BaseException):
    """Too much was sent. Not an Exception: whoever reads the body would take it for a body that cannot be parsed."""


class Guards:
    """Adds the security headers to every answer and refuses bodies over the limit before they are read whole."""

    def __init__(self, app: ASGIApp, csp: str = CSP) -> None:
        self._app = app
        self._headers = {**HEADERS, "Content-Security-Policy": csp}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        number = str(uuid7())
        scope.setdefault("state", {})["request_id"] = number

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("X-Request-Id", number)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        length = Headers(scope=scope).get("content-length", "0")
        if length.isdigit() and int(length) > MOST_BYTES:
            await answer(TooLarge(TOO_LARGE, rule="body.limit"))(scope, receive, guarded_send)
            return
        try:
            await self._app(scope, _counted(receive), guarded_send)
        except _Over:
            if not started:
                await answer(TooLarge(TOO_LARGE, rule="body.limit"))(scope, receive, guarded_send)


def _counted(receive: Receive) -> Receive:
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MOST_BYTES:
            raise _Over
        return message

    return counted
