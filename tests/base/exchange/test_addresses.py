"""Where a party's system is: which addresses may be stated, and by whom."""

from __future__ import annotations

import pytest

from tests.base.conftest import House
from tests.base.exchange.test_connectors import PARTIES


@pytest.mark.parametrize(
    ("demo", "address", "status"),
    [
        (True, "http://127.0.0.1:8080", 200),
        (True, "http://localhost:8080/kouan", 200),
        (True, "http://[::1]:8080", 200),
        (True, "https://customs.example:8443/in", 200),
        (True, "http://customs.example", 422),
        (False, "https://customs.example", 200),
        (False, "http://customs.example", 422),
        (False, "https://127.0.0.1", 422),
        (False, "https://localhost", 422),
        (False, "https://169.254.169.254/latest", 422),
        (False, "https://0.0.0.0", 422),
        (False, "https://2130706433", 422),
        (False, "https://[::1]", 422),
        (False, "https://127.1", 422),
        (False, "https://0x7f000001", 422),
        (False, "https://0251.0376.0251.0376", 422),
        (False, "https://[::ffff:127.0.0.1]", 422),
        (False, "https://here.localhost.", 422),
        (True, "ftp://127.0.0.1", 422),
        (True, "http://", 422),
        (True, "http://user:pass@127.0.0.1", 422),
        (True, "http://127.0.0.1/?q=1", 422),
        (True, "http://127.0.0.1:99999", 422),
        (True, "http://127.0.0.1/ a", 422),
        (True, "", 422),
        (True, "http://127.0.0.1/\u6d77", 422),
    ],
)
async def test_addresses(house: House, demo: bool, address: str, status: int) -> None:
    house.app.state.settings.demo = demo
    async with house.client("customs") as customs:
        answer = await customs.put("/api/connectors/customs", json={"address": address})
    assert answer.status_code == status, answer.text


async def test_only_the_receiving_organisation_sets_its_address(house: House) -> None:
    body = {"address": "http://127.0.0.1:9"}
    callers = (("maritime", "officer", 403), ("customs", "viewer", 403), ("customs", "clerk", 403), ("customs", "operator", 200))
    for org, role, status in callers:
        async with house.client(org, role) as client:
            assert (await client.put("/api/connectors/customs", json=body)).status_code == status
    async with house.client("customs") as customs, house.client("portoffice") as office, house.client("agent") as agent:
        assert (await customs.put("/api/connectors/nosuch", json=body)).status_code == 404
        assert [one["name"] for one in (await customs.get("/api/connectors")).json()] == ["customs"]
        seen = {one["name"]: one for one in (await office.get("/api/connectors")).json()}
        assert set(seen) >= {*PARTIES, "transport"}
        assert seen["customs"]["status"] == "up"
        assert seen["customs"]["address"] is None, "where a party's system is stays its own"
        assert (await agent.get("/api/connectors")).json() == []
        assert (await customs.delete("/api/connectors/customs")).status_code == 204
        assert (await customs.delete("/api/connectors/customs")).status_code == 404
