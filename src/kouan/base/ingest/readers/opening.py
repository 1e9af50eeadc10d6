"""Opening a file as what it is: by what its source states, else by its first bytes and its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from kouan.base.ingest.readers import csv, edifact, media, parquet, sheet, tree
from kouan.base.ingest.readers.file import File
from kouan.base.ingest.readers.piece import Piece, text
from kouan.base.quality.api import ROW
from kouan.kernel.text import Text

FORMATS: dict[str, Text] = {
    "auto": Text("自动识别", "Found out by itself"),
    "csv": Text("CSV", "CSV"),
    "xlsx": Text("XLSX", "XLSX"),
    "json": Text("JSON", "JSON"),
    "xml": Text("XML", "XML"),
    "parquet": Text("Parquet", "Parquet"),
    "edifact": Text("UN/EDIFACT 报文", "UN/EDIFACT"),
    "media": Text("图像、音频、视频", "Image, audio, video"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is read: `format` (auto: by its content), the element that is a row (XML) or the type of message or record whose
    rows are wanted (EDIFACT), the delimiter (CSV)."""

    format: str = "auto"
    element: str = ""
    delimiter: str = ""


def format_of(file: File, name: str = "") -> str:
    """What a file is, by its content and then by its name."""
    with file.open() as opened:
        head = opened.read(64)
    bare = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    suffix = Path(name or file.name).suffix.lower()
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if bare.startswith((b"UNA", b"UNB+")):
        return "edifact"
    if media.kind_of(head) is not None:
        return "media"
    if bare.startswith(b"<"):
        return "xml"
    if bare.startswith((b"{", b"[")) and suffix != ".csv":
        return "json"
    return "csv"


def read(file: File, options: Options, *, name: str = "", start: int = 0) -> Iterator[Piece]:
    """Pieces of a file, behind the row `start`. Raises Unreadable, also while pieces are taken."""
    kind = options.format if options.format != "auto" else format_of(file, name)
    match kind:
        case "xlsx":
            return sheet.read(file, sheet=options.element, start=start)
        case "json":
            return tree.read_json(file, start=start)
        case "xml":
            return tree.read_xml(file, element=options.element, start=start)
        case "parquet":
            return parquet.read(file, start=start)
        case "edifact":
            return edifact.read(file, only=options.element, start=start)
        case "media":
            return media.read(file, name=name or file.name, start=start)
        case _:
            return csv.read(file, start=start, delimiter=options.delimiter)


def first_rows(file: File, most: int, *, format: str = "auto", element: str = "") -> bytes:
    """The first rows of a file of any size as JSON lines, to infer and try on. Raises Unreadable."""
    piece = next(read(file, Options(format, element), name=file.name), None)
    rows = piece.table.slice(0, most).drop_columns([ROW]).to_pylist() if piece else []
    return b"".join(orjson.dumps({name: text(value) for name, value in row.items()}) + b"\n" for row in rows)
