"""The items of a source, by its kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from kouan.base.ingest.sources import databases, files, mysql, streams
from kouan.base.ingest.sources.common import Away, Context, Item
from kouan.kernel.text import Text

Opener = Callable[[Context], AsyncIterator[Item]]
NOT_HERE = Text("本平台未启用这种数据源", "This kind of source is not in this platform")
_KINDS: dict[str, Opener] = {
    "upload": files.upload, "folder": files.folder, "http": files.http, "sftp": files.sftp, "postgresql": databases.postgresql,
    "mysql": mysql.mysql, "sqlite": databases.sqlite, "mqtt": streams.mqtt_topic, "nats": streams.nats_subject,
}  # fmt: skip


def offer(kind: str, opener: Opener) -> None:
    """State how sources of a kind are opened that lie in a higher board."""
    _KINDS[kind] = opener


def items(context: Context) -> AsyncIterator[Item]:
    """What the source has that was not taken before. Raises Away while it is taken, and for a kind that nobody opens."""
    opener = _KINDS.get(context.source.kind)
    if opener is None:
        raise Away(NOT_HERE)
    return opener(context)
