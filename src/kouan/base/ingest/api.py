"""What others may import of extraction: how a higher board offers a kind of source, the first rows of a file, and erasing."""

from kouan.base.ingest.erasing import look_aside, look_staged
from kouan.base.ingest.readers import Broken, Piece, Plain, Unreadable, first_rows
from kouan.base.ingest.readers.piece import SIZE
from kouan.base.ingest.records import Run
from kouan.base.ingest.sources import Away, Context, Item, offer
from kouan.base.quality.api import ROW

__all__ = [
    "ROW", "SIZE", "Away", "Broken", "Context", "Item", "Piece", "Plain", "Run", "Unreadable", "first_rows", "look_aside", "look_staged",
    "offer",
]  # fmt: skip
