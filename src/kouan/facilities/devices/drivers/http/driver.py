"""The driver of devices that are reported by HTTP: the same batches that `POST /api/intake/readings` takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from kouan.facilities.devices.lining import DeviceDriver
from kouan.facilities.telemetry.api import check_samples, read_batch
from kouan.kernel.drivers import Decoded, Lines
from kouan.kernel.errors import Refused
from kouan.kernel.text import Text

LONGEST = 8 << 20
NEEDED = ("device", "metric", "at", "value")


class HttpDriver(DeviceDriver):
    """Decodes batches. As a stream of bytes each line is one batch of JSON."""

    code = "http"
    title = Text("HTTP 批量报送", "HTTP batches")
    protocol = "HTTP/1.1, application/json"
    signal = "reading"
    label = Text("HTTP 批量报送", "HTTP batches")

    def __init__(self) -> None:
        self._lines = Lines(LONGEST)

    def decode(self, chunk: bytes) -> Decoded:
        """The readings of the batches that are whole with this chunk: device, metric, event time in microseconds UTC, value."""
        found: list[Mapping[str, Any]] = []
        refused: Counter[str] = Counter()
        for batch in filter(None, map(bytes.strip, self._lines.cut(chunk, refused))):
            _batch(batch, found, refused)
        return Decoded(found, refused)

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples."""
        return check_samples(HttpDriver, __file__)


def _batch(body: bytes, found: list[Mapping[str, Any]], refused: Counter[str]) -> None:
    try:
        posted = read_batch(body, NEEDED)
    except Refused as refusal:
        refused[refusal.code.removeprefix("telemetry.")] += 1
        return
    device, metric = posted.texts("device").to_pylist(), posted.texts("metric").to_pylist()
    at, value = posted.times(), posted.numbers("value", "value")
    refused.update(posted.refused.values())
    found += [
        {"device": device[row], "metric": metric[row], "at": int(at[row]), "value": float(value[row])}
        for row in np.flatnonzero(posted.kept()).tolist()
    ]
