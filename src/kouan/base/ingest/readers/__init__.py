"""Readers: a file of any size as pieces of columns, in constant memory as far as its format lets them."""

from kouan.base.ingest.readers.file import File, Held, Plain
from kouan.base.ingest.readers.opening import FORMATS, Options, first_rows, format_of, read
from kouan.base.ingest.readers.piece import Broken, Piece, Unreadable, of_rows

__all__ = ["FORMATS", "Broken", "File", "Held", "Options", "Piece", "Plain", "Unreadable", "first_rows", "format_of", "of_rows", "read"]
