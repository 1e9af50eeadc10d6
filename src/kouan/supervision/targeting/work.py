"""What targeting puts on work lists: profiles that wait for a second person."""

from __future__ import annotations

from datetime import datetime, timedelta

from kouan.kernel.database import Connection
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.finding import equal
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text
from kouan.operations.worklist.api import Act, WorkItem
from kouan.supervision.targeting.profiles import Profile

PROFILE = Profile.facts.name
APPROVE = Text("审阅并批准", "Review and approve")
WHY = Text("由另一人提请，需第二人批准后生效", "A colleague proposed it; it takes effect when a second person approves")
WITHIN = timedelta(days=2)
MOST = 50


async def waiting(conn: Connection, _port: Port, who: Principal) -> list[WorkItem]:
    """The proposed profiles that the caller did not propose."""
    if who.kind != "customs" or not who.writes:
        return []
    rows = await equal(conn, Profile, {}, states=("proposed",), limit=MOST)
    return [_item(row) for row in rows if row.doc.get("proposed_by") != who.user]


def _item(row: Row) -> WorkItem:
    title = Text(f"布控模板 {row.doc['code']}（第 {row.doc['edition']} 版）", f"Profile {row.doc['code']}, edition {row.doc['edition']}")
    due = datetime.fromisoformat(row.doc["proposed_at"]) + WITHIN
    act = Act(APPROVE, href=f"/supervision/targeting/profiles/{row.id}")
    return WorkItem(title, WHY, act, PROFILE, row.ref, str(row.id), due, row.state)
