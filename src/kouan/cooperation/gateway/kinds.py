"""What crosses the border as data, and which kept record it is written from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from kouan.kernel.text import Text

DocKind = Literal["aeo", "origin", "inspection", "transport", "cargo_list", "manifest", "export"]
KINDS: Mapping[str, Text] = {
    "aeo": Text("AEO 认证信息", "AEO status"), "origin": Text("原产地证书", "Certificate of origin"),
    "inspection": Text("检验检疫证书", "Inspection or quarantine certificate"),
    "transport": Text("国际运输单证", "International transport document"), "cargo_list": Text("货物清单", "Cargo list"),
    "manifest": Text("舱单", "Manifest"), "export": Text("出口报关单", "Export declaration"),
}  # fmt: skip
SENT_FROM: Mapping[str, tuple[str, ...]] = {
    "aeo": ("base.enterprise.enterprise",), "origin": ("base.permit.permit",), "inspection": ("base.permit.permit",),
    "transport": ("base.transport.document",), "cargo_list": ("base.manifest.consignment",), "manifest": ("base.manifest.manifest",),
    "export": ("base.declaration.declaration",),
}  # fmt: skip
"""The record types out of which a document of each kind is written."""
LINES: Mapping[str, tuple[str, str]] = {"base.manifest.manifest": ("base.manifest.consignment", "manifest")}
"""Record types whose lines are records of their own: the lines' type, and their field that names the head."""
USUAL_PERMIT: Mapping[str, str] = {"origin": "Y"}
"""Under which kind of permit a declaration cites a foreign certificate where the partner's mapping does not say it."""
MOST_LINES = 5000
