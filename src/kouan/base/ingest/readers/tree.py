"""JSON, JSON lines and XML, row by row, in constant memory."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from kouan.base.ingest.readers.csv import encoding_of
from kouan.base.ingest.readers.file import File
from kouan.base.ingest.readers.piece import Broken, Piece, Unreadable, grouped, of_rows, unique
from kouan.kernel.text import Text

_CHUNK = 1 << 20
LONGEST = 64 << 20
"""Characters of one row, and bytes of a text node: what is longer is no row."""
DEEPEST, NODES, MANY = 64, 100_000, 1_000
"""Levels of a row that become columns; elements of one row at most; so many children tell that an element is an envelope of rows."""
JSON = Text("不是可读的 JSON，问题在第 {row} 行记录之后", "Not readable as JSON, behind record {row}")
OBJECT = Text("每条记录应为 JSON 对象", "Each record must be a JSON object")
XML = Text("不是可读的 XML：{found}", "Not readable as XML: {found}")
ENTITIES = Text("不接受带 DOCTYPE 或实体的 XML", "XML with a DOCTYPE or entities is not taken")
LONG_ROW = Text("XML 中一行的元素超过 {most} 个，请指定行元素", "A row of the XML has more than {most} elements: state the element that is a row")
NO_ROWS = Text("没有找到重复的元素 {name}", "No element {name} was found to be rows")
_BLANK = re.compile(r"[ \t\r\n,]*")


def read_json(file: File, *, start: int = 0) -> Iterator[Piece]:
    """Pieces of a JSON array of objects, or of one object a line. Rows count from 1."""
    rows: list[tuple[int, Mapping[str, Any]]] = []
    broken: list[Broken] = []
    for number, found in enumerate(_values(file), 1):
        if number <= start:
            continue
        if isinstance(found, dict):
            rows.append((number, dict(zip(unique(found), found.values(), strict=True))))
        else:
            broken.append(Broken(number, json.dumps(found, ensure_ascii=False)[:2000], OBJECT))
        if len(rows) + len(broken) >= 8192:
            yield Piece(of_rows(rows), broken)
            rows, broken = [], []
    if rows or broken:
        yield Piece(of_rows(rows), broken)


def _values(file: File) -> Iterator[Any]:
    """The values of an array, or the values that follow one another."""
    decoder, text, at, number, inside, ended = json.JSONDecoder(), "", 0, 0, False, False
    encoding = encoding_of(file)
    with io.TextIOWrapper(file.open(), encoding) as opened:
        while True:
            at = _BLANK.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
            if not number and not inside and text[at : at + 1] == "[":
                inside, at = True, at + 1
                continue
            if inside and text[at : at + 1] == "]":
                return
            try:
                found, end = decoder.raw_decode(text, at)
            except (ValueError, RecursionError):
                found, end = None, -1
            # A number that touches the end of what was read may go on behind it.
            if end < 0 or (end == len(text) and not ended and not isinstance(found, dict | list)):
                if ended and at == len(text) and not inside:
                    return
                if ended or len(text) - at > LONGEST:
                    raise Unreadable(JSON.fill(row=number))
                more = opened.read(_CHUNK)
                ended, text, at = not more, text[at:] + more, 0
                continue
            number, at = number + 1, end
            yield found


def read_xml(file: File, *, element: str = "", start: int = 0) -> Iterator[Piece]:
    """Pieces of an XML document: a row for each element of that name, or of the name that the root's children mostly have (those of an
    envelope, where the root holds one).

    A row's columns are its attributes and the texts of its descendants, by their path. No entity is ever expanded. A row is all of the
    document that is held.
    """
    name = element or _commonest(file)
    yield from grouped((number, row) for number, row in enumerate(_elements(file, name), 1) if number > start)


def _events(file: File) -> Iterator[tuple[str, Any]]:
    options: Any = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "recover": False}
    try:
        with file.open() as opened:
            for number, (event, node) in enumerate(etree.iterparse(opened, events=("start", "end"), **options)):
                # A document type stands before the root, or nowhere.
                if not number and (node.getroottree().docinfo.doctype or node.getroottree().docinfo.internalDTD is not None):
                    raise Unreadable(ENTITIES)
                yield event, node
    except etree.XMLSyntaxError as wrong:
        raise Unreadable(XML.fill(found=str(wrong)[:160].replace("{", "(").replace("}", ")"))) from None


def _commonest(file: File) -> str:
    counts: dict[str, int] = {}
    inner: dict[str, int] = {}
    depth = held = 0
    for event, node in _events(file):
        depth += 1 if event == "start" else -1
        held = _within(held + 1)
        if event == "start" or depth not in (1, 2):
            continue
        into, held = counts if depth == 1 else inner, 0
        into[_bare(node)] = into.get(_bare(node), 0) + 1
        _drop(node)
        if depth == 1:
            inner = {}
        elif not counts and sum(inner.values()) >= MANY:
            return max(inner, key=lambda name: inner[name])
        if sum(counts.values()) >= 200:
            break
    if not counts:
        raise Unreadable(NO_ROWS.fill(name="*"))
    return max(counts, key=lambda name: counts[name])


def _elements(file: File, name: str) -> Iterator[Mapping[str, Any]]:
    open_, held, any_ = 0, 0, False
    for event, node in _events(file):
        held = _within(held + 1) if open_ else 0
        if not isinstance(node.tag, str) or _bare(node) != name:
            if event == "end" and not open_ and node.getparent() is not None:
                _drop(node)
            continue
        open_ += 1 if event == "start" else -1
        if event == "end" and not open_:
            any_ = True
            yield _row(node)
            _drop(node)
    if not any_:
        raise Unreadable(NO_ROWS.fill(name=name[:80].replace("{", "(").replace("}", ")")))


def _within(events: int) -> int:
    """The events of one row so far. Raises Unreadable when it has too many elements to be held."""
    if events > 2 * NODES:
        raise Unreadable(LONG_ROW.fill(most=NODES))
    return events


def _row(node: Any, prefix: str = "", depth: int = 0) -> dict[str, str]:
    found = {f"{prefix}@{etree.QName(key).localname}": value for key, value in node.attrib.items()}
    for child in node:
        if not isinstance(child.tag, str) or depth > DEEPEST:
            continue
        path = f"{prefix}{_bare(child)}"
        text = (child.text or "").strip()
        if text:
            found[path] = f"{found[path]};{text}" if path in found else text
        for key, value in _row(child, f"{path}/", depth + 1).items():
            found[key] = f"{found[key]};{value}" if key in found else value
    if not prefix and not len(node) and (node.text or "").strip():
        found["text"] = node.text.strip()
    return found


def _bare(node: Any) -> str:
    return str(etree.QName(node).localname) if isinstance(node.tag, str) else ""


def _drop(node: Any) -> None:
    """Forget an element and what stood before it, so that a document of any length is read in constant memory."""
    node.clear()
    parent = node.getparent()
    while parent is not None and node.getprevious() is not None:
        del parent[0]
