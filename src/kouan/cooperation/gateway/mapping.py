"""From a partner's fields and codes to ours and back, by the table of its agreement; each value that went through is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kouan.cooperation.gateway.envelopes import Payload
from kouan.cooperation.gateway.kinds import LINES, USUAL_PERMIT
from kouan.cooperation.gateway.records import Certificate, FieldMap, Mapped, Partner
from kouan.kernel.errors import Refused
from kouan.kernel.keepable import validated
from kouan.kernel.records import Record, record_type
from kouan.kernel.text import Text

LISTS = frozenset({"hs", "containers", "declarations"})
DECLARATION, EXPORT = "base.declaration.declaration", "EX"
MOST_SAID = 400
MOST_TOLD = 600


class Unmapped(Exception):
    """A document cannot be mapped: at which of their fields, and why."""

    def __init__(self, reason: Text, at: str = "") -> None:
        super().__init__(reason.en)
        self.reason, self.at = reason, at


@dataclass(slots=True)
class Trail:
    """The values that went through a mapping, in order."""

    rows: list[Mapped] = field(default_factory=list)
    count: int = 0

    def tell(self, theirs: str, said: Any, ours: str, kept: Any) -> None:
        """Note a value; of very many the first are kept, all are counted."""
        self.count += 1
        if len(self.rows) < MOST_TOLD:
            self.rows.append(Mapped(theirs=theirs, said=_short(said), ours=ours, kept=_short(kept)))


def certificate_of(partner: Partner, payload: Payload, origin: Mapping[str, Any]) -> tuple[Certificate, int]:
    """The certificate that a message becomes, and how many values were mapped. `origin`: message, digest, presenter.

    Raises Unmapped.
    """
    trail, found = Trail(), {}
    for row in partner.mapping:
        if row.way == "in" and row.kind == payload.kind:
            values = _read(partner, row, payload.document, trail)
            if values:
                found[row.ours] = values if row.ours in LISTS else _one(values, row)
    kind = found.pop("permit_kind", USUAL_PERMIT.get(payload.kind))
    data = {
        **origin, **found, "partner": payload.sender, "doc_kind": payload.kind, "agreement": payload.agreement,
        "as_of": payload.issued_at, "mapped": trail.rows, "simulated": partner.simulated,
        "permit": f"{kind}/{found['number']}" if kind and "number" in found else None,
    }  # fmt: skip
    try:
        return validated(Certificate, data), trail.count
    except Refused as refused:
        first = refused.problems[0] if refused.problems else None
        ours = (first.field if first else refused.field).partition(".")[0]
        theirs = next((r.theirs for r in partner.mapping if r.way == "in" and r.kind == payload.kind and r.ours == ours), ours)
        reason = first.reason if first else refused.reason
        raise Unmapped(Text(f"“{theirs}”映射到“{ours}”后不成立：{reason.zh}", f"“{theirs}” as our “{ours}”: {reason.en}"), theirs) from None


def unfit(partner: Partner, record: str, shown: Mapping[str, Any]) -> Text | None:
    """Why a document is not one for a partner: of declarations only exports to its own country leave."""
    if record != DECLARATION:
        return None
    if str(shown.get("type_code") or "").upper()[:2] != EXPORT:
        return Text("只有出口报关单可以外发", "Only export declarations are sent abroad")
    to = str(shown.get("destination") or "")
    if to != partner.country:
        return Text(f"运抵国（地区）为“{to or '未填'}”，不是该伙伴所在的 {partner.country}",
                    f"Its country of destination is “{to or 'not stated'}”, not the partner's, {partner.country}")  # fmt: skip
    return None


def document_of(
    partner: Partner, kind: str, record: str, shown: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], Trail]:
    """Their document out of what the sender may see of a record (and of its lines). Raises Unmapped."""
    document: dict[str, Any] = {}
    trail = Trail()
    for row in partner.mapping:
        if row.way != "out" or row.kind != kind:
            continue
        head, _, rest = row.ours.partition(".")
        if head == "lines" and record in LINES:
            _write_lines(partner, row, rest, LINES[record][0], lines, document, trail)
            continue
        values = _written(partner, row, _values(shown, row.ours), record_type(record), row.ours, trail)
        if values:
            _put(document, row.theirs, values[0] if len(values) == 1 else values)
    if not document:
        raise Unmapped(Text("协定未规定这种单证的字段", "The agreement maps no field of such a document"))
    return document, trail


def _read(partner: Partner, row: FieldMap, document: Mapping[str, Any], trail: Trail) -> list[str]:
    said = [value for value in _values(document, row.theirs) if value not in (None, "")]
    if row.required and not said:
        raise Unmapped(Text(f"缺少必填字段“{row.theirs}”", f"The field “{row.theirs}” is missing"), row.theirs)
    table = {code.theirs: code.ours for code in partner.codes if code.at == row.theirs}
    found = []
    for value in said:
        text = _text(value, row.theirs)
        if table and text not in table:
            raise Unmapped(Text(f"代码表中没有“{row.theirs}”的代码“{text[:60]}”", f"No code for “{text[:60]}” of “{row.theirs}”"), row.theirs)
        found.append(table.get(text, text))
        trail.tell(row.theirs, text, row.ours, found[-1])
    return found


def _written(
    partner: Partner, row: FieldMap, values: Iterable[Any], cls: type[Record], path: str, trail: Trail
) -> list[Any]:
    table = {code.ours: code.theirs for code in partner.codes if code.at == row.theirs}
    facts = cls.fields.get(path.partition(".")[0])
    prefix = f"{facts.reference}:" if facts and facts.reference else ""
    found = []
    for value in values:
        if value in (None, ""):
            continue
        plain = value.removeprefix(prefix) if isinstance(value, str) else value
        if table and str(plain) not in table:
            raise Unmapped(Text(f"代码表中没有“{path}”的代码“{plain}”", f"No code of theirs for “{plain}” of “{path}”"), path)
        found.append(table.get(str(plain), plain))
        trail.tell(row.theirs, found[-1], path, plain)
    if row.required and not found:
        raise Unmapped(Text(f"缺少协定要求的字段“{path}”，或您无权查看", f"“{path}” is required by the agreement: missing, or not yours to see"), path)
    return found


def _write_lines(
    partner: Partner, row: FieldMap, path: str, record: str, lines: Sequence[Mapping[str, Any]], document: dict[str, Any], trail: Trail
) -> None:
    head, _, rest = row.theirs.partition(".")
    into = document.setdefault(head, [{} for _ in lines])
    for at, line in enumerate(lines):
        values = _written(partner, row, _values(line, path), record_type(record), path, trail)
        if values:
            _put(into[at], rest or head, values[0] if len(values) == 1 else values)


def _values(document: Any, path: str) -> Iterator[Any]:
    """What stands at a path; every element where a list is on the way."""
    if isinstance(document, list | tuple):
        for part in document:
            yield from _values(part, path)
    elif not path:
        yield document
    elif isinstance(document, Mapping):
        head, _, rest = path.partition(".")
        if head in document:
            yield from _values(document[head], rest)


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    *ways, last = path.split(".")
    for name in ways:
        inner = document.setdefault(name, {})
        if not isinstance(inner, dict):
            raise Unmapped(Text(f"映射“{path}”与其他映射冲突", f"The mapping of “{path}” contradicts another"), path)
        document = inner
    document[last] = value


def _one(values: Sequence[str], row: FieldMap) -> str:
    if len(set(values)) > 1:
        raise Unmapped(Text(f"“{row.theirs}”有多个值", f"“{row.theirs}” has several values"), row.theirs)
    return values[0]


def _text(value: Any, at: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unmapped(Text(f"“{at}”不是文本或数字", f"“{at}” is neither text nor number"), at)
    return str(value).strip()


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= MOST_SAID else text[: MOST_SAID - 1] + "…"
