"""General segregation between classes of dangerous goods (IMDG Code 7.2.4), as facts.

0: no general provision (the entry of the substance may still state one); 1 "away from"; 2 "separated from"; 3 "separated by a
complete compartment or hold from"; 4 "separated longitudinally by an intervening complete compartment or hold from".
Between explosives compatibility groups decide (7.2.7), of which this table says nothing. Editions differ about 4.3 beside 2.1
and beside 3 (nothing and 1 in the older ones, 2 later): the stricter stands here. Segregation groups (3.1.4.4) and what
columns 16a and 16b of the list say of single substances are not carried.
"""

from __future__ import annotations

import re
from functools import cache

from kouan.kernel.text import Text

TERMS = {
    1: Text("远离", "away from"),
    2: Text("隔离", "separated from"),
    3: Text("用一整个舱室或货舱隔离", "separated by a complete compartment or hold from"),
    4: Text("用一介于中间的整个舱室或货舱作纵向隔离", "separated longitudinally by an intervening complete compartment or hold from"),
}
"""The terms of 7.2.2.2 of the Code, by number."""
_CLASSES = ("1.1", "1.3", "1.4", "2.1", "2.2", "2.3", "3", "4.1", "4.2", "4.3", "5.1", "5.2", "6.1", "6.2", "7", "8", "9")
_SAME = {"1.2": "1.1", "1.5": "1.1", "1.6": "1.3"}
# "-": within explosives, which compatibility groups decide.
_TABLE = """
1.1  - - - 4 2 2 4 4 4 4 4 4 2 4 2 4 0
1.3  - - - 4 2 2 4 3 3 4 4 4 2 4 2 2 0
1.4  - - - 2 1 1 2 2 2 2 2 2 0 4 2 2 0
2.1  4 4 2 0 0 0 2 1 2 2 2 2 0 4 2 1 0
2.2  2 2 1 0 0 0 1 0 1 0 0 1 0 2 1 0 0
2.3  2 2 1 0 0 0 2 0 2 0 0 2 0 2 1 0 0
3    4 4 2 2 1 2 0 0 2 2 2 2 0 3 2 0 0
4.1  4 3 2 1 0 0 0 0 1 0 1 2 0 3 2 1 0
4.2  4 3 2 2 1 2 2 1 0 1 2 2 1 3 2 1 0
4.3  4 4 2 2 0 0 2 0 1 0 2 2 0 2 2 1 0
5.1  4 4 2 2 0 0 2 1 2 2 0 2 1 3 1 2 0
5.2  4 4 2 2 1 2 2 2 2 2 2 0 1 3 2 2 0
6.1  2 2 0 0 0 0 0 0 1 0 1 1 0 1 0 0 0
6.2  4 4 4 4 2 2 3 3 3 2 3 3 1 0 3 3 0
7    2 2 2 2 1 1 2 2 2 2 1 2 0 3 0 2 0
8    4 2 2 1 0 0 0 1 1 1 2 2 0 3 2 0 0
9    0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
"""
_CLASS = re.compile(r"(\d(?:\.\d)?)")


@cache
def _pairs() -> dict[tuple[str, str], int]:
    rows = (line.split() for line in _TABLE.strip().splitlines())
    return {
        (row[0], other): int(number)
        for row in rows for other, number in zip(_CLASSES, row[1:], strict=True) if number != "-"
    }  # fmt: skip


def division(stated: str) -> str:
    """The class or division under which the table lists goods: 1.4S and 1.4 alike; "" for what is none."""
    found = _CLASS.match(stated.strip())
    plain = found.group(1) if found else ""
    plain = _SAME.get(plain, plain)
    return plain if plain in _CLASSES else ""


@cache
def segregation(one: str, other: str) -> int:
    """How goods of two classes are to be kept apart, 0 to 4; 0 too where a class is unknown or both are explosives."""
    return _pairs().get((division(one), division(other)), 0)
