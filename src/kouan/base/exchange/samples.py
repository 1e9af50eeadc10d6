"""Sample messages of our own that stand beside the codecs."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from kouan.base.exchange import codecs
from kouan.base.exchange.examples import shifted
from kouan.kernel.formats import Sample
from kouan.kernel.text import Text

FOLDER = "samples"


@cache
def bundled(prefix: str, title: Text, record: str) -> tuple[Sample, ...]:
    """The samples whose file names begin so, by name."""
    folder = files(codecs) / FOLDER
    found = sorted((entry for entry in folder.iterdir() if entry.name.startswith(prefix)), key=lambda entry: entry.name)
    return tuple(
        Sample(name, Text(f"{title.zh}：{name}", f"{title.en}: {name}"), shifted(entry.read_text("utf-8")).encode(), record)
        for entry in found
        if (name := entry.name)
    )
