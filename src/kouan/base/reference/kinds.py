"""The kinds of reference that records of the port use; checks warn, rules decide."""

from __future__ import annotations

import re

from kouan.kernel.references import reference_kind, tidy
from kouan.kernel.text import Text
from kouan.standards.identifiers.api import check

_DIGITS = re.compile(r"(?:IMO)?:?([0-9]{7})\Z")
_AIR = re.compile(r"([0-9]{3})-?([0-9]{8})\Z")
_MMSI = re.compile(r"MMSI:?([0-9]{9})\Z")


def _vessel(text: str) -> str:
    """`imo:9321483`, `mmsi:414999001`, or a call sign or name as it stands."""
    bare = tidy(text)
    if found := _DIGITS.match(bare):
        return f"imo:{found.group(1)}"
    if found := _MMSI.match(bare):
        return f"mmsi:{found.group(1)}"
    return bare


def _check_vessel(value: str) -> Text | None:
    scheme, _, number = value.partition(":")
    return check(scheme, number).reason if scheme in ("imo", "mmsi") and number else None


def _checked(kind: str, value: str) -> Text | None:
    return check(kind, value).reason


def _container(text: str) -> str:
    return check("container", text).value or tidy(text)


def _plate(text: str) -> str:
    return check("plate", text).value


def _enterprise(text: str) -> str:
    return tidy(text)


def _waybill(text: str) -> str:
    """Three digits of the airline and eight of the air waybill are written with one hyphen (IATA Resolution 600a)."""
    bare = tidy(text)
    found = _AIR.match(bare)
    return f"{found.group(1)}-{found.group(2)}" if found else bare


def _parcel(text: str) -> str:
    """The number on a parcel's label, without the blanks and hyphens that people write into it (RR 123 456 785 CN)."""
    return tidy(text).replace("-", "")


CARD, FORMER_CARD = "I/", "ID/"
"""An identity card is `I`, as in machine-readable travel documents (ICAO Doc 9303-5); parcels said `ID` (身份证) before."""


def _person(text: str) -> str:
    """`kind/issuer/number` of a document; one letter for each kind, so that the same card is the same person by sea, air and post."""
    bare = tidy(text)
    return CARD + bare.removeprefix(FORMER_CARD) if bare.startswith(FORMER_CARD) else bare


def _former_person(value: str) -> tuple[str, ...]:
    return (FORMER_CARD + value.removeprefix(CARD),) if value.startswith(CARD) else ()


def _place(text: str) -> str:
    return "".join(text.split()).upper()


reference_kind(
    "container", Text("集装箱", "Container"), normal=_container, trail=True, check=lambda v: _checked("container", v)
)
reference_kind("vessel", Text("船舶", "Vessel"), normal=_vessel, check=_check_vessel)
reference_kind("voyage", Text("航次", "Voyage"))
reference_kind("portcall", Text("船舶口岸动态", "Port call"))
reference_kind("manifest", Text("舱单", "Manifest"))
reference_kind("bill", Text("提运单", "Transport document"), trail=True)
reference_kind("consignment", Text("舱单分单", "Consignment"), trail=True)
reference_kind("declaration", Text("报关单", "Goods declaration"), trail=True)
reference_kind("assessment", Text("风险评估", "Risk assessment"), trail=True)
reference_kind("order", Text("联合查验单", "Joint inspection order"), trail=True)
reference_kind("yardwork", Text("调箱指令", "Move instruction"))
reference_kind("vehicle", Text("车辆", "Vehicle"), normal=_plate, check=lambda v: _checked("plate", v))
reference_kind("booking", Text("预约", "Booking"), trail=True)
reference_kind("passage", Text("过卡记录", "Gate passage"), trail=True)
reference_kind("gatepass", Text("离线通行证", "Offline gate permit"))
reference_kind("gatecommand", Text("车道指令", "Lane command"))
reference_kind(
    "enterprise", Text("企业", "Enterprise"), normal=_enterprise, check=lambda v: _checked("uscc", v)
)
reference_kind("person", Text("人员", "Person"), normal=_person, personal=True, former=_former_person)
reference_kind("aboard", Text("船上人员", "Person aboard"))
reference_kind("place", Text("地点", "Place"), normal=_place)
reference_kind("lane", Text("卡口通道", "Gate lane"), normal=lambda t: t.strip().lower())
reference_kind("org", Text("机构", "Organisation"), normal=lambda t: t.strip().lower())
reference_kind("permit", Text("许可证件", "Permit"), trail=True)
reference_kind("areapermit", Text("限定区域通行证", "Restricted-area permit"), trail=True)
reference_kind("areapassage", Text("限定区域出入记录", "Passage of a restricted area"))
reference_kind("radiationscan", Text("辐射探测记录", "Radiation measurement"))
reference_kind("radiationcase", Text("辐射报警处置", "Radiation case"), trail=True)
reference_kind("erasure", Text("个人信息删除", "Erasure"))
reference_kind("instruction", Text("协同指令", "Instruction"), trail=True)
reference_kind("receipt", Text("回执", "Receipt"))
reference_kind("waybill", Text("运单", "Waybill"), normal=_waybill, trail=True)
reference_kind("wagon", Text("车皮", "Wagon"))
reference_kind("railmanifest", Text("铁路舱单", "Rail manifest"), trail=True)
reference_kind("move", Text("作业动态", "Move"))
reference_kind("handling", Text("集装箱作业指令", "Handling order"), trail=True)
reference_kind("stowage", Text("船舶积载图", "Stowage plan"))
reference_kind("status", Text("物流动态", "Transport status"))
reference_kind("shipment", Text("托运委托", "Shipment"), trail=True)
reference_kind("transportdoc", Text("运输单证", "Transport document on file"), trail=True)
reference_kind("packinglist", Text("装箱单", "Packing list"), trail=True)
reference_kind("interchange", Text("设备交接单", "Equipment interchange receipt"), trail=True)
reference_kind("deliveryorder", Text("提货单", "Delivery order"), trail=True)
reference_kind("writeoff", Text("核销记录", "Write-off"), trail=True)
reference_kind("certificate", Text("证件核查结果", "Verification of a certificate"), trail=True)
reference_kind("verifier", Text("证件核查服务", "Verifying service"))
reference_kind("parcel", Text("包裹", "Parcel"), normal=_parcel, trail=True)
reference_kind("parcellist", Text("跨境电商清单", "E-commerce list"), trail=True)
reference_kind("parcelorder", Text("跨境电商订单", "E-commerce order"), trail=True)
reference_kind("parcelpayment", Text("跨境电商支付单", "E-commerce payment"), trail=True)
reference_kind("trade", Text("企业订单号", "Order of a firm"), trail=True)
reference_kind("tradeorder", Text("贸易订单", "Trade order"), trail=True)
reference_kind("tradepayment", Text("贸易付款", "Trade payment"), trail=True)
reference_kind("invoice", Text("商业发票", "Commercial invoice"), trail=True)
reference_kind("policy", Text("保险单", "Insurance policy"), trail=True)
reference_kind("production", Text("生产经营报告", "Production report"))
reference_kind("cargolist", Text("货物申报（FAL 2）", "Cargo declaration (FAL 2)"))
reference_kind("shipstores", Text("船用物品申报（FAL 3）", "Ship's stores declaration (FAL 3)"))
reference_kind("creweffects", Text("船员物品申报（FAL 4）", "Crew's effects declaration (FAL 4)"))
reference_kind("shiphealth", Text("航海健康申报", "Maritime declaration of health"))
reference_kind("shipsecurity", Text("船舶保安信息", "Ship security information"))
reference_kind("shipwaste", Text("船舶污染物交付通知", "Waste delivery notification"))
reference_kind("conveyance", Text("运输工具", "Conveyance"))
reference_kind("traveller", Text("运输工具载运人员", "Person on a conveyance"))
reference_kind("berthplan", Text("泊位计划", "Berth plan"))
reference_kind("shipmovement", Text("船舶动态", "Ship movement"))
reference_kind("maritimeorder", Text("海事指令", "Maritime order"))
reference_kind("berthlimit", Text("泊位危险品限制", "Berth limit for dangerous goods"))
reference_kind("process", Text("审批流程", "Approval process"))
reference_kind("case", Text("审批事项", "Approval case"))
reference_kind("riskprofile", Text("布控模板", "Selection profile"))
reference_kind("risktrial", Text("布控模板试运行", "Trial of a profile"))
reference_kind("riskresult", Text("布控成效", "Result of a selection"))
reference_kind("device", Text("设备", "Device"))
reference_kind("deviceevent", Text("设备事件", "Device event"))
reference_kind("devicework", Text("设备维护", "Device maintenance"))
reference_kind("devicecommand", Text("设备指令", "Device command"))
reference_kind("asset", Text("机房资产", "Machine-room asset"))
reference_kind("itservice", Text("信息系统服务", "Information service"))
reference_kind("warning", Text("预警事件", "Warning"))
reference_kind("alertrule", Text("预警规则", "Alert rule"))
reference_kind("alertsetting", Text("预警参数", "Alert setting"))
reference_kind("hazard", Text("风险信息", "Hazard notice"))
reference_kind("visit", Text("到离记录", "Visit"))
reference_kind("approach", Text("来港预计", "Approach"))
reference_kind("grant", Text("数据授权", "Data grant"))
reference_kind("dataset", Text("数据集", "Data set"))
reference_kind("element", Text("数据元", "Data element"))
