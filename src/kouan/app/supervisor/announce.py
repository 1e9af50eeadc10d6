"""What a person at the terminal is told: the address, and in a demo folder one sign-in for each role."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import os
import sys
import webbrowser
from pathlib import Path
from typing import Any


def say(*lines: str) -> None:
    """Print lines at once; a terminal that has gone away is no reason to stop."""
    if not lines:
        return
    with contextlib.suppress(OSError, ValueError):
        print(*lines, sep="\n", flush=True)


def healthy(host: str, port: int) -> bool:
    """Whether GET /api/health answers 200."""
    line = http.client.HTTPConnection(host, port, timeout=2.0)
    try:
        line.request("GET", "/api/health", headers={"Connection": "close"})
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def address(bind: str, port: int) -> str:
    """The address of the first page."""
    host = reachable(bind)
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def reachable(bind: str) -> str:
    """The address by which this machine reaches what listens on `bind`."""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(bind).is_unspecified:
            return "::1" if ":" in bind else "127.0.0.1"
    return bind


def ready(url: str, home: Path, *, demo: bool) -> list[str]:
    """The lines to print when the platform serves."""
    lines = ["", f"口岸已就绪 Kouan is ready: {url}", f"数据目录 data folder: {home}"]
    if demo:
        lines += ["", "演示账号（仅限本机）demo sign-ins (this machine only):", *_sign_ins(home / "demo.json")]
    else:
        lines += ["真实站点，没有演示账号；首次使用请运行 kouan init", "A real site, without demo sign-ins; a new one: run kouan init"]
    return [*lines, "", "按 Ctrl-C 停止 Ctrl-C stops it", ""]


def _sign_ins(path: Path) -> list[str]:
    accounts: list[dict[str, Any]] = []
    with contextlib.suppress(OSError, ValueError, KeyError):
        accounts = json.loads(path.read_text())["accounts"]
    rows = [
        (str(a["org"]), str(a["user"]), str(a["password"]), f"{a['title']['zh']} {a['title']['en']}") for a in accounts
    ]
    widths = [max((len(row[place]) for row in rows), default=0) for place in range(3)]
    return [
        f"  {org:<{widths[0]}}  {user:<{widths[1]}}  {password:<{widths[2]}}  {title}"
        for org, user, password, title in rows
    ]


def open_browser(url: str) -> None:
    """Show the first page when a person sits at a desktop here."""
    desktop = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if desktop and sys.stdout.isatty() and os.geteuid() != 0:
        webbrowser.open(url)
