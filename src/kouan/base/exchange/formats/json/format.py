"""JSON: one record as an object, or a batch of them as a list."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson

from kouan.base.exchange.examples import exampled
from kouan.kernel.errors import Problem, Refused
from kouan.kernel.formats import Draft, Format, Reading, Sample, Submission, Unread
from kouan.kernel.text import Text

BOM = b"\xef\xbb\xbf"
NOT_JSON = Text("不是有效的 JSON（UTF-8）：{why}", "Not valid JSON in UTF-8: {why}")
SHAPE = Text("应为一个对象或对象列表", "This must be an object, or a list of objects")


class JsonFormat(Format):
    """Any record type, its fields by name (RFC 8259)."""

    code = "json"
    title = Text("JSON", "JSON")
    standard = "RFC 8259"
    records: ClassVar[tuple[str, ...]] = ("*",)
    media = "application/json"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """One object is one submission; a list is a batch."""
        try:
            found = orjson.loads(body.removeprefix(BOM))
        except orjson.JSONDecodeError as error:
            why = f"{error.msg} ({error.lineno}:{error.colno})"
            raise Refused(
                Text(NOT_JSON.zh.format(why=why), NOT_JSON.en.format(why=why)), rule="json", code="structure.json"
            ) from None
        if isinstance(found, dict):
            return Reading([Submission((Draft(record, found),))])
        if not isinstance(found, list):
            raise Refused(SHAPE, rule="json", code="structure.json")
        return Reading([_part(record, value, f"item {at}") for at, value in enumerate(found, 1)], batch=True)

    def samples(self) -> tuple[Sample, ...]:
        """One object for every record type."""
        return tuple(
            Sample(f"{cls.facts.name}.json", cls.facts.title, _pretty(example), cls.facts.name)
            for cls, example in exampled()
        )


def _part(record: str, value: Any, position: str) -> Submission | Unread:
    if isinstance(value, dict):
        return Submission((Draft(record, value, position),), position)
    return Unread((Problem("structure.json", "", "json", SHAPE, position),), position)


def _pretty(example: Any) -> bytes:
    return orjson.dumps(example, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
