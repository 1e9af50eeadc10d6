"""Taking a subscriber's messages: by MQTT from its queue, each acknowledged, alone and by four that share it, and by asking the door.

A platform of its own; synthetic statuses of boxes are filed and numbered before anyone takes them, so that taking alone is measured.
The client is paho over a WebSocket, in this process; its CPU is told apart.
"""

from __future__ import annotations

import secrets
import threading
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from bench._platform import Platform, machine, spent, started
from bench.decisions._server import parser, tell
from kouan_sim.identifiers import container

STATUS, PART, PATIENCE = "base.movement.status", 500, 120.0
DOOR = "/api/push/subscriptions"


def filed(carrier: httpx.Client, count: int) -> None:
    """So many statuses, some hundred in a message."""
    for begin in range(0, count, PART):
        at = datetime.now(UTC).isoformat()
        rows = [f"container:{container('KQT', n)},X{n},{at}" for n in range(begin, min(begin + PART, count))]
        answer = carrier.post("/api/intake/csv", params={"record": STATUS}, content="\n".join(["equipment,code,at", *rows]))
        if answer.status_code not in (200, 201):
            raise RuntimeError(answer.text[:300])


def waits(client: httpx.Client, id_: str, count: int) -> None:
    """Until so many wait for their taker."""
    limit = time.monotonic() + PATIENCE
    while client.get(f"{DOOR}/{id_}").json()["waiting"] != count:
        if time.monotonic() > limit:
            raise RuntimeError("the messages are not numbered")
        time.sleep(0.2)


def by_queue(platform: Platform, password: str, id_: str, count: int, takers: int = 1) -> int:
    """Take all by MQTT, acknowledging each, alone or by several that share the queue; how many different ones."""
    done, seen = threading.Event(), set[int]()

    def message(_client: Client, _data: Any, told: MQTTMessage) -> None:
        seen.add(orjson.loads(told.payload)["seq"])
        if len(seen) >= count:
            done.set()

    topic = f"push/{id_}" if takers == 1 else f"$share/bench/push/{id_}"
    clients = [Client(CallbackAPIVersion.VERSION2, client_id=f"bench-{n}", transport="websockets") for n in range(takers)]
    for taker in clients:
        taker.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
        taker.on_message = message
        taker.username_pw_set(id_, password)
        taker.ws_set_options(path="/api/live/queue")
        taker.connect("127.0.0.1", int(platform.url.rpartition(":")[2]), keepalive=20)
        taker.loop_start()
    done.wait(PATIENCE)
    for taker in clients:
        taker.disconnect()
        taker.loop_stop()
    return len(seen)


def by_door(client: httpx.Client, id_: str) -> int:
    """Take all by asking for what came after the last one; how many."""
    after = found = 0
    while items := client.get(f"{DOOR}/{id_}/events", params={"after": after, "limit": 500}).json()["items"]:
        found, after = found + len(items), items[-1]["seq"]
    return found


def caller(platform: Platform, org: str) -> httpx.Client:
    """An organisation's client."""
    return httpx.Client(base_url=platform.url, headers={"Authorization": f"Bearer {platform.token(org)}"}, timeout=60)


def main() -> None:
    """Print the figures."""
    made = parser(__doc__)
    made.add_argument("--count", type=int, default=5000)
    count = made.parse_args().count
    found: dict[str, Any] = {"messages": count, "data": "synthetic", "machine": machine()}
    with started() as platform, caller(platform, "terminal") as terminal, caller(platform, "carrier") as carrier:
        stated = {"name": f"bench-{secrets.token_hex(4)}", "channel": "queue", "records": [STATUS]}
        id_ = str(terminal.post("/api/records/base/push/subscription", json=stated).json()["item"]["id"])
        filed(carrier, count)
        waits(terminal, id_, count)
        password = str(terminal.post(f"{DOOR}/{id_}/secret").json()["secret"])
        ways = {
            "door": lambda: by_door(terminal, id_), "queue": lambda: by_queue(platform, password, id_, count),
            "queue shared by 4": lambda: by_queue(platform, password, id_, count, 4),
        }  # fmt: skip
        for name, take in ways.items():
            if name == "queue shared by 4":  # The same messages once more.
                terminal.post(f"{DOOR}/{id_}/replay", json={"after": 0}).raise_for_status()
            before, cpu, began = platform.cpu(), time.process_time(), time.perf_counter()
            taken = take()
            took = time.perf_counter() - began
            used = sum(spent(before, platform.cpu()).values())
            found[name] = {
                "taken": taken, "per_s": round(taken / took), "platform_cpu_ms_each": round(used * 1000 / max(taken, 1), 3),
                "client_cpu_ms_each": round((time.process_time() - cpu) * 1000 / max(taken, 1), 3),
            }  # fmt: skip
    tell(__doc__, found)


if __name__ == "__main__":
    main()
