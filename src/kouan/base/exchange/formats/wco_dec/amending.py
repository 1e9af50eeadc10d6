"""A WCO message about a declaration that is kept: its amendment or cancellation (FunctionCode 13 and 14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kouan.base.exchange.codecs.wco import GoodsDeclaration
from kouan.base.exchange.formats.wco_dec.mapping import data_of, spelled
from kouan.kernel.formats import Draft, Submission

RECORD = "base.declaration.declaration"
REQUEST, CANCELLATION = "13", "14"
FUNCTIONS = (REQUEST, CANCELLATION)
CANCELS, AMENDS = ("INV",), ("COR", "INV")
"""Type codes of a request: INV to invalidate, COR to correct; they are not the declaration's own type."""
ITEM = "68A"
"""Document section of a goods item in a pointer."""


@dataclass(frozen=True, slots=True)
class DeclarationChange(Submission):
    """A change of a kept declaration; the draft holds what the message states.

    `id`: the number that the message gives for the declaration; `reference`: its own reference, which names the
    declaration where no `id` does. `cancel`: the declaration is to be cancelled. `whole`: what the message states stands in
    place of all that was declared; otherwise it is laid over it. `gone`: goods items that a pointer names and the message
    no longer holds. `totals`: the totals that its head states. `reason`: the declarant's own words.
    """

    id: str = ""
    reference: str = ""
    cancel: bool = False
    whole: bool = False
    gone: tuple[int, ...] = ()
    totals: frozenset[str] = frozenset()
    reason: str = ""


def change_of(declaration: GoodsDeclaration) -> DeclarationChange:
    """The change that a message with function 13 or 14 asks for. A request without pointers that states goods is whole."""
    d = declaration
    data = data_of(d)
    data["functional_reference"] = data.get("functional_reference") or d.id.strip()[:35]
    if d.type_code in AMENDS:
        data.pop("type_code", None)
    totals = {"gross_kg": d.total_gross_kg, "packages": d.total_packages}
    pointed = any(change.pointers for change in d.changes)
    return DeclarationChange(
        drafts=(Draft(RECORD, data),), id=d.id.strip(), reference=d.functional_reference.strip(),
        cancel=d.function_code == CANCELLATION or d.type_code in CANCELS, whole=bool(d.items) and not pointed,
        gone=tuple(_gone(d)), totals=frozenset(name for name, value in totals.items() if value is not None),
        reason=" ".join(s.text for s in d.statements if s.text)[:400],
    )


def _gone(declaration: GoodsDeclaration) -> Iterator[int]:
    held = {item.sequence for item in declaration.items}
    for change in declaration.changes:
        number, section, tag = change.pointers[-1] if change.pointers else (None, "", "")
        if section == ITEM and not tag and number is not None and number not in held:
            yield number


def laid_over(before: dict[str, Any], change: DeclarationChange) -> dict[str, Any]:
    """What is declared after a change, out of what was: `before` is the kept record as JSON, without empty fields."""
    stated = dict(change.drafts[0].data)
    stated.pop("functional_reference", None)  # the message's own
    if change.whole:
        keep = ("functional_reference", "type_code", "office", "accepted_at")
        return {**{name: before[name] for name in keep if name in before}, **stated}
    items = {item["sequence"]: item for item in before.get("items", ()) if item["sequence"] not in change.gone}
    for item in stated.pop("items", ()):
        items[item["sequence"]] = _item(items.get(item["sequence"], {}), item)
    for name in ("bills", "containers"):
        if name in stated:
            stated[name] = _united(before.get(name, ()), stated[name], name[:-1])
    for name in ("hs", "origin", "accepted_at"):
        stated.pop(name, None)
    listed = [items[number] for number in sorted(items)]
    after = {**before, **stated, "items": listed}
    first = listed[0] if listed else {}
    after |= {name: first[name] for name in ("hs", "origin") if first.get(name)}
    return after | _totals(before, after, change)


def _item(before: dict[str, Any], stated: dict[str, Any]) -> dict[str, Any]:
    documents = list(dict.fromkeys([*before.get("documents", ()), *stated.get("documents", ())]))
    found = {**before, **stated}
    return {**found, "documents": documents} if documents else found


def _united(before: Any, stated: Any, kind: str) -> list[str]:
    known = {spelled(kind, ref) for ref in before}
    return [*before, *(ref for ref in stated if spelled(kind, ref) not in known)]


def _totals(before: dict[str, Any], after: dict[str, Any], change: DeclarationChange) -> dict[str, Any]:
    """Totals that the message does not state follow the items where they were their sum, and else stay."""
    found: dict[str, Any] = {}
    for name in {"gross_kg", "packages"} - change.totals:
        old = [item[name] for item in before.get("items", ()) if item.get(name) is not None]
        new = [item[name] for item in after["items"] if item.get(name) is not None]
        if name in before:
            found[name] = sum(new) if old and sum(old) == before[name] else before[name]
        elif new:
            found[name] = sum(new)
    return found
