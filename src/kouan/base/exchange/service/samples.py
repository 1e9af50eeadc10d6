"""Samples of all formats, made once a process."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import quote

from kouan.kernel.errors import NotFound
from kouan.kernel.formats import Format, Sample
from kouan.kernel.text import Text
from kouan.kernel.words import every

UNKNOWN = Text("没有这个样例", "There is no such sample")


@cache
def _all() -> dict[str, tuple[type[Format], Sample]]:
    return {sample.name: (format_, sample) for format_ in every(Format) for sample in format_().samples()}


def listed(record: str = "") -> list[dict[str, Any]]:
    """All samples, or those of one record type, as the API shows them."""
    return [
        {
            "name": sample.name,
            "format": format_.code,
            "record": sample.record,
            "title": sample.title.out(),
            "href": f"/api/samples/{quote(sample.name)}",
        }
        for format_, sample in _all().values()
        if record in ("", sample.record)
    ]


def named(name: str) -> tuple[Sample, str]:
    """A sample and its media type; NotFound when there is none of that name."""
    if name not in _all():
        raise NotFound(UNKNOWN)
    format_, sample = _all()[name]
    return sample, format_.media
