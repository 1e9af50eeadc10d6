"""Credentials of devices: one account of the broker each, which reaches the device's own topics and no others.

A secret is 192 bits of chance, shown once; what is kept is its bcrypt hash. The accounts in force stand in run/devices.json,
which the broker of this data folder takes over while it runs.
"""

from __future__ import annotations

import json
import os
import secrets
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kouan.facilities.devices.records import Device
from kouan.kernel.suites.suite import Unopened
from kouan.kernel.vault import Vault

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import crypt  # the C library's bcrypt; the module stands in every Python 3.11

COST = 5
"""A guess costs 2^5 rounds. More would protect nothing, for the secrets are chance, and slow the broker when many reconnect."""
_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the broker as it is kept."""

    user: str
    hashed: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]

    def out(self) -> dict[str, Any]:
        """As the broker's file states it."""
        return {"user": self.user, "password": self.hashed, "publish": list(self.publish), "subscribe": list(self.subscribe)}


def make(device: Device) -> tuple[Account, str]:
    """An account for a device, and its secret, which is kept nowhere."""
    secret = secrets.token_urlsafe(24)
    return Account(device.code, hashed(secret), *subjects(device)), secret


def hashed(secret: str) -> str:
    """The bcrypt hash of a secret, in the spelling that the broker knows."""
    salt = "".join(secrets.choice(_ALPHABET) for _ in range(21)) + secrets.choice(".Oeu")
    made = crypt.crypt(secret, f"$2b${COST:02d}${salt}")
    if not made or not made.startswith("$2b$"):
        raise RuntimeError("the C library has no bcrypt")
    return "$2a$" + made.removeprefix("$2b$")


def sealed(vault: Vault, code: str, user: str, password: str) -> bytes:
    """How the platform enters a device's own server, as it is kept: encrypted under the port's key, for this device alone."""
    return vault.wrap(json.dumps([user, password]).encode(), f"login:{code}")


def opened(vault: Vault, code: str, wrapped: bytes) -> tuple[str, str] | None:
    """User and password; None when they were changed, or belong to another device."""
    try:
        user, password = json.loads(vault.unwrap(wrapped, f"login:{code}"))
    except (Unopened, ValueError):
        return None
    return user, password


def subjects(device: Device) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a device may publish and hear: its own topics; a lane's device also its reading and the lane's commands."""
    own = f"devices.{device.code}"
    publish, subscribe = [f"{own}.>"], [f"{own}.>"]
    if device.driver == "lane":
        _, lane, kind, name = device.address.split("/")
        publish += [f"devices.lane.{lane}.{kind}.{name}", f"devices.lane.{lane}.ack.{name}"]
        subscribe += [f"devices.lane.{lane}.command"]
    return tuple(publish), tuple(subscribe)


def write(home: Path, accounts: Iterable[Account]) -> None:
    """State the accounts in force, whole or not at all."""
    path = home / "run" / "devices.json"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    making = path.with_name(f"devices.{os.getpid()}.new")
    making.unlink(missing_ok=True)
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"devices": [account.out() for account in accounts]}, file, indent=1)
    making.replace(path)
