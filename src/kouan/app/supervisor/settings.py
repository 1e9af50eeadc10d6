"""What the supervisor was told by the environment, and which ports follow from it."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from kouan.app.supervisor.trouble import CONFIGURATION, Trouble
from kouan.kernel.text import Text

LOOPBACK = ("127.0.0.1", "::1")
USUAL_PORT = 8000
MARKER = "demo.marker"
LENT = Path("/proc/sys/net/ipv4/ip_local_port_range")


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one run. `mqtt` and `nats` are 0 when the stream is somebody else's (KOUAN_NATS_URL)."""

    http: int
    nmea: int
    mqtt: int
    nats: int
    radar: int = 0
    gnss: int = 0
    jt808: int = 0
    adsb: int = 0
    metar: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """How this data folder is to run."""

    home: Path
    bind: str = "127.0.0.1"
    port: int | None = None
    nmea_port: int | None = None
    mqtt_port: int | None = None
    radar_port: int | None = None
    gnss_port: int | None = None
    jt808_port: int | None = None
    adsb_port: int | None = None
    metar_port: int | None = None
    headless: bool = False
    demo: bool = False
    database_url: str = ""
    nats_url: str = ""

    @property
    def run(self) -> Path:
        """The folder of sockets, pid and ports."""
        return self.home / "run"

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the platform."""
        return self.bind in LOOPBACK

    @classmethod
    def read(cls, env: Mapping[str, str] = os.environ) -> Plan:
        """The plan that KOUAN_* variables state; Trouble when a number is not one."""
        home = Path(env.get("KOUAN_HOME") or ".kouan").absolute()
        return cls(
            home=home,
            bind=env.get("KOUAN_BIND") or "127.0.0.1",
            port=_port(env, "KOUAN_PORT"),
            nmea_port=_port(env, "KOUAN_NMEA_PORT"),
            mqtt_port=_port(env, "KOUAN_MQTT_PORT"),
            radar_port=_port(env, "KOUAN_RADAR_PORT"),
            gnss_port=_port(env, "KOUAN_GNSS_PORT"),
            jt808_port=_port(env, "KOUAN_JT808_PORT"),
            adsb_port=_port(env, "KOUAN_ADSB_PORT"),
            metar_port=_port(env, "KOUAN_METAR_PORT"),
            headless=env.get("KOUAN_HEADLESS") == "1",
            demo=env.get("KOUAN_DEMO") == "1" or (home / MARKER).exists(),
            database_url=env.get("KOUAN_DATABASE_URL") or "",
            nats_url=env.get("KOUAN_NATS_URL") or "",
        )


def _port(env: Mapping[str, str], name: str) -> int | None:
    stated = env.get(name, "").strip()
    if stated in ("", "0"):
        return None
    if not stated.isdecimal() or int(stated) > 65535:
        raise Trouble(
            Text(zh=f"{name} 应为 1 至 65535 的端口号：{stated}", en=f"{name} is no port number: {stated}"),
            CONFIGURATION,
        )
    return int(stated)


def mark_demo(plan: Plan) -> bool:
    """Whether this run shows demo organisations: a folder that began as a demo folder, bound to loopback.

    A folder becomes one only while it is new: a real site's is never turned into a demo. Trouble when a demo folder is to listen to
    other machines: its sign-ins are printed.
    """
    marker = plan.home / MARKER
    kept_at_home(marker.exists(), plan.bind)
    if plan.demo and plan.local and not marker.exists() and not _in_use(plan):
        marker.write_text("This data folder was made by make run; it holds demo organisations.\n")
    return plan.local and marker.exists()


def kept_at_home(demo: bool, bind: str) -> None:
    """Trouble when a demo folder would be reached from other machines."""
    if demo and bind not in LOOPBACK:
        raise Trouble(
            Text(
                zh=f"演示数据目录只监听本机：请去掉 KOUAN_BIND={bind}，或为真实口岸另选 KOUAN_HOME",
                en=f"a demo data folder listens to this machine alone: leave KOUAN_BIND={bind} out, or choose another KOUAN_HOME",
            ),
            CONFIGURATION,
        )


def _in_use(plan: Plan) -> bool:
    return any((plan.home / name).exists() for name in ("pg", "signer", "keys"))


def choose_ports(plan: Plan) -> Ports:
    """The stated ports, which must be free; else those of the last run where free, else any free ones."""
    last: dict[str, int] = {}
    with contextlib.suppress(OSError, ValueError):
        last = json.loads((plan.run / "ports.json").read_text())
    held: list[socket.socket] = []
    try:
        http = _take(plan.bind, "KOUAN_PORT", plan.port, (last.get("http"), USUAL_PORT), held)
        nmea = _take(plan.bind, "KOUAN_NMEA_PORT", plan.nmea_port, (last.get("nmea"),), held)
        radar = _take(plan.bind, "KOUAN_RADAR_PORT", plan.radar_port, (last.get("radar"),), held)
        lines = [
            _take(plan.bind, "KOUAN_GNSS_PORT", plan.gnss_port, (last.get("gnss"),), held),
            _take(plan.bind, "KOUAN_JT808_PORT", plan.jt808_port, (last.get("jt808"),), held),
            _take(plan.bind, "KOUAN_ADSB_PORT", plan.adsb_port, (last.get("adsb"),), held),
            _take(plan.bind, "KOUAN_METAR_PORT", plan.metar_port, (last.get("metar"),), held),
        ]
        if plan.nats_url:
            return Ports(http, nmea, plan.mqtt_port or 0, 0, radar, *lines)
        mqtt = _take(plan.bind, "KOUAN_MQTT_PORT", plan.mqtt_port, (last.get("mqtt"),), held)
        return Ports(http, nmea, mqtt, _take("127.0.0.1", "", None, (last.get("nats"),), held), radar, *lines)
    finally:
        for line in held:
            line.close()


def _take(bind: str, name: str, stated: int | None, wished: tuple[int | None, ...], held: list[socket.socket]) -> int:
    if stated is not None:
        if (line := _bound(bind, stated)) is None:
            raise Trouble(
                Text(
                    zh=f"端口 {stated} 已被占用：请停止占用它的程序，或为 {name} 另选端口",
                    en=f"port {stated} is taken: stop the program that holds it, or set {name} to another",
                ),
                CONFIGURATION,
            )
    else:
        found = (_bound(bind, port) for port in (*(w for w in wished if w), *_unlent(), 0))
        line = next(sock for sock in found if sock is not None)
    held.append(line)
    return int(line.getsockname()[1])


def _unlent() -> list[int]:
    """Ports from below those that the system lends to outgoing connections: one of these might be lent before its listener starts."""
    try:
        least = int(LENT.read_text().split()[0])
    except (OSError, ValueError):
        return []
    below = range(max(least - 10_000, 1024), least)
    return random.sample(below, min(len(below), 64))


def _bound(bind: str, port: int) -> socket.socket | None:
    line = socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        line.bind((bind, port))
        line.listen(1)  # with SO_REUSEADDR only listening tells a taken port from one that just closed
    except OSError as problem:
        line.close()
        if port == 0:
            raise Trouble(
                Text(zh=f"无法监听 {bind}：{problem}", en=f"cannot listen on {bind}: {problem}"), CONFIGURATION
            ) from problem
        return None
    return line


def write_ports(plan: Plan, ports: Ports, **more: str) -> None:
    """Tell other programs of this machine where the platform listens (run/ports.json, whole or not at all)."""
    target = plan.run / "ports.json"
    making = target.with_suffix(".new")
    making.write_text(json.dumps({**asdict(ports), **more}, indent=1))
    making.chmod(0o600)
    making.replace(target)
