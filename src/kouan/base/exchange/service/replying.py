"""Which kept document an agency's answer is about: by our receipt, by the declarant's number, by the agency's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from kouan.base.declaration.api import Declaration
from kouan.base.exchange.formats.replies import Reply
from kouan.base.exchange.store import answers
from kouan.base.manifest.api import Manifest
from kouan.base.receipt.api import Response
from kouan.kernel.database import Connection, scope
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Submission
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record
from kouan.kernel.references import make
from kouan.kernel.store import finding
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text

NAMED: tuple[tuple[type[Record], str], ...] = ((Declaration, "functional_reference"), (Manifest, "number"))
SEVERAL = Text(
    "编号“{name}”对应多份单证，请注明回执号", "“{name}” names several documents: name the receipt of the one that is answered"
)


async def about(port: Port, who: Principal, part: Submission) -> Submission:
    """An answer with the document that it is about; other submissions as they are.

    An answer about nothing that the caller sees is kept too, about a document of that number, and flagged by the rules.
    Raises Refused where a number stands for several documents.
    """
    if not isinstance(part, Reply):
        return part
    async with scope(port.pool, scope_of(who)) as conn:
        refs = [ref for name in part.names for ref in await _found(conn, name)]
    ref = next(iter(refs), "") or _unknown(part.names[0])
    draft = replace(part.drafts[0], data={**part.drafts[0].data, "about": ref})
    return Submission((draft,), part.position)


async def _found(conn: Connection, name: str) -> list[str]:
    if (number := _uuid(name)) and (under := await answers.named(conn, number)):
        return [under[0]["ref"]]
    told = await finding.equal(conn, Response, {"number": name}, limit=1, newest=True)
    if told:
        return [str(told[0].doc["about"])]
    for cls, field in NAMED:
        rows = await finding.equal(conn, cls, {field: name}, limit=2)
        if len(rows) > 1:
            raise Refused(SEVERAL.fill(name=_shown(name)), field="about", rule="RSP-ABOUT", code="reply.several")
        if rows:
            return [rows[0].ref]
    return []


def _unknown(name: str) -> str:
    try:
        return make("declaration", f"?/{''.join(_plain(name))}")
    except ValueError:
        return "declaration:?"


def _plain(name: str) -> Iterator[str]:
    return (char for char in name[:100] if char.isprintable() and not char.isspace())


def _shown(name: str) -> str:
    return "".join(char for char in _plain(name) if char not in "{}")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) in (32, 36) else None
    except ValueError:
        return None
