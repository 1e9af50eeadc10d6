"""Why something a device sent could not be read, in both languages. Codes are stable: `ais.checksum`, `metar.wind` …"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.kernel.text import Text

_LONG = Text("超长", "Too long")
_EMPTY = Text("内容为空", "It is empty")
_SUM = Text("校验和不符", "The checksum does not match")
CAUSES: Mapping[str, Mapping[str, Text]] = {
    "ais": {
        "not_ais": Text("不是 AIVDM/AIVDO 语句", "Not an AIVDM or AIVDO sentence"),
        "other_sentence": Text("其他 NMEA 语句，不含 AIS 报文", "Another NMEA sentence, without an AIS message"),
        "malformed": Text("语句结构不完整", "The sentence does not have its fields"),
        "checksum": _SUM,
        "parts": Text("分段号与总段数不符", "The part's number does not fit the count of parts"),
        "fill": Text("填充位数应为 0 至 5", "The number of fill bits is not 0 to 5"),
        "empty": Text("载荷为空", "The payload is empty"),
        "payload": Text("载荷含非法字符", "The payload has a character that is not armoured AIS"),
        "short": Text("报文比其类型应有的短", "The message is shorter than its type"),
        "variant": Text("该类型没有这种分部", "The type has no such part"),
        "too_long": _LONG,
        "blank": Text("空行", "An empty line"),
    },
    "metar": {
        "empty": _EMPTY,
        "too_long": _LONG,
        "station": Text("缺少四位站名", "There is no station of four signs"),
        "time": Text("观测时间不成立", "The time of observation is no time"),
        "wind": Text("风向大于 360 度", "The wind is from beyond 360 degrees"),
        "group": Text("含有无法识别的电码组", "It has a group that is no group of a METAR"),
    },
    "gnss": {
        "not_nmea": Text("不是 NMEA 0183 语句", "Not an NMEA 0183 sentence"),
        "checksum": _SUM,
        "other_sentence": Text("不含位置的语句", "A sentence without a position"),
        "fields": Text("字段缺失或不是数", "A field is missing or is no number"),
        "no_fix": Text("尚未定位", "There is no fix yet"),
        "unknown_sender": Text("发送方未登记为定位终端", "The sender is not registered as a tracker"),
        "too_long": _LONG,
    },
    "jt808": {
        "noise": Text("帧外的字节", "Bytes outside a frame"),
        "escape": Text("转义序列不成立", "An escape sequence is not valid"),
        "check": Text("校验码不符", "The check byte does not match"),
        "short": Text("消息比其类型应有的短", "The message is shorter than its type"),
        "length": Text("消息体长度与消息头不符", "The body is not as long as its header says"),
        "encrypted": Text("加密消息未配置密钥", "The message is encrypted and no key is set"),
        "phone": Text("终端手机号不是 BCD 码", "The terminal's number is not in BCD"),
        "unknown_sender": Text("终端已不在登记之列", "The terminal is not registered any more"),
        "unauthenticated": Text("终端未鉴权", "The terminal has not authenticated"),
        "unsupported": Text("不支持的消息", "The message is not supported"),
        "value": Text("字段值不成立", "A field's value cannot be"),
        "too_long": _LONG,
    },
    "adsb": {
        "frame": Text("帧格式不成立", "It is no frame"),
        "crc": Text("循环冗余校验不符", "The cyclic redundancy check fails"),
        "format": Text("非 ADS-B 报文", "Not an ADS-B message"),
        "too_long": _LONG,
    },
}
RULES: Mapping[str, str] = {
    "ais": "ITU-R M.1371 / IEC 61162-1", "metar": "WMO-No. 306 FM 15/16", "gnss": "NMEA 0183 / IEC 61162-1",
    "jt808": "JT/T 808", "adsb": "ICAO Annex 10 volume IV / RTCA DO-260B",
}  # fmt: skip
_TYPE = Text("标准未定义的报文类型 {kind}", "A message type that the standard does not define: {kind}")
NOTES = {
    "incomplete": Text("未收齐的分段语句", "Sentences whose message never became whole"),
    "truncated": Text("报文末尾缺字段，其余已读", "Messages that end early; the rest was read"),
    "tag_checksum": Text("标签块校验和不符，未采信", "Tag blocks that were not believed, for their checksum"),
}


def reason(code: str, driver: str = "ais") -> dict[str, Any]:
    """Code, rule and reason of what a driver refused, as the API answers them."""
    text = CAUSES[driver].get(code) or _TYPE.fill(kind=code.removeprefix("type_"))
    return {"code": f"{driver}.{code}", "field": "", "rule": RULES[driver], "reason": text.out()}
