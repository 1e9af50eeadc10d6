"""Two simulated officers of customs put a selection profile in force (模拟): one drafts, tries and proposes, the other approves."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from kouan_sim.doors import Answer, Door
from kouan_sim.scene import said

log = logging.getLogger(__name__)
PROFILE = "/api/records/supervision/targeting/profile"
CODE = "SIM-DEMO-LITHIUM"
SECOND = "officer-2"
"""The account of customs' second officer in the demo."""


def draft(today: str) -> dict[str, Any]:
    """A profile of the demo's own: lithium-ion batteries from one country. Condition and score are invented."""
    return {
        "code": CODE, "title_zh": "锂电池（演示模板）", "title_en": "Lithium batteries (profile of the demo)", "agency": "maritime",
        "score": 40, "valid_from": today,
        "conditions": [
            {"what": "item.hs", "operator": "begins", "values": ["850760"]},
            {"what": "item.origin", "operator": "is", "values": ["KR"]},
        ],
        "reason_zh": "锂离子电池，核对危险货物申报（演示）", "reason_en": "Lithium-ion batteries: look at the dangerous goods papers (demo)",
    }  # fmt: skip


async def put_in_force(first: Door, second: Door) -> bool:
    """Once for each data folder; answers whether the profile is in force now. Raises Unreachable."""
    known = await first.get(f"{PROFILE}?code={CODE}")
    items = known.body.get("items", []) if known.ok and isinstance(known.body, dict) else []
    if not items:
        made = await first.call("POST", PROFILE, draft(f"{datetime.now(UTC):%Y-%m-%d}"), key=CODE)
        if not _went("profile", made):
            return False
        items = [made.body["item"]]
    item, state = items[0], items[0]["state"]
    if state == "draft":
        tried = await first.call("POST", f"/api/targeting/profiles/{item['id']}/try", {"days": 30})
        proposed = _went("trial", tried) and _went("proposal", await first.call("POST", f"{PROFILE}/{item['id']}/actions/propose", {}))
        state = "proposed" if proposed else state
    if state == "proposed":
        approved = await second.call("POST", f"{PROFILE}/{item['id']}/actions/approve", {})
        state = "active" if _went("approval", approved) else state
    return bool(state == "active")


def _went(what: str, answer: Answer) -> bool:
    said(what, answer)
    return answer.ok
