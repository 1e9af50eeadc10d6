"""Whether a draft's natural key can name its record: short enough, and without control characters."""

from __future__ import annotations

from collections.abc import Sequence

from kouan.kernel.errors import Problem, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.port import prepare
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.store.making import ref_of
from kouan.kernel.text import Text

PLAIN = 60
KEY = Text(
    "自然键过长或含有控制字符，无法作为单证标识", "The natural key is too long, or holds control characters, and cannot name it"
)


def check_names(drafts: Sequence[Draft], who: Principal) -> None:
    """Raises Refused for a natural key that no reference can hold; Denied and Refused as filing itself would."""
    if all(_is_plain(draft) for draft in drafts):
        return
    problems = [
        Problem("structure.key", _first(one.record), "key", KEY, draft.position)
        for draft, one in zip(drafts, prepare(drafts, who), strict=True)
        if not _has_name(one.record, who.slug)
    ]
    if problems:
        raise Refused.of(problems)


def _is_plain(draft: Draft) -> bool:
    """Whether the key is short and simple at first sight, as nearly all are: then nothing more is looked at."""
    texts = [str(draft.data.get(part, "")) for part in _parts(record_type(draft.record))]
    return sum(map(len, texts)) <= PLAIN and all(text.isascii() and text.isprintable() for text in texts)


def _parts(cls: type[Record]) -> list[str]:
    return [part for part in cls.facts.key if part != "@filer"]


def _first(record: Record) -> str:
    return next(iter(_parts(type(record))), "")


def _has_name(record: Record, filer: str) -> bool:
    try:
        ref_of(record, record.key(filer))
    except ValueError:
        return False
    return True
