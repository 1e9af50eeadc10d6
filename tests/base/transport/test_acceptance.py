"""One order by three modes; a bill with one holder; receipts with wrong numbers; a delivery order fetched once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kouan_sim.identifiers import References, plate
from tests.base.transport.papers import DOCUMENT, ORDER, PACKING, RECEIPT, act, air_number, bill, box, call
from tests.conftest import Running


@pytest.fixture
def refs() -> References:
    return References()


@pytest.mark.clause("H7.2.1b1")
def test_three_legs_of_one_order_stand_in_one_view(platform: Running, refs: References) -> None:
    order, air = refs.next("SO"), air_number(refs)
    rail = {"number": refs.next("SMGS"), "form": "smgs", "issued_on": "2026-11-10", "origin": "CNCHE", "destination": "KZALA",
            "departs": "2026-11-25T02:00:00Z", "arrives": "2026-11-29T02:00:00Z", "wagons": ["52839471"]}  # fmt: skip
    sea = bill(refs, departs="2026-11-01T00:00:00Z", arrives="2026-11-20T00:00:00Z", destination="CNSHA")
    sky = {"number": air, "form": "awb", "level": "master", "issued_on": "2026-11-21", "origin": "SHA", "destination": "CNCHE",
           "departs": "2026-11-22T00:00:00Z", "arrives": "2026-11-23T00:00:00Z"}  # fmt: skip
    for paper in (rail, sea, sky):
        call(platform, "carrier", "POST", DOCUMENT, 201, json={**paper, "shipment": order})
    told = call(platform, "customs", "GET", f"/api/shipments/{order}", 200)
    assert [(leg["mode"], leg["number"]) for leg in told["legs"]] == [
        ("sea", sea["number"]),
        ("air", air),
        ("rail", rail["number"]),
    ]
    assert told["gaps"] == []
    traced = call(platform, "customs", "POST", "/api/trace", 200, json={"ref": f"shipment:{order}"})
    numbers = {doc["data"]["number"] for doc in traced["documents"] if doc["record"] == "base.transport.document"}
    assert numbers == {f"bill:{one}" for one in (sea["number"], air, rail["number"])}
    from_rail = call(platform, "customs", "POST", "/api/trace", 200, json={"ref": f"waybill:{air.replace('-', '')}"})
    assert numbers <= {doc["data"].get("number") for doc in from_rail["documents"]}


@pytest.mark.clause("H7.2.1b1")
def test_a_wrong_check_digit_is_refused_and_the_right_one_suggested(platform: Running, refs: References) -> None:
    right = air_number(refs)
    wrong = right[:-1] + str((int(right[-1]) + 1) % 7)
    paper = {"number": wrong, "form": "awb", "issued_on": "2026-11-21"}
    refusal = call(platform, "carrier", "POST", DOCUMENT, 422, json=paper)
    assert (refusal["rule"], refusal["field"]) == ("TD-AWB", "number")
    assert right in refusal["reason"]["zh"]
    assert right in refusal["reason"]["en"]
    call(platform, "carrier", "POST", DOCUMENT, 201, json={**paper, "number": right.replace("-", "")})


@pytest.mark.clause("H7.2.1b1")
def test_house_and_master_lead_to_each_other_and_gaps_are_flagged(platform: Running, refs: References) -> None:
    order, master, house = refs.next("SO"), air_number(refs), refs.next("HAWB")
    paper = {"form": "awb", "issued_on": "2026-11-21", "origin": "ICN", "destination": "FRA", "shipment": order}
    call(
        platform,
        "agent",
        "POST",
        DOCUMENT,
        201,
        json={**paper, "number": house, "level": "house", "master": master, "pieces": 5},
    )
    alone = call(platform, "customs", "GET", f"/api/shipments/{order}", 200)
    assert [gap["kind"] for gap in alone["gaps"]] == ["master_missing"]
    filed = call(
        platform,
        "carrier",
        "POST",
        DOCUMENT,
        201,
        json={**paper, "number": master, "level": "master", "houses": [house, "GONE"]},
    )
    both = call(platform, "customs", "GET", f"/api/shipments/{order}", 200)
    assert [(leg["number"], leg["level"]) for leg in both["legs"]] == [(master, "master")]
    assert [leg["number"] for leg in both["covers"]] == [house]
    assert [gap["kind"] for gap in both["gaps"]] == ["house_missing"]
    assert filed["item"]["warnings"] == []
    call(platform, "carrier", "POST", DOCUMENT, 201, json={
        "number": refs.next("CMR"), "form": "cmr", "issued_on": "2026-11-23", "origin": "DEHAM", "destination": "DEBER", "shipment": order,
    })  # fmt: skip
    third = call(platform, "customs", "GET", f"/api/shipments/{order}", 200)
    assert {gap["kind"] for gap in third["gaps"]} == {"house_missing", "place"}


def test_a_shipment_is_seen_by_its_parties_alone(platform: Running, refs: References) -> None:
    order = refs.next("SO")
    paper = bill(
        refs, shipment=order, consignee_code="trader", charges=[{"kind": "freight", "amount": "900", "currency": "USD"}]
    )
    call(platform, "carrier", "POST", DOCUMENT, 201, json=paper)
    call(platform, "trucker", "GET", f"/api/shipments/{order}", 404)
    assert len(call(platform, "trader", "GET", f"/api/shipments/{order}", 200)["legs"]) == 1
    (item,) = call(platform, "terminal", "GET", DOCUMENT, 200, params={"number": paper["number"]})["items"]
    assert not {"holder", "charges", "consignee", "contacts"} & set(item["data"])


@pytest.mark.clause("H7.2.1b1")
def test_a_bill_has_one_holder_at_a_time(platform: Running, refs: References) -> None:
    paper = bill(refs)
    item = call(platform, "carrier", "POST", DOCUMENT, 201, json=paper)["item"]
    assert (
        call(platform, "agent", "POST", DOCUMENT, 409, json={**paper, "holder": "org:agent"})["code"]
        == "natural_key_kept"
    )
    assert call(platform, "carrier", "POST", DOCUMENT, 422, json=bill(refs, holder=None))["rule"] == "TD-HOLDER"
    assert act(platform, "carrier", item, "endorse", 403, holder="org:trucker")["code"] == "not_holder"
    amended = call(
        platform,
        "carrier",
        "PUT",
        f"{DOCUMENT}/{item['id']}",
        422,
        json={**paper, "holder": "org:carrier"},
        headers={"If-Match": "1"},
    )
    assert amended["rule"] == "TD-HOLDER"
    with ThreadPoolExecutor(4) as pool:
        door = f"{DOCUMENT}/{item['id']}/actions/endorse"

        def endorse(holder: str) -> int:
            with platform.client("trader") as trader:
                return trader.post(door, json={"data": {"holder": f"org:{holder}"}}).status_code

        assert sorted(pool.map(endorse, ("agent", "trucker", "agent", "trucker"))).count(200) == 1
    assert act(platform, "trader", item, "surrender", 403)["code"] == "not_holder"
    seen = call(platform, "trader", "GET", f"{DOCUMENT}/{item['id']}", 200)
    assert (seen["parties"], seen["data"]["holders"]) == (["former"], ["org:trader"])


@pytest.mark.clause("H7.2.1b2")
def test_a_receipt_with_a_wrong_container_digit_is_refused_and_the_right_one_suggested(
    platform: Running, refs: References
) -> None:
    right = box(refs)
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    paper = {
        "number": refs.next("EIR"),
        "container": wrong,
        "way": "out",
        "at": "2026-11-22T03:20:00Z",
        "size_type": "22G1",
    }
    refusal = call(platform, "terminal", "POST", RECEIPT, 422, json=paper)
    assert (refusal["rule"], refusal["field"]) == ("EIR-CONTAINER-DIGIT", "container")
    for language in ("zh", "en"):
        assert right in refusal["reason"][language]
    call(platform, "terminal", "POST", RECEIPT, 201, json={**paper, "container": right})
    traced = call(platform, "terminal", "POST", "/api/trace", 200, json={"ref": right})
    assert "base.transport.interchange" in {doc["record"] for doc in traced["documents"]}


@pytest.mark.clause("H7.2.1b2")
def test_a_packing_list_is_joined_to_its_containers(platform: Running, refs: References) -> None:
    first, second = box(refs), box(refs)
    lines = [{"sequence": 1, "packages": 30, "container": first}, {"sequence": 2, "packages": 9, "container": second}]
    paper = {"number": refs.next("PL"), "containers": [first, second], "lines": lines, "packages": 40}
    item = call(platform, "trader", "POST", PACKING, 201, json=paper)["item"]
    assert [warning["rule"] for warning in item["warnings"]] == ["PL-SUMS"]
    traced = call(platform, "trader", "POST", "/api/trace", 200, json={"ref": second})
    assert item["ref"] in {doc["ref"] for doc in traced["documents"]}
    broken = {
        **paper,
        "number": refs.next("PL"),
        "lines": [{**lines[0], "container": first[:-1] + str((int(first[-1]) + 1) % 10)}],
    }
    assert call(platform, "trader", "POST", PACKING, 422, json=broken)["field"] == "lines.0.container"


@pytest.mark.clause("H7.2.1b2")
def test_a_delivery_order_follows_the_bill_and_each_box_goes_once(platform: Running, refs: References) -> None:
    boxes = sorted(box(refs) for _ in range(2))
    paper = bill(refs, containers=boxes)
    item = call(platform, "carrier", "POST", DOCUMENT, 201, json=paper)["item"]
    order: dict[str, Any] = {
        "number": refs.next("DO"),
        "bill": paper["number"],
        "issuer": "org:carrier",
        "holder": "org:trader",
        "containers": boxes,
    }
    assert call(platform, "carrier", "POST", ORDER, 422, json=order)["rule"] == "DO-SURRENDERED"
    act(platform, "trader", item, "surrender", 200)
    assert call(platform, "agent", "POST", ORDER, 422, json={**order, "issuer": "org:agent"})["rule"] == "DO-ISSUER"
    assert (
        call(platform, "carrier", "POST", ORDER, 422, json={**order, "containers": [box(refs)]})["rule"]
        == "DO-CONTAINERS"
    )

    def issue(n: int) -> int:
        with platform.client("carrier") as carrier:
            return carrier.post(ORDER, json={**order, "number": f"{order['number']}-{n}"}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(issue, range(4))) == [201, 422, 422, 422]
    (kept,) = call(platform, "terminal", "GET", ORDER, 200, params={"bill": paper["number"]})["items"]
    act(platform, "trader", kept, "assign", 200, holder="org:trucker")
    assert act(platform, "trader", kept, "assign", 403, holder="org:agent")["code"] == "not_holder"
    door, truck = f"/api/delivery-orders/{kept['id']}/collect", plate(refs.chance("plate"))

    def fetch(container: str) -> int:
        with platform.client("terminal") as terminal:
            return terminal.post(door, json={"container": container, "vehicle": truck}).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(fetch, boxes * 3)) == [200, 200, 409, 409, 409, 409]
    done = call(platform, "trucker", "GET", f"{ORDER}/{kept['id']}", 200)
    assert done["state"] == "collected"
    assert sorted(one["container"] for one in done["data"]["collected"]) == [f"container:{one}" for one in boxes]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"mode": "air"}, "TD-FORM"), ({"form": "cmr", "title": "order"}, "TD-FORM"), ({"level": "house"}, "TD-LEVEL"),
        ({"master": "OTHER"}, "TD-LEVEL"), ({"houses": ["OTHER"]}, "TD-LEVEL"), ({"form": "seaway-bill"}, "TD-HOLDER"),
    ],
)  # fmt: skip
def test_documents_that_contradict_themselves_are_refused(
    platform: Running, refs: References, change: dict[str, Any], rule: str
) -> None:
    refusal = call(platform, "carrier", "POST", DOCUMENT, 422, json=bill(refs, **change))
    assert rule in {problem["rule"] for problem in refusal["problems"]}
