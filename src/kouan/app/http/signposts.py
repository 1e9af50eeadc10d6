"""Finds the router of an address by its first words.

FastAPI asks each route of each router in turn whether an address is its own: with some hundred routers that takes longer
than many an answer. Here an address goes straight to the routers that have such words; what none of them takes as it
stands (another method, a missing page, a redirect) goes the usual way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

RECORDS = ("api", "records")
Words = tuple[str, ...]


class Signposts:
    """Routes of an application by the first words of their addresses, in their order."""

    def __init__(self, router: APIRouter) -> None:
        self._router = router
        self._by_words: dict[Words, list[BaseRoute]] = {}
        for route in router.routes:
            for words in dict.fromkeys(words_of(path) for path in _paths(route)):
                self._by_words.setdefault(words, []).append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            for route in self.near(scope["path"]):
                match, child = route.matches(scope)
                if match is Match.FULL:
                    scope.setdefault("router", self._router)
                    scope.update(child)
                    await route.handle(scope, receive, send)
                    return
        await self._router.app(scope, receive, send)

    def near(self, path: str) -> Sequence[BaseRoute]:
        """The routes whose addresses begin with the same words."""
        return self._by_words.get(words_of(path), ())


def words_of(path: str) -> Words:
    """The words of an address that tell its router: the service, of records the record type too."""
    words = tuple(path.split("/", 6)[1:6])
    return words if words[:2] == RECORDS else words[:2]


def _paths(route: BaseRoute) -> Iterator[str]:
    """The addresses of a route, or of all routes of an included router; none where it does not tell them."""
    inner = getattr(route, "original_router", None)
    for one in inner.routes if inner is not None else (route,):
        path = getattr(one, "path", None)
        if isinstance(path, str):
            yield path
