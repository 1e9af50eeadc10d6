"""The codes of a declaration on its day: what the carried lists and the port's amendments say of them (HS/T 82 7.2.5 b) 1))."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from kouan.base.declaration.records import Declaration
from kouan.kernel.rules import Found, Need
from kouan.standards.parameters.api import Entry, Standing, code_ref, standing

ENTRY = Entry.facts.name
HEADING = 6
"""Digits of a commodity code that are international; national ones may follow."""
REMEMBERED = 4096
"""Codes whose need is remembered: the same ones are declared all day, and each is asked about by several rules."""


def stated(record: Declaration) -> Iterator[tuple[str, str, str]]:
    """Set, code and field of every code that a declaration states."""
    for at, item in enumerate(record.items):
        yield "hs", digits(item.hs), f"items.{at}.hs"
        yield "currency", item.currency.strip().upper(), f"items.{at}.currency"
        yield "country", item.origin.strip().upper(), f"items.{at}.origin"
    yield "currency", (record.invoice_currency or "").strip().upper(), "invoice_currency"


def digits(code: str) -> str:
    """A commodity code without its dots and blanks."""
    return code if code.isascii() and code.isdigit() else "".join(char for char in code if char.isascii() and char.isdigit())


def amendments(record: Declaration) -> list[Need]:
    """The port's amendments of the codes that a declaration states, of national codes and of the headings above them."""
    wanted: dict[Need, None] = {}
    for name, code, _ in stated(record):
        for one in (code, code[:HEADING]) if name == "hs" else (code,):
            if need := _need(name, one):
                wanted[need] = None
    return list(wanted)


def on_day(name: str, code: str, on: date, found: Found) -> Standing:
    """A code on a day. A national commodity code stands by its own amendment, else by its heading."""
    own = _entries(name, code, found)
    if name == "hs" and not own:
        code = code[:HEADING]
        own = _entries(name, code, found)
    return standing(name, code, on, own)


def day_of(record: Declaration, found: Found) -> date:
    """The day of a declaration at the port: that on which it was declared, else the day of judging."""
    return (record.accepted_at or found.at).astimezone(ZoneInfo(found.site.get("zone", "UTC"))).date()


@lru_cache(maxsize=REMEMBERED)
def _need(name: str, code: str) -> Need | None:
    ref = code_ref(name, code[:40]) if code else ""
    return Need(ENTRY, ref=ref) if ref else None


def _entries(name: str, code: str, found: Found) -> list[Entry]:
    need = _need(name, code)
    return [kept.data for kept in found.of(need) if isinstance(kept.data, Entry)] if need else []
