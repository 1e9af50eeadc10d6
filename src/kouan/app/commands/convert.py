"""`kouan convert FILE`: UN/EDIFACT to JSON, or the JSON back to EDIFACT, by the platform's public door; nothing is filed."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx


def main(argv: Sequence[str]) -> int:
    """Convert one file; exit 0 when it is valid, 1 when something in it is not, 2 for wrong usage or no platform."""
    parser = argparse.ArgumentParser(prog="kouan convert", description="报文格式转换 / convert a message")
    parser.add_argument("file", type=Path, metavar="FILE", help="EDIFACT, or JSON (.json)")
    parser.add_argument("--out", type=Path, help="写入文件 / where to write; standard output otherwise")
    given = parser.parse_args(argv)
    url, token = os.environ.get("KOUAN_URL", ""), os.environ.get("KOUAN_TOKEN", "")
    if not url or not token:
        print("请设置 KOUAN_URL 与 KOUAN_TOKEN / set KOUAN_URL and KOUAN_TOKEN", file=sys.stderr)
        return 2
    back = given.file.suffix.lower() == ".json"
    media = "application/json" if back else "application/edifact"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": media}
    door = f"{url}/api/convert/{'json/edifact' if back else 'edifact/json'}"
    try:
        answer = httpx.post(door, content=given.file.read_bytes(), headers=headers, timeout=60, trust_env=False)
    except (OSError, httpx.HTTPError) as error:
        print(f"未送达 not delivered: {error}", file=sys.stderr)
        return 2
    if answer.status_code != 200:
        _tell(answer.json().get("problems") or [answer.json()])
        return 1
    if given.out:
        given.out.write_bytes(answer.content)
    else:
        sys.stdout.buffer.write(answer.content)
        sys.stdout.flush()
    wrong = [] if back else [problem for one in json.loads(answer.content)["messages"] for problem in one["problems"]]
    _tell(wrong)
    return 1 if wrong else 0


def _tell(problems: Sequence[dict[str, Any]]) -> None:
    for one in problems:
        reason = one.get("reason") or {}
        place = " ".join(filter(None, (str(one.get("position") or ""), str(one.get("field") or ""))))
        print(f"{place}: {reason.get('zh', '')} {reason.get('en', '')}", file=sys.stderr)
