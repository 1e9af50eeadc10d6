"""The short way to a route finds what the long way finds."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match

from kouan.app import registry
from kouan.app.http.signposts import Signposts, words_of
from kouan.kernel.http.records import record_router
from kouan.kernel.modules import modules
from kouan.kernel.records import record_types


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """The doors of every module, and those of some record types."""
    registry.load()
    made = FastAPI()
    for router in [router for module in modules() for router in module.routes] + [record_router(cls) for cls in record_types()[:4]]:
        made.include_router(router)
    made.router.middleware_stack = Signposts(made.router)
    return made


def first(routes: Any, path: str, method: str) -> BaseRoute | None:
    asked = {"type": "http", "path": path, "method": method, "headers": [], "root_path": "", "query_string": b""}
    return next((route for route in routes if route.matches(dict(asked))[0] is Match.FULL), None)


def test_every_address_has_its_own_router_by_both_ways(app: FastAPI) -> None:
    posts = app.router.middleware_stack
    assert isinstance(posts, Signposts)
    inner = [one for route in app.router.routes for one in getattr(route, "original_router", app.router).routes]
    asked = [(re.sub(r"\{[^}]*\}", "x1", one.path), next(iter(one.methods))) for one in inner if isinstance(one, APIRoute)]
    assert len(asked) > 100
    for path, method in asked[::3]:
        found = first(posts.near(path), path, method)
        assert found is not None, path
        assert found is first(app.router.routes, path, method), path


def test_an_address_is_known_by_its_service_and_a_record_by_its_type() -> None:
    assert words_of("/api/gates/in-1/passages") == ("api", "gates")
    assert words_of("/api/records/base/permit/permit/0198/history") == ("api", "records", "base", "permit", "permit")
    assert words_of("/") == ("",)


@pytest.mark.parametrize("path", ["", "/", "//", "/api", "/api/records", "/api/nothing/here", "/api/records/a/b/c/d/e", "/%00"])
def test_a_strange_address_takes_the_long_way(app: FastAPI, path: str) -> None:
    posts = app.router.middleware_stack
    assert isinstance(posts, Signposts)
    found = first(posts.near(path), path, "GET")
    assert found is None or found is first(app.router.routes, path, "GET")
