"""`kouan ingest FILE`: a file of rows into records or a data set, by the public doors: inferred, mapped, tried, run, counted.

Run again it goes on: with the upload where it broke off, with a run that is under way, stopped or failed where that stands; a run
that is done is told and not made twice.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from kouan.base.ingest.api import Plain, Unreadable, first_rows

SAMPLED, PART, PAUSE = 1_000, 8 << 20, 0.5
OPEN = ("waiting", "running", "stopping")
COUNTS = {"taken": "接收 in", "changed": "更正 changed", "kept": "入库 kept", "known": "已有 known", "doubles": "重复 doubles",
          "refused": "退回 refused"}  # fmt: skip
SOURCES = "/api/records/base/ingest/source"


class Failed(Exception):
    """The platform did not take something; `answer` is what it said."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(str(answer.get("title", "")))
        self.answer = answer


def main(argv: Sequence[str]) -> int:
    """Exit 0 when every row was kept, 1 when some were refused or the run failed, 2 for wrong usage or no platform."""
    parser = argparse.ArgumentParser(prog="kouan ingest", description="抽取文件 / take in a file of rows")
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV XLSX JSON XML Parquet EDIFACT")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--record", default="", help="board.module.record：映射由平台建议 the mapping is suggested; 缺省 default: dataset:FILE")
    how.add_argument("--mapping", type=Path, help="JSON：来源定义 a source (target, columns …), as --dry-run --json shows one")
    parser.add_argument("--dry-run", action="store_true", help="只试样本，不保存 try a sample, keep nothing")
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args(argv)
    url, token = os.environ.get("KOUAN_URL", ""), os.environ.get("KOUAN_TOKEN", "")
    if not url or not token:
        print("请设置 KOUAN_URL 与 KOUAN_TOKEN / set KOUAN_URL and KOUAN_TOKEN", file=sys.stderr)
        return 2
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False) as client:
            told = _Taking(client, given.file, quiet=given.as_json).all(given.record, given.mapping, dry=given.dry_run)
    except Failed as failed:
        _say(failed.answer, as_json=given.as_json)
        return 1
    except Unreadable as wrong:
        _say({"reason": wrong.reason.out()}, as_json=given.as_json)
        return 1
    except (OSError, ValueError, httpx.HTTPError) as wrong:
        _say({"reason": {"zh": f"未完成：{wrong}", "en": f"not done: {wrong}"}}, as_json=given.as_json)
        return 2
    if given.as_json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
    return 0 if told["ok"] else 1


class _Taking:
    """One file on its way in."""

    def __init__(self, client: httpx.Client, file: Path, *, quiet: bool) -> None:
        self._client, self._file, self._quiet = client, file, quiet

    def all(self, record: str, mapping: Path | None, *, dry: bool) -> dict[str, Any]:
        """From the first look to the counts; what is told as JSON."""
        stated = json.loads(mapping.read_text("utf-8")) if mapping else {}
        if not isinstance(stated, dict):
            raise ValueError("the mapping is no JSON object")
        sample = first_rows(Plain(self._file), SAMPLED, format=str(stated.get("format", "auto")), element=str(stated.get("element") or ""))
        definition, schema = self._definition(stated, record, sample)
        tried = self._ask("POST", "/api/ingest/try", json={
            "definition": {**definition, "format": "json", "element": None}, "sample": sample.decode(), "name": "sample.json",
        })  # fmt: skip
        self._shown(definition, schema, tried)
        looked = {"counts": tried["counts"], "causes": tried["causes"], "refused": tried["refused"][:5]}
        told: dict[str, Any] = {"file": str(self._file), "definition": definition, "schema": schema, "sample": looked}
        if dry:
            return {**told, "ok": not tried["counts"]["refused"]}
        run = self._followed(self._run(definition))
        self._counted(run)
        return {**told, "run": run, "ok": run["state"] == "done" and not run["counts"]["refused"]}

    def _ask(self, method: str, door: str, **stated: Any) -> Any:
        answer = self._client.request(method, door, **stated)
        if answer.status_code >= 400:
            raise Failed(answer.json() if "json" in answer.headers.get("content-type", "") else {"title": answer.text[:200]})
        return answer.json()

    def _definition(self, stated: Mapping[str, Any], record: str, sample: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The source as it is filed, and what the columns of the sample are."""
        plain = re.sub(r"[^a-z0-9]+", "-", self._file.stem.lower()).strip("-")[:40] or "file"
        target = str(stated.get("target") or record or f"dataset:{plain}")
        found = self._ask("POST", "/api/ingest/infer", content=sample, params={"target": target, "name": "sample.json", "format": "json"})
        columns = stated.get("columns") or [
            {name: one[name] for name in ("into", "column", "steps", "type") if one.get(name)} for one in found["mapping"]
        ]
        definition = {"name": self._file.name[:120], **stated, "kind": "upload", "target": target, "columns": columns}
        if "code" not in stated:
            known = json.dumps({name: value for name, value in definition.items() if name != "name"}, sort_keys=True)
            definition["code"] = f"cli-{hashlib.sha256(known.encode()).hexdigest()[:24]}"
        return definition, found["columns"]

    def _run(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """The run of this file: the one that there is, or a new one."""
        source = self._source(definition)
        digest = _digest(self._file)
        name = f"{digest[:16]}-{self._file.name}"[:200]
        for one in self._ask("GET", f"/api/ingest/sources/{source}/runs")["items"]:
            if one["name"] == name:
                if one["state"] in ("stopped", "failed"):
                    self._note(f"续传批次 the run {one['id']} goes on behind row {one['counts']['taken']}")
                    return dict(self._ask("POST", f"/api/ingest/runs/{one['id']}/resume"))
                self._note(f"该文件已有批次 this file has a run: {one['id']} {one['state']}")
                return dict(one)
        upload = self._uploaded(f"{source}/{digest}")
        return dict(self._ask("POST", f"/api/ingest/sources/{source}/runs", params={"upload": upload, "name": name}))

    def _source(self, definition: Mapping[str, Any]) -> str:
        try:
            return str(self._ask("POST", SOURCES, json=dict(definition))["item"]["id"])
        except Failed as failed:
            if failed.answer.get("code") != "natural_key_kept":
                raise
        items = self._ask("GET", SOURCES, params={"code": definition["code"]})["items"]
        if not items:
            raise ValueError(f"the source {definition['code']} is not there")
        return str(items[0]["id"])

    def _uploaded(self, key: str) -> str:
        """The file's upload, from where it broke off."""
        begun = self._ask("POST", "/api/ingest/uploads", params={"key": hashlib.sha256(key.encode()).hexdigest()})
        size, whole = begun["size"], self._file.stat().st_size
        with self._file.open("rb") as file:
            while size < whole:
                file.seek(size)
                door = f"/api/ingest/uploads/{begun['id']}"
                size = self._ask("PUT", door, params={"offset": size}, content=file.read(PART))["size"]
                self._note(f"上传 uploaded {size * 100 // whole} %")
        return str(begun["id"])

    def _followed(self, run: dict[str, Any]) -> dict[str, Any]:
        seen = -1
        while run["state"] in OPEN:
            time.sleep(PAUSE)
            run = dict(self._ask("GET", f"/api/ingest/runs/{run['id']}"))
            if run["counts"]["taken"] != seen:
                seen = run["counts"]["taken"]
                self._note(f"已接收 {seen} 行 rows taken")
        return run

    def _note(self, text: str) -> None:
        if not self._quiet:
            print(text, file=sys.stderr)

    def _shown(self, definition: Mapping[str, Any], schema: Sequence[Mapping[str, Any]], tried: Mapping[str, Any]) -> None:
        if self._quiet:
            return
        print(f"去向 target: {definition['target']}")
        for column in schema:
            into = [one["into"] for one in definition["columns"] if one.get("column") == column["name"]]
            print(f"  {column['name']} ({column['identifier'] or column['type']}) → {', '.join(into) or '–'}")
        counts = tried["counts"]
        print(f"样本 sample: {counts['taken']} 行 rows, 更正 changed {counts['changed']}, 退回 refused {counts['refused']}")
        for one in tried["refused"][:5]:
            for problem in one["problems"]:
                print(f"  {one['row']}: {problem['field']} {problem['reason']['zh']} / {problem['reason']['en']}")

    def _counted(self, run: Mapping[str, Any]) -> None:
        if self._quiet:
            return
        print(f"{run['id']} {run['state']}: " + ", ".join(f"{title} {run['counts'][name]}" for name, title in COUNTS.items()))
        for rule, number in sorted(run["causes"].items(), key=lambda one: -one[1]):
            print(f"  {number} × {rule}")
        if run["error"]:
            print(f"✗ {run['error']['zh']} / {run['error']['en']}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _say(answer: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"ok": False, "answer": answer}, ensure_ascii=False, indent=1))
        return
    for one in answer.get("problems") or [answer]:
        reason = one.get("reason") or {}
        print(f"✗ {one.get('field', '')} {reason.get('zh', '')} / {reason.get('en', answer.get('title', ''))}", file=sys.stderr)
