"""Kinds of source: each gives its items (files, queries, topics) as pieces, behind what was taken before."""

from kouan.base.ingest.sources.common import Away, Context, Item
from kouan.base.ingest.sources.opening import items, offer

__all__ = ["Away", "Context", "Item", "items", "offer"]
