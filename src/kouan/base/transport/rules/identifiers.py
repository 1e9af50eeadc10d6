"""What is said of an identifier that fails its check: why, and what it most likely was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kouan.base.reference.api import doubts
from kouan.kernel.records import Record
from kouan.kernel.rules import Unmet
from kouan.kernel.text import Text
from kouan.standards.identifiers.api import Check, check, container

SUGGESTED = 3


def suggested(kind: str, bare: str) -> Text | None:
    """Why an identifier fails, with the likeliest right ones; None when it passes."""
    verdict = check(kind, bare)
    if verdict.ok or verdict.reason is None:
        return None
    repairs = tuple(dict.fromkeys((*_right_digit(kind, verdict), *verdict.repairs)))[:SUGGESTED]
    if not repairs:
        return verdict.reason
    zh, en = "、".join(repairs), ", ".join(repairs)
    return Text(f"{verdict.reason.zh}；可能应为 {zh}", f"{verdict.reason.en}; it may be {en}")


def _right_digit(kind: str, verdict: Check) -> tuple[str, ...]:
    """The number with its right check digit, which is what a clerk looks for first."""
    if kind != "container" or verdict.code != "iso6346.check_digit":
        return ()
    first_ten = verdict.value[:10]
    return (first_ten + container.check_digit(first_ten),)


def wrong_container(record: Record, more: Iterable[tuple[str, str | None]] = ()) -> Unmet | None:
    """The first container of a record whose number fails its check; `more`: field and reference of those in its parts."""
    for field, ref in (*_top(record), *more):
        bare = (ref or "").partition(":")[2]
        if bare and (reason := suggested("container", bare)):
            return Unmet(Text(f"箱号 {bare}：{reason.zh}", f"Container {bare}: {reason.en}"), field, ref or "")
    return None


def _top(record: Record) -> Iterator[tuple[str, str]]:
    return ((field, ref) for field, ref, _ in doubts(record, "container"))
