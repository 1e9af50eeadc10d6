"""The documents and permits of a goods item as WCO documents, each in the place and order from which intake takes it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from kouan.base.exchange.codecs.wco import Document
from kouan.base.exchange.outgoing.fact import bare
from kouan.base.permit.api import KINDS

_KIND = re.compile(r"[0-9A-Za-z]{1,6}")
_TYPE = 3


def papers(item: Mapping[str, Any]) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """The additional and the previous documents of an item.

    A document of a permit's kind under which the item is not declared is a previous one: among the others intake would take it
    for a permit. What follows it is put there too, so that the order stays.
    """
    declared = {_named(permit["permit"]) for permit in item.get("permits") or ()}
    stated = [_unmistaken(_document(text), declared) for text in item.get("documents") or ()]
    found: list[Document] = []
    at = 0
    for permit in item.get("permits") or ():
        named = _named(permit["permit"])
        ahead = next((n for n in range(at, len(stated)) if _is_permit(stated[n]) and _mark(stated[n]) == named), None)
        if ahead is not None:
            found += stated[at:ahead]
            at, here = ahead + 1, stated[ahead]
        else:
            category, type_ = _split(named[0])
            here = next((one for one in stated if _mark(one) == named), Document(named[1], type_, category))
        found.append(_written_off(here, permit, item.get("net_kg")))
    rest = next((n for n in range(at, len(stated)) if _is_permit(stated[n])), len(stated))
    return (*found, *stated[at:rest]), tuple(stated[rest:])


def _written_off(document: Document, permit: Mapping[str, Any], net: Any) -> Document:
    """A permit with the quantity that the goods take of it; where none is known that is said, for else it were the net mass."""
    quantity, unit = permit.get("quantity"), permit.get("unit") or ""
    if quantity is None and not unit and net is None:
        return document
    return document._replace(written_off=Decimal(str(quantity or 0)), unit=unit)


def _document(text: str) -> Document:
    """`N705:B1` → category N, type 705, number B1; a text that names no kind is a number."""
    kind, colon, number = text.partition(":")
    if not _KIND.fullmatch(kind) or (not colon and len(text) > _TYPE + 1):
        return Document(text)
    category, type_ = _split(kind)
    return Document(number, type_, category)


def _unmistaken(document: Document, declared: Collection[tuple[str, str]]) -> Document:
    """Of a kind such as 11, which is also category 1 of a permit's kind 1: the type 11, where no such permit is declared."""
    whole = f"{document.category}{document.type}"
    permit = bool(document.category) and _is_permit(document) and _mark(document) not in declared
    return Document(document.id, whole) if permit and len(whole) <= _TYPE else document


def _split(kind: str) -> tuple[str, str]:
    """Category and type: a type has three characters, a permit's of ours may have one."""
    if kind in KINDS or (len(kind) <= _TYPE and kind[1:] not in KINDS):
        return "", kind
    return (kind[:1], kind[1:]) if kind[1:] in KINDS else (kind[:-_TYPE], kind[-_TYPE:])


def _is_permit(document: Document) -> bool:
    return document.type.upper() in KINDS and bool(document.id.strip())


def _mark(document: Document) -> tuple[str, str]:
    return document.type.upper(), _tidy(document.id)


def _named(permit: str) -> tuple[str, str]:
    kind, _, number = (bare(permit) if permit.startswith("permit:") else permit).partition("/")
    return kind.upper(), _tidy(number)


def _tidy(text: str) -> str:
    return "".join(text.upper().split())
