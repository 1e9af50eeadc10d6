"""What every benchmark's result says."""

from __future__ import annotations

import json
from typing import Any

MACHINE = {"cores", "python", "load_average", "at"}


def stands(found: dict[str, Any], name: str) -> None:
    """What every result says: its name, the machine, that its data are made up, in JSON."""
    assert found["name"] == name
    assert set(found["machine"]) >= MACHINE
    assert any(word in found["data"] for word in ("synthetic", "simulated"))
    assert json.loads(json.dumps(found)) == found
