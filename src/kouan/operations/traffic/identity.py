"""Who a ship says that she is, and when she said something else before."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Any

from kouan.facilities.telemetry.api import KIND_BITS
from kouan.kernel.references import make
from kouan.kernel.signals import Frame
from kouan.standards.identifiers.api import check

MOST = 200_000
NUMBER = (1 << KIND_BITS) - 1


@dataclass(frozen=True, slots=True)
class Identity:
    """What AIS told of a ship; 0 and "" where it told nothing. Lengths in metres."""

    name: str = ""
    imo: int = 0
    call_sign: str = ""
    ship_type: int = 0
    length: float = 0.0
    beam: float = 0.0
    draught: float = 0.0
    destination: str = ""
    at: int = 0

    @property
    def sound_imo(self) -> str:
        """The IMO number as digits where its check digit holds, else nothing."""
        return f"{self.imo:07d}" if self.imo and check("imo", f"{self.imo:07d}").ok else ""


@dataclass(frozen=True, slots=True)
class Changed:
    """One MMSI under which two ships' identities were told."""

    key: int
    at: int
    before: Identity
    after: Identity


class Identities:
    """Identities by key, merged of what each message tells."""

    def __init__(self) -> None:
        self.known: dict[int, Identity] = {}
        self.changed: deque[Changed] = deque(maxlen=1000)

    def fold(self, frame: Frame) -> list[int]:
        """Take particulars in; answers the keys that told something."""
        names = [name for name in ("name", "imo", "call_sign", "ship_type", "draught", "destination") if name in frame.columns]
        columns = {name: frame[name].tolist() for name in names}
        sizes = {name: frame[name].tolist() for name in ("to_bow", "to_stern", "to_port", "to_starboard") if name in frame.columns}
        keys: list[int] = frame["key"].tolist()
        at: list[int] = frame["at"].tolist()
        for place, key in enumerate(keys):
            told: dict[str, Any] = {name: _plain(column[place]) for name, column in columns.items()}
            if len(sizes) == 4:
                told["length"] = float(sizes["to_bow"][place] + sizes["to_stern"][place])
                told["beam"] = float(sizes["to_port"][place] + sizes["to_starboard"][place])
            self._one(key, at[place], {name: value for name, value in told.items() if value and value == value})
        return keys

    def _one(self, key: int, at: int, told: dict[str, Any]) -> None:
        before = self.known.get(key)
        if before is None and len(self.known) >= MOST:
            return
        after = replace(before or Identity(), **told, at=at)
        if before and before.imo and after.imo != before.imo:
            self.changed.append(Changed(key, at, before, after))
        self.known[key] = after

    def of(self, key: int) -> Identity:
        """What is known of a ship; an empty identity when nothing is."""
        return self.known.get(key, Identity())

    def ref(self, key: int) -> str:
        """A ship's reference: by her IMO number where it is sound, else by her MMSI."""
        imo = self.of(key).sound_imo
        return make("vessel", f"imo:{imo}" if imo else f"mmsi:{key & NUMBER:09d}")


def _plain(value: Any) -> Any:
    return value.decode("ascii", "replace").strip() if isinstance(value, bytes) else value
