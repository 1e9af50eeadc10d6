"""`kouan intake FILE...`: file messages through the public door, one after the other."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

SUFFIXES = {
    ".edi": "edifact",
    ".edifact": "edifact",
    ".xml": "wco-dec",
    ".json": "json",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".nmea": "nmea",
    ".ais": "nmea",
}


def main(argv: Sequence[str]) -> int:
    """File each message; exit 0 when all were accepted, 1 when any was refused or not delivered, 2 for wrong usage or no platform named."""
    parser = argparse.ArgumentParser(prog="kouan intake", description="提交文件 / file messages")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--format", default="", help="edifact wco-dec imo-fal nmea csv xlsx json")
    parser.add_argument("--record", default="", help="board.module.record, for csv xlsx json")
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args(argv)
    url, token = os.environ.get("KOUAN_URL", ""), os.environ.get("KOUAN_TOKEN", "")
    if not url or not token:
        print("请设置 KOUAN_URL 与 KOUAN_TOKEN / set KOUAN_URL and KOUAN_TOKEN", file=sys.stderr)
        return 2
    results = []
    with httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {token}", "Accept": "application/json"}, timeout=60, trust_env=False
    ) as client:
        for path in given.files:
            results.append(_one(client, path, given.format, given.record))
            if not given.as_json:
                _say(results[-1])
    if given.as_json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
    return 0 if all(r["ok"] for r in results) else 1


def _one(client: httpx.Client, path: Path, kind: str, record: str) -> dict[str, Any]:
    kind = kind or SUFFIXES.get(path.suffix.lower(), "")
    try:
        body = path.read_bytes()
        if not kind:
            return _unsent(path, "请用 --format 说明格式", "say the format with --format")
        answer = client.post(
            f"/api/intake/{kind}",
            content=body,
            params={"record": record} if record else {},
            headers={"Idempotency-Key": f"cli-{hashlib.sha256(body).hexdigest()[:32]}"},
        )
        content = answer.json()
    except (OSError, httpx.HTTPError, ValueError) as error:
        return _unsent(path, f"未送达：{error}", f"not delivered: {error}")
    refused = content.get("refused") if isinstance(content, dict) else None
    return {
        "file": str(path),
        "ok": answer.status_code in (200, 201) and not refused,
        "status": answer.status_code,
        "answer": content,
    }


def _unsent(path: Path, zh: str, en: str) -> dict[str, Any]:
    return {"file": str(path), "ok": False, "status": 0, "answer": {"reason": {"zh": zh, "en": en}}}


def _say(result: dict[str, Any]) -> None:
    answer = result["answer"]
    if result["ok"]:
        kept = answer.get("receipt", {}).get("id") or f"{len(answer.get('accepted', []))} 件 accepted"
        print(f"✓ {result['file']}: {kept}")
        return
    for problem in answer.get("problems") or answer.get("refused") or [answer]:
        reason = problem.get("reason", {})
        print(f"✗ {result['file']}: {problem.get('field', '')} {reason.get('zh', '')} / {reason.get('en', '')}")
