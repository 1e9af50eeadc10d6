"""Chinese texts that a person reads have Chinese punctuation; what stands in them in another notation (a format) keeps its own."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HALF = re.compile(r"[\u4e00-\u9fff）》”][,;:?!(]|[,;?!(][\u4e00-\u9fff]|\)[\u4e00-\u9fff]|[\u4e00-\u9fff]\)")
NOTATION = ("西,南,东,北", "主机:端口", "纬度,经度", "经度,纬度", "卸货, 装货", "坐标应为[经度, 纬度]", "密钥、pmtiles:")
SPEAKING = {"Text", "field", "_fault"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _said(node: ast.expr) -> str:
    """The words of a text that stands in the code, what is filled in as a dash."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_said(part) if isinstance(part, ast.Constant) else "–" for part in node.values)
    return ""


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKING:
            yield from (said for said in map(_said, node.args) if CHINESE.search(said))


def _halves(text: str) -> bool:
    for kept in NOTATION:
        text = text.replace(kept, "")
    return bool(HALF.search(text))


def _words(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for one in part.values():
            yield from _words(one)
    else:
        yield str(part)


def test_chinese_texts_of_the_server_have_chinese_punctuation() -> None:
    files = sorted((ROOT / "src" / "kouan").rglob("*.py"))
    found = [f"{path.relative_to(ROOT)}: {text}" for path in files for text in _texts(ast.parse(path.read_text("utf-8"))) if _halves(text)]
    assert found == []


def test_chinese_texts_of_the_web_client_have_chinese_punctuation() -> None:
    texts = json.loads((ROOT / "web" / "src" / "kernel" / "i18n" / "zh.json").read_text("utf-8"))
    assert [text for text in _words(texts) if _halves(text)] == []


def test_half_width_punctuation_is_seen() -> None:
    assert _halves("望海海关(演示)")
    assert _halves("没有这条记录,或您无权查看")
    assert not _halves("望海海关（演示）")
    assert not _halves("bbox 应为 西,南,东,北")
