"""Settings: declared where they are used, read from the environment when the process starts, never at import."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Settings:
    """What one process was told. Addresses are loopback unless `bind` says otherwise."""

    home: Path
    bind: str = "127.0.0.1"
    port: int = 0
    nmea_port: int = 0
    mqtt_port: int = 0
    radar_port: int = 0
    gnss_port: int = 0
    jt808_port: int = 0
    adsb_port: int = 0
    metar_port: int = 0
    headless: bool = False
    demo: bool = False
    database_url: str = ""
    database_socket: str = ""
    nats_url: str = ""
    nats_replicas: int = 0
    site: str = "CNWHH"
    office: str = "9901"
    disk_low_mb: int = 256
    zone: str = "Asia/Shanghai"
    clock_offset: str = ""
    tiles: str = ""
    push_networks: str = ""
    nice: int = 10
    """How far the work behind the doors stands back from them on a busy machine: 0 (not at all) to 19."""
    suite: str = ""
    history_days: tuple[int, ...] = (730, 365, 30, 7)
    more_ports: tuple[tuple[str, int], ...] = ()
    """Ports of lines that drivers of their own brought, by the driver's name."""

    @property
    def replicas(self) -> int:
        """Copies that the stream keeps of a batch: as stated, else 3 where three servers or more are named, else 1."""
        return self.nats_replicas or (3 if len(servers(self.nats_url)) >= 3 else 1)

    def port_of(self, line: str) -> int:
        """The port of a line into the stream, KOUAN_<LINE>_PORT; 0 where none is stated."""
        found = getattr(self, f"{line}_port", None)
        return found if isinstance(found, int) else dict(self.more_ports).get(line, 0)

    @classmethod
    def read(cls) -> Settings:
        """The settings of this process, from KOUAN_* variables; ValueError when a number or the port's time zone is none."""
        env = os.environ.get
        home = Path(env("KOUAN_HOME") or ".kouan").absolute()
        return cls(
            home=home,
            bind=env("KOUAN_BIND") or "127.0.0.1",
            port=_whole("KOUAN_PORT"),
            nmea_port=_whole("KOUAN_NMEA_PORT"),
            mqtt_port=_whole("KOUAN_MQTT_PORT"),
            radar_port=_whole("KOUAN_RADAR_PORT"),
            gnss_port=_whole("KOUAN_GNSS_PORT"),
            jt808_port=_whole("KOUAN_JT808_PORT"),
            adsb_port=_whole("KOUAN_ADSB_PORT"),
            metar_port=_whole("KOUAN_METAR_PORT"),
            headless=env("KOUAN_HEADLESS") == "1",
            demo=(home / "demo.marker").exists() and (env("KOUAN_BIND") or "127.0.0.1") in ("127.0.0.1", "::1"),
            database_url=env("KOUAN_DATABASE_URL") or "",
            database_socket=env("KOUAN_DATABASE_SOCKET") or "",
            nats_url=env("KOUAN_NATS_URL") or "",
            nats_replicas=_whole("KOUAN_NATS_REPLICAS"),
            site=env("KOUAN_SITE") or "CNWHH",
            office=env("KOUAN_OFFICE") or "9901",
            disk_low_mb=_whole("KOUAN_DISK_LOW_MB", 256),
            zone=_zone(env("KOUAN_ZONE") or "Asia/Shanghai"),
            clock_offset=env("KOUAN_CLOCK_OFFSET") or "",
            tiles=env("KOUAN_TILES") or "",
            push_networks=env("KOUAN_PUSH_NETWORKS") or "",
            nice=_nice(env("KOUAN_NICE") or "10"),
            suite=env("KOUAN_SUITE") or "",
            history_days=_days(env("KOUAN_HISTORY_DAYS") or "730,365,30,7"),
            more_ports=tuple(sorted(_more_ports(os.environ))),
        )


def servers(url: str) -> list[str]:
    """The servers that KOUAN_NATS_URL names: one address, or those of a cluster with commas between."""
    return [one.strip() for one in url.split(",") if one.strip()]


def _more_ports(env: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    known = {f"KOUAN_{one.name.upper()}" for one in fields(Settings)}
    for name, stated in env.items():
        line = re.fullmatch(r"KOUAN_([A-Z0-9_]+)_PORT", name)
        if line and name not in known and stated.isdecimal() and 0 < int(stated) < 65536:
            yield line[1].lower(), int(stated)


def _whole(name: str, usual: int = 0) -> int:
    text = os.environ.get(name) or str(usual)
    if not text.strip().isdecimal():
        raise ValueError(f"{name} is no whole number: {text}")
    return int(text)


def _nice(text: str) -> int:
    if not text.isdecimal() or int(text) > 19:
        raise ValueError(f"KOUAN_NICE is no number from 0 to 19: {text}")
    return int(text)


def _days(text: str) -> tuple[int, ...]:
    found = tuple(int(part) if part.strip().isdecimal() else 0 for part in text.split(","))
    if len(found) != 4 or min(found) < 1:
        raise ValueError(f"KOUAN_HISTORY_DAYS is no four numbers of days, for levels 1 to 4: {text}")
    return found


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (OSError, KeyError, ValueError) as unknown:
        raise ValueError(f"KOUAN_ZONE is no time zone of the IANA database: {name}") from unknown
