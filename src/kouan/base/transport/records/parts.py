"""What transport documents are made of: parties, stages, goods, loading units, charges, notes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from kouan.base.reference.api import ContainerRef, WagonRef
from kouan.kernel.records import Part, field
from kouan.kernel.text import Text

Mode = Literal["sea", "air", "rail", "road", "multimodal"]
MODES: dict[str, Text] = {
    "sea": Text("海运", "Sea"), "air": Text("空运", "Air"), "rail": Text("铁路", "Rail"), "road": Text("公路", "Road"),
    "multimodal": Text("多式联运", "Multimodal"),
}  # fmt: skip
Role = Literal["shipper", "consignee", "notify", "forwarder", "carrier", "other"]
ROLES: dict[str, Text] = {
    "shipper": Text("托运人", "Shipper"), "consignee": Text("收货人", "Consignee"), "notify": Text("通知人", "Notify party"),
    "forwarder": Text("货运代理", "Forwarder"), "carrier": Text("承运人", "Carrier"), "other": Text("其他", "Other"),
}  # fmt: skip


class TradeParty(Part):
    """A firm named on a transport document."""

    role: Role = field("角色", "Role", values=ROLES, example="shipper")
    name: str = field("名称", "Name", default="", max_length=400)
    id: str = field("代码", "Identifier", default="", max_length=70)
    account: str = field("账号", "Account", default="", max_length=70)
    address: str = field("地址", "Address", default="", max_length=400)
    city: str = field("城市", "City", default="", max_length=100)
    postcode: str = field("邮编", "Postcode", default="", max_length=20)
    region: str = field("省州", "Region", default="", max_length=100)
    country: str = field("国家", "Country", default="", max_length=2)


class Contact(Part):
    """Whom to call about a party."""

    role: Role = field("角色", "Role", values=ROLES, default="other")
    name: str = field("姓名", "Name", default="", max_length=200)
    phone: str = field("电话", "Telephone", default="", max_length=50)
    email: str = field("电子邮件", "E-mail", default="", max_length=200)
    fax: str = field("传真", "Fax", default="", max_length=50)


class Stage(Part):
    """One movement: a flight, a voyage, a train, a lorry. Local times are as printed, without zone, at the place itself."""

    sequence: int = field("序号", "Sequence", ge=0, le=999, default=1)
    mode: Mode = field("运输方式", "Mode", values=MODES, default="sea")
    conveyance: str = field("航班、航次、车次", "Flight, voyage or train", default="", max_length=70)
    carrier: str = field("承运人", "Carrier", default="", max_length=70)
    origin: str = field("起运地", "From", default="", max_length=35)
    destination: str = field("到达地", "To", default="", max_length=35)
    departs: datetime | None = field("离开时间", "Departs", default=None)
    arrives: datetime | None = field("到达时间", "Arrives", default=None)
    departs_local: str = field("离开当地时间", "Departs, local time", default="", max_length=35)
    arrives_local: str = field("到达当地时间", "Arrives, local time", default="", max_length=35)


class Dimensions(Part):
    """So many pieces of one size."""

    pieces: int | None = field("件数", "Pieces", default=None, ge=0)
    length_cm: float | None = field("长", "Length", unit="cm", default=None, ge=0)
    width_cm: float | None = field("宽", "Width", unit="cm", default=None, ge=0)
    height_cm: float | None = field("高", "Height", unit="cm", default=None, ge=0)
    gross_kg: float | None = field("毛重", "Gross mass", unit="kg", default=None, ge=0)


class Goods(Part):
    """One line of goods of a transport document."""

    sequence: int = field("序号", "Sequence", ge=0, le=99999, default=1)
    description: str = field("货名", "Description of goods", default="", max_length=2000, example="Electric kettles")
    hs: str = field("税则号列", "Commodity codes", default="", max_length=200)
    origin: str = field("原产国", "Country of origin", default="", max_length=4)
    un_number: str = field("联合国编号", "UN number", default="", max_length=10)
    pieces: int | None = field("件数", "Pieces", default=None, ge=0)
    packages: int | None = field("内装件数", "Packages within", default=None, ge=0)
    package_type: str = field("包装", "Kind of package", default="", max_length=35)
    gross_kg: float | None = field("毛重", "Gross mass", unit="kg", default=None, ge=0)
    volume_m3: float | None = field("体积", "Volume", unit="m³", default=None, ge=0)
    chargeable_kg: float | None = field("计费重量", "Chargeable mass", unit="kg", default=None, ge=0)
    rate_class: str = field("运价等级", "Rate class", default="", max_length=10)
    rate: Decimal | None = field("运价", "Rate", level=2, default=None)
    amount: Decimal | None = field("运费", "Freight", level=2, default=None)
    currency: str = field("币制", "Currency", default="", max_length=3)
    marks: str = field("唛头", "Marks", default="", max_length=2000)
    containers: tuple[ContainerRef, ...] = field("集装箱", "Containers", default=(), max_length=200)
    units: tuple[str, ...] = field("集装器", "Loading units", default=(), max_length=200)
    wagons: tuple[WagonRef, ...] = field("车皮", "Wagons", default=(), max_length=200)
    dimensions: tuple[Dimensions, ...] = field("尺寸", "Dimensions", default=(), max_length=500)


class Unit(Part):
    """A unit load device of air cargo: kind, serial number, owner (IATA ULD Regulations), and what is on it."""

    id: str = field("集装器号", "Unit", max_length=35)
    kind: str = field("型号", "Kind", default="", max_length=10)
    owner: str = field("所有人", "Owner", default="", max_length=35)
    pieces: int | None = field("件数", "Pieces", default=None, ge=0)
    gross_kg: float | None = field("毛重", "Gross mass", unit="kg", default=None, ge=0)
    tare_kg: float | None = field("皮重", "Tare", unit="kg", default=None, ge=0)
    seals: tuple[str, ...] = field("封志", "Seals", default=(), max_length=20)
    remark: str = field("备注", "Remark", default="", max_length=400)


class Charge(Part):
    """An amount of the charges."""

    kind: str = field("费用", "Charge", max_length=80)
    code: str = field("代码", "Code", default="", max_length=20)
    due: str = field("收取方", "Due to", default="", max_length=20)
    prepaid: bool | None = field("预付", "Prepaid", default=None)
    amount: Decimal | None = field("金额", "Amount", default=None)
    currency: str = field("币制", "Currency", default="", max_length=3)
    text: str = field("说明", "Text", default="", max_length=400)


class Instruction(Part):
    """A handling instruction, with its code where it has one (IATA SPH, SSR, OSI)."""

    kind: str = field("类别", "Kind", max_length=20, example="OSI")
    code: str = field("代码", "Code", default="", max_length=20)
    text: str = field("说明", "Text", default="", max_length=2000)


class CustomsNote(Part):
    """Other customs information: country, whose, what, the information itself (IATA OCI)."""

    country: str = field("国家", "Country", default="", max_length=2)
    subject: str = field("对象", "Subject", default="", max_length=10)
    code: str = field("代码", "Code", default="", max_length=10)
    text: str = field("内容", "Content", default="", max_length=2000)


class Stated(Part):
    """What a message states beyond these fields: its place and its text, as it stood there."""

    path: str = field("位置", "Place", max_length=400)
    value: str = field("内容", "Content", max_length=4000)
