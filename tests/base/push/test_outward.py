"""One call to an outside system: the address is looked at, the answer is bounded, a redirect is not followed."""

from __future__ import annotations

import asyncio

import pytest

from kouan.base.push.api import Away, Forbidden, Outward, Ways
from kouan_sim.httpd import Reply, Request, Server


async def test_only_what_may_be_called_is_called_and_the_answer_is_bounded() -> None:
    seen: list[str] = []

    async def handle(request: Request) -> Reply:
        seen.append(request.headers["host"])
        if request.path == "/long":
            return Reply(200, "x" * 100_000)
        if request.path == "/late":
            await asyncio.sleep(2)
        return Reply(302 if request.path == "/away" else 200, {"path": request.path})

    server = Server(handle)
    await server.open()
    outward = Outward(Ways(demo=True))
    answer = await outward.call("POST", f"{server.url}/x", {}, b"{}", wait=60)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b'{"path":"/x"}', "application/json")
    assert seen == [f"127.0.0.1:{server.port}"]
    assert (await outward.call("POST", f"{server.url}/away", {}, wait=60)).status == 302
    for path in ("/long", "/late"):
        with pytest.raises(Away):
            await outward.call("POST", server.url + path, {}, wait=0.5 if path == "/late" else 60)
    with pytest.raises(Forbidden):
        await Outward(Ways(demo=False)).call("POST", server.url, {})
    with pytest.raises(Forbidden):
        await Outward(Ways(demo=True, own=frozenset({server.port}))).call("POST", server.url, {})
    await server.close()
    with pytest.raises(Away):
        await outward.call("POST", server.url, {})
