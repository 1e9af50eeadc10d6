"""A subscriber's system that takes from a queue by an MQTT client that is not ours (paho), as a process that can be killed.

    python -m tests.base.push.taker URL SUBSCRIPTION ACKNOWLEDGED [TOPIC]   < password

It prints one JSON line for what becomes of its connection (`connected`), of its subscription (`granted`), and for each message,
before it acknowledges it. It acknowledges the first so many; 0 is none.
"""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion


def main(url: str, subscription: str, most: int, topic: str, password: str) -> None:
    """Take until killed."""
    client = Client(CallbackAPIVersion.VERSION2, client_id="taker", transport="websockets", manual_ack=True)
    taken = 0

    def connected(client: Client, _data: Any, _flags: Any, code: Any, _properties: Any) -> None:
        print(json.dumps({"connected": str(code)}), flush=True)
        if not code.is_failure:
            client.subscribe(topic, qos=1)

    def granted(_client: Client, _data: Any, _number: int, codes: Any, _properties: Any) -> None:
        print(json.dumps({"granted": [code.value for code in codes]}), flush=True)

    def message(client: Client, _data: Any, told: MQTTMessage) -> None:
        nonlocal taken
        print(told.payload.decode(), flush=True)
        if taken < most:
            taken += 1
            client.ack(told.mid, told.qos)

    client.on_connect, client.on_subscribe, client.on_message = connected, granted, message
    client.username_pw_set(subscription, password)
    client.ws_set_options(path="/api/live/queue")
    client.reconnect_delay_set(1, 2)
    client.connect_timeout = 60.0
    where = urlsplit(url)
    client.connect(where.hostname or "", where.port or 80, keepalive=20)
    client.loop_forever(retry_first_connection=True)


if __name__ == "__main__":
    address, named, first = sys.argv[1:4]
    main(address, named, int(first), sys.argv[4] if len(sys.argv) > 4 else f"push/{named}", sys.stdin.readline().strip())
