"""NATS for one data folder: JetStream for the stream, its MQTT 3.1.1 listener for devices.

Both doors want a password; they are made once for each data folder and stand in run/nats.json (0600).
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from kouan.app.supervisor import binaries, spawn
from kouan.app.supervisor.trouble import Trouble
from kouan.kernel.text import Text

START_SECONDS = 20.0
STOP_SECONDS = 1.0
PAUSE = 0.05
AGAIN = 0.2
CLIENT, DEVICE = "kouan", "device"
DEVICE_SUBJECT = "devices.>"  # devices/… in MQTT


@dataclass(frozen=True, slots=True)
class Credentials:
    """The passwords of the platform's own processes and of devices."""

    client_password: str
    device_password: str
    client_user: str = CLIENT
    device_user: str = DEVICE


class Nats:
    """The NATS server of one data folder, on loopback for clients and on `bind` for devices."""

    name = "NATS"

    def __init__(self, home: Path, port: int, mqtt_port: int, bind: str = "127.0.0.1") -> None:
        self.home, self.port, self.mqtt_port, self.bind = home.absolute(), port, mqtt_port, bind
        self.log = self.home / "log" / "nats.log"
        self.credentials = self._credentials()
        self._process: spawn.Process | None = None
        self._started = 0.0

    @property
    def url(self) -> str:
        """Where clients of the platform connect, password included."""
        return f"nats://{CLIENT}:{self.credentials.client_password}@127.0.0.1:{self.port}"

    def _credentials(self) -> Credentials:
        kept = self.home / "run" / "nats.json"
        with contextlib.suppress(OSError, ValueError, TypeError):
            return Credentials(**json.loads(kept.read_text()))
        made = Credentials(secrets.token_urlsafe(24), secrets.token_urlsafe(24))
        _write_private(kept, json.dumps(asdict(made), indent=1))
        return made

    def answers(self) -> bool:
        """Whether the server greets a client now."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2.0) as line:
            return line.recv(5) == b"INFO "
        return False

    def start(self) -> None:
        """Start the server and wait until it greets; Trouble when it does not."""
        limit = time.monotonic() + START_SECONDS
        while not self.tend():
            if time.monotonic() > limit:
                raise self.silent()
            time.sleep(PAUSE)

    def silent(self) -> Trouble:
        """Why a start failed."""
        return Trouble(Text(zh=f"NATS 没有应答，日志见 {self.log}", en=f"NATS does not answer, see {self.log}"))

    def lost(self) -> bool:
        """Whether the server runs no more."""
        return self._process is None or self._process.poll() is not None

    def tend(self) -> bool:
        """True when the server answers; else starts it when it does not run. Main thread only."""
        if not self.lost():
            return self.answers()
        if time.monotonic() >= self._started + AGAIN:
            self._launch()
        return False

    def _launch(self) -> None:
        self._started = time.monotonic()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        config = self.home / "run" / "nats.conf"
        _write_private(config, self._config())
        descriptor = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            self._process = spawn.start([str(binaries.nats()), "-c", str(config)], descriptor)
        finally:
            os.close(descriptor)

    def _config(self) -> str:
        device = {"publish": [DEVICE_SUBJECT], "subscribe": [DEVICE_SUBJECT]}
        stated = {
            "server_name": "kouan",
            "listen": f"127.0.0.1:{self.port}",
            "max_payload": 8 << 20,
            "lame_duck_duration": "30s",
            "jetstream": {"store_dir": str(self.home / "nats"), "sync_interval": "1s"},
            "mqtt": {"listen": _address(self.bind, self.mqtt_port)},
            "authorization": {
                "users": [
                    {"user": CLIENT, "password": self.credentials.client_password},
                    {"user": DEVICE, "password": self.credentials.device_password, "permissions": device},
                ]
            },
        }
        return json.dumps(stated, indent=1)  # the server's own format takes JSON

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Stop the server; after `seconds` at once."""
        self.ask_to_stop()
        self.end(seconds)

    def ask_to_stop(self) -> None:
        """Ask for a shutdown and return."""
        if self._process is not None:
            spawn.send(self._process, signal.SIGTERM)

    def end(self, seconds: float) -> None:
        """Wait for the shutdown; after `seconds` end the server at once."""
        if self._process is not None and not spawn.await_end(self._process, seconds):
            spawn.kill_group(self._process)
            spawn.await_end(self._process, 1.0)


def _address(bind: str, port: int) -> str:
    return f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    making = path.with_suffix(".new")
    making.unlink(missing_ok=True)
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    making.replace(path)
