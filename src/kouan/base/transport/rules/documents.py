"""What a transport document must be: form, number, title, links of house and master, sums (HS/T 82 7.2.1 b))."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from kouan.base.reference.api import doubts
from kouan.base.transport.records.document import FORMS, LEVELS, MODE_OF, OF_TITLE, Document
from kouan.base.transport.rules.identifiers import suggested
from kouan.kernel.rules import Found, Need, Rule, Severity, Unmet
from kouan.kernel.text import Text

DOCUMENT = Document.facts.name
SLACK_KG = 0.5
SLACK = 0.005
"""Masses that are rounded line by line differ by no more than this part of the whole."""


class _OfDocument(Rule):
    """Base of rules for transport documents."""

    abstract = True
    at = "filing"
    of = DOCUMENT
    clause = "HS/T 82 7.2.1 b)"
    severity: ClassVar[Severity] = "refuse"
    owner = "carrier"


class FitsForm(_OfDocument):
    """An air waybill is no sea document, and no document of title."""

    code = "TD-FORM"
    title = Text("单证类型与运输方式、物权属性相符", "Kind of document fits mode and title")

    def judge(self, record: Document, found: Found) -> Unmet | None:
        """Refuses another mode than the form's, and a title that the form does not give."""
        form = FORMS[record.form]
        if record.mode != MODE_OF[record.form]:
            return Unmet(Text(f"{form.zh}的运输方式不符", f"The mode does not fit: {form.en.lower()}"), "mode")
        if record.title != "none" and record.form not in OF_TITLE:
            return Unmet(Text(f"{form.zh}不是物权凭证", f"No document of title: {form.en.lower()}"), "title")
        return None


class AirNumber(_OfDocument):
    """Airlines number their waybills with a check digit; forwarders number house waybills as they like."""

    code = "TD-AWB"
    title = Text("航空运单号校验", "Check of the air waybill number")
    clause = "IATA Resolution 600a"

    def judge(self, record: Document, found: Found) -> Unmet | None:
        """Refuses a direct or master number that fails, and a house's master that fails; suggests the right one."""
        if record.form != "awb":
            return None
        field, ref = ("master", record.master) if record.level == "house" else ("number", record.number)
        bare = (ref or "").partition(":")[2]
        if ref is None or (reason := suggested("awb", bare)) is None:
            return None
        return Unmet(Text(f"航空运单号 {bare}：{reason.zh}", f"Air waybill {bare}: {reason.en}"), field, ref)


class HolderNamed(_OfDocument):
    """Who holds the bill holds the goods: there is one holder, from the beginning."""

    code = "TD-HOLDER"
    title = Text("物权凭证有且只有一个持有人", "A document of title has one holder")

    def needs(self, record: Document, filer: str) -> Iterable[Need]:
        """The document as it is kept, when it is amended."""
        return (Need(DOCUMENT, key=record.key(filer)),)

    def judge(self, record: Document, found: Found) -> Unmet | None:
        """Refuses a bill of title without holder, a holder of what gives no title, and a holder changed by amendment."""
        if record.title == "none":
            return Unmet(Text("该单证没有物权，不写持有人", "This document gives no title: state no holder"), "holder") if record.holder else None
        if record.holder is None:
            return Unmet(Text("请写明提单持有人", "State who holds the bill"), "holder")
        kept = [one.data for one in found.of(Need(DOCUMENT, key=record.key(found.filer))) if isinstance(one.data, Document)]
        holders = (kept[0].holder, kept[0].holders) if kept else (record.holder, ())
        if (record.holder, record.holders) != holders:
            return Unmet(Text("持有人只能由其本人背书转让，不能更正", "The holder is changed by the holder's endorsement alone"), "holder")
        return None


class Levels(_OfDocument):
    """House and master documents name each other, so that goods can be found from either side."""

    code = "TD-LEVEL"
    title = Text("主分单关系", "House and master")

    def judge(self, record: Document, found: Found) -> Unmet | None:
        """Refuses a house without master, a master under a master, houses under what is no master, and itself as master."""
        level = LEVELS[record.level]
        if record.level == "house" and record.master is None:
            return Unmet(Text("分单应写明主单号", "A house document names its master"), "master")
        if record.level != "house" and record.master is not None:
            return Unmet(Text(f"{level.zh}不能再有主单", f"A {level.en.lower()} document has no master"), "master", record.master)
        if record.level != "master" and record.houses:
            return Unmet(Text(f"{level.zh}下没有分单", f"There are no houses under a {level.en.lower()} document"), "houses")
        if record.number in (record.master, *record.houses):
            return Unmet(Text("单证不能是自己的主单或分单", "A document is not its own master or house"), "number", record.number)
        return None


class Within(_OfDocument):
    """What the houses carry together is no more than the master carries."""

    code = "TD-WITHIN-MASTER"
    title = Text("分单合计不超过主单", "Houses carry no more than their master")
    severity = "warn"

    def needs(self, record: Document, filer: str) -> Iterable[Need]:
        """The other documents that name the same master, and the master itself."""
        return (Need(DOCUMENT, ref=record.master),) if record.master else ()

    def judge(self, record: Document, found: Found) -> Unmet | None:
        """Warns when this house and its kept sisters exceed the master's pieces or mass."""
        if record.master is None:
            return None
        family = [one.data for one in found.of(Need(DOCUMENT, ref=record.master)) if isinstance(one.data, Document)]
        master = next((one for one in family if one.number == record.master), None)
        sisters = [one for one in family if one.master == record.master and one.identity != record.identity]
        most = master.pieces if master and master.pieces is not None else record.master_pieces
        mass = master.gross_kg if master and master.gross_kg is not None else record.master_gross_kg
        pieces = sum(one.pieces or 0 for one in (*sisters, record))
        gross = sum(one.gross_kg or 0 for one in (*sisters, record))
        if most is not None and pieces > most:
            return Unmet(Text("分单件数合计多于主单", "The houses state more pieces than their master"), "pieces", record.master)
        if mass is not None and gross > mass + max(SLACK_KG, mass * SLACK):
            return Unmet(Text("分单毛重合计多于主单", "The houses state a greater mass than their master"), "gross_kg", record.master)
        return None


class Sums(_OfDocument):
    """Lines that do not add up are a mistake in one of them; the document is kept, and said so.

    The reason holds no figure: not every party that reads it sees the lines.
    """

    code = "TD-SUMS"
    title = Text("货物明细与合计相符", "Lines add up to the totals")
    severity = "warn"

    def judge(self, record: Document, found: Found) -> Unmet | None:
        """Warns when lines or loading units state other pieces, or lines another mass, than the total."""
        lines = [line.pieces for line in record.goods if line.pieces is not None]
        if record.pieces is not None and lines and sum(lines) != record.pieces:
            return Unmet(Text("明细件数合计与总件数不符", "The pieces of the lines do not add up to the total"), "pieces")
        units = [unit.pieces for unit in record.units if unit.pieces is not None]
        if record.pieces is not None and units and len(units) == len(record.units) and sum(units) > record.pieces:
            return Unmet(Text("集装器件数合计多于总件数", "The loading units state more pieces than the total"), "units")
        masses = [line.gross_kg for line in record.goods if line.gross_kg is not None]
        if record.gross_kg is None or not masses or len(masses) < len(record.goods):
            return None
        if abs(sum(masses) - record.gross_kg) <= max(SLACK_KG, record.gross_kg * SLACK):
            return None
        return Unmet(Text("明细毛重合计与总毛重不符", "The masses of the lines do not add up to the total"), "gross_kg")


class Identifiers(_OfDocument):
    """Containers, ships and vehicles that fail their check are kept, with a warning."""

    code = "TD-IDENTIFIERS"
    title = Text("标识校验", "Check of identifiers")
    clause = "ISO 6346"
    severity = "warn"

    def judge(self, record: Document, found: Found) -> Unmet | None:
        """Warns of the first that fails."""
        return next((Unmet(reason, field, ref) for field, ref, reason in doubts(record)), None)
