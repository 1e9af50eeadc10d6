"""Paging behind a key that need not be unique, nor stated in every row: none is lost between two pages or runs, none taken twice.

What is kept with a run is the last value of the key and a keyed digest of each row that was taken at it; the next page begins at that
value, and leaves those rows out. So rows that come later at the last value (moments by the second) are taken, too. Rows without
a key have no place in its order: they are asked for by themselves at the beginning of each run.
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

import orjson

from kouan.base.ingest.readers.piece import text
from kouan.base.ingest.sources.common import Away, Context
from kouan.kernel.suites.known import DEFAULT
from kouan.kernel.suites.suite import Suite
from kouan.kernel.text import Text

MOST_SAME = 20_000
"""Rows of one value of the key (or without one) that can be told apart; their digests are kept with the run."""
DIGEST = 9
LETTERS = 12
NO_KEY = Text("查询结果中没有增量键“{key}”", "The result of the query has no key “{key}”")
TOO_MANY = Text(
    "增量键“{key}”有一个值超过 {most} 行，续抽时无法区分：请改用取值更分散的键，或不设键（每次全量抽取）",
    "A single value of the key “{key}” has more than {most} rows, which cannot be told apart when extraction goes on: state a key whose "
    "values have fewer rows, or none (the whole is taken each time)",
)
TOO_MANY_BLANK = Text(
    "增量键“{key}”为空的行超过 {most}：请改用其他键，或在查询中排除空值",
    "More than {most} rows have no value of the key “{key}”: state another key, or leave such rows out in the query",
)
Row = Sequence[Any]


@dataclass(slots=True)
class Behind:
    """How far a key was taken. `after`: its last value as its kind of source spells it, None before the first.

    `open`: whether rows at that value are asked for once more; not so behind a place that was kept before its rows were.
    """

    key: str
    suite: Suite
    secret: bytes
    after: str | int | float | None = None
    seen: list[str] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    open: bool = True
    last: Any = None
    left: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, context: Context) -> Behind:
        """As the former run, or the one that was interrupted, left it."""
        held = context.position
        suite = context.port.vault.suite if context.port is not None else DEFAULT
        seen, blank = _parted(held, "seen"), _parted(held, "blank")
        made = cls(context.source.key_column or "", suite, _secret(context, suite), held.get("after"), seen, blank)
        if "seen" not in held:
            # Of places that were kept before digests were, an empty text meant that there was none.
            made.after, made.open = None if made.after == "" else made.after, False
        made.again()
        return made

    @property
    def compared(self) -> str:
        """How the key stands to its last value in the next statement."""
        return ">=" if self.open else ">"

    def again(self) -> None:
        """State that the next rows begin at the last value once more."""
        self.left = Counter(self.seen)

    def marks(self) -> Mapping[str, str]:
        """What is kept beside the last value."""
        return {"seen": "".join(self.seen), "blank": "".join(self.blank)}

    def place(self, names: Sequence[str]) -> int:
        """Where the key stands in a row. Raises Away where it does not."""
        if self.key not in names:
            raise Away(NO_KEY.fill(key=_bare(self.key)))
        return names.index(self.key)

    def fresh(self, rows: Sequence[Row], at: int, most: int) -> list[Row]:
        """The first of some rows, in order of the key, that were not taken before: at most so many, for a piece that is done again
        after a crash must be the same. Raises Away for a value that has too many rows."""
        head = len(list(takewhile(lambda row: alike(row[at], rows[0][at]), rows))) if self.left.total() else 0
        unseen = self._unseen(rows[:head])
        if len(unseen) < head and self.last is None:
            self.last = rows[0][at]
        new = [*unseen, *rows[head:]][:most]
        if not new:
            return []
        last = new[-1][at]
        tail = list(takewhile(lambda row: alike(row[at], last), reversed(new)))
        digests = [self._digest(row) for row in tail]
        same = len(tail) == len(new) and self.last is not None and alike(self.last, last)
        self.seen = [*self.seen, *digests] if same else digests
        self.last, self.open = last, True
        self._few(self.seen, TOO_MANY)
        return new

    def fresh_blank(self, rows: Sequence[Row]) -> list[Row]:
        """Those of some rows without a key that were not taken before. Raises Away when they are too many."""
        self.left = Counter(self.blank)
        new = self._unseen(rows)
        self.blank += [self._digest(row) for row in new]
        self._few(self.blank, TOO_MANY_BLANK)
        self.again()
        return new

    def _unseen(self, rows: Sequence[Row]) -> list[Row]:
        new = []
        for row in rows:
            digest = self._digest(row)
            # Rows that are equal in all they hold stand for each other, and count as often as they come.
            if self.left[digest] > 0:
                self.left[digest] -= 1
            else:
                new.append(row)
        return new

    def _digest(self, row: Row) -> str:
        held = orjson.dumps([text(value) for value in row])
        return b64encode(self.suite.mac(self.secret, held)[:DIGEST]).decode()

    def _few(self, digests: Sequence[str], reason: Text) -> None:
        if len(digests) > MOST_SAME:
            raise Away(reason.fill(key=_bare(self.key), most=MOST_SAME))


def alike(one: Any, other: Any) -> bool:
    """Whether a database may hold two values for equal: of texts also what differs by case, accents or blanks at the end only; what is
    no number (NaN), unlike here, is like itself there."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other or _folded(one) == _folded(other)
    return bool(one == other or (one != one and other != other))


def _folded(value: str) -> str:
    kept = (char for char in unicodedata.normalize("NFKD", value.casefold()) if unicodedata.category(char) not in ("Mn", "Cc", "Cf"))
    return "".join(kept).rstrip()


def _parted(held: Mapping[str, Any], name: str) -> list[str]:
    whole = str(held.get(name, ""))
    return [whole[at : at + LETTERS] for at in range(0, len(whole), LETTERS)]


def _secret(context: Context, suite: Suite) -> bytes:
    """Rows that hold little could be guessed by a bare digest of them."""
    place = f"ingest/seen/{context.key}".encode()
    return context.port.vault.digest(place) if context.port is not None else suite.hash(place)


def _bare(key: str) -> str:
    return key[:80].replace("{", "").replace("}", "")
