"""Document trace on the running platform: enter any one key, the whole chain comes back."""

from __future__ import annotations

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
