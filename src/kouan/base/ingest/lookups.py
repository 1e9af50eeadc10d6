"""From what people write to a code: each different value is looked up once."""

from __future__ import annotations

import re
from functools import lru_cache

from kouan.standards.codes import api as codes

_AROUND = re.compile(r"^(?:the\s+)?port\s+of\s+|\s+(?:port|harbou?r|seaport)$|(?:港口|港|口岸|市)$", re.IGNORECASE)
_SPACE = re.compile(r"[\s　,，/()（）._-]+")


@lru_cache(maxsize=65_536)
def resolved(list_name: str, value: str) -> str | None:
    """The code of a value in a code list: the code itself, or the one entry whose name in either language it is.

    None where no entry or more than one has that name: a code is never guessed.
    """
    bare = value.strip()[:200]
    entry = codes.lookup(list_name, _SPACE.sub("", bare)) if bare else None
    if entry is not None:
        return entry.code
    for text in dict.fromkeys((bare, _AROUND.sub("", bare).strip())):
        found = {one.code for one in codes.search(list_name, text, 40) if _folded(text) in _names(one)} if text else set()
        if len(found) > 1:
            found = {code for code in found if _trades(list_name, code)}
        if len(found) == 1:
            return found.pop()
    return None


def _names(entry: codes.Code) -> set[str]:
    return {_folded(entry.name.zh), _folded(entry.name.en)}


def _folded(text: str) -> str:
    return _SPACE.sub("", text).casefold()


def _trades(list_name: str, code: str) -> bool:
    """Of places of one name, the one that the port's own list of names knows is meant."""
    entry = codes.lookup(list_name, code)
    return entry is not None and entry.translated
