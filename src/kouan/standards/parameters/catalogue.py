"""The sets that the parameter service offers: the carried code lists by the names that declarations use for them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kouan.kernel.text import Text
from kouan.standards.codes import api as codes

ALIASES = {"port": "locode", "ports": "locode", "customs-tariff": "hs"}
"""Other names of sets: ports are UN/LOCODE places."""
_FORMS = {
    "hs": re.compile(r"[0-9]{2,13}"), "currency": re.compile(r"[A-Z]{3}"), "country": re.compile(r"[A-Z]{2}"),
    "locode": re.compile(r"[A-Z]{2}[A-Z0-9]{3}"), "un_number": re.compile(r"[0-9]{4}"), "mid": re.compile(r"[0-9]{3}"),
    "container_type": re.compile(r"[0-9A-Z]{4}"), "unit": re.compile(r"[0-9A-Z]{1,3}"), "package": re.compile(r"[0-9A-Z]{1,2}"),
}  # fmt: skip
_ANY = re.compile(r"[0-9A-Za-z][0-9A-Za-z .\-/]{0,39}")


@dataclass(frozen=True, slots=True)
class Set:
    """A code set: its name, titles, whose it is, which edition is carried, how many codes that has."""

    name: str
    title: Text
    source: str
    edition: str
    count: int


def sets() -> tuple[Set, ...]:
    """All sets, by name."""
    return tuple(Set(one.name, one.title, one.source, one.edition, one.count) for one in sorted(codes.lists(), key=lambda one: one.name))


def named(name: str) -> Set | None:
    """The set of that name or alias; None when there is none."""
    wanted = ALIASES.get(name.lower(), name.lower())
    return next((one for one in sets() if one.name == wanted), None)


def well_formed(set_name: str, code: str) -> bool:
    """Whether a code has the form that codes of its set have."""
    return _FORMS.get(set_name, _ANY).fullmatch("".join(c for c in code if c not in ". -").upper()) is not None
