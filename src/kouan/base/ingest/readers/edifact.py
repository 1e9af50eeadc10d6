"""UN/EDIFACT: a row for each thing that a message states, with its fields as columns, as the exchange reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from kouan.base.exchange.api import edifact_parts
from kouan.base.ingest.readers.file import File, whole
from kouan.base.ingest.readers.piece import SOME, Broken, Piece, Unreadable, of_rows
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Submission
from kouan.kernel.text import Text

LARGEST = 64 << 20
LARGE = Text("EDIFACT 交换超过 64 MiB，请分成多个交换", "The interchange is over 64 MiB: make several of it")
Row = tuple[int, Mapping[str, Any] | Broken]


def read(file: File, *, only: str = "", start: int = 0) -> Iterator[Piece]:
    """Pieces of a file of interchanges (ISO 9735). Rows count from 1.

    Beside its fields (nested ones as JSON) a row states `message_type` (CODECO), `message` (its number in the file) and `record`
    (what it is). `only`: a type of message or of record, whose rows alone are given. A message that cannot be read is set aside.
    """
    if file.size() > LARGEST:
        raise Unreadable(LARGE)
    rows = (row for row in _rows(whole(file), only) if row[0] > start)
    while some := list(islice(rows, SOME)):
        yield Piece(
            of_rows([(number, row) for number, row in some if not isinstance(row, Broken)]),
            [row for _, row in some if isinstance(row, Broken)],
        )


def _rows(body: bytes, only: str) -> Iterator[Row]:
    number = 0
    try:
        for at, (kind, parts) in enumerate(edifact_parts(body), 1):
            for part in parts:
                if not isinstance(part, Submission):
                    number += 1
                    yield number, Broken(number, part.position, part.problems[0].reason)
                    continue
                for draft in part.drafts:
                    number += 1
                    if only in ("", kind, draft.record):
                        yield number, {"message_type": kind, "message": str(at), "record": draft.record, **draft.data}
    except Refused as wrong:
        raise Unreadable(wrong.problems[0].reason if wrong.problems else wrong.reason) from None
