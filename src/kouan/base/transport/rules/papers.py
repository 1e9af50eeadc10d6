"""What packing lists, interchange receipts and delivery orders must be (HS/T 82 7.2.1 b); ISO 6346)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kouan.base.manifest.api import Consignment
from kouan.base.transport.lifecycle import CANCELLED, HELD
from kouan.base.transport.records.document import Document
from kouan.base.transport.records.papers import DeliveryOrder, Interchange, PackingList
from kouan.base.transport.rules.identifiers import wrong_container
from kouan.kernel.records import Record
from kouan.kernel.rules import Found, Kept, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.standards.codes import api as codes

DOCUMENT, CONSIGNMENT, ORDER = Document.facts.name, Consignment.facts.name, DeliveryOrder.facts.name
CLAUSE = "HS/T 82 7.2.1 b)"
SLACK = 0.005


class _Digit(Rule):
    """A box that is packed, handed over or let go is one that exists."""

    abstract = True
    at = "filing"
    title = Text("箱号校验位", "Container check digit")
    clause = "ISO 6346"
    severity = "refuse"
    owner = "filer"

    def judge(self, record: Record, found: Found) -> Unmet | None:
        """Refuses the first container whose number fails its check, and suggests the right one."""
        return wrong_container(record)


class InterchangeDigit(_Digit):
    """The container of an interchange receipt."""

    code = "EIR-CONTAINER-DIGIT"
    of = Interchange.facts.name


class OrderDigit(_Digit):
    """The containers of a delivery order."""

    code = "DO-CONTAINER-DIGIT"
    of = ORDER


class PackedDigit(_Digit):
    """The containers of a packing list, those of its lines included."""

    code = "PL-CONTAINER-DIGIT"
    of = PackingList.facts.name

    def judge(self, record: Record, found: Found) -> Unmet | None:
        """Refuses the first container whose number fails its check, and suggests the right one."""
        assert isinstance(record, PackingList)
        return wrong_container(record, ((f"lines.{at}.container", line.container) for at, line in enumerate(record.lines)))


class PackedSums(Rule):
    """Lines that do not add up to the totals are told."""

    code = "PL-SUMS"
    at = "filing"
    of = PackingList.facts.name
    title = Text("装箱明细与合计相符", "Packed lines add up to the totals")
    clause = CLAUSE
    severity = "warn"
    owner = "filer"

    def judge(self, record: PackingList, found: Found) -> Unmet | None:
        """Warns of packages or masses that differ, and of lines in containers that the list does not name."""
        packages = [line.packages for line in record.lines]
        stated = record.packages is not None and packages and None not in packages
        if stated and sum(one or 0 for one in packages) != record.packages:
            return Unmet(Text("明细件数合计与总件数不符", "The packages of the lines do not add up to the total"), "packages")
        masses = [line.gross_kg for line in record.lines]
        if record.gross_kg is not None and masses and None not in masses:
            gross = sum(one or 0 for one in masses)
            if abs(gross - record.gross_kg) > max(0.5, record.gross_kg * SLACK):
                return Unmet(Text("明细毛重合计与总毛重不符", "The masses of the lines do not add up to the total"), "gross_kg")
        strange = next((at for at, line in enumerate(record.lines) if line.container and line.container not in record.containers), None)
        if record.containers and strange is not None:
            return Unmet(Text("明细中的集装箱不在表头", "A line is in a container that the head does not name"), f"lines.{strange}.container")
        return None


class KnownSize(Rule):
    """A size and type that is no code is kept, and told."""

    code = "EIR-SIZE-TYPE"
    at = "filing"
    of = Interchange.facts.name
    title = Text("尺寸箱型代码", "Size and type code")
    clause = "ISO 6346"
    severity = "warn"
    owner = "filer"

    def judge(self, record: Interchange, found: Found) -> Unmet | None:
        """Warns of a code that is not among those in use."""
        if record.size_type is None or codes.lookup("container_type", record.size_type):
            return None
        return Unmet(Text("尺寸箱型代码不在代码表中", "The size and type is not in the code list"), "size_type")


class _OfOrder(Rule):
    """Base of rules that look at the bill of a delivery order. Orders for one bill wait for each other (lock)."""

    abstract = True
    at = "filing"
    of = ORDER
    clause = CLAUSE
    severity = "refuse"
    owner = "carrier"

    def needs(self, record: DeliveryOrder, filer: str) -> Iterable[Need]:
        """The bill, its manifest lines, and the orders that there are for it."""
        locked = (Need(DOCUMENT, ref=record.bill, lock=True), Need(CONSIGNMENT, ref=record.bill, lock=True))
        return (*locked, Need(ORDER, ref=record.bill))


def _bills(record: DeliveryOrder, found: Found) -> list[tuple[Kept, Document]]:
    kept = found.of(Need(DOCUMENT, ref=record.bill, lock=True))
    return [(one, one.data) for one in kept if isinstance(one.data, Document) and one.data.number == record.bill]


def _lines(record: DeliveryOrder, found: Found) -> list[tuple[Kept, Consignment]]:
    kept = found.of(Need(CONSIGNMENT, ref=record.bill, lock=True))
    return [(one, one.data) for one in kept if isinstance(one.data, Consignment) and record.bill in (one.data.bill, one.data.master_bill)]


class OrderIssuer(_OfOrder):
    """Goods are let go by who carries them, not by anybody who knows the number."""

    code = "DO-ISSUER"
    title = Text("签发人与提单相符", "The issuer is the bill's")

    def judge(self, record: DeliveryOrder, found: Found) -> Unmet | None:
        """Refuses an unknown bill, and an issuer who neither issued nor manifested the bill nor is its delivery agent."""
        bills, lines = _bills(record, found), _lines(record, found)
        if not bills and not lines:
            return Unmet(Text("没有收到这份提单或其舱单", "Neither the bill nor its manifest line was received"), "bill", record.bill)
        if record.issuer != f"org:{found.filer}":
            return Unmet(Text("签发人应为提交单位", "The issuer is the organisation that files"), "issuer")
        mine = {one.filer for one, _ in bills} | {one.filer for one, _ in lines}
        mine |= {str(bill.agent).partition(":")[2] for _, bill in bills if bill.agent}
        return None if found.filer in mine else Unmet(Text("提单不是该单位签发或代理", "The bill is not the issuer's"), "issuer", record.bill)


class OrderAgainstBill(_OfOrder):
    """换单: the original bill is given up before the goods are let go."""

    code = "DO-SURRENDERED"
    title = Text("正本提单已收回", "The original bill was given up")
    owner = "trader"

    def judge(self, record: DeliveryOrder, found: Found) -> Unmet | None:
        """Refuses an order for a bill of title that somebody still holds."""
        held = any(one.state == HELD for one, _ in _bills(record, found))
        return Unmet(Text("正本提单尚未交回", "The original bill was not given up yet"), "bill", record.bill) if held else None


class OrderContainers(_OfOrder):
    """A container is let go once, and only under its own bill."""

    code = "DO-CONTAINERS"
    title = Text("集装箱属于提单且未另行放货", "Containers are the bill's, under no other order")

    def judge(self, record: DeliveryOrder, found: Found) -> Unmet | None:
        """Refuses a container that is not on the bill, is named twice, or stands on another order that is not cancelled."""
        carried = {box for _, one in _bills(record, found) for box in one.containers}
        carried |= {box for _, one in _lines(record, found) for box in one.containers}
        others = _ordered(record, found.of(Need(ORDER, ref=record.bill)), found.filer)
        for at, box in enumerate(record.containers):
            bare, field = box.partition(":")[2], f"containers.{at}"
            if box in record.containers[:at]:
                return Unmet(Text(f"集装箱 {bare} 写了两次", f"The container {bare} is named twice"), field, box)
            if carried and box not in carried:
                return Unmet(Text(f"集装箱 {bare} 不在提单上", f"The container {bare} is not on the bill"), field, box)
            if box in others:
                return Unmet(Text(f"集装箱 {bare} 已开提货单", f"There is an order for the container {bare}"), field, box)
        return None


class OrderUnchanged(_OfOrder):
    """Holder and what was fetched change by their actions alone."""

    code = "DO-UNCHANGED"
    title = Text("持有人和提箱记录不能更正", "Holder and fetched boxes are not amended")

    def needs(self, record: DeliveryOrder, filer: str) -> Iterable[Need]:
        """The order as it is kept, when it is amended."""
        return (Need(ORDER, key=record.key(filer)),)

    def judge(self, record: DeliveryOrder, found: Found) -> Unmet | None:
        """Refuses fetched containers in a new order, and an amendment of them or of the holder."""
        kept = [one.data for one in found.of(Need(ORDER, key=record.key(found.filer))) if isinstance(one.data, DeliveryOrder)]
        before = kept[0] if kept else None
        if record.collected != (before.collected if before else ()):
            return Unmet(Text("提箱记录由卡口写入", "Fetched containers are entered at the gate"), "collected")
        if (record.holder, record.holders) != ((before.holder, before.holders) if before else (record.holder, ())):
            return Unmet(Text("持有人只能由其本人转让", "The holder is changed by the holder alone"), "holder")
        return None


def _ordered(record: DeliveryOrder, kept: Sequence[Kept], filer: str) -> set[str]:
    own = record.key(filer)
    live = (one for one in kept if one.state != CANCELLED and isinstance(one.data, DeliveryOrder) and one.data.bill == record.bill)
    return {box for one in live if one.data.key(one.filer) != own for box in getattr(one.data, "containers", ())}
