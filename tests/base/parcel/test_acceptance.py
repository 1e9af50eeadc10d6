"""Parcels through the public doors: a thousand lists in one upload, each resolved; post traced by its number."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from kouan.base.exchange.api import to_xlsx
from kouan_sim.identifiers import References
from tests.conftest import Running

LIST = "base.parcel.list"
COUNT = 1000
NAMES = ("张伟", "王芳", "李娜", "刘洋")


def rows(refs: References, count: int) -> list[dict[str, Any]]:
    """Lists of retail parcels, each with its own order, payment, parcel and payer."""
    return [
        {
            "number": refs.next("QD"), "mode": "9610", "platform": "SIM Mall 模拟商城", "order_number": refs.next("OD"),
            "payment_number": refs.next("PAY"), "parcel": refs.next("SF"), "buyer": f"ID/CN/{refs.next('37')}",
            "payer": f"{NAMES[n % 4]}{n:04d}", "amount": f"{100 + n}.50", "currency": "CNY", "gross_kg": "0.8",
        }
        for n in range(count)
    ]  # fmt: skip


def sheet(found: list[dict[str, Any]], kind: str) -> bytes:
    """The lists as CSV or XLSX."""
    if kind == "csv":
        out = io.StringIO()
        writer = csv.DictWriter(out, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
        return out.getvalue().encode()
    return to_xlsx(list(found[0]), [list(one.values()) for one in found])


@pytest.mark.clause("H7.2.1a4")
def test_a_thousand_lists_are_loaded_at_once_and_each_parcel_resolves(platform: Running) -> None:
    refs = References()
    lists = rows(refs, COUNT)
    with platform.client("trader") as trader:
        answer = trader.post("/api/intake/csv", params={"record": LIST}, content=sheet(lists, "csv"))
        assert answer.status_code == 200, answer.text[:500]
        assert (len(answer.json()["accepted"]), answer.json()["refused"]) == (COUNT, [])
        resolved = trader.post("/api/parcels/resolve", json={"numbers": [one["parcel"] for one in lists]}).json()["items"]
    assert len(resolved) == COUNT
    for one, found in zip(lists, resolved, strict=True):
        assert found["number"] == one["parcel"]
        assert found["list"]["data"]["number"] == one["number"]
        assert found["list"]["data"]["parcel"] == f"parcel:{one['parcel']}"
        assert found["payer"] == one["payer"]
    first = lists[0]
    with platform.client("trader") as trader:
        traced = trader.post("/api/trace", json={"ref": first["parcel"]}).json()
        assert [d["record"] for d in traced["documents"]] == [LIST]
    with platform.client("trucker") as stranger:
        (hidden,) = stranger.post("/api/parcels/resolve", json={"numbers": [first["parcel"]]}).json()["items"]
    assert (hidden["list"], hidden["payer"]) == (None, None)
    for org in ("customs", "trader"):
        accounts = [a for a in platform.accounts() if a["org"] == org and a["role"] == "viewer"]
        for account in accounts:
            with platform.client(org, account["role"]) as viewer:
                level = viewer.get("/api/me").json()["clearance"]
                (seen,) = viewer.post("/api/parcels/resolve", json={"numbers": [first["parcel"]]}).json()["items"]
            masked = org != "trader" and level < 3
            assert ("***" in seen["payer"]) == masked, (org, level)


@pytest.mark.parametrize("kind", ["xlsx", "json"])
def test_lists_come_as_workbook_and_as_json_too(platform: Running, kind: str) -> None:
    lists = rows(References(), 20)
    with platform.client("trader") as trader:
        content: dict[str, Any] = {"json": lists} if kind == "json" else {"content": sheet(lists, "xlsx")}
        answer = trader.post(f"/api/intake/{kind}", params={"record": LIST}, **content)
        assert len(answer.json()["accepted"]) == 20, answer.text[:500]
        found = trader.post("/api/parcels/resolve", json={"numbers": [lists[7]["parcel"]]}).json()["items"]
    assert found[0]["payer"] == lists[7]["payer"]


def test_order_payment_and_logistics_are_compared_with_the_list(platform: Running) -> None:
    (one,) = rows(References(), 1)
    papers = {
        "order": {"number": one["order_number"], "platform": one["platform"], "amount": one["amount"], "currency": "CNY"},
        "payment": {"number": one["payment_number"], "order_number": one["order_number"], "payer": "赵敏敏",
                    "amount": "1.00", "currency": "CNY"},
    }  # fmt: skip
    with platform.client("trader") as trader, platform.client("carrier") as carrier, platform.client("customs") as customs:
        assert trader.post("/api/records/base/parcel/list", json=one).status_code == 201
        for name, body in papers.items():
            assert trader.post(f"/api/records/base/parcel/{name}", json=body).status_code == 201
        before = customs.post("/api/parcels/resolve", json={"numbers": [one["parcel"]]}).json()["items"][0]
        assert [d["en"] for d in before["differences"]] == [
            "The amount paid is not the list's", "The logistics paper has not come",
        ]  # fmt: skip
        logistics = {"number": f"{one['parcel'][:2]} {one['parcel'][2:]}", "carriage": "express", "gross_kg": 0.8}
        assert carrier.post("/api/records/base/parcel/parcel", json=logistics).status_code == 201
        after = trader.post("/api/parcels/resolve", json={"numbers": [one["parcel"]]}).json()["items"][0]
        assert [d["en"] for d in after["differences"]] == ["The amount paid is not the list's"]
        assert after["parcel"] is None, "the carrier's paper is not the trader's to see"


def test_a_postal_item_is_traced_by_its_number_and_a_wrong_one_is_repaired(platform: Running) -> None:
    serial = f"{int(References().next('')[:8], 36) % 10**8:08d}"
    left = 11 - sum(int(d) * w for d, w in zip(serial, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    digit = {10: 0, 11: 5}.get(left, left)
    right = f"RR{serial}{digit}CN"
    body = {
        "carriage": "post", "form": "CN22", "category": "gift", "amount": "30", "currency": "USD", "addressee": "张伟",
        "goods": [{"description": "Toy", "quantity": "1", "value": "30"}],
    }  # fmt: skip
    with platform.client("carrier") as post:
        wrong = post.post("/api/records/base/parcel/parcel", json={**body, "number": f"RR{serial}{(digit + 1) % 10}CN"})
        assert (wrong.status_code, wrong.json()["rule"]) == (422, "PARCEL-S10")
        assert f"校验位应为 {digit}" in wrong.json()["reason"]["zh"]
        assert "CN？" in wrong.json()["reason"]["zh"], "a likely number is offered"
        bare = post.post("/api/records/base/parcel/parcel", json={**body, "number": right, "goods": []})
        assert (bare.status_code, bare.json()["field"]) == (422, "goods")
        assert post.post("/api/records/base/parcel/parcel", json={**body, "number": right}).status_code == 201
        traced = post.post("/api/trace", json={"ref": f"{right[:2]} {serial} {digit} CN"}).json()
    assert [d["record"] for d in traced["documents"]] == ["base.parcel.parcel"]
