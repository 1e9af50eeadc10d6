"""References of a record that fail their kind's check: they are kept, and said so."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from kouan.kernel.records import Record
from kouan.kernel.references import kinds
from kouan.kernel.text import Text


@cache
def _referring(cls: type[Record]) -> tuple[tuple[str, str], ...]:
    """The fields of a record type that hold references themselves, and of which kind."""
    return tuple((name, facts.reference) for name, facts in cls.fields.items() if facts.reference)


def doubts(record: Record, *kinds_wanted: str, but: str = "") -> Iterator[tuple[str, str, Text]]:
    """Field, reference and reason of each reference that fails its check (of some kinds, or of all), those of one excepted."""
    known = kinds()
    for name, kind_of_field in _referring(type(record)):
        value = getattr(record, name)
        if value is None or kind_of_field == but or (kinds_wanted and kind_of_field not in kinds_wanted):
            continue
        many = isinstance(value, list | tuple)
        for at, ref in enumerate(value if many else (value,)):
            kind, _, bare = str(ref).partition(":")
            reason = known[kind].check(bare) if kind in known and kind != but else None
            if reason is not None:
                yield f"{name}.{at}" if many else name, str(ref), reason
