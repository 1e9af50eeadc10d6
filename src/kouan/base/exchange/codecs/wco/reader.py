"""Bytes to a goods declaration: parsed, judged and read in one pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from lxml import etree

from kouan.base.exchange.codecs.problem import CodecError, Problem
from kouan.base.exchange.codecs.wco import faults, mapping
from kouan.base.exchange.codecs.wco.model import GoodsDeclaration
from kouan.base.exchange.codecs.wco.tree import DECLARATION_SPACE, METADATA_SPACE
from kouan.base.exchange.codecs.wco.validate import ROOTS, Values, Walker
from kouan.kernel.formats import MOST_BYTES


def read(body: bytes) -> GoodsDeclaration:
    """The declaration of a message: MetaData around a Declaration, or a Declaration alone.

    Raises CodecError with every problem: position is "line N, /path". Nothing outside the body is ever fetched.
    """
    return mapping.declaration(values(body))


def values(body: bytes) -> Values:
    """The declaration's values as the model walks them; for tools that need more than `read` maps."""
    root = _root(body)
    walker = Walker()
    found = walker.walk(root, ROOTS[str(root.tag)])
    if walker.problems:
        raise CodecError(walker.problems)
    inner: Any = found.get("Declaration", found)
    _real_dates(inner, walker, root)
    return dict(inner)


def check(body: bytes) -> tuple[Problem, ...]:
    """The problems of a message; none: it is valid."""
    try:
        values(body)
    except CodecError as wrong:
        return wrong.problems
    return ()


def _root(body: bytes) -> etree._Element:
    root = parsed(body)
    if root.tag not in ROOTS:
        raise _not_ours(root)
    return root


def parsed(body: bytes) -> etree._Element:
    """The root of an XML body. Raises CodecError for what is none, is too large, or declares a DTD."""
    if not body.strip():
        raise faults.EMPTY.error("line 1")
    if len(body) > MOST_BYTES:
        raise faults.SIZE.error("line 1", most=MOST_BYTES)
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        line = body[: body.find(b"<!")].count(b"\n") + 1
        raise faults.DOCTYPE.error(f"line {line}")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True, remove_blank_text=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as wrong:
        line = getattr(wrong, "lineno", None) or 1
        raise faults.XML.error(f"line {line}", found=getattr(wrong, "msg", None) or str(wrong)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise faults.DOCTYPE.error("line 1")
    return root


def _not_ours(root: etree._Element) -> CodecError:
    local = etree.QName(root).localname
    position = f"line {root.sourceline}, /{local}"
    inner = {etree.QName(child).localname for child in root}
    if local == "Response" or (local == "MetaData" and "Response" in inner):
        return faults.RESPONSE.error(position, "Response")
    space = METADATA_SPACE if local == "MetaData" else DECLARATION_SPACE
    return faults.ROOT.error(position, local, space=space, found=str(root.tag))


def _real_dates(inner: Values, walker: Walker, root: etree._Element) -> None:
    """A date has the right form by now; one that no calendar holds (20240231) is refused here."""
    for holder, name in mapping.dates(inner):
        text = holder.get(name)
        if text is None:
            continue
        try:
            holder[name] = moment(text)
        except ValueError:
            element = next((e for e in root.iter("{*}DateTimeString") if e.text == text), root)
            walker.wrong(element, faults.DATE, name=name, found=text)
    if walker.problems:
        raise CodecError(walker.problems)


def moment(text: str) -> datetime:
    """The moment of CCYYMMDD[HHMMSS[Z or ±HH]]; UTC unless a zone is named. Raises ValueError."""
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    if len(text) == 8:
        return datetime(year, month, day, tzinfo=UTC)
    zone = text[14:]
    offset = timezone(timedelta(hours=int(zone))) if zone not in ("", "Z") else UTC
    hour, minute, second = int(text[8:10]), int(text[10:12]), int(text[12:14])
    return datetime(year, month, day, hour, minute, second, tzinfo=offset).astimezone(UTC)
