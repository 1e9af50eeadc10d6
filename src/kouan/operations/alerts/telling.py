"""Warnings and rules in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.kernel.text import Text
from kouan.operations.alerts.records import SEVERITIES
from kouan.operations.alerts.thresholds import word_of


def warned(data: Mapping[str, Any]) -> Text:
    """A warning, with its level."""
    level, title = SEVERITIES[str(data["severity"])], data["title"]
    return Text(f"{level.zh}：{title['zh']}", f"{level.en}: {title['en']}")


def ruled(data: Mapping[str, Any]) -> Text:
    """A rule, with its revision."""
    revision = data.get("revision", 1)
    return Text(f"预警规则“{data['name_zh']}”第{revision}版", f"Alert rule “{data['name_en']}”, revision {revision}")


def noticed(data: Mapping[str, Any]) -> Text:
    """A hazard notice by its headline, in each language as far as its sender wrote it."""
    sayings = data["sayings"]
    zh = next((one for one in sayings if str(one["language"]).lower().startswith("zh")), sayings[0])
    en = next((one for one in sayings if str(one["language"]).lower().startswith("en")), sayings[0])
    return Text(zh.get("headline") or zh["event"], en.get("headline") or en["event"])


def proposed(data: Mapping[str, Any]) -> Text:
    """A setting of an alert, with its revision."""
    revision, word = data.get("revision", 1), word_of(str(data["alert"]))
    title = word.title if word else Text(str(data["alert"]), str(data["alert"]))
    return Text(f"“{title.zh}”的参数第{revision}版", f"Numbers of “{title.en}”, revision {revision}")
