"""The seeded world: every organisation has filed, and every demo account is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.conftest import Database, database_of
from tests.conformance.crossing.expected import Account, World
from tests.conformance.crossing.seeding import seed
from tests.conftest import Running, end, planted, start


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A platform of our own: what other tests leave behind (quarantined bodies, above all) is no part of this world."""
    running = start(planted(tmp_path_factory.mktemp("crossing") / "data"), KOUAN_RANDOM_SHARE="0")
    yield running
    end(running)


@pytest.fixture(scope="session")
def database(platform: Running) -> Iterator[Database]:
    """Its database."""
    with database_of(platform) as opened:
        yield opened


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
