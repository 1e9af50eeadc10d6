"""Which doors are shut at low water: those that take facts; who asks, signs in or takes a right away is let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.app.http.dry import stops
from kouan.kernel.room import Room

LOW, SCARCE, ROOMY = 70, 30, 1000


def asked(method: str, path: str, left: int) -> bool:
    return stops({"type": "http", "method": method, "path": path}, Room(lambda: left, 100))


@pytest.mark.parametrize(("method", "path", "low", "scarce"), [
    ("POST", "/api/records/base/manifest/rail_manifest", True, True), ("POST", "/api/intake/edifact", True, True),
    ("PUT", "/api/records/base/portcall/port_call/1", True, True), ("POST", "/api/gate/lanes/1/passages", True, True),
    ("DELETE", "/api/intake/quarantine/1", True, True), ("POST", "/api/erasure", True, True), ("POST", "/api/parcels", True, True),
    ("POST", "/api/trace", False, False), ("POST", "/api/hub", False, False), ("POST", "/api/parcels/resolve", False, False),
    ("POST", "/api/conveyances/persons", False, False), ("GET", "/api/records/base/manifest/rail_manifest", False, False),
    ("HEAD", "/", False, False), ("GET", "/api/health", False, False),
    ("POST", "/api/session", False, True), ("POST", "/api/session/demo", False, True), ("DELETE", "/api/session", False, True),
    ("POST", "/api/identity/accounts/1/revoke", False, True), ("DELETE", "/api/identity/tokens/1", False, True),
])  # fmt: skip
def test_doors_at_low_water(method: str, path: str, low: bool, scarce: bool) -> None:
    assert asked(method, path, LOW) is low
    assert asked(method, path, SCARCE) is scarce
    assert not asked(method, path, ROOMY)


@given(st.text(max_size=40), st.sampled_from(["GET", "HEAD", "OPTIONS", "TRACE", "QUERY"]))
def test_whoever_only_reads_is_never_stopped(path: str, method: str) -> None:
    assert not asked(method, f"/api/{path}", SCARCE)


def test_what_is_no_request_passes() -> None:
    assert not stops({"type": "lifespan"}, Room(lambda: 0, 100))
