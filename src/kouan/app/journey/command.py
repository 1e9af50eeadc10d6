"""The command itself."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from kouan.app.journey.steps import STEPS
from kouan.app.journey.walk import Failed, Walk

LIMIT = 170.0
"""Seconds for all steps; what the last of them began is ended within the ten that are left of three minutes."""
WRONG = (Failed, httpx.HTTPError, subprocess.SubprocessError, LookupError, TypeError, StopIteration, ValueError, OSError)


def main(argv: Sequence[str]) -> int:
    """Walk the journey; 0 when every step held, 1 when one did not, 2 without a demo platform."""
    parser = argparse.ArgumentParser(prog="kouan journey", description="走通一次船舶靠港 / walk one ship call")
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args(argv)
    home = Path(os.environ.get("KOUAN_HOME") or ".kouan").absolute()
    try:
        url = os.environ.get("KOUAN_URL") or json.loads((home / "run" / "ports.json").read_text())["url"]
        (home / "demo.json").read_text()
    except (OSError, ValueError, KeyError):
        print(f"{home} 中没有运行的演示平台 / no demo platform runs in {home}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="kouan-journey-") as work:
        walk = Walk(url.rstrip("/"), home, Path(work))
        try:
            steps = _walk(walk, quiet=given.as_json)
        finally:
            walk.close()
    if given.as_json:
        print(json.dumps({"steps": steps}, ensure_ascii=False, indent=1))
    return 0 if all(step["ok"] for step in steps) else 1


def _walk(walk: Walk, *, quiet: bool) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    began = time.monotonic()
    for name, title, step in STEPS:
        start = time.monotonic()
        shown: dict[str, Any] = {"name": name, "title": title.out(), "ok": False, "evidence": []}
        try:
            with _within(LIMIT - (start - began)):
                shown["evidence"] = step(walk)
            shown["ok"] = True
        except WRONG as error:
            shown["why"] = f"{type(error).__name__}: {error}"
        shown["seconds"] = round(time.monotonic() - start, 2)
        steps.append(shown)
        if not quiet:
            mark, seen = "✓" if shown["ok"] else "✗", " ".join(shown["evidence"][:3])
            print(f"{mark} {title.zh} {title.en} ({shown['seconds']} s) {seen} {shown.get('why', '')}")
    return steps


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Failed as soon as the time is over, whatever the step waits for."""

    def over(_number: int, _frame: object) -> None:
        raise Failed("out of time")

    if seconds <= 0:
        raise Failed("out of time")
    signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
