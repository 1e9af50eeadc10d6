"""National code of a location, kept by the port's stewards with its dates (GB/T 7407, GB/T 15514; G6.3*)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text
from kouan.standards.parameters.api import CodeRef, code_ref

reference_kind("location", Text("地点代码", "Location code"))
Scheme = Literal["gbt7407", "gbt15514", "customs"]
SCHEMES: dict[str, Text] = {
    "gbt7407": Text("GB/T 7407 中国及世界主要水运口岸及相关地点代码", "GB/T 7407, ports and related locations of China and the world"),
    "gbt15514": Text("GB/T 15514 中华人民共和国口岸及相关地点代码", "GB/T 15514, ports and related locations of China"),
    "customs": Text("海关关区代码", "Customs district code of the GACC"),
}


class LocationCode(Record):
    """One national code of a place of UN/LOCODE, from a day on, until a day. A code that changes is ended and another one begins."""

    facts: ClassVar[Facts] = Facts(
        name="standards.locations.code",
        title=Text("地点国家代码", "National location code"),
        summary=Text("口岸及相关地点的国家代码与联合国代码的对应及其有效期", "National codes of ports and places, which UN/LOCODE each stands for, and when"),
        clause="G6.3*",
        kind="filing",
        ref="location",
        key=("scheme", "code", "place", "since"),
        parties=(Party.filer("steward"), Party.everyone()),
        filers=("customs", "portoffice", "transport", "maritime"),
        retention=30,
        label="code",
    )
    scheme: Scheme = field("代码体系", "Code scheme", filter=True, example="gbt15514", values=SCHEMES)
    code: str = field("代码", "Code", filter=True, example="CNWHH", pattern=r"^[0-9A-Z]{2,12}$")
    place: str = field("联合国代码", "UN/LOCODE", filter=True, example="CNWHH", pattern=r"^[A-Z]{2}[A-Z0-9]{3}$")
    name_zh: str = field("中文名称", "Name in Chinese", example="演示港", min_length=1, max_length=200)
    name_en: str = field("英文名称", "Name in English", example="Demo port", min_length=1, max_length=200)
    since: date = field("生效日期", "In force from", filter=True, example="2024-10-01")
    until: date | None = field("失效日期", "In force until", filter=True, default=None)
    source: str = field("依据", "Source", example="GB/T 15514", min_length=1, max_length=200)
    of_code: CodeRef | None = field("代码引用", "Reference of the code", filter=True, default=None)
    of_place: CodeRef | None = field("地点引用", "Reference of the place", filter=True, default=None)

    @model_validator(mode="before")
    @classmethod
    def _of(cls, data: Any) -> Any:
        """The references are always made of what is stated."""
        if not isinstance(data, Mapping):
            return data
        return {**data, "of_code": _made(data, "scheme", "code"), "of_place": _made(data, "", "place")}


def _made(data: Mapping[str, Any], scheme: str, part: str) -> str | None:
    named, value = data.get(scheme) if scheme else "", data.get(part)
    if not isinstance(named, str) or not isinstance(value, str):
        return None
    return code_ref(f"location-{named}" if scheme else "locode", value) or None
