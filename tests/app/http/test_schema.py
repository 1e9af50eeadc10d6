"""Schemathesis over /openapi.json: whatever fits the declared shape, or does not, meets no fault and is refused as told."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any
from unittest import SkipTest

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.conftest import Running
from tests.turns import TURN

LEFT_OUT = {
    ("GET", "/api/live"): "never ends", ("DELETE", "/api/session"): "would end the session that asks",
    ("PUT", "/api/connectors/{name}"): "would turn the parties' deliveries to other hosts",
    ("DELETE", "/api/connectors/{name}"): "would turn the parties' deliveries off",
    ("GET", "/api/session/oidc/start"): "leaves for another server",
}  # fmt: skip
SHARE = 24
"""One in so many of the doors that the kernel makes for each record type is tried at each run; another part at each turn (KOUAN_TURN)."""
OURS = {"authorization", "cookie", "user-agent", "host", "accept", "accept-encoding", "connection"}
EXAMPLES = {GenerationMode.POSITIVE: 3, GenerationMode.NEGATIVE: 3}


@schemathesis.serializer("application/edifact")
def as_it_is(_context: Any, value: Any) -> bytes:
    """What is made up for a body that is no JSON."""
    return value if isinstance(value, bytes) else str(value).encode()


def turn(operation: Any) -> int:
    """A number of a door that goes on by one with each turn."""
    return zlib.crc32(f"{operation.method.upper()} {operation.path}".encode()) + TURN


def chosen(operation: Any) -> bool:
    """Doors that a module wrote itself, always; generated ones, of which there are many alike, in turn."""
    left_out = (operation.method.upper(), str(operation.path)) in LEFT_OUT
    return not left_out and (not generated(operation) or turn(operation) % SHARE == 0)


def generated(operation: Any) -> bool:
    """Whether the kernel made a door for a record type."""
    return str(operation.path).startswith(("/api/records/", "/api/import/", "/api/export/"))


def operations(platform: Running) -> Iterator[Any]:
    """The declared operations whose turn it is."""
    with platform.client() as stranger:
        schema = schemathesis.openapi.from_dict(stranger.get("/openapi.json").json())
    schema.config.update(base_url=platform.url)
    for result in schema.get_all_operations():
        operation = result.ok()
        if chosen(operation):
            yield operation


def judge(case: Any, answer: Any) -> None:
    """No fault; a refusal is a problem in both languages, and its status is one that the door declares."""
    where = f"{case.method} {case.operation.path} {answer.request.url}"
    assert answer.status_code < 500 or (answer.status_code == 503 and case.operation.path == "/api/health"), (where, answer.text)
    declared = {str(status) for status in case.operation.definition.raw["responses"]}
    assert str(answer.status_code) in declared | {"405"} or "default" in declared, (where, answer.status_code, answer.text[:300])
    if answer.status_code >= 400 and "oidc/callback" not in case.operation.path:
        assert answer.headers["content-type"] == "application/problem+json", where
        body = answer.json()
        assert body["reason"]["zh"], where
        assert body["reason"]["en"], where
        assert body["status"] == answer.status_code, where


@pytest.mark.slow
def test_no_door_breaks(platform: Running) -> None:
    """Each door is tried by one of the callers, by the other at another turn."""
    every = list(operations(platform))
    assert len(every) > 100
    with platform.client("customs") as officer, platform.client("trader") as trader:
        callers = (officer, trader)
        faults = [fault for one in every for fault in try_out(one, callers[turn(one) // (SHARE if generated(one) else 1) % 2])]
    assert not faults, "\n".join(faults)


def try_out(operation: Any, client: httpx.Client) -> Iterator[str]:
    """A few requests of the declared shape, and a few that are not; what was wrong with the answers."""
    for mode, examples in EXAMPLES.items():
        strategy = operation.as_strategy(generation_mode=mode)

        @settings(max_examples=examples, database=None, deadline=None, phases=[Phase.generate], derandomize=True,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=strategy)
        def ask(case: Any) -> None:
            judge(case, send(case, client))

        try:
            ask()
        except AssertionError as fault:
            yield str(fault).partition("\n")[0]
        except (Unsatisfiable, SkipTest):
            continue  # nothing wrong can be sent to a door that takes nothing


def send(case: Any, client: httpx.Client) -> httpx.Response:
    """Send a case through our own client, so that all go over one connection."""
    kwargs = case.as_transport_kwargs(base_url=str(client.base_url))
    body = json.dumps(kwargs["json"]) if "json" in kwargs else kwargs.get("data")
    headers = {name: text for name, text in dict(kwargs.get("headers") or {}).items() if name.lower() not in OURS}
    method, url, params = kwargs["method"], kwargs["url"], kwargs.get("params")
    return client.request(method, url, params=params, content=body, headers=headers)
