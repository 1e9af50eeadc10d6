"""The MQTT driver: what a device publishes under `devices/<code>/`, as JSON or plain values."""

from __future__ import annotations

from collections import Counter

from kouan.facilities.devices.drivers.mqtt.reading import read
from kouan.facilities.devices.lining import DeviceDriver
from kouan.facilities.devices.telling import Told
from kouan.facilities.telemetry.api import check_samples
from kouan.kernel.drivers import Decoded, Lines
from kouan.kernel.text import Text

LONGEST = 1 << 20


class MqttDriver(DeviceDriver):
    """Decodes the messages of one device. As a stream of bytes each line is a path under the device's topic, a blank, the payload."""

    code = "mqtt"
    title = Text("MQTT 设备", "MQTT device")
    protocol = "MQTT 3.1.1 / 5.0, JSON"
    signal = "reading"
    label = Text("MQTT", "MQTT")
    commanded = True

    def __init__(self) -> None:
        self._lines = Lines(LONGEST)

    def message(self, path: str, payload: bytes) -> Told:
        """What one message says."""
        return read(path, payload)

    def decode(self, chunk: bytes) -> Decoded:
        """Messages line by line, as the samples hold them."""
        told, refused = Told(), Counter[str]()
        for line in filter(None, self._lines.cut(chunk, refused)):
            path, _, payload = line.partition(b" ")
            one = read(path.decode("utf-8", "replace"), payload)
            told.values += one.values
            told.refused += one.refused
        told.refused += refused
        return Decoded([{"metric": v.metric, "value": v.value, "at": v.at, "quality": v.quality} for v in told.values], told.refused)

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples."""
        return check_samples(MqttDriver, __file__)
