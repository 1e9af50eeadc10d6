"""Why something of a device was not taken, in both languages; OPC UA's status codes are told by their own names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.facilities.telemetry.api import name_causes
from kouan.kernel.text import Text

CAUSES: Mapping[str, Text] = {
    "not_json": Text("不是 JSON，也不是数值", "Neither JSON nor a number"), "too_long": Text("报文超长", "The message is too long"),
    "shape": Text("JSON 结构不符", "The JSON has another shape"), "too_many": Text("一条报文内读数过多", "Too many readings in one message"),
    "status": Text("状态报文不可识别", "The status is none"), "answer": Text("指令答复不可识别", "The answer to a command is none"),
    "not_a_number": Text("不是有限数值", "Not a finite number"), "time": Text("事件时间不可识别", "The event time is none"),
    "weight": Text("重量报文不可识别", "The weight could not be read"),
    "unknown_metric": Text("台账中没有该测点", "The metric is not registered"),
    "unknown_device": Text("台账中没有该设备", "The device is not registered"),
    "not_commissioned": Text("设备未投用", "The device is not in use"),
    "thinned": Text("超出该设备份额的读数", "Readings beyond the device's share"),
    "thinned_messages": Text("泛洪中未读取的报文", "Messages of a flood, not read"),
    "alias": Text("别名未在出生报文中声明", "An alias that no birth declared"),
    "sparkplug.topic": Text("Sparkplug 主题不成立", "A topic that is none of Sparkplug's"),
    "sparkplug.payload": Text("Sparkplug 载荷不可识别", "A payload that is none of Sparkplug's"),
    "sparkplug.gap": Text("报文序号中断，已请求重新上线", "A gap in the sequence; a rebirth was asked for"),
    "sparkplug.not_born": Text("未上线即报数，已请求重新上线", "Data before a birth; a rebirth was asked for"),
    "sparkplug.alias": Text("别名未声明，已请求重新上线", "An unknown alias; a rebirth was asked for"),
    "line.unreachable": Text("设备无法连接", "A device could not be reached"),
    "line.hung_up": Text("设备连接被断开", "The connection to a device was broken"),
    "line.timeout": Text("设备超时无应答", "A device did not answer in time"), "line.stumbled": Text("接入程序出错", "The platform's connection failed"),
    "modbus.illegal_function": Text("设备不支持该功能码", "The device does not know the function"),
    "modbus.illegal_address": Text("寄存器地址不存在", "There is no such register"),
    "modbus.illegal_value": Text("请求的数量不被接受", "The device does not take the count"),
    "modbus.device_failure": Text("设备故障", "The device failed"), "modbus.busy": Text("设备忙", "The device is busy"),
    "modbus.acknowledge": Text("设备仍在处理", "The device still works on it"),
    "modbus.memory_parity": Text("设备存储校验错", "A parity error in the device"),
    "modbus.gateway_path": Text("网关无通路", "The gateway has no path"),
    "modbus.gateway_target": Text("网关后的设备无应答", "The device behind the gateway is silent"),
    "modbus.short": Text("应答比请求短", "The answer is shorter than asked"),
    "modbus.malformed": Text("应答不是 Modbus 报文", "The answer is no Modbus frame"),
    "modbus.other_answer": Text("应答与请求不符", "The answer belongs to another request"),
    "opcua.malformed": Text("报文不符合 OPC UA 二进制协议", "Not the binary protocol of OPC UA"),
    "opcua.security_needed": Text("服务器要求加密通道，本平台不支持", "The server wants an encrypted channel, which is not there"),
    "opcua.encryption_needed": Text("服务器要求加密口令，本平台不支持", "The server wants the password encrypted, which is not there"),
    "opcua.no_subscriptions": Text("服务器不支持订阅，改为轮询", "The server knows no subscriptions; it is polled"),
    "opcua.missed": Text("通知缺号，已重新读取", "Notifications were missed; all was read anew"),
    "opcua.not_running": Text("服务器不在运行状态", "The server is not running"),
    "opcua.silent_subscription": Text("订阅长时间无消息", "The subscription fell silent"),
    "opcua.unknown_item": Text("未订阅的值", "A value that nobody subscribed to"),
}  # fmt: skip


def title(cause: str) -> Text | None:
    """What a cause means; None for one that is not known."""
    cause = cause if cause in CAUSES else cause.removeprefix("line.")
    if cause in CAUSES:
        return CAUSES[cause]
    if cause.startswith("opcua."):
        code = cause.removeprefix("opcua.")
        return Text(f"服务器答复 {code}", f"The server answers {code}")
    return Text(f"设备答复 {cause}", f"The device answers {cause}") if cause.startswith("modbus.") else None


def described(refused: Mapping[str, int]) -> list[dict[str, Any]]:
    """What was refused or thinned of one device, the most frequent first."""
    listed = sorted(refused.items(), key=lambda pair: -pair[1])
    return [{"cause": cause, "title": (title(cause) or Text(cause, cause)).out(), "count": count} for cause, count in listed]


name_causes("refused.device.", title)
