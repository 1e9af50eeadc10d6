"""Days that are not like others: public holidays of the People's Republic of China, and weekend days worked instead.

Facts of the State Council's yearly arrangement (国务院办公厅关于部分节假日安排的通知) of 2024, 2025 and 2026. Other years are
not known: their days count as ordinary, and the detector says so of nothing that it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from kouan.kernel.text import Text

NEW_YEAR, SPRING, QINGMING = Text("元旦", "New Year's Day"), Text("春节", "Spring Festival"), Text("清明节", "Qingming Festival")
LABOUR, DUANWU = Text("劳动节", "Labour Day"), Text("端午节", "Dragon Boat Festival")
MID_AUTUMN, NATIONAL = Text("中秋节", "Mid-Autumn Festival"), Text("国庆节", "National Day")
_OFF: tuple[tuple[str, str, Text], ...] = (
    ("2024-01-01", "2024-01-01", NEW_YEAR), ("2024-02-10", "2024-02-17", SPRING), ("2024-04-04", "2024-04-06", QINGMING),
    ("2024-05-01", "2024-05-05", LABOUR), ("2024-06-10", "2024-06-10", DUANWU), ("2024-09-15", "2024-09-17", MID_AUTUMN),
    ("2024-10-01", "2024-10-07", NATIONAL),
    ("2025-01-01", "2025-01-01", NEW_YEAR), ("2025-01-28", "2025-02-04", SPRING), ("2025-04-04", "2025-04-06", QINGMING),
    ("2025-05-01", "2025-05-05", LABOUR), ("2025-05-31", "2025-06-02", DUANWU), ("2025-10-01", "2025-10-08", NATIONAL),
    ("2026-01-01", "2026-01-03", NEW_YEAR), ("2026-02-15", "2026-02-23", SPRING), ("2026-04-04", "2026-04-06", QINGMING),
    ("2026-05-01", "2026-05-05", LABOUR), ("2026-06-19", "2026-06-21", DUANWU), ("2026-09-25", "2026-09-27", MID_AUTUMN),
    ("2026-10-01", "2026-10-07", NATIONAL),
)  # fmt: skip
_WORKED = (
    "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12", "2025-01-26",
    "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20",
    "2026-10-10",
)  # fmt: skip


def _holidays() -> Iterator[tuple[date, Text]]:
    for first, last, title in _OFF:
        day, end = date.fromisoformat(first), date.fromisoformat(last)
        while day <= end:
            yield day, title
            day += timedelta(days=1)


HOLIDAYS: Mapping[date, Text] = dict(_holidays())
WORKED = frozenset(date.fromisoformat(day) for day in _WORKED)
"""Weekend days that are worked in the place of a holiday."""
KNOWN = frozenset(day.year for day in HOLIDAYS)
"""Years whose holidays are known."""


def special(day: date) -> bool:
    """Whether a day is a holiday or a weekend day that is worked."""
    return day in HOLIDAYS or day in WORKED
