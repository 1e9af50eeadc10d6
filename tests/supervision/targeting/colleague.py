"""A second officer of customs: whoever proposes a profile cannot approve it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.conftest import Running

TITLE = {"zh": "布控台第二人", "en": "Second person of the targeting desk"}


@contextmanager
def second_officer(platform: Running) -> Iterator[httpx.Client]:
    """A client of a new officer of customs, made by the port's administrators and signed in with a password of its own."""
    name, password = f"desk-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    with (
        platform.client("portoffice", "system-admin") as system,
        platform.client("portoffice", "security-admin") as security,
    ):
        orgs: list[dict[str, Any]] = system.get("/api/identity/organisations").raise_for_status().json()
        customs = next(org["id"] for org in orgs if org["slug"] == "customs")
        body = {"org": customs, "name": name, "title": TITLE}
        made = system.post("/api/identity/accounts", json=body).raise_for_status().json()
        number = made["account"]["id"]
        security.put(f"/api/identity/accounts/{number}/roles", json={"roles": ["officer"]}).raise_for_status()
    typed = {"org": "customs", "user": name, "password": made["password"], "new_password": password}
    with platform.client() as browser:
        browser.headers["x-csrf-token"] = browser.post("/api/session", json=typed).raise_for_status().json()["csrf"]
        yield browser
