"""Why a sentence could not be read, in both languages."""

from __future__ import annotations

from typing import Any

from kouan.kernel.text import Text

_CAUSES = {
    "checksum": Text("校验和不符", "The checksum does not match"),
    "not_ais": Text("不是 AIVDM/AIVDO 语句", "Not an AIVDM or AIVDO sentence"),
    "empty": Text("载荷为空", "The payload is empty"),
    "payload": Text("载荷含非法字符", "The payload has a character that is not armoured AIS"),
    "short": Text("报文比其类型应有的短", "The message is shorter than its type"),
    "parts": Text("分段号大于总段数", "The part's number is higher than the count of parts"),
    "too_long": Text("语句超长", "The sentence is too long"),
}
_TYPE = Text("暂不解读的报文类型 {kind}", "A message type that is not read yet: {kind}")


def reason(code: str) -> dict[str, Any]:
    """Code, rule and reason of a refused sentence, as the API answers them."""
    text = _CAUSES.get(code) or _TYPE.fill(kind=code.removeprefix("type_"))
    return {"code": f"ais.{code}", "field": "", "rule": "ITU-R M.1371 / IEC 61162-1", "reason": text.out()}
