"""Drafts made the filer's own: what a message cannot know is filled in before it is judged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kouan.kernel.formats import Draft
from kouan.kernel.principal import Principal
from kouan.kernel.store.ops import Site

_MARK = re.compile(r"\A([a-z]+):@filer/")
FILER = "@filer"
"""In a draft's references this stands for the filing organisation, which a body cannot be trusted to name."""


def settled(draft: Draft, who: Principal, site: Site) -> Draft:
    """The draft with `@filer` in its references replaced, and times that a form or sheet gave without zone in the
    port's own."""
    return replace(draft, data=_settled(draft.data, who.slug, ZoneInfo(site.zone)))


def _settled(value: Any, filer: str, zone: ZoneInfo) -> Any:
    if isinstance(value, Mapping):
        return {name: _settled(part, filer, zone) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_settled(part, filer, zone) for part in value]
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=zone)
    return _MARK.sub(rf"\1:{filer}/", value) if isinstance(value, str) else value
