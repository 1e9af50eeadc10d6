"""What web frameworks cost a small echo: CPU of the server for each request, the same client, server and run.

Each application takes a declaration of thirty fields and five lines as JSON, validates it with pydantic and gives it
back, behind uvicorn (httptools, uvloop). Frameworks that are not installed are named as absent; PYTHONPATH may add them.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from bench._platform import cpu_of, family
from bench.decisions._server import parser, quiet, tell

MODEL = """
from pydantic import BaseModel
class Line(BaseModel):
    sequence: int
    hs: str
    description: str
    value: float
Doc = type("Doc", (BaseModel,), {"__annotations__": {**{f"f{n:02}": str for n in range(29)}, "lines": list[Line]}})
"""
APPS = {
    "fastapi": """
from fastapi import FastAPI
app = FastAPI()
@app.post("/echo", response_model=None)
async def echo(doc: Doc) -> Doc:
    return doc
""",
    "fastapi, answer written by hand": """
from fastapi import FastAPI
from starlette.responses import Response
app = FastAPI()
@app.post("/echo", response_model=Doc)
async def echo(doc: Doc):
    return Response(doc.model_dump_json(), media_type="application/json")
""",
    "starlette and pydantic by hand": """
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
async def echo(request):
    return Response(Doc.model_validate_json(await request.body()).model_dump_json(), media_type="application/json")
app = Starlette(routes=[Route("/echo", echo, methods=["POST"])])
""",
    "litestar": """
from litestar import Litestar, post
@post("/echo", status_code=200)
async def echo(data: Doc) -> Doc:
    return data
app = Litestar([echo])
""",
}
SERVE = """
import uvicorn
uvicorn.run(app, host="127.0.0.1", port={port}, loop="uvloop", http="httptools", access_log=False, log_level="error")
"""
BODY = json.dumps({
    **{f"f{n:02}": "v" * 24 for n in range(29)},
    "lines": [{"sequence": n, "hs": "851679", "description": "Electric kettles", "value": 12.5} for n in range(5)],
}).encode()  # fmt: skip
CONNECTIONS = 16


async def _client(port: int, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    done = 0
    while time.monotonic() < until:
        writer.write(head.encode() + BODY)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.partition(b":")[2]))
        if b" 200 " not in answer[:16]:
            raise RuntimeError(answer.decode())
        done += 1
    writer.close()
    return done


def _ready(process: subprocess.Popen[bytes], port: int) -> None:
    limit = time.monotonic() + 30
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/echo", BODY, {"Content-Type": "application/json"})
    while time.monotonic() < limit and process.poll() is None:
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=2).read()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the application did not start")


async def _load(port: int, seconds: float) -> int:
    until = time.monotonic() + seconds
    return sum(await asyncio.gather(*(_client(port, until) for _ in range(CONNECTIONS))))


def measure(name: str, seconds: float) -> dict[str, Any]:
    """Serve one application and load it; absent when it cannot be imported."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    try:
        __import__(name.partition(" ")[0].strip(","))
    except ImportError:
        return {"absent": "not installed"}
    program = MODEL + APPS[name] + SERVE.format(port=port)
    process = subprocess.Popen([sys.executable, "-c", program], env=quiet(), stdin=subprocess.DEVNULL)
    try:
        _ready(process, port)
        asyncio.run(_load(port, 0.5))
        before, began = sum(map(cpu_of, family(process.pid))), time.monotonic()
        done = asyncio.run(_load(port, seconds))
        cpu = sum(map(cpu_of, family(process.pid))) - before
        return {
            "requests": done, "per_s": round(done / (time.monotonic() - began)), "per_server_cpu_s": round(done / cpu),
            "server_cpu_us_each": round(1e6 * cpu / done),
        }  # fmt: skip
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--seconds", type=float, default=5.0)
    given = made.parse_args()
    ways = {name: measure(name, given.seconds) for name in APPS}
    tell(__doc__, {"body_bytes": len(BODY), "connections": CONNECTIONS, "frameworks": ways})


if __name__ == "__main__":
    main()
