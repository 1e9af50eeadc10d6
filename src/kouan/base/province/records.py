"""The base of a province, and the regional windows that read it instead of building their own (一个库; HS/T 82 7.2.1)."""

from __future__ import annotations

from typing import Annotated, ClassVar, TypeAlias

from kouan.base.reference.api import OrgRef
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.references import Reference, reference_kind
from kouan.kernel.text import Text

reference_kind("database", Text("省级基础数据库", "Province's database"))
reference_kind("tenant", Text("区域租户", "Regional tenant"))
BaseRef: TypeAlias = Annotated[str, Reference("database")]
HOSTS = ("portoffice", "customs", "transport", "maritime", "border")


class Base(Record):
    """A province's one base of port data: hosted at its single window, read by the windows of its regions."""

    facts: ClassVar[Facts] = Facts(
        name="base.province.base",
        title=Text("省级基础数据库", "Province's database"),
        summary=Text("省级单一窗口统一建设的全要素数据资源库", "The one base of port data, hosted at a province's single window"),
        clause="7.2.1",
        kind="filing",
        ref="database",
        key=("province",),
        parties=(Party.filer("host"), Party.everyone()),
        filers=HOSTS,
        retention=30,
        label="name_zh",
        amendable=False,
    )
    province: str = field("省份代码", "Province", filter=True, pattern=r"^[A-Z0-9]{2,12}$", example="SIM37")
    name_zh: str = field("中文名称", "Name in Chinese", min_length=1, max_length=120, example="模拟省口岸基础数据库")
    name_en: str = field("英文名称", "Name in English", min_length=1, max_length=120, example="Port database of a province (simulated)")
    simulated: bool = field("模拟数据", "Simulated", filter=True, default=False)


class Tenant(Record):
    """A region's window that reads the province's base; while it is one, it builds no base of its own."""

    facts: ClassVar[Facts] = Facts(
        name="base.province.tenant",
        title=Text("区域租户", "Regional tenant"),
        summary=Text("读取省级基础数据库的区域窗口", "Regional windows that read the province's database"),
        clause="7.2.1",
        kind="filing",
        ref="tenant",
        key=("base", "org"),
        parties=(Party.filer("host"), Party.field("tenant", "org"), Party.everyone("base", "region", "name_zh", "name_en", "simulated")),
        filers=HOSTS,
        retention=30,
        label="name_zh",
        amendable=False,
    )
    base: BaseRef = field("省级基础数据库", "Province's database", filter=True, max_length=40, example="database:SIM37")
    org: OrgRef = field("区域窗口单位", "Organisation of the region", filter=True, example="org:transport")
    region: str = field("区域代码", "Region", filter=True, pattern=r"^[A-Z0-9]{2,12}$", example="SIM3702")
    name_zh: str = field("中文名称", "Name in Chinese", min_length=1, max_length=120, example="模拟市窗口")
    name_en: str = field("英文名称", "Name in English", min_length=1, max_length=120, example="Window of the sample city (simulated)")
    simulated: bool = field("模拟数据", "Simulated", filter=True, default=False)
