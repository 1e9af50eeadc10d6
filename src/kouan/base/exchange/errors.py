"""What can go wrong at the exchange's doors, beside what rules say."""

from __future__ import annotations

import re

from kouan.kernel.errors import NotFound, Refused, TooLarge
from kouan.kernel.formats import MOST_BYTES
from kouan.kernel.text import Text

MOST_PARTS = 5000
_KEY = re.compile(r"[\x20-\x7e]{1,128}")


def unknown_format(known: list[str]) -> NotFound:
    """No format of that name; says which there are (404)."""
    names = ", ".join(known)
    reason = Text(f"没有这种报文格式；可用：{names}", f"There is no such format; there are: {names}")
    return NotFound(reason, field="format", rule="format", code="format.unknown", formats=known)


def too_large() -> TooLarge:
    """A body over the limit (413)."""
    most = MOST_BYTES >> 20
    reason = Text(f"报文超过 {most} MiB 上限，请拆分", f"The body is over the limit of {most} MiB: split it")
    return TooLarge(reason, rule="size", code="too_large", limit=MOST_BYTES)


def too_many(parts: int) -> Refused:
    """A batch of too many parts (422)."""
    reason = Text(
        f"一批最多 {MOST_PARTS} 条，本批有 {parts} 条，请拆分",
        f"A batch holds at most {MOST_PARTS} parts, this one has {parts}: split it",
    )
    return Refused(reason, rule="batch", code="batch.too_many")


def nothing() -> Refused:
    """A body without any record (422)."""
    reason = Text("报文中没有任何记录", "There is no record in this body")
    return Refused(reason, rule="batch", code="batch.empty")


def record_wanted() -> Refused:
    """A format that needs `?record=` was asked without it (422)."""
    reason = Text(
        "该格式须在地址中以 ?record=版块.模块.记录 指明记录类型",
        "This format needs the record type in the address: ?record=board.module.record",
    )
    return Refused(reason, field="record", rule="record", code="record.missing")


def record_unknown() -> Refused:
    """`?record=` names no record type that can be filed (422)."""
    reason = Text("没有这种可提交的记录类型", "There is no record type of that name that can be filed")
    return Refused(reason, field="record", rule="record", code="record.unknown")


def checked_key(given: str | None) -> str:
    """The Idempotency-Key of a call, "" without one; Refused (422) when it is none."""
    if given is None or _KEY.fullmatch(given):
        return given or ""
    reason = Text(
        "Idempotency-Key 应为 1 至 128 个可打印的 ASCII 字符",
        "An Idempotency-Key is 1 to 128 printable ASCII characters",
    )
    raise Refused(reason, field="Idempotency-Key", rule="idempotency", code="idempotency_key")


def encoded(encoding: str) -> Refused:
    """A body under a Content-Encoding (422)."""
    reason = Text(
        f"不接受 Content-Encoding {encoding[:20]}，请直接发送原文",
        f"Content-Encoding {encoding[:20]} is not taken: send the body as it is",
    )
    return Refused(reason, field="Content-Encoding", rule="encoding", code="encoding")


def unreadable() -> Refused:
    """A body that our reader stumbled over (422); the fault is logged as ours."""
    reason = Text(
        "报文无法读取；原件已留存，平台将检查读取程序",
        "The body could not be read; it is kept, and the platform's reader will be looked at",
    )
    return Refused(reason, rule="reader", code="unreadable")
