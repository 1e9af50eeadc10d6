"""Document trace on the running platform: enter any one key, the whole chain comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import Running
from tests.shipment import Shipment


@pytest.mark.clause("H7.2.5b2")
def test_any_one_key_returns_the_full_linked_chain(platform: Running) -> None:
    shipment = Shipment(platform)
    shipment.file()
    shipment.becomes("released")
    vehicle = shipment.plate()
    shipment.book(vehicle, [shipment.box], "out")
    passage = shipment.present("out-1", vehicle, [shipment.box])
    assert passage["decision"] == "open"
    keys = [
        shipment.box, shipment.box.lower(), f"container:{shipment.box}", shipment.bill.number, shipment.reference, vehicle,
        passage["passage"]["ref"], passage["receipt"]["id"],
    ]  # fmt: skip
    for key in keys:
        traced = shipment.trace("portoffice", key)
        kinds = {document["record"].rpartition(".")[2] for document in traced["documents"]}
        assert {"consignment", "declaration", "booking", "passage"} <= kinds, key
        assert {"filed", "assess", "release"} <= {event["kind"] for event in traced["events"]}, key
        assert [event["at"] for event in traced["events"]] == sorted(event["at"] for event in traced["events"])
        named = {document["ref"] for document in traced["documents"]}
        assert passage["passage"]["ref"] in named, key
    stranger = shipment.trace("agent")
    assert (stranger["documents"], stranger["events"], stranger["missing"]) == ([], [], [])


def test_a_rail_manifest_is_joined_to_its_smgs_note_from_either_side(platform: Running) -> None:
    shipment = Shipment(platform)
    number, wagon = shipment.refs.next("SMGS"), f"{shipment.refs.chance('wagon').randrange(50_000_000, 59_999_999)}"
    now = datetime.now(UTC).replace(microsecond=0)
    line = {
        "waybill": f"waybill:{number}", "wagon": f"wagon:{wagon}", "entered_at": (now - timedelta(hours=2)).isoformat(),
        "containers": [shipment.box], "train": "X8044",
    }  # fmt: skip
    manifest = shipment.call("carrier", "POST", "/api/records/base/manifest/rail_manifest", 201, json=line)["item"]
    note = {
        "number": f"bill:{number}", "form": "smgs", "issued_on": f"{now:%Y-%m-%d}", "wagons": [f"wagon:{wagon}"],
        "containers": [shipment.box], "origin": "KZALA", "destination": "CNWHH",
    }  # fmt: skip
    document = shipment.call("carrier", "POST", "/api/records/base/transport/document", 201, json=note)["item"]
    assert (document["data"]["waybill"], document["data"]["mode"]) == (f"waybill:{number}", "rail")
    both = {("base.manifest.rail_manifest", manifest["ref"]), ("base.transport.document", document["ref"])}
    keys = (number, number.lower(), f"waybill:{number}", f"bill:{number}", f"wagon:{wagon}", shipment.box, manifest["ref"], document["ref"])
    for key in keys:
        traced = shipment.trace("customs", key)
        assert both <= {(one["record"], one["ref"]) for one in traced["documents"]}, key
        assert [event["at"] for event in traced["events"]] == sorted(event["at"] for event in traced["events"]), key
    assert [e["at"] for e in shipment.trace("customs", number)["events"] if e["ref"] == manifest["ref"]], "it has its place in time"
    assert shipment.trace("trader", number)["documents"] == [], "a trader is no party of either"
