"""Who plays in the demo: ten organisations, all invented, and one account for each sensible role in them.

Customs has a second officer, since what one officer proposes another has to approve.

The firms are named after 子虚, 乌有 and 亡是公, who have stood for what does not exist since the Han dynasty; their credit
codes have right check characters in a division (379999) that does not exist. 9901 is no customs office.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kouan.base.identity.records import AUTHORITIES, ROLES
from kouan.kernel.principal import ADMINS
from kouan.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Part:
    """A demo organisation; its kind is its short name."""

    slug: str
    code: str
    title: Text


PARTS: tuple[Part, ...] = (
    Part("customs", "9901", Text("望海海关（演示）", "Wanghai Customs (demo)")),
    Part("border", "BI9901", Text("望海边检站（演示）", "Wanghai Border Inspection (demo)")),
    Part("maritime", "MSA9901", Text("望海海事局（演示）", "Wanghai Maritime Administration (demo)")),
    Part("transport", "TA9901", Text("望海市交通运输局（演示）", "Wanghai Transport Bureau (demo)")),
    Part("portoffice", "CNWHH", Text("望海口岸办公室（演示）", "Wanghai Port Office (demo)")),
    Part("terminal", "91379999MA0WHH0134", Text("望海集装箱码头（虚构）", "Wanghai Container Terminal (fictional)")),
    Part("carrier", "91379999MA0WHH021Y", Text("子虚航运（虚构）", "Zixu Lines (fictional)")),
    Part("agent", "91379999MA0WHH03XN", Text("乌有船务代理（虚构）", "Wuyou Ship Agency (fictional)")),
    Part("trader", "91379999MA0WHH048N", Text("亡是贸易（虚构）", "Wangshi Trading (fictional)")),
    Part("trucker", "91379999MA0WHH056H", Text("凭虚集装箱运输（虚构）", "Pingxu Container Haulage (fictional)")),
)


SECOND = "officer-2"
"""The account of customs' second officer."""


@dataclass(frozen=True, slots=True)
class Player:
    """A demo account: whose, its name, its role and its title."""

    part: Part
    user: str
    role: str
    title: Text


def roles_of(slug: str) -> Iterator[str]:
    """The roles that have an account in a demo organisation, the one that works there first."""
    if slug in AUTHORITIES:
        yield "officer"
    else:
        yield "operator" if slug == "terminal" else "clerk"
    yield "viewer"
    if slug == "portoffice":
        yield from (role for role in ROLES if role in ADMINS)


def cast() -> Iterator[Player]:
    """Every demo account; of two with one role the first is who works there, and an account is named after its role."""
    for part in PARTS:
        for role in roles_of(part.slug):
            title = Text(f"{part.title.zh}·{ROLES[role].zh}", f"{part.title.en}, {ROLES[role].en.lower()}")
            yield Player(part, role, role, title)
        if part.slug == "customs":
            title = Text(f"{part.title.zh}·{ROLES['officer'].zh}（第二人）", f"{part.title.en}, second {ROLES['officer'].en.lower()}")
            yield Player(part, SECOND, "officer", title)
