"""Transport papers made for tests, and the calls that file them."""

from __future__ import annotations

from typing import Any

from kouan_sim.identifiers import References, container
from tests.conftest import Running

DOCUMENT = "/api/records/base/transport/document"
PACKING = "/api/records/base/transport/packing_list"
RECEIPT = "/api/records/base/transport/interchange"
ORDER = "/api/records/base/transport/delivery_order"


def call(platform: Running, org: str, method: str, path: str, status: int, **more: Any) -> Any:
    """The answer to an organisation's call, which must have the status expected."""
    with platform.client(org) as client:
        answer = client.request(method, path, **more)
    assert answer.status_code == status, answer.text
    return answer.json()


def act(platform: Running, org: str, item: dict[str, Any], action: str, status: int, **changes: Any) -> Any:
    """An action on a record."""
    door = "/api/records/" + item["record"].replace(".", "/")
    return call(platform, org, "POST", f"{door}/{item['id']}/actions/{action}", status, json={"data": changes})


def box(refs: References) -> str:
    """A container number that no other run has."""
    return container("SIM", refs.chance(refs.next("box")).randrange(1_000_000))


def air_number(refs: References, prefix: str = "888") -> str:
    """An air waybill number with its check digit."""
    serial = refs.chance(refs.next("awb")).randrange(10_000_000)
    return f"{prefix}-{serial:07d}{serial % 7}"


def bill(refs: References, **more: Any) -> dict[str, Any]:
    """A bill of lading to order, held by the trader."""
    return {
        "number": refs.next("BL"), "form": "bill", "issued_on": "2026-11-20", "holder": "org:trader", "origin": "NLRTM",
        "destination": "CNSHG", "containers": [box(refs)], "pieces": 40, "gross_kg": 11_200.0, **more,
    }  # fmt: skip
