"""The lane's own judge while the platform is away: public key, cached list of revoked permits, a log that is reported later.

It needs no network and no database. What it decides is in its log, flushed to disk, before the barrier is told.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from kouan.facilities.gate import tokens
from kouan.kernel.text import Text
from kouan.standards.identifiers.api import check

WHY: dict[str, Text] = {
    "open": Text("通行证有效，请通行", "The permit is valid: proceed"),
    "form": Text("无法识读的通行证", "This is no readable permit"),
    "key": Text("通行证不是本口岸签发", "The permit is not this port's"),
    "signature": Text("通行证签名无效", "The permit's signature is not valid"),
    "early": Text("未到有效期", "The permit is not valid yet"),
    "late": Text("已过有效期", "The permit is no longer valid"),
    "vehicle": Text("车牌与通行证不符", "The plate is not the permit's"),
    "containers": Text("箱号与通行证不符", "The containers are not the permit's"),
    "direction": Text("方向与车道不符", "The direction is not the lane's"),
    "revoked": Text("通行证已撤销", "The permit was revoked"),
    "used": Text("通行证在本车道已使用", "The permit was used at this lane"),
    "none": Text("未出示通行证", "No permit was shown"),
    "radiation": Text("辐射报警，请勿移动", "Radiation alarm: do not move"),
    "bare": Text("本车道尚未取得公钥", "This lane has no public key yet"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands at the lane: the permit's token, the plate and boxes that were read, whether the portal alarmed."""

    token: str
    vehicle: str
    containers: tuple[str, ...]
    alarm: bool = False


@dataclass(slots=True)
class Agent:
    """One lane's agent with its folder: keys.json, revoked.txt, log.jsonl, reported.json."""

    folder: Path
    lane: str
    direction: str
    _log: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._log = list(self._lines())

    def learn(self, keys: dict[str, str], revoked: str) -> None:
        """Keep the platform's public keys (hex by name) and its signed list. Raises tokens.BadToken for a list of others."""
        public = {name: bytes.fromhex(key) for name, key in keys.items()}
        fresh = tokens.read_revocations(revoked, public)
        if (known := self.revocations()) is not None and fresh.at < known.at:
            return
        _write(self.folder / "keys.json", json.dumps(keys))
        _write(self.folder / "revoked.txt", revoked)

    def keys(self) -> dict[str, bytes]:
        """The public keys that were learnt."""
        path = self.folder / "keys.json"
        return {name: bytes.fromhex(key) for name, key in json.loads(path.read_text()).items()} if path.exists() else {}

    def revocations(self) -> tokens.Revocations | None:
        """The list that was learnt; None without one."""
        path = self.folder / "revoked.txt"
        return tokens.read_revocations(path.read_text(), self.keys()) if path.exists() else None

    def decide(self, shown: Shown, at: datetime) -> dict[str, Any]:
        """Open or refuse, log it, and answer the log's entry with its reason."""
        why = self._why(shown, at)
        entry = {
            "id": uuid4().hex, "token": shown.token[: tokens.LONGEST], "vehicle": shown.vehicle, "containers": list(shown.containers),
            "direction": self.direction, "at": at.isoformat(), "decision": "open" if why == "open" else "refuse", "why": why,
        }  # fmt: skip
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry, ensure_ascii=False) + "\n")
            log.flush()
            os.fsync(log.fileno())
        self._log.append(entry)
        return {**entry, "reason": WHY[why].out()}

    def _why(self, shown: Shown, at: datetime) -> str:
        keys = self.keys()
        if shown.alarm:
            return "radiation"
        if not keys or not shown.token:
            return "none" if keys else "bare"
        try:
            claims = tokens.read_permit(shown.token, keys)
        except tokens.BadToken as bad:
            return str(bad)
        revoked = self.revocations()
        found = {
            "early": at < claims.opens, "late": at > claims.closes, "direction": claims.direction != self.direction,
            "vehicle": check("plate", shown.vehicle).value != claims.vehicle,
            "containers": {check("container", box).value for box in shown.containers} != set(claims.containers),
            "revoked": revoked is not None and claims.number in revoked.numbers, "used": self._used(shown.token),
        }  # fmt: skip
        return next((cause for cause, holds in found.items() if holds), "open")

    def _used(self, token: str) -> bool:
        return any(entry["decision"] == "open" and entry["token"] == token for entry in self._log)

    def unreported(self) -> list[dict[str, Any]]:
        """The log's entries that the platform has not acknowledged."""
        done = self._reported()
        return [entry for entry in self._log if entry["id"] not in done]

    def reported(self, ids: Sequence[str]) -> None:
        """The platform has kept these entries."""
        _write(self.folder / "reported.json", json.dumps(sorted(self._reported() | set(ids))))

    def _reported(self) -> set[str]:
        path = self.folder / "reported.json"
        return set(json.loads(path.read_text())) if path.exists() else set()

    def _lines(self) -> Iterator[dict[str, Any]]:
        path = self.folder / "log.jsonl"
        if not path.exists():
            return
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue  # a crash cut the last line: its barrier was not opened


def _write(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
