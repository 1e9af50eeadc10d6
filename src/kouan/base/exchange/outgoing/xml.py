"""Any record as plain XML: elements named as its fields, lists as repeated elements, times as RFC 3339 in UTC."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from kouan.base.exchange.outgoing.fact import Fact

SPACE = "urn:kouan:record:1"
_UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(fact: Fact) -> bytes:
    """The visible part of a record, UTF-8."""
    attributes = {"type": fact.record, "ref": _UNFIT.sub("?", fact.ref), "version": str(fact.version), "event": fact.event}
    root = etree.Element(f"{{{SPACE}}}record", attributes, nsmap={"k": SPACE})
    _fill(root, fact.data)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _fill(parent: etree._Element, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if one is not None:
                child = etree.SubElement(parent, f"{{{SPACE}}}{name}")
                if isinstance(one, Mapping):
                    _fill(child, one)
                else:
                    child.text = _UNFIT.sub("?", _text(one))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
