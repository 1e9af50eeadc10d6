"""Schemathesis over /openapi.json: whatever fits the declared shape, or does not, meets no fault and is refused as told."""

from __future__ import annotations

import json
import time
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

LEFT_OUT = {
    ("GET", "/api/live"): "never ends", ("DELETE", "/api/session"): "would end the session that asks",
    ("PUT", "/api/connectors/{name}"): "would turn the parties' deliveries to other hosts",
    ("DELETE", "/api/connectors/{name}"): "would turn the parties' deliveries off",
    ("GET", "/api/session/oidc/start"): "leaves for another server",
}  # fmt: skip
CALLERS = [("customs", "officer"), ("trader", "clerk")]
BUDGET = 80.0
OURS = {"authorization", "cookie", "user-agent", "host", "accept", "accept-encoding", "connection"}
EXAMPLES = {GenerationMode.POSITIVE: 5, GenerationMode.NEGATIVE: 4}


def operations(platform: Running) -> Iterator[Any]:
    """Every declared operation but those left out."""
    with platform.client() as stranger:
        schema = schemathesis.openapi.from_dict(stranger.get("/openapi.json").json())
    schema.config.update(base_url=platform.url)
    for result in schema.get_all_operations():
        operation = result.ok()
        if (operation.method.upper(), operation.path) not in LEFT_OUT:
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
@pytest.mark.parametrize(("org", "role"), CALLERS)
def test_no_door_breaks(platform: Running, org: str, role: str) -> None:
    headers = {"Authorization": f"Bearer {platform.token(org, role)}"}
    started, tried = time.monotonic(), 0
    every = list(operations(platform))
    assert len(every) > 100
    with httpx.Client(base_url=platform.url, headers=headers, timeout=30, trust_env=False) as client:
        faults: list[str] = []
        for operation in every:
            if time.monotonic() - started < BUDGET:
                faults += try_out(operation, client)
                tried += 1
    assert not faults, "\n".join(faults)
    assert tried >= len(every) // 2, f"only {tried} of {len(every)} doors within {BUDGET} s"


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
