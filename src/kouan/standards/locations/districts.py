"""Customs districts of larger ports: main offices of the GACC's table of customs districts (关区代码表), written by this project.

Only the main offices are carried, for the places where they are. Everything else the port's stewards keep as records.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kouan.kernel.text import Text

SOURCE = Text("海关总署关区代码表（主管海关）", "GACC table of customs districts (main offices)")


class District(NamedTuple):
    """A main customs office."""

    code: str
    name: Text


_STATED: tuple[tuple[str, str, str, str], ...] = (
    ("0200", "天津海关", "Tianjin Customs", "天津"), ("0900", "大连海关", "Dalian Customs", "大连"),
    ("2200", "上海海关", "Shanghai Customs", "上海"), ("2300", "南京海关", "Nanjing Customs", "南京"),
    ("3100", "宁波海关", "Ningbo Customs", "宁波"), ("3500", "福州海关", "Fuzhou Customs", "福州"),
    ("3700", "厦门海关", "Xiamen Customs", "厦门"), ("4200", "青岛海关", "Qingdao Customs", "青岛"),
    ("4700", "武汉海关", "Wuhan Customs", "武汉"), ("5100", "广州海关", "Guangzhou Customs", "广州"),
    ("5300", "深圳海关", "Shenzhen Customs", "深圳"), ("6000", "汕头海关", "Shantou Customs", "汕头"),
    ("6400", "海口海关", "Haikou Customs", "海口"), ("6700", "湛江海关", "Zhanjiang Customs", "湛江"),
    ("8000", "重庆海关", "Chongqing Customs", "重庆"),
)  # fmt: skip
DISTRICTS: Mapping[str, District] = {city: District(code, Text(zh, en)) for code, zh, en, city in _STATED}
"""By the Chinese name of the city."""


def of_place(name_zh: str) -> District | None:
    """The main office of a place by the beginning of its Chinese name."""
    return next((district for city, district in DISTRICTS.items() if name_zh.startswith(city)), None)


def of_code(code: str) -> tuple[str, District] | None:
    """City and office of a district code."""
    return next(((city, district) for city, district in DISTRICTS.items() if district.code == code), None)
