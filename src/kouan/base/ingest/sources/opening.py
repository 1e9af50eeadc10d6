"""The items of a source, by its kind."""

from __future__ import annotations

from collections.abc import AsyncIterator

from kouan.base.ingest.sources import databases, files, streams
from kouan.base.ingest.sources.common import Context, Item

_KINDS = {
    "upload": files.upload, "folder": files.folder, "http": files.http, "sftp": files.sftp, "postgresql": databases.postgresql,
    "sqlite": databases.sqlite, "mqtt": streams.mqtt_topic, "nats": streams.nats_subject,
}  # fmt: skip


def items(context: Context) -> AsyncIterator[Item]:
    """What the source has that was not taken before. Raises Away while it is taken."""
    return _KINDS[context.source.kind](context)
