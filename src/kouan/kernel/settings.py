"""Settings: declared where they are used, read from the environment when the process starts, never at import."""

from __future__ import annotations

import os
from dataclasses import dataclass
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
    headless: bool = False
    demo: bool = False
    database_url: str = ""
    database_socket: str = ""
    nats_url: str = ""
    site: str = "CNWHH"
    office: str = "9901"
    disk_low_mb: int = 256
    zone: str = "Asia/Shanghai"
    clock_offset: str = ""

    @classmethod
    def read(cls) -> Settings:
        """The settings of this process, from KOUAN_* variables; ValueError when a number or the port's time zone is none."""
        env = os.environ.get
        home = Path(env("KOUAN_HOME") or ".kouan").absolute()
        return cls(
            home=home,
            bind=env("KOUAN_BIND") or "127.0.0.1",
            port=int(env("KOUAN_PORT") or 0),
            nmea_port=int(env("KOUAN_NMEA_PORT") or 0),
            mqtt_port=int(env("KOUAN_MQTT_PORT") or 0),
            headless=env("KOUAN_HEADLESS") == "1",
            demo=(home / "demo.marker").exists() and (env("KOUAN_BIND") or "127.0.0.1") in ("127.0.0.1", "::1"),
            database_url=env("KOUAN_DATABASE_URL") or "",
            database_socket=env("KOUAN_DATABASE_SOCKET") or "",
            nats_url=env("KOUAN_NATS_URL") or "",
            site=env("KOUAN_SITE") or "CNWHH",
            office=env("KOUAN_OFFICE") or "9901",
            disk_low_mb=int(env("KOUAN_DISK_LOW_MB") or 256),
            zone=_zone(env("KOUAN_ZONE") or "Asia/Shanghai"),
            clock_offset=env("KOUAN_CLOCK_OFFSET") or "",
        )


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (OSError, KeyError, ValueError) as unknown:
        raise ValueError(f"KOUAN_ZONE is no time zone of the IANA database: {name}") from unknown
