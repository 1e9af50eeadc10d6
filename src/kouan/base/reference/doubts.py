"""References of a record that fail their kind's check: they are kept, and said so."""

from __future__ import annotations

from collections.abc import Iterator

from kouan.kernel.records import Record
from kouan.kernel.references import kinds
from kouan.kernel.text import Text


def doubts(record: Record, *kinds_wanted: str) -> Iterator[tuple[str, str, Text]]:
    """Field, reference and reason of each reference that fails its check (of some kinds, or of all)."""
    known = kinds()
    for name, facts in type(record).fields.items():
        value = getattr(record, name)
        if not facts.reference or value is None or (kinds_wanted and facts.reference not in kinds_wanted):
            continue
        many = isinstance(value, list | tuple)
        for at, ref in enumerate(value if many else (value,)):
            kind, _, bare = str(ref).partition(":")
            reason = known[kind].check(bare) if kind in known else None
            if reason is not None:
                yield f"{name}.{at}" if many else name, str(ref), reason
