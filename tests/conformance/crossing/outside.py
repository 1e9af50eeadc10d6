"""What papers of trade, other platforms, partners abroad, provinces and libraries need that a canary cannot be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from kouan.cooperation.gateway.formats.jws.format import Signed
from kouan.kernel.formats import Submission
from kouan_sim.foreign import Window, agreed


def moment(**ahead: float) -> str:
    """A moment from now."""
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


@cache
def _window(run: int) -> Window:
    return Window(f"XB-{run}")


def _abroad(run: int) -> dict[str, Any]:
    """A partner abroad, a message that it signed, and a dispatch to it; what the platform fills in is left out."""
    window = _window(run)
    partner = {name: value for name, value in agreed(window).items() if name not in ("name_zh", "name_en")}
    document = {"certificateNo": f"CO-{run}", "formType": "CO", "originCountry": "KOR"}
    (part,) = Signed().read(window.message(f"M-{run}", "origin", document), record="", office="").parts
    assert isinstance(part, Submission)
    message = {**part.drafts[0].data, "issued_at": part.drafts[0].data["issued_at"].isoformat()}
    blank: dict[str, Any] = {"steps": [], "tries": 0, "next_try": None}
    return {
        "cooperation.gateway.partner": {**partner, "address": "http://127.0.0.1:9/window"},
        "cooperation.gateway.message": {**message, **blank, "certificate": None},
        "cooperation.gateway.dispatch": {
            "partner": f"foreignpartner:{window.code}", "doc_kind": "origin", "subject": "permit:Y/NONE", **blank,
            "document": None, "mapped": [], "envelope": None, "reference": None, "reply": None,
        },
    }  # fmt: skip


def _served(run: int) -> dict[str, Any]:
    """A province's base and its tenant, an interface under verification, a national library."""
    return {
        "base.province.base": {"province": f"P{run}"},
        "base.province.tenant": {"base": f"database:P{run}", "org": "org:trucker", "region": f"R{run}"},
        "base.verification.interface": {
            "number": f"if-{run}", "address": "http://127.0.0.1:9/take", "within_ms": 500, "cases": [{"name": "one", "body": "{}"}],
            "report": None,
        },
        "base.registers.library": {
            "code": f"L-{run}", "families": ["place"], "address": "http://127.0.0.1:9/library", "every_minutes": 10080, "cursors": [],
            "synced_at": None, "read": 0, "changed": 0, "unknown": 0, "problem_zh": None, "problem_en": None,
        },
    }  # fmt: skip


def _traded(run: int) -> dict[str, Any]:
    """Trade papers of the trader's own firm, a month of its production, and a duty rate that has ended."""
    firm = {"firm": "enterprise:91379999MA0WHH048N", "currency": "USD", "order": None}
    line = [{"description": "Lathes", "hs": "845811", "quantity": "1"}]
    return {
        "base.trade.order": {**firm, "country": "DE", "goods": line},
        "base.trade.payment": firm,
        "base.trade.invoice": {**firm, "country": "DE", "goods": line},
        "base.trade.policy": firm,
        "base.enterprise.production": {
            "firm": "enterprise:91379999MA0WHH048N", "month": f"20{run % 90 + 10:02}-{run % 12 + 1:02}",
            "output_cny": "31000.1", "revenue_cny": "31000.2", "employees": 47,
        },
        "standards.parameters.rate": {
            "hs": f"845811{run % 10000:04}", "area": "", "percent": "5", "since": "2020-01-01", "until": "2020-12-31", "of_code": None,
        },
    }  # fmt: skip


def _linked(run: int) -> dict[str, Any]:
    """An agreement that nobody has signed yet, an incident of which the platform has said nothing yet, a parameter that has ended."""
    return {
        "cooperation.link.agreement": {
            "number": f"HL-{run}", "partner": "org:nowhere", "partner_key": "whpk_" + "A" * 43 + "=", "address": "https://nowhere.example",
            "own_name": "here", "gives": [{"record": "base.declaration.declaration", "fields": ["gross_kg"]}], "takes": [], "until": None,
            "readers": [],
            "partner_signature": None,
        },
        "assurance.running.parameter": {"name": "forecast_days", "value": 45, "since": "2020-01-01", "until": "2020-12-31"},
        "cooperation.levels.incident": {"at": moment(), "case": None, "rises_to": [], "from_platform": None, "about": None},
    }  # fmt: skip


def outside(run: int) -> dict[str, Any]:
    """By record type."""
    return {**_traded(run), **_linked(run), **_abroad(run), **_served(run)}
