"""Converting between UN/EDIFACT and JSON: nothing is filed, nothing is lost, and what is wrong is told message by message."""

from __future__ import annotations

from typing import Any

import orjson

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact.as_json import InterchangeDoc, from_json, to_json
from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.formats.edifact.format import parts_of
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Unread
from kouan.kernel.text import Text

MEDIA = "application/edifact"
OTHERWISE = Text(
    "按所述内容写成的报文读回后不一致（服务字符、字符集或空元素）",
    "Written like this, the message is read back otherwise (service characters, character set or empty elements)",
)


def as_json(body: bytes) -> dict[str, Any]:
    """An EDIFACT body as JSON, with what each message says wrongly.

    Raises Refused where the body is damaged: no EDIFACT, cut off, or a count that proves a loss.
    """
    try:
        reading = edifact.read(body)
    except CodecError as error:
        raise Refused.of(error.problems) from None
    if reading.problems:
        raise Refused.of(reading.problems)
    return {
        "interchanges": [to_json(one) for one in reading.interchanges],
        "messages": [told for one in reading.interchanges for told in _messages(one)],
        "notices": [notice.out() for notice in reading.notices],
    }


def _messages(interchange: edifact.Interchange) -> list[dict[str, Any]]:
    return [_told(message, number) for number, message in enumerate(interchange.messages, 1)]


def _told(message: edifact.Message, number: int) -> dict[str, Any]:
    parts = parts_of(message, number)
    problems = [problem.out() for part in parts if isinstance(part, Unread) for problem in part.problems]
    drafts = [draft for part in parts if not isinstance(part, Unread) for draft in part.drafts]
    return {
        "reference": message.reference, "type": message.type, "version": f"{message.version}.{message.release}".strip("."),
        "valid": not problems, "problems": problems, "warnings": [dict(one) for draft in drafts for one in draft.warnings],
        "records": [{"record": draft.record, "data": orjson.loads(orjson.dumps(dict(draft.data), default=str))} for draft in drafts],
    }  # fmt: skip


def as_edifact(told: list[InterchangeDoc]) -> tuple[bytes, list[str]]:
    """Interchanges told as JSON, as EDIFACT, and the codes of slips that lose nothing (a count that is one too high).

    Raises Refused for text that the character set or the service characters cannot carry, and where a count or reference in
    a trailer does not fit what stands before it.
    """
    try:
        body = b"".join(edifact.write(from_json(one)) for one in told)
        reading = edifact.read(body)
    except CodecError as error:
        raise Refused.of(error.problems) from None
    if reading.problems:
        raise Refused.of(reading.problems)
    if [from_json(one) for one in told] != list(reading.interchanges):
        raise Refused(OTHERWISE, field="interchanges", rule="ISO 9735", code="edifact.otherwise")
    return body, sorted({notice.code for notice in reading.notices})
