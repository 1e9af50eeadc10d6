"""The kinds of licences, permits and certificates that are known by code.

One letter or digit: China's codes of supervision certificates (监管证件代码, Customs' declaration guide, as in use in 2024).
Three digits: names of documents of UNTDID 1001 that are such papers.
"""

from __future__ import annotations

from collections.abc import Mapping

from kouan.kernel.text import Text

KINDS: Mapping[str, Text] = {
    "1": Text("进口许可证", "Import licence"),
    "2": Text("两用物项和技术进口许可证", "Import licence for dual-use items"),
    "3": Text("两用物项和技术出口许可证", "Export licence for dual-use items"),
    "4": Text("出口许可证", "Export licence"),
    "7": Text("自动进口许可证", "Automatic import licence"),
    "E": Text("濒危物种允许出口证明书", "Export permit for endangered species"),
    "F": Text("濒危物种允许进口证明书", "Import permit for endangered species"),
    "I": Text("麻醉精神药品进出口准许证", "Permit for narcotic and psychotropic drugs"),
    "J": Text("黄金及黄金制品进出口准许证", "Permit for gold and gold products"),
    "L": Text("药品进出口准许证", "Permit for medicines"),
    "O": Text("自动进口许可证（机电产品）", "Automatic import licence for machinery"),
    "Q": Text("进口药品通关单", "Clearance note for imported medicines"),
    "R": Text("进口兽药通关单", "Clearance note for imported veterinary medicines"),
    "S": Text("农药进出口登记管理放行通知单", "Release note for pesticides"),
    "U": Text("合法捕捞产品通关证明", "Proof of lawful catch"),
    "X": Text("有毒化学品环境管理放行通知单", "Release note for toxic chemicals"),
    "Y": Text("原产地证明", "Proof of origin"),
    "811": Text("出口许可证（国际）", "Export licence (international)"),
    "851": Text("植物检疫证书", "Phytosanitary certificate"),
    "852": Text("卫生证书", "Sanitary certificate"),
    "853": Text("兽医证书", "Veterinary certificate"),
    "861": Text("原产地证书", "Certificate of origin"),
    "865": Text("普惠制原产地证书（格式 A）", "Certificate of origin, form GSP"),
    "911": Text("进口许可证（国际）", "Import licence (international)"),
}
ORIGIN = frozenset({"Y", "861", "865"})
"""Those that prove where goods come from: an item declared under one is of that origin."""


def title_of(kind: str) -> Text:
    """What a kind is called; its code where it is not known."""
    return KINDS.get(kind, Text(f"证件 {kind}", f"Certificate {kind}"))


def named(kind: str, number: str) -> Text:
    """A permit as people speak of it."""
    title = title_of(kind)
    return Text(f"{title.zh} {number}", f"{title.en} {number}")


def parts_of(ref: str) -> tuple[str, str]:
    """Kind and number of a permit's reference (`permit:7/26-AA-000123`); without a kind that one is empty."""
    kind, slash, number = ref.partition(":")[2].partition("/")
    return (kind, number) if slash else ("", kind)
