"""Once only: a notice about a call that is kept already states what is new, and keeps the rest (一次填报)."""

from __future__ import annotations

from dataclasses import replace

from kouan.base.exchange.codecs import fal
from kouan.base.exchange.formats.edifact.passengers import CONVEYANCE
from kouan.base.exchange.formats.imo_fal.mapping import CALL, PERSON, WANTED, FalSubmission
from kouan.kernel.database import scope
from kouan.kernel.errors import Problem, Refused
from kouan.kernel.formats import Draft, Submission
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import record_type
from kouan.kernel.references import make
from kouan.kernel.rules import Kept
from kouan.kernel.store import finding
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text

MOST_PERSONS = 60_000
MISSING = Text(
    "首次申报该船舶口岸动态时必须填写", "This must be stated when a call is declared for the first time"
)


async def completed(port: Port, who: Principal, part: Submission) -> Submission:
    """A notice with what is kept of its call; other submissions as they are. Refused when a new call lacks something."""
    if part.drafts[0].record == CONVEYANCE and part.drafts[0].renew:
        return await _flight(port, who, part)
    if not isinstance(part, FalSubmission):
        return part
    head, *rest = part.drafts
    data = head.data
    key = "|".join(str(data[name]) for name in ("port", "vessel", "voyage"))
    kept = next((k for k in await port.find(who, CALL, key=key) if k.filed_by == who.org), None)
    head = _merged(head, kept)
    if lacking := [name for name in WANTED if head.data.get(name) in (None, "")]:
        raise Refused.of([
            Problem("fal.missing", name, "FAL 1", MISSING, WANTED[name]) for name in lacking
        ])  # fmt: skip
    call = make("portcall", key.replace("|", "/"))
    gone = await _gone(port, who, part, call) if kept and part.roles else []
    return replace(part, drafts=(_counted(head, part), *rest, *gone))


async def _flight(port: Port, who: Principal, part: Submission) -> Submission:
    """A conveyance that was told before, by another message or by hand, keeps what this one does not tell."""
    head, *rest = part.drafts
    key = "|".join(str(head.data[name]) for name in record_type(CONVEYANCE).facts.key)
    kept = next((k for k in await port.find(who, CONVEYANCE, key=key) if k.filed_by == who.org), None)
    return replace(part, drafts=(_merged(head, kept), *rest))


def _merged(head: Draft, kept: Kept | None) -> Draft:
    if kept is None:
        return replace(head, version=0)
    before = kept.data.model_dump(mode="json", exclude_none=True)
    return replace(head, data={**before, **head.data}, version=kept.version)


def _counted(head: Draft, part: FalSubmission) -> Draft:
    """A call whose counts were stated before, with a warning where a list that is stated now has another number."""
    if head.warnings:
        return head
    found = []
    for role, listed in part.listed:
        stated = int(head.data.get("crew_count" if role == "crew" else "passenger_count") or 0)
        fault, name = (fal.CREW, "CrewList") if role == "crew" else (fal.PASSENGERS, "PassengerList")
        if stated != listed:
            found.append(fault.at(f"/{name}", name, stated=stated, listed=listed).out())
    return replace(head, warnings=(*head.warnings, *found))


async def _gone(port: Port, who: Principal, part: FalSubmission, call: str) -> list[Draft]:
    """Persons of the replaced lists who stand on none of the new ones: they stay on record, marked as removed."""
    present = {port.vault.token(make("person", str(d.data["person"]))) for d in part.drafts if d.record == PERSON}
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await finding.equal(conn, record_type(PERSON), {"call": call}, limit=MOST_PERSONS)
    mine = (row for row in rows if row.org == who.org and _leaves(row, part.roles) and row.doc["person"] not in present)
    return [Draft(PERSON, {**row.doc, "status": "removed"}, "/", renew=True) for row in mine]


def _leaves(row: Row, roles: tuple[str, ...]) -> bool:
    return row.doc["role"] in roles and row.doc.get("status") != "removed"
