"""The seeded world: every organisation has filed, and every demo account is known."""

from __future__ import annotations

import pytest

from tests.conformance.conftest import Database
from tests.conformance.crossing.expected import Account, World
from tests.conformance.crossing.seeding import seed
from tests.conftest import Running


@pytest.fixture(scope="session")
def world(platform: Running, database: Database) -> World:
    """What was filed, by whom, and who is there to read it."""
    numbers = {row["slug"]: row["id"] for row in database.fetch("select id, slug from organisation", user="kouan_owner")}
    accounts = []
    for one in platform.accounts():
        with platform.client(one["org"], one["role"]) as client:
            me = client.get("/api/me").json()
        kind, clearance = me["org"]["kind"], me["clearance"]
        accounts.append(Account(one["org"], kind, one["role"], clearance, one["token"], numbers[one["org"]]))
    return seed(platform, database, accounts)
