"""A report in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.kernel.text import Text


def report(data: Mapping[str, Any]) -> Text:
    """Its title and period."""
    return Text(f"{data['title_zh']}：{data['since']} 至 {data['until']}", f"{data['title_en']}: {data['since']} to {data['until']}")
