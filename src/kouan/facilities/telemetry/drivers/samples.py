"""A driver's own samples: bytes of its protocol beside it, which `check()` decodes to see that the driver works here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kouan.kernel.drivers import Driver
from kouan.kernel.text import Text


def samples(beside: str) -> list[Path]:
    """The sample files of the driver whose module file is given."""
    return sorted(path for path in (Path(beside).parent / "samples").iterdir() if path.is_file())


def check(driver: Callable[[], Driver], beside: str) -> Text | None:
    """None when every sample is read without a refusal and holds something, else what is wrong."""
    for path in samples(beside):
        decoded = driver().decode(path.read_bytes())
        if decoded.refused or not (decoded.frames or decoded.observations):
            causes = "、".join(decoded.refused) or "0"
            return Text(f"样例 {path.name} 未能全部读出：{causes}", f"Sample {path.name} was not read whole: {causes}")
    return None
