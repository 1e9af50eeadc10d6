"""Carriers: CODECO and COARRI of their own boxes, CUSRES about their manifests and calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.base.movement.api import Move
from kouan.kernel.text import Text

RESPONSE = "base.receipt.response"


class Carrier(HttpParty):
    """What was done with the carrier's boxes, and what agencies answer about its papers.

    Each goes as an EDIFACT message where there is one for it, else as JSON.
    """

    code = "carrier"
    title = Text("承运人系统", "Carrier's system")
    org = "carrier"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {Move.facts.name: ("*",), RESPONSE: ("*",)}
    setting = "connector.carrier"
    forms: ClassVar[Mapping[str, str]] = {Move.facts.name: "edifact", RESPONSE: "edifact"}
