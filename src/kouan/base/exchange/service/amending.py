"""Messages about what is kept already: the drafts that change it, out of what the message says and what is kept.

What is read here may be overtaken before it is written: each draft names the version on which it rests, and the filing is
refused as stale if that has passed; the intake then reads again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from kouan.base.declaration.api import Declaration
from kouan.base.exchange.formats.edifact.manifests import ManifestChange
from kouan.base.exchange.formats.wco_dec.amending import DeclarationChange, laid_over
from kouan.base.exchange.store import answers
from kouan.base.manifest.api import WITHDRAWN, Consignment, Manifest
from kouan.base.receipt.api import Response
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict, Failure, Refused
from kouan.kernel.formats import Draft, Submission
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.references import make
from kouan.kernel.rules import Kept
from kouan.kernel.store import finding
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.filing import REUSED
from kouan.kernel.store.ops import Filed, Row
from kouan.kernel.text import Text

DECLARATION, MANIFEST, CONSIGNMENT = Declaration.facts.name, Manifest.facts.name, Consignment.facts.name
MOST_LINES = 60_000
NO_MANIFEST = Text(
    "没有收到过贵单位编号为“{number}”的舱单，请先按原始报文提交", "No manifest “{number}” of yours is kept: file it as an original first"
)
NO_DECLARATION = Text(
    "没有收到过贵单位编号为“{number}”的报关单，无法更改", "No declaration “{number}” of yours is kept, so there is nothing to change"
)
NO_LINE = Text("舱单中没有提运单 {bill}", "The manifest holds no bill {bill}")
LINE_KEPT = Text("舱单中已有提运单 {bill}", "The manifest holds the bill {bill} already")
CANCELLED = Text("舱单已撤销，不能再更改", "The manifest is cancelled and is not changed any more")


@dataclass(frozen=True, slots=True)
class Act:
    """What a message asks for is an action of a kept record's lifecycle."""

    record: str
    id: str
    action: str
    note: str = ""


async def amended(port: Port, who: Principal, part: Submission) -> Submission | Act:
    """A submission that changes what is kept, completed by it; any other as it is.

    Raises Refused where nothing is kept that could be changed, Conflict where its state does not allow it.
    """
    if isinstance(part, ManifestChange):
        return await _manifest(port, who, part)
    if isinstance(part, DeclarationChange):
        return await _declaration(port, who, part)
    return part


def changes(part: Submission) -> bool:
    """Whether a submission changes what is kept, so that it cannot be understood a second time."""
    return isinstance(part, ManifestChange | DeclarationChange)


async def repeated(port: Port, who: Principal, body: bytes, key: str) -> Filed | None:
    """What was filed before under an Idempotency-Key with the same body, if anything; Conflict where the body is another."""
    async with scope(port.pool, scope_of(who)) as conn:
        used = await answers.used(conn, who.org, key) if key else None
        named = await answers.named(conn, used["submission"]) if used else ()
    if used is None:
        return None
    if bytes(used["body"]) != port.vault.digest(body):
        raise Conflict(REUSED, field="Idempotency-Key", rule="idempotency", code="idempotency_key_reused")
    kept = [await port.get(who, one["record"], one["id"]) for one in named]
    return Filed(str(used["submission"]), tuple(kept), repeated=True)


async def _mine(port: Port, who: Principal, record: str, key: str) -> Kept | None:
    found = await port.find(who, record, key=key)
    return next((kept for kept in found if kept.filed_by == who.org), None)


def _named(value: str) -> str:
    """A number out of a message, fit to stand in a sentence."""
    plain = "".join(char for char in value[:70] if char.isprintable() and char not in "{}")
    return plain or "?"


async def _declaration(port: Port, who: Principal, part: DeclarationChange) -> Submission | Act:
    kept = await _declared(port, who, part)
    if kept is None:
        reason = NO_DECLARATION.fill(number=_named(part.id or part.reference))
        raise Refused(reason, field="ID" if part.id else "FunctionalReferenceID", rule="WCO D026", code="wco.unknown")
    if part.cancel:
        return Act(DECLARATION, kept.id, "cancel", part.reason)
    before = kept.data.model_dump(mode="json", exclude_none=True)
    draft = replace(part.drafts[0], data=laid_over(before, part), renew=True, version=kept.version)
    return Submission((draft,), part.position)


async def _declared(port: Port, who: Principal, part: DeclarationChange) -> Kept | None:
    """The declaration that a message means: by the number of its receipt, by its reference, or by the message's own."""
    for name in filter(None, (part.id, part.reference)):
        if receipt := _uuid(name):
            async with scope(port.pool, scope_of(who)) as conn:
                ids = [one["id"] for one in await answers.named(conn, receipt) if one["record"] == DECLARATION]
            under = [await port.get(who, DECLARATION, found) for found in ids]
            if mine := [one for one in under if one.filed_by == who.org]:
                return mine[0]
        async with scope(port.pool, scope_of(who)) as conn:
            told = await finding.equal(conn, Response, {"number": name}, limit=1, newest=True)
        if told and (about := await port.find(who, DECLARATION, ref=str(told[0].doc["about"]))):
            return next((one for one in about if one.ref == told[0].doc["about"] and one.filed_by == who.org), None)
        bare = name.rpartition("/")[2] if name.lower().startswith("declaration:") else name
        key = Declaration.model_construct(functional_reference=bare).key(who.slug)
        if kept := await _mine(port, who, DECLARATION, key):
            return kept
    return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) in (32, 36) else None
    except ValueError:
        return None


async def _manifest(port: Port, who: Principal, part: ManifestChange) -> Submission:
    head, *stated = part.drafts
    number = str(head.data.get("number") or "")
    kept = await _mine(port, who, MANIFEST, Manifest.model_construct(number=number).key(who.slug))
    if kept is None:
        raise Refused(NO_MANIFEST.fill(number=_named(number)), field="number", rule="CUSCAR BGM 1225", code="cuscar.unknown")
    assert isinstance(kept.data, Manifest)
    if kept.data.function == "cancel":
        raise Conflict(CANCELLED, rule="CUSCAR BGM 1225", code="cuscar.cancelled")
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await finding.equal(conn, Consignment, {"manifest": kept.ref}, limit=MOST_LINES)
    before = {str(row.doc["bill"]): row for row in rows}
    lines = list(_lines(part, stated, before))
    standing = {bill for bill, row in before.items() if row.doc.get("status") != WITHDRAWN}
    for draft in lines:
        bill = _bill(draft)
        standing = standing - {bill} if draft.data.get("status") == WITHDRAWN else standing | {bill}
    old = {} if part.function == "replace" else kept.data.model_dump(mode="json", exclude_none=True)
    function = "cancel" if part.function == "cancel" else "change"
    data = {**old, **head.data, "function": function, "consignments": len(standing)}
    first = replace(head, data=data, renew=True, version=kept.version)
    return Submission((first, *lines), part.position)


def _lines(part: ManifestChange, stated: Iterable[Draft], before: Mapping[str, Row]) -> Iterable[Draft]:
    """The lines that a change touches, each as it will stand."""
    named = {_bill(draft): draft for draft in stated}
    if part.function in ("replace", "cancel"):
        gone = before if part.function == "cancel" else before.keys() - named.keys()
        yield from (_withdrawn(before[bill]) for bill in before if bill in gone and not _is_withdrawn(before[bill]))
    if part.function in ("cancel", "head"):
        return
    for bill, draft in named.items():
        row = before.get(bill)
        stands = row is not None and not _is_withdrawn(row)
        if part.function == "delete":
            if row is None or not stands:
                raise _line(Refused, NO_LINE, bill, draft)
            yield _withdrawn(row, draft.position)
        elif part.function == "add" and stands:
            raise _line(Conflict, LINE_KEPT, bill, draft)
        else:
            old = row.doc if row is not None and stands and part.function == "change" else {}
            data = {**old, **draft.data, "status": "declared"}
            yield replace(draft, data=data, renew=True, version=row.version if row else 0)


def _line(failure: type[Failure], reason: Text, bill: str, draft: Draft) -> Failure:
    code = "cuscar.line.unknown" if failure is Refused else "cuscar.line.kept"
    return failure(reason.fill(bill=_named(bill.partition(":")[2])), field="bill", rule="CUSCAR BGM 1225", code=code)


def _is_withdrawn(row: Row) -> bool:
    return row.doc.get("status") == WITHDRAWN


def _withdrawn(row: Row, position: str = "") -> Draft:
    doc: dict[str, Any] = {**row.doc, "status": WITHDRAWN}
    return Draft(CONSIGNMENT, doc, position, renew=True, version=row.version)


def _bill(draft: Draft) -> str:
    text = str(draft.data.get("bill") or "")
    try:
        return make("bill", text.removeprefix("bill:"))
    except ValueError:
        return text
