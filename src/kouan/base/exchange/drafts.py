"""Drafts made the filer's own: what a message cannot know is filled in before it is judged."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kouan.base.exchange.walltimes import at_port, warning
from kouan.kernel.formats import Draft
from kouan.kernel.principal import Principal
from kouan.kernel.store.ops import Site

_MARK = re.compile(r"\A([a-z]+):@filer/")
DEEPEST = 60  # what is nested deeper is refused when it is judged
FILER = "@filer"
"""In a draft's references this stands for the filing organisation, which a body cannot be trusted to name."""


def settled(draft: Draft, who: Principal, site: Site) -> Draft:
    """The draft with `@filer` in its references replaced, and times that a form or sheet gave without zone in the
    port's own; warned of where its clock is changed."""
    stated = dict(draft.data)
    if _stands(stated, 0):
        return draft
    settling = _Settling(who.slug, ZoneInfo(site.zone))
    data = settling.settled(stated)
    return replace(draft, data=data, warnings=(*draft.warnings, *settling.warnings))


def _stands(value: Any, depth: int) -> bool:
    """Whether nothing in a value is to be settled: nearly always so where a system, and not a person, wrote it."""
    if isinstance(value, str):
        return "@" not in value
    if isinstance(value, datetime):
        return value.tzinfo is not None
    if not isinstance(value, dict | list | tuple):
        return True
    if depth > DEEPEST:
        return False
    for part in value.values() if isinstance(value, dict) else value:  # noqa: SIM110 - a generator costs as much again
        if not _stands(part, depth + 1):
            return False
    return True


class _Settling:
    """One draft being settled: for whom, where, and what is warned of."""

    def __init__(self, filer: str, zone: ZoneInfo) -> None:
        self._filer, self._zone = filer, zone
        self.warnings: list[dict[str, Any]] = []

    def settled(self, value: Any, path: tuple[str, ...] = ()) -> Any:
        """A value with all that is in it; `path` is where it stands."""
        if isinstance(value, str):
            return _MARK.sub(rf"\1:{self._filer}/", value) if "@" in value else value
        if isinstance(value, datetime) and value.tzinfo is None:
            return self._moment(value, path)
        if len(path) > DEEPEST:
            return value
        if isinstance(value, dict):
            return {name: self.settled(part, (*path, str(name))) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.settled(part, (*path, str(place))) for place, part in enumerate(value)]
        return value

    def _moment(self, wall: datetime, path: tuple[str, ...]) -> datetime:
        try:
            taken, doubt = at_port(wall, self._zone)
        except OverflowError:  # The first and last days of the calendar.
            return wall.replace(tzinfo=self._zone)
        if not doubt:
            return wall.replace(tzinfo=self._zone)
        self.warnings.append(warning(wall, taken, doubt, self._zone, ".".join(path)))
        return taken
