"""The registry: the carried catalogue with what the port keeps over it, and which modules use a standard, found in what they declare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from kouan.kernel.formats import Format
from kouan.kernel.modules import modules
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.rules import Rule
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text
from kouan.kernel.words import every
from kouan.standards.codes import api as codes
from kouan.standards.registry import store
from kouan.standards.registry.catalogue import CATALOGUE, Carried
from kouan.standards.registry.records import LAYERS, STATUSES, Proposal, Standard

_MODULE = re.compile(r"kouan\.(\w+\.\w+)\.")


async def listed(port: Port, who: Principal, text: str) -> dict[str, Any]:
    """Standards that fit every word of a text (number, titles, scope, owner, words), carried ones first; all without a text."""
    rows = {row.doc["number"]: row for row in await store.kept(port, who)}
    carried = [_told(one, rows.get(one.number)) for one in CATALOGUE]
    known = {one.number for one in CATALOGUE}
    own = [_own(row) for number, row in rows.items() if number not in known]
    wanted = text.casefold().split()
    items = [told for told, words in (*carried, *own) if all(word in words for word in wanted)]
    return {"items": items, "count": len(carried) + len(own)}


def _told(one: Carried, row: Row | None) -> tuple[dict[str, Any], str]:
    kept = Standard.model_validate(row.doc) if row else None
    difference = _difference(kept) if kept else one.difference.out() if one.difference else None
    told = {
        "number": one.number, "title": one.title.out(), "edition": kept.edition if kept else one.edition, "layer": one.layer,
        "layer_title": LAYERS[one.layer].out(), "status": kept.status if kept else "in_force",
        "status_title": STATUSES[kept.status if kept else "in_force"].out(), "owner": kept.owner if kept else one.owner,
        "scope": _scope(kept), "difference": difference, "over": kept.over if kept else None, "carried": True,
        "version": row.version if row else 0, "record": str(row.id) if row else None, "adopters": adopters(one.mark),
    }  # fmt: skip
    return told, f"{_words(told)} {one.words}".casefold()


def _own(row: Row) -> tuple[dict[str, Any], str]:
    one = Standard.model_validate(row.doc)
    told = {
        "number": one.number, "title": Text(one.title_zh, one.title_en).out(), "edition": one.edition, "layer": one.layer,
        "layer_title": LAYERS[one.layer].out(), "status": one.status, "status_title": STATUSES[one.status].out(), "owner": one.owner,
        "scope": _scope(one), "difference": _difference(one), "over": one.over, "carried": False, "version": row.version,
        "record": str(row.id), "adopters": adopters(one.number),
    }  # fmt: skip
    return told, _words(told).casefold()


def _words(told: dict[str, Any]) -> str:
    both = [part for name in ("title", "scope", "difference") if told[name] for part in told[name].values()]
    return " ".join((told["number"], told["owner"], told["over"] or "", *both))


def _scope(one: Standard | None) -> dict[str, str] | None:
    return _both(one.scope_zh, one.scope_en) if one else None


def _difference(one: Standard) -> dict[str, str] | None:
    return _both(one.difference_zh, one.difference_en)


def _both(zh: str | None, en: str | None) -> dict[str, str] | None:
    return Text(zh or en or "", en or zh or "").out() if zh or en else None


@lru_cache(maxsize=256)
def adopters(mark: str) -> list[dict[str, Any]]:
    """The modules whose formats, rules, records or code lists name a standard, and by what; the platform is the evidence."""
    pattern = re.compile(rf"(?<![\w/]){re.escape(mark)}(?!\d)")
    found: dict[str, list[str]] = {}
    for module, said, what in _declared():
        if pattern.search(said):
            found.setdefault(module, []).append(what)
    titles = {module.name: module.title.out() for module in modules()}
    return [{"module": name, "title": titles[name], "by": sorted(set(by))[:20]} for name, by in sorted(found.items()) if name in titles]


def _declared() -> Iterator[tuple[str, str, str]]:
    """(module, what it says, by what) of everything that names a standard."""
    for one in every(Format):
        for module in {_module(one), *(record.rpartition(".")[0] for record in one.records)}:
            yield module, one.standard, f"format {one.code}"
    for rule in every(Rule):
        yield _module(rule), rule.clause, f"rule {rule.code}"
    for lists in codes.lists():
        yield "standards.codes", lists.source, f"codes {lists.name}"


def _module(cls: type[Any]) -> str:
    found = _MODULE.match(cls.__module__)
    return found.group(1) if found else ""


async def accepted(port: Port, steward: Principal, proposal: Proposal) -> dict[str, Any] | None:
    """The standard's next version out of an accepted proposal; None when it changes nothing, or names no standard of ours."""
    row = await store.numbered(port, steward, proposal.number)
    carried = next((one for one in CATALOGUE if one.number == proposal.number), None)
    if proposal.kind != "change" or (row is None and carried is None):
        return None
    before = dict(row.doc) if row else _first(carried) if carried else {}
    names = ("edition", "status", "difference_zh", "difference_en")
    changes = {name: value for name in names if (value := getattr(proposal, name)) is not None}
    return {**before, **changes}


def _first(one: Carried) -> dict[str, Any]:
    differs = {"difference_zh": one.difference.zh, "difference_en": one.difference.en} if one.difference else {}
    return {
        "number": one.number, "title_zh": one.title.zh, "title_en": one.title.en, "edition": one.edition, "layer": one.layer,
        "status": "in_force", "owner": one.owner, **differs,
    }  # fmt: skip
