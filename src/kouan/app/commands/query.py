"""`kouan query "select …"`: ask by SQL through the public door, print a table, JSON or CSV."""

from __future__ import annotations

import argparse
import json
import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any

import httpx

WIDEST = 60


def main(argv: Sequence[str]) -> int:
    """Ask one statement; exit 0 with its answer, 1 when it is refused, 2 for wrong usage or no platform."""
    parser = argparse.ArgumentParser(prog="kouan query", description="SQL 查询 / ask by SQL")
    parser.add_argument("sql", help="一条 SELECT / one SELECT; - 从标准输入读取 / reads it from standard input")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", dest="as_json")
    form.add_argument("--csv", action="store_true", dest="as_csv")
    parser.add_argument("--limit", type=int, default=1000, help="行数上限 / rows at most (1000; CSV 10000)")
    given = parser.parse_args(argv)
    url, token = os.environ.get("KOUAN_URL", ""), os.environ.get("KOUAN_TOKEN", "")
    if not url or not token:
        print("请设置 KOUAN_URL 与 KOUAN_TOKEN / set KOUAN_URL and KOUAN_TOKEN", file=sys.stderr)
        return 2
    sql = sys.stdin.read() if given.sql == "-" else given.sql
    door, body = ("download", {"sql": sql, "format": "csv"}) if given.as_csv else ("sql", {"sql": sql, "limit": given.limit})
    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = httpx.post(f"{url}/api/query/{door}", json=body, headers=headers, timeout=120, trust_env=False)
    except (httpx.HTTPError, ValueError) as error:
        print(f"未送达 not delivered: {error}", file=sys.stderr)
        return 2
    if answer.status_code != 200:
        return _refused(answer)
    if given.as_csv:
        sys.stdout.buffer.write(answer.content)
        sys.stdout.flush()
    elif given.as_json:
        print(json.dumps(answer.json(), ensure_ascii=False, indent=1))
    else:
        _table(answer.json())
    return 0


def _refused(answer: httpx.Response) -> int:
    try:
        reason = answer.json().get("reason") or {}
    except ValueError:
        reason = {}
    print(f"✗ {reason.get('zh', answer.status_code)} / {reason.get('en', answer.reason_phrase)}", file=sys.stderr)
    return 1


def _table(found: dict[str, Any]) -> None:
    heads = [one["name"] for one in found["columns"]]
    rows = [[_cell(cell) for cell in row] for row in found["rows"]]
    widths = [max(map(_width, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, ["-" * width for width in widths], *rows):
        print("  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip())
    more = "（还有更多 and more）" if found["truncated"] else ""
    print(f"{found['count']} 行 rows{more}")


def _cell(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
