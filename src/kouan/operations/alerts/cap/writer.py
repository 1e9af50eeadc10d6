"""A warning of the port as a CAP 1.2 message, and the feed of them as Atom (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from kouan.operations.alerts.cap.reader import SPACE
from kouan.operations.alerts.lifecycle import CLOSED, FALSE

ATOM = "http://www.w3.org/2005/Atom"
PLAIN: Any = {None: SPACE}
PLAIN_ATOM: Any = {None: ATOM}
SEVERITY = {"notice": "Minor", "warning": "Moderate", "serious": "Severe", "critical": "Extreme"}
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
MEDIA, FEED = "application/cap+xml", "application/atom+xml"


def message(item: Mapping[str, Any], sender: str, base: str) -> bytes:
    """One warning, in both languages. `base`: the platform's address, under which receipt and proof are found.

    A closed warning is a Cancel, one whose fate goes on an Update once it has changed. Times keep whole seconds, as CAP wants.
    """
    data = item["data"]
    root = etree.Element(f"{{{SPACE}}}alert", nsmap=PLAIN)
    ended, first = item["state"] in (CLOSED, FALSE), f"{sender},{data['number']}-1,{_time(item['filed_at'])}"
    _put(root, "identifier", f"{data['number']}-{item['version']}")
    _put(root, "sender", sender)
    _put(root, "sent", _time(item["updated_at"]))
    _put(root, "status", "Exercise" if data.get("simulated") else "Actual")
    _put(root, "msgType", "Cancel" if ended else "Alert" if item["version"] == 1 else "Update")
    _put(root, "scope", "Restricted")
    _put(root, "restriction", "Parties of the warning")
    if item["version"] > 1:
        _put(root, "references", first)
    for language, code in LANGUAGES.items():
        _info(root, item, language, code, base)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _info(root: Any, item: Mapping[str, Any], language: str, code: str, base: str) -> None:
    data = item["data"]
    info = etree.SubElement(root, f"{{{SPACE}}}info")
    _put(info, "language", code)
    _put(info, "category", "Security" if "gate" in data["alert"] or "cloned" in data["alert"] else "Safety")
    _put(info, "event", data["title"][language])
    _put(info, "urgency", "Immediate" if data["severity"] in ("serious", "critical") else "Expected")
    _put(info, "severity", SEVERITY[data["severity"]])
    _put(info, "certainty", "Observed")
    _put(info, "onset", _time(data["at"]))
    _put(info, "headline", data["message"][language][:160])
    _put(info, "description", data["message"][language])
    _put(info, "web", f"{base}/api/receipts/{item['receipt']}/proof")
    for name in ("alert", "clause", "value", "threshold", "unit", "verdict"):
        if data.get(name) not in (None, ""):
            parameter = etree.SubElement(info, f"{{{SPACE}}}parameter")
            _put(parameter, "valueName", f"kouan:{name}")
            _put(parameter, "value", str(data[name]))
    if data.get("lon") is not None or data.get("place"):
        area = etree.SubElement(info, f"{{{SPACE}}}area")
        _put(area, "areaDesc", str(data.get("place") or f"{data['lat']:.5f}, {data['lon']:.5f}"))
        if data.get("lon") is not None:
            _put(area, "circle", f"{data['lat']:.6f},{data['lon']:.6f} 0")


def feed(items: Sequence[Mapping[str, Any]], title: str, base: str, at: datetime) -> bytes:
    """Warnings as an Atom feed whose entries link to their CAP messages."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap=PLAIN_ATOM)
    _atom(root, "id", f"{base}/api/warnings/feed.atom")
    _atom(root, "title", title)
    _atom(root, "updated", at.isoformat(timespec="seconds"))
    for item in items:
        entry = etree.SubElement(root, f"{{{ATOM}}}entry")
        _atom(entry, "id", f"urn:uuid:{item['id']}")
        _atom(entry, "title", f"{item['data']['title']['zh']} / {item['data']['title']['en']}")
        _atom(entry, "updated", item["updated_at"])
        _atom(entry, "summary", f"{item['data']['message']['zh']} / {item['data']['message']['en']}")
        author = etree.SubElement(entry, f"{{{ATOM}}}author")
        _atom(author, "name", item["filed_by"])
        etree.SubElement(entry, f"{{{ATOM}}}link", href=f"{base}/api/warnings/{item['id']}.cap", type=MEDIA)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _put(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{SPACE}}}{name}").text = _clean(text)


def _atom(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = _clean(text)


def _clean(text: str) -> str:
    """Without the signs that XML 1.0 cannot hold: controls, surrogates, the last two of the plane."""
    return _UNFIT.sub("", text)


def _time(text: str) -> str:
    """CAP 1.2 3.3.2: whole seconds, and -00:00 in the place of Z."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")
