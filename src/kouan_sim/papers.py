"""The papers of one fresh simulated voyage as files, for whoever walks a ship call by hand or by program.

`port-call.json` (FAL, by the agent), `manifest.edi` (CUSCAR, by the carrier), `green.xml`, `spare.xml` and
`risky.xml` (WCO DEC, by the trader: ordinary goods twice, as a random share is looked at; batteries declared far
under value and mass), and `index.json` that says what is in them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from kouan_sim.calls import fal_port_call
from kouan_sim.identifiers import References, plate
from kouan_sim.messages import cuscar, wco_declaration
from kouan_sim.ships import SISTER
from kouan_sim.traders import LITHIUM, ORDINARY, TRADER, Bill, Desk, Voyage, understated
from kouan_sim.trucks import Truck


def write(out: Path, refs: References) -> dict[str, Any]:
    """Write the papers of the sister ship's next voyage into a folder; answers what index.json says."""
    out.mkdir(parents=True, exist_ok=True)
    desk, now = Desk(refs), datetime.now(UTC).replace(microsecond=0)
    ordinary = refs.chance("green").choice(ORDINARY)
    green, spare, risky = (desk.bill(goods, 1, TRADER) for goods in (ordinary, ordinary, LITHIUM))
    voyage = desk.voyage(now + timedelta(hours=2), 2, vessel=SISTER, extra=(green, spare, risky))
    index: dict[str, Any] = {
        "simulated": True,
        "run": refs.run,
        "mmsi": str(SISTER.mmsi),
        "imo": voyage.imo,
        "ship": SISTER.name,
        "voyage": voyage.number,
        "port_call": {"file": "port-call.json"},
        "manifest": {"file": "manifest.edi", "number": voyage.manifest, "bills": [b.number for b in voyage.bills]},
        "green": _declared(out, "green", voyage, green, refs),
        "spare": _declared(out, "spare", voyage, spare, refs),
        "risky": _declared(out, "risky", voyage, understated(risky), refs),
    }
    (out / "port-call.json").write_bytes(fal_port_call(voyage))
    (out / "manifest.edi").write_bytes(cuscar(voyage, now))
    (out / "index.json").write_bytes(orjson.dumps(index, option=orjson.OPT_INDENT_2))
    return index


def _declared(out: Path, name: str, voyage: Voyage, bill: Bill, refs: References) -> dict[str, Any]:
    now, reference = datetime.now(UTC).replace(microsecond=0), refs.next("SIMP")
    (out / f"{name}.xml").write_bytes(wco_declaration(voyage, bill, reference, now))
    box = bill.boxes[0]
    truck = Truck("out-1", plate(refs.chance(name)), (box.number,), "out", box.gross + 14_000)
    return {
        "file": f"{name}.xml",
        "reference": reference,
        "bill": bill.number,
        "container": box.number,
        "vehicle": truck.vehicle,
        "booking": truck.booking(refs.next("SIMK"), now - timedelta(minutes=30)),
    }
