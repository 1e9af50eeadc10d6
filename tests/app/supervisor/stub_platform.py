"""A platform of small stubs under the real supervisor: `stub_platform.py up`, or one of its processes.

A process writes its pid to KOUAN_HOME/pids/NAME at each start. STUB_FAILS=NAME:CODE makes one end with that
code, STUB_STUBBORN=NAME makes one ignore SIGTERM.
"""

from __future__ import annotations

import http.server
import os
import signal
import sys
import threading
from pathlib import Path

from kouan.app.supervisor.api import Cast, up
from kouan.app.supervisor.group import SIGNER
from kouan.app.supervisor.processes import Program


def program(name: str, stage: int = 0) -> Program:
    hopeless = SIGNER.hopeless if name == "signer" else Program(name).hopeless
    return Program(name, (sys.executable, __file__, name), stage, hopeless)


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def play(name: str) -> None:
    home = Path(os.environ["KOUAN_HOME"])
    (home / "pids").mkdir(exist_ok=True)
    (home / "pids" / name).write_text(str(os.getpid()))
    print(f"{name} plays", flush=True)
    failing, _, code = os.environ.get("STUB_FAILS", "").partition(":")
    if failing == name:
        print(f"ERROR {name} was told to fail", flush=True)
        sys.exit(int(code))
    if name == os.environ.get("STUB_STUBBORN"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if name == "serve":
        address = ("127.0.0.1", int(os.environ["KOUAN_PORT"]))
        http.server.ThreadingHTTPServer(address, Health).serve_forever()
    threading.Event().wait(600)


def main() -> int:
    if sys.argv[1] != "up":
        play(sys.argv[1])
        return 0
    steps = (Program("migrate", (sys.executable, "-c", "import sys; sys.exit(0)")),)
    kept = (program("signer", 1), program("serve"), program("work"))
    return up(cast=Cast(steps=steps, kept=kept, simulated=(program("simulators"),)))


if __name__ == "__main__":
    sys.exit(main())
