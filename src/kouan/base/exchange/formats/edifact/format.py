"""UN/EDIFACT: the one door for all message types; what a message becomes is decided by the type in its UNH."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact import cuscar, faults
from kouan.base.exchange.codecs.problem import MOST, CodecError
from kouan.base.exchange.formats.edifact import conveyance, moves, orders, passengers, plans, replies
from kouan.base.exchange.formats.edifact.manifests import submission_of
from kouan.base.exchange.samples import bundled
from kouan.kernel.errors import Problem, Refused
from kouan.kernel.formats import Format, Reading, Sample, Submission, Unread
from kouan.kernel.settings import Settings
from kouan.kernel.text import Text

Part = Submission | Unread
Reader = Callable[[edifact.Message, int, tuple[Problem, ...]], list[Part]]


def _manifest(message: edifact.Message, number: int, notices: tuple[Problem, ...]) -> list[Part]:
    return [submission_of(cuscar.report_of(message, number, notices), f"message {number}")]


READERS: Mapping[str, Reader] = {
    "CUSCAR": _manifest, "COARRI": moves.read, "CODECO": moves.read, "COPARN": orders.read, "COPRAR": orders.read,
    "BAPLIE": plans.read_plan, "IFTSTA": plans.read_status, "CUSREP": conveyance.read,
    "PAXLST": passengers.read, "PNRGOV": passengers.read, "CONTRL": replies.read, "APERAK": replies.read,
    "CUSRES": replies.read,
}  # fmt: skip
"""Who reads a message type. A reader gives one part for each thing that stands or falls by itself, or raises CodecError."""

SAMPLES: Mapping[str, tuple[str, Text]] = {
    "cuscar-": ("base.manifest.manifest", Text("CUSCAR 舱单", "CUSCAR cargo report")),
    "coarri-": ("base.movement.move", Text("COARRI 装卸船报告", "COARRI discharge and loading report")),
    "codeco-": ("base.movement.move", Text("CODECO 进出场报告", "CODECO gate report")),
    "coparn-": ("base.movement.handling_order", Text("COPARN 收放箱指令", "COPARN release and acceptance order")),
    "coprar-": ("base.movement.handling_order", Text("COPRAR 装卸船指令", "COPRAR discharge and loading order")),
    "baplie-": ("base.movement.stowage", Text("BAPLIE 积载图", "BAPLIE stowage plan")),
    "cusrep-": ("base.portcall.port_call", Text("CUSREP 运输工具报告", "CUSREP conveyance report")),
    "paxlst-": (passengers.CONVEYANCE, Text("PAXLST 旅客与机组名单", "PAXLST passenger and crew list")),
    "iftsta-": ("base.movement.status", Text("IFTSTA 物流动态", "IFTSTA transport status")),
}
"""Our own messages by the beginning of their file names: the record they make, and what they are."""

OTHER = Text(
    "已识别报文类型 {found}，但目前只受理：" + "、".join(READERS),
    "The message type {found} was recognised, but only these are taken: " + ", ".join(READERS),
)
NONE = Text("交换中没有报文", "There is no message in this interchange")
ONLY_PACKAGES = Text(
    "交换中只有数据包（UNO），没有报文；数据包不是申报", "This interchange holds packages (UNO) and no message; a package is no filing"
)


TRIAL = Text(
    "该交换标记为测试（UNB 0035=1）：语法与结构已检查，未作申报受理",
    "This interchange is marked as a test (UNB 0035 = 1): its syntax and structure were looked at, nothing was filed",
)


_INTERCHANGE = re.compile(r"interchange (\d+),")


class Edifact(Format):
    """Each message is answered by itself; of reports each box is."""

    code = "edifact"
    title = Text("UN/EDIFACT 报文", "UN/EDIFACT messages")
    standard = "ISO 9735; UN/EDIFACT " + ", ".join(READERS)
    records: ClassVar[tuple[str, ...]] = (
        "base.manifest.manifest", "base.manifest.consignment", "base.movement.move", "base.movement.handling_order",
        "base.movement.stowage", "base.movement.status", "base.portcall.port_call",
        passengers.CONVEYANCE, passengers.TRAVELLER, "base.receipt.response",
    )  # fmt: skip
    media = "application/edifact"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Refused when the interchange is damaged, or when it holds one message and that is of another type."""
        parts = [part for _, mine in messages_of(body) for part in mine]
        return Reading(parts, batch=len(parts) > 1)

    def samples(self) -> tuple[Sample, ...]:
        """Messages of the demo port's own voyage, of every type."""
        return tuple(one for prefix, (record, title) in SAMPLES.items() for one in bundled(prefix, title, record))


def messages_of(body: bytes) -> Iterator[tuple[str, list[Part]]]:
    """The type of each message of a body, and what it holds; a damaged interchange among sound ones is read in none of its messages.

    Raises Refused when all of the body is damaged, or where it cannot be told how far the damage goes, and when it holds no message.
    """
    try:
        reading = edifact.read(body)
    except CodecError as error:
        raise Refused.of(error.problems) from None
    slips = reading.problems if passengers.forgiven(reading) else ()
    damaged = {} if slips else _damaged(reading)
    messages = [(message, at) for at, interchange in enumerate(reading.interchanges, 1) for message in interchange.messages]
    if not messages:
        packed = any(interchange.packages for interchange in reading.interchanges)
        raise Refused(ONLY_PACKAGES if packed else NONE, rule="ISO 9735", field="UNH", code="edifact.empty")
    for at, (message, within) in enumerate(messages, 1):
        if within in damaged:
            yield message.type, [Unread(damaged[within], f"message {at}")]
            continue
        parts = parts_of(message, at, (*slips, *reading.notices) if at == 1 else ())
        yield message.type, [_tried(part, at) for part in parts] if reading.interchanges[within - 1].test else parts


def _damaged(reading: edifact.Reading) -> Mapping[int, tuple[Problem, ...]]:
    """The problems of each damaged interchange, by its number. Raises Refused where they are not those of some among several."""
    found: dict[int, list[Problem]] = {}
    for problem in reading.problems:
        named = _INTERCHANGE.match(problem.position)
        found.setdefault(int(named.group(1)) if named else 1, []).append(problem)
    whole = {at for at, one in enumerate(reading.interchanges, 1) if one.messages} - set(found)
    lost = len(reading.problems) >= MOST or any(problem.code == faults.UNKNOWN.code for problem in reading.problems)
    placed = all(0 < at <= len(reading.interchanges) and reading.interchanges[at - 1].messages for at in found)
    if found and (lost or not whole or not placed):
        raise Refused.of(reading.problems)
    return {at: tuple(problems) for at, problems in found.items()}


def _tried(part: Part, number: int) -> Part:
    """A part of an interchange that its sender marks as a test: filed at a demo port alone, where nothing is real."""
    if isinstance(part, Unread):
        return part
    if not Settings.read().demo:
        return Unread((Problem("exchange.test", "UNB/0035", "ISO 9735 UNB 0035", TRIAL, f"message {number}"),), part.position)
    first, *others = part.drafts
    noted = replace(first, warnings=(*first.warnings, faults.TEST.at(f"message {number}", "UNB/0035").out()))
    return replace(part, drafts=(noted, *others))


def parts_of(message: edifact.Message, number: int, notices: tuple[Problem, ...] = ()) -> list[Part]:
    """What one message holds; a message that cannot be taken is one unread part."""
    reader = READERS.get(message.type) or (_manifest if cuscar.is_cargo_report(message) else None)
    if reader is None:
        return [Unread((_other(message, number),), f"message {number}")]
    try:
        return reader(message, number, notices)
    except CodecError as error:
        return [Unread(error.problems, f"message {number}")]


def _other(message: edifact.Message, number: int) -> Problem:
    found = "".join(char for char in message.type[:12] if char.isprintable()) or "?"
    reason = Text(OTHER.zh.format(found=found), OTHER.en.format(found=found))
    at = f"message {number}, byte {message.header.position}"
    return Problem("edifact.type", "UNH/0065", "UN/EDIFACT S009", reason, at)
