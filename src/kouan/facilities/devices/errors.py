"""Anticipated failures of the device register."""

from __future__ import annotations

from kouan.kernel.errors import Conflict, Denied, NotFound, Refused
from kouan.kernel.text import Text


def unknown() -> NotFound:
    """No such device among those that the caller may see."""
    return NotFound(Text("没有这台设备", "There is no such device"), field="code", code="unknown_device")


def not_yours() -> Denied:
    """Only its owner gives a device credentials and commands."""
    return Denied(Text("只有设备的归属单位可以这样做", "Only the owner of the device may do so"), rule="devices.owner")


def not_in_use() -> Conflict:
    """The device is planned or retired."""
    return Conflict(Text("设备不在用", "The device is not in use"), rule="devices.use", code="not_in_use")


def no_account(connects: bool) -> Conflict:
    """The device does not enter the platform's own MQTT listener."""
    if connects:
        words = Text("平台主动连接该设备，无需接入账号", "The platform connects to this device: it needs no account")
    else:
        words = Text(
            "该设备经本口岸自有的 MQTT 代理（KOUAN_MQTT_URL）接入，账号由该代理发放",
            "This device comes by the port's own MQTT broker (KOUAN_MQTT_URL), which gives it its account",
        )
    return Conflict(words, rule="devices.account", code="no_account")


def no_login() -> Refused:
    """The device's protocol knows no users."""
    words = Text("该接入方式没有用户登录", "Nobody signs in by this protocol")
    return Refused(words, field="user", rule="devices.login", code="no_login")


def not_writable(metric: str) -> Refused:
    """The metric is unknown or cannot be written."""
    zh, en = f"测点 {metric} 不可下发", f"The metric {metric} may not be written"
    return Refused(Text(zh, en), field="metric", rule="devices.writable", code="not_writable")


def out_of_range(metric: str) -> Refused:
    """The value is beyond the metric's range."""
    zh, en = f"值超出测点 {metric} 的量程", f"The value is beyond the range of {metric}"
    return Refused(Text(zh, en), field="value", rule="devices.range", code="out_of_range")
