"""What the keys of frames stand for, as rules name it: a device and metric, or a mover's reference."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kouan.facilities.telemetry.api import Numbers, kind_of, own_ref
from kouan.kernel.signals import Frame
from kouan.operations.alerts.watched import Known


def of_themselves(keys: Iterable[int]) -> dict[int, Known]:
    """What stands for itself, without a look into the database: ships and aircraft, by the numbers that they send."""
    return {key: Known(ref, "", kind_of(key), "", ()) for key in keys if (ref := own_ref(key))}


async def known(numbers: Numbers, frame: Frame) -> dict[int, Known]:
    """What the keys of a frame stand for; unknown ones are left out."""
    keys = np.unique(frame["key"]).tolist()
    if frame.signal == "reading":
        series = await numbers.series_of(keys)
        return {key: Known(one.device, one.metric, "", one.unit, one.orgs) for key, one in series.items()}
    entities = await numbers.entity_of(keys)
    return {key: Known(one.ref, "", kind_of(key), "", one.orgs) for key, one in entities.items()}
