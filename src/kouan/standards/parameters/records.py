"""Parameter entry: what the port's stewards add to a code set, or end in it, with effective dates (HS/T 82 7.2.5 b) 1))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import model_validator

from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.references import Reference, make, reference_kind
from kouan.kernel.text import Text

reference_kind("parameter", Text("参数修订", "Parameter amendment"))
reference_kind("dutyrate", Text("税率", "Duty rate"))
reference_kind("code", Text("参数代码", "Code of a set"))
CodeRef = Annotated[str, Reference("code")]


def code_ref(set_name: str, code: str) -> str:
    """The reference of a code in a set, in one spelling: dots, blanks and hyphens do not count."""
    bare = "".join(char for char in code if char.isalnum())
    return make("code", f"{set_name}/{bare}") if bare else ""


class Entry(Record):
    """One amendment of a code set: from a day on a code stands, or stands until a day. The newest one that has begun decides."""

    facts: ClassVar[Facts] = Facts(
        name="standards.parameters.entry",
        title=Text("参数修订", "Parameter amendment"),
        summary=Text("口岸对代码集的增补和停用，按生效日期", "What the port adds to a code set or ends in it, by effective date"),
        clause="7.2.5b1",
        kind="filing",
        ref="parameter",
        key=("set_name", "code", "since"),
        parties=(Party.filer("steward"), Party.everyone()),
        filers=("customs", "portoffice"),
        retention=30,
        label="code",
    )
    set_name: str = field("代码集", "Code set", filter=True, example="hs", min_length=1, max_length=40)
    code: str = field("代码", "Code", filter=True, example="989902", min_length=1, max_length=40)
    name_zh: str = field("中文名称", "Name in Chinese", example="演示代码", min_length=1, max_length=400)
    name_en: str = field("英文名称", "Name in English", example="Code for demonstrations", min_length=1, max_length=400)
    since: date = field("生效日期", "In force from", filter=True, example="2022-01-01")
    until: date | None = field("失效日期", "In force until", filter=True, default=None, example="2030-12-31")
    parent: str | None = field("上级代码", "Code above", default=None, max_length=40)
    reason: str | None = field("依据", "Grounds", default=None, max_length=400)
    demo: bool = field("演示数据", "Demo data", filter=True, default=False)
    of_code: CodeRef | None = field("参数代码", "Code of a set", filter=True, default=None)

    @model_validator(mode="before")
    @classmethod
    def _of_code(cls, data: Any) -> Any:
        """The code's own reference is always made of set and code."""
        if not isinstance(data, Mapping):
            return data
        name, code = data.get("set_name"), data.get("code")
        ref = code_ref(name.strip(), code) if isinstance(name, str) and isinstance(code, str) and name.strip() else ""
        return {**data, "of_code": ref or None}


RateKind = Literal["mfn", "agreement", "general", "provisional", "export", "vat"]
RATES: Mapping[str, Text] = {
    "mfn": Text("最惠国税率", "Most favoured nation"), "agreement": Text("协定税率", "Agreement"), "general": Text("普通税率", "General"),
    "provisional": Text("暂定税率", "Provisional"), "export": Text("出口税率", "Export"), "vat": Text("进口环节增值税率", "Import VAT"),
}  # fmt: skip


class Rate(Record):
    """One duty or tax rate of a commodity code, from a day on. The rate of a longer code goes before that of a shorter one."""

    facts: ClassVar[Facts] = Facts(
        name="standards.parameters.rate",
        title=Text("税率", "Duty rate"),
        summary=Text("按税则号列、税率种类和生效日期维护的税率", "Rates by commodity code, kind and effective date"),
        clause="7.2.4 a) 2)",
        kind="filing",
        ref="dutyrate",
        key=("hs", "kind", "area", "since"),
        parties=(Party.filer("steward"), Party.everyone()),
        filers=("customs", "portoffice"),
        retention=30,
        label="hs",
    )
    hs: str = field("税则号列", "Commodity code", filter=True, pattern=r"^[0-9]{2,13}$", example="84581100")
    kind: RateKind = field("税率种类", "Kind of rate", filter=True, values=RATES, example="mfn")
    area: str = field("适用国别或协定", "Country or agreement", default="", max_length=20, pattern=r"^[A-Z0-9-]*$")
    percent: Decimal = field("税率", "Rate", unit="%", ge=0, le=1000, max_digits=8, decimal_places=4, example="5")
    since: date = field("生效日期", "In force from", filter=True, example="2026-01-01")
    until: date | None = field("失效日期", "In force until", filter=True, default=None)
    reason: str | None = field("依据", "Grounds", default=None, max_length=400)
    demo: bool = field("示例税率（非真实税率）", "Example, no real rate", filter=True, default=False)
    of_code: CodeRef | None = field("参数代码", "Code of a set", filter=True, default=None, read_only=True)

    @model_validator(mode="before")
    @classmethod
    def _of_hs(cls, data: Any) -> Any:
        """The code's own reference is always made of it."""
        if not isinstance(data, Mapping):
            return data
        hs = data.get("hs")
        return {**data, "of_code": (code_ref("hs", hs) or None) if isinstance(hs, str) else None}
