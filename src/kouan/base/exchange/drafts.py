"""Drafts made the filer's own: what a message cannot know is filled in before it is judged."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kouan.kernel.formats import Draft
from kouan.kernel.principal import Principal
from kouan.kernel.store.ops import Site

_MARK = re.compile(r"\A([a-z]+):@filer/")
DEEPEST = 60  # what is nested deeper is refused when it is judged
FILER = "@filer"
"""In a draft's references this stands for the filing organisation, which a body cannot be trusted to name."""


def settled(draft: Draft, who: Principal, site: Site) -> Draft:
    """The draft with `@filer` in its references replaced, and times that a form or sheet gave without zone in the
    port's own."""
    return replace(draft, data=_settled(dict(draft.data), who.slug, ZoneInfo(site.zone)))


def _settled(value: Any, filer: str, zone: ZoneInfo, depth: int = 0) -> Any:
    if isinstance(value, str):
        return _MARK.sub(rf"\1:{filer}/", value) if "@" in value else value
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=zone)
    if depth > DEEPEST:
        return value
    if isinstance(value, dict):
        return {name: _settled(part, filer, zone, depth + 1) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_settled(part, filer, zone, depth + 1) for part in value]
    return value
