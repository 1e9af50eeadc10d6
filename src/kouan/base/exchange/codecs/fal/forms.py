"""The FAL forms as sheets: which element of a notice stands in which column, in both languages, with an example.

Examples are invented. Paths are those of the JSON notice; the words for codes are taken in either language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kouan.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Column:
    """An element of a form: its path below the form's own, its names, an example, words for its codes.

    `several`: the cell may hold several values, with commas between them.
    """

    path: str
    title: Text
    example: str = ""
    words: Mapping[str, Text] | None = None
    several: bool = False

    @property
    def label(self) -> str:
        """Both names, as the template writes them."""
        return f"{self.title.zh} / {self.title.en}"


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet of the workbook. `path`: where its rows go in the notice; `single`: one entry, its elements below each other."""

    code: str
    title: Text
    path: str
    columns: tuple[Column, ...]
    single: bool = False

    @property
    def sheet(self) -> str:
        """The sheet's name (at most 31 characters, none of : \\ / ? * [ ])."""
        return f"{self.code} {self.title.zh} {self.title.en}"[:31].strip()


def _c(path: str, zh: str, en: str, example: str = "", words: Mapping[str, Text] | None = None, *, several: bool = False) -> Column:
    return Column(path, Text(zh, en), example, words, several)


YES: Mapping[str, Text] = {"true": Text("是", "Yes"), "false": Text("否", "No")}
GENDER = {"male": Text("男", "Male"), "female": Text("女", "Female"), "unspecified": Text("未说明", "Unspecified")}
DOCUMENT = {
    "passport": Text("护照", "Passport"), "seafarers-identity-document": Text("海员证", "Seafarer's identity document"),
    "identity-card": Text("身份证", "Identity card"), "travel-permit": Text("通行证", "Travel permit"),
    "other": Text("其他", "Other"),
}  # fmt: skip
WAY = {"arrival": Text("抵港", "Arrival"), "departure": Text("离港", "Departure")}
DELIVERED = {"all": Text("全部交付", "All"), "some": Text("部分交付", "Some"), "none": Text("不交付", "None")}
PURPOSES = {
    "loading": Text("装货", "Loading"), "unloading": Text("卸货", "Unloading"), "bunkering": Text("加油", "Bunkering"),
    "provisions": Text("补给", "Provisions"), "crew-change": Text("换员", "Crew change"), "repair": Text("修理", "Repair"),
    "passengers": Text("旅客", "Passengers"), "shelter": Text("避风", "Shelter"), "waste": Text("交付污染物", "Waste delivery"),
    "other": Text("其他", "Other"),
}  # fmt: skip
UTC_OFFSET = "UtcOffset"
TIMES = ("PortOfArrival/ArrivalTime", "PortOfArrival/DepartureTime")
UPDATE = {"replace": Text("替换", "Replace"), "merge": Text("合并", "Merge")}

CALL = (
    _c("ShipID/IMONumber", "IMO编号", "IMO number", "9321483"),
    _c("VoyageNumber", "航次", "Voyage number", "2611E"),
    _c("PortOfArrival/UNLoCode", "抵达口岸代码", "Port of arrival (UN/LOCODE)", "CNWHH"),
)
"""What names the call; a list filed by itself carries it in its first columns."""

GENERAL = Form(
    "FAL1", Text("总申报单", "General declaration"), "", single=True, columns=(
        *CALL,
        _c("ArrivalDeparture", "抵港或离港", "Arrival or departure", "抵港", WAY),
        _c("ShipMessageId", "申报编号", "Message number", "WHS-2611E-ARR-1"),
        _c(UTC_OFFSET, "本表时间的时区", "Offset of the times from UTC", "+08:00"),
        _c("ListUpdate", "名单更新方式", "Lists replace or merge", "替换", UPDATE),
        _c("ShipID/ShipName", "船名", "Ship's name", "WANGHAI STAR"),
        _c("ShipID/CallSign", "呼号", "Call sign", "BWHS"),
        _c("ShipID/MMSINumber", "MMSI", "MMSI number", "414999001"),
        _c("ShipID/FlagState", "船旗国", "Flag state", "CN"),
        _c("ShipType", "船舶类型", "Type of ship", "container"),
        _c("GrossTonnage", "总吨", "Gross tonnage", "27915"),
        _c("NetTonnage", "净吨", "Net tonnage", "14769"),
        _c("LengthOverall", "总长（米）", "Length overall (m)", "222.2"),
        _c("ArrivalDraught", "抵港吃水（米）", "Arrival draught (m)", "10.4"),
        _c("PortOfArrival/ArrivalTime", "预计抵港时间", "Estimated time of arrival", "2026-11-23 14:00"),
        _c("PortOfArrival/DepartureTime", "预计离港时间", "Estimated time of departure", "2026-11-24 14:00"),
        _c("LastPortOfCall/UNLoCode", "上一港", "Last port of call", "KRPUS"),
        _c("NextPortOfCall/UNLoCode", "下一港", "Next port of call", "JPOSA"),
        _c("BerthArrival/FacilityCode", "意向泊位", "Berth wished", "CNWHH/BERTH/B1"),
        _c("CallPurpose", "来港目的", "Purpose of call", "卸货, 装货", PURPOSES, several=True),
        _c("CargoOverview", "货物概况", "Brief description of cargo", "Containers: 4 to discharge"),
        _c("Agent/Company", "代理", "Agent", "Example Shipping Agency Ltd 示例船务代理有限公司"),
        _c("Carrier/Company", "承运人", "Carrier", "Wanghai Example Line"),
        _c("Carrier/CompanyId", "承运人代码", "Carrier's code", "WHL"),
        _c("MasterName", "船长姓名", "Master's name", "TESTER SAMPLE MASTER"),
        _c("MasterDocument", "船长证件号码", "Master's document number", "E00000001"),
        _c("PersonsOnboard/NumberOfCrew", "船员人数", "Number of crew", "1"),
        _c("PersonsOnboard/NumberOfPassengers", "旅客人数", "Number of passengers", "1"),
        _c("DangerousGoodsCargoIndicator", "载有危险货物", "Dangerous goods aboard", "是", YES),
        _c("GeneralRemark", "备注", "Remarks"),
    ),
)  # fmt: skip

def _person(given: str, document: str) -> tuple[Column, ...]:
    return (
        _c("FamilyName", "姓", "Family name", "TESTER"), _c("GivenName", "名", "Given names", given),
        _c("Nationality", "国籍", "Nationality", "CN"), _c("Gender", "性别", "Gender", "男", GENDER),
        _c("DateOfBirth", "出生日期", "Date of birth", "1975-01-01"), _c("PlaceOfBirth", "出生地", "Place of birth"),
        _c("IdentityDocument/Type", "证件种类", "Kind of document", "护照", DOCUMENT),
        _c("IdentityDocument/Number", "证件号码", "Document number", document),
        _c("IdentityDocument/IssuingCountry", "签发国", "Issuing country", "CN"),
        _c("IdentityDocument/ExpiryDate", "证件有效期", "Document expires", "2031-01-01"),
        _c("VisaNumber", "签证号", "Visa number"),
    )


_PORTS = (
    _c("PortOfLoading", "装货港", "Port of loading", "KRPUS"), _c("PortOfDischarge", "卸货港", "Port of discharge", "CNWHH"),
)  # fmt: skip
_AMOUNT = (
    _c("ArticleName", "物品名称", "Name of article", "Spirits"), _c("Quantity", "数量", "Quantity", "12.5"),
    _c("UnitCode", "单位代码", "Unit (Recommendation 20)", "LTR"),
)  # fmt: skip
CARGO = Form(
    "FAL2", Text("货物申报单", "Cargo"), "CargoDeclaration", (
        _c("TransportDocumentNumber", "提运单号", "Transport document", "WHBL2611001"),
        _c("TransportEquipment", "集装箱号", "Container", "WHHU2040031"),
        _c("MarksAndNumbers", "标记唛码", "Marks and numbers", "N/M"), _c("NumberOfPackages", "件数", "Number of packages", "480"),
        _c("PackageType", "包装种类代码", "Kind of package (Recommendation 21)", "CT"),
        _c("CargoDescription", "货物名称", "Description of goods", "GARMENTS"), _c("HSCode", "税则号列", "HS code", "620342"),
        _c("GrossMass", "毛重（千克）", "Gross mass (kg)", "6240"), _c("Measurement", "体积（立方米）", "Measurement (m³)", "28.5"),
        *_PORTS,
    ),
)  # fmt: skip
STORES = Form(
    "FAL3", Text("船用物品", "Ship's stores"), "ShipStore",
    (*_AMOUNT, _c("OnboardLocation", "存放位置", "Location on board", "Bonded store")),
)  # fmt: skip
EFFECTS = Form(
    "FAL4", Text("船员物品", "Crew's effects"), "DutiableCrewEffects", (
        _c("IdentityDocumentNumber", "船员证件号码", "Crew member's document number", "E00000001"),
        _c("FamilyName", "姓", "Family name", "TESTER"), _c("GivenName", "名", "Given names", "SAMPLE MASTER"), *_AMOUNT,
    ),
)  # fmt: skip
CREW = Form("FAL5", Text("船员名单", "Crew list"), "CrewList", (
    *_person("SAMPLE MASTER", "E00000001"), _c("Duty", "职务", "Rank or rating", "Master"),
))  # fmt: skip
PASSENGERS = Form(
    "FAL6", Text("旅客名单", "Passenger list"), "PassengerList", (
        *_person("SAMPLE PASSENGER", "E00000009"), _c("EmbarkationPort", "登船港", "Port of embarkation", "KRPUS"),
        _c("DebarkationPort", "离船港", "Port of disembarkation", "CNWHH"), _c("Transit", "过境旅客", "Transit passenger", "否", YES),
        _c("BookingReference", "订票记录号", "Booking reference", "QX7K2P"),
    ),
)  # fmt: skip
DANGEROUS = Form(
    "FAL7", Text("危险货物清单", "Dangerous goods"), "DangerousGoods", (
        _c("UNNumber", "联合国编号", "UN number", "0336"), _c("UNClass", "类别", "Class", "1.4G"),
        _c("SubsidiaryRisks", "次要危险性", "Subsidiary hazards", several=True),
        _c("ProperShippingName", "正确运输名称", "Proper shipping name", "FIREWORKS"),
        _c("PackingGroup", "包装类别", "Packing group"), _c("NumberOfPackages", "件数", "Number of packages", "480"),
        _c("PackageType", "包装种类代码", "Kind of package (Recommendation 21)", "CT"), _c("Mass", "毛重（千克）", "Gross mass (kg)", "6240"),
        _c("FlashPoint", "闪点（℃）", "Flash point (°C)"), _c("MarinePollutant", "海洋污染物", "Marine pollutant", "否", YES),
        _c("TransportEquipment", "集装箱号", "Container", "WHHU2040031"),
        _c("OnboardLocation", "积载位置", "Stowage position", "0210482"), *_PORTS,
    ),
)  # fmt: skip
HEALTH = Form(
    "MDH", Text("航海健康申报", "Health"), "HealthData", single=True, columns=(
        _c("ValidShipSanitationControlCertificate", "持有有效的卫生控制证书", "Valid sanitation certificate aboard", "是", YES),
        _c("ReInspectionRequired", "需要复查", "Re-inspection required", "否", YES),
        _c("VisitedInfectedArea", "到过受染地区", "Affected area visited", "否", YES),
        _c("PersonDied", "有人死亡（非意外）", "Any death other than by accident", "否", YES),
        _c("NumberOfDeaths", "死亡人数", "Number of deaths", "0"),
        _c("InfectionConditionOnBoard", "怀疑有传染病", "Disease of infectious nature suspected", "否", YES),
        _c("IllPersonsGreaterThanExpected", "患病人数超过正常", "More ill than usual", "否", YES),
        _c("NumberOfIllPersons", "患病人数", "Number of ill persons", "0"),
        _c("IllPersonsOnBoardNow", "目前有病人", "Any ill person aboard now", "否", YES),
        _c("MedicalConsulted", "咨询过医生", "Medical practitioner consulted", "否", YES),
        _c("ConditionLeadingToInfection", "知悉可致疾病传播的情况", "Condition that may lead to infection", "否", YES),
        _c("SanitaryMeasureApplied", "采取过卫生措施", "Sanitary measure applied", "否", YES),
        _c("StowawaysFound", "发现偷渡者", "Stowaways found", "否", YES), _c("SickAnimal", "有患病动物", "Sick animal aboard", "否", YES),
        _c("Remarks", "备注", "Remarks"),
    ),
)  # fmt: skip
SECURITY = Form(
    "ISPS", Text("保安信息", "Security"), "Security", single=True, columns=(
        _c("CurrentShipSecurityLevel", "当前保安等级", "Current security level", "1"),
        _c("HasSecurityPlan", "有经批准的保安计划", "Approved security plan aboard", "是", YES),
        _c("CertificateNumber", "国际船舶保安证书号", "ISSC number", "ISSC-EXAMPLE-1"),
        _c("CertificateExpiryDate", "证书有效期", "ISSC expires", "2029-06-30"),
        _c("CompanySecurityOfficer", "公司保安员", "Company security officer"),
        _c("SecurityOtherMattersToReport", "其他保安事项", "Other security matters"),
    ),
)  # fmt: skip
EARLIER = Form(
    "ISPS10", Text("最近十港", "Last ports"), "Security/LastPortCalls", (
        _c("UNLoCode", "港口代码", "Port (UN/LOCODE)", "KRPUS"), _c("Facility", "港口设施", "Port facility", "KRPUS-EXAMPLE-1"),
        _c("ArrivalDate", "抵达日期", "Arrived", "2026-11-19"), _c("DepartureDate", "离开日期", "Left", "2026-11-20"),
        _c("ShipSecurityLevel", "保安等级", "Security level", "1"),
        _c("SpecialSecurityMeasures", "特别保安措施", "Special security measures"),
    ),
)  # fmt: skip
SHIP_TO_SHIP = Form(
    "STS", Text("船对船活动", "Ship to ship"), "Security/ShipToShipActivities", (
        _c("Location", "地点", "Place", "31.10N 122.30E"), _c("FromDate", "开始日期", "From", "2026-11-18"),
        _c("ToDate", "结束日期", "To", "2026-11-18"), _c("Activity", "活动", "Activity", "Bunkering"),
        _c("SecurityMeasures", "保安措施", "Security measures"),
    ),
)  # fmt: skip
WASTE = Form(
    "WASTE", Text("污染物交付", "Waste delivery"), "WasteInformation", single=True, columns=(
        _c("WasteDelivery", "交付", "Delivery", "部分交付", DELIVERED), _c("LastDeliveryPort", "上次交付港", "Last delivered at", "KRPUS"),
        _c("LastDeliveryDate", "上次交付日期", "Last delivered on", "2026-11-20"),
    ),
)  # fmt: skip
WASTE_ITEMS = Form(
    "WASTE2", Text("污染物明细", "Kinds of waste"), "WasteInformation/WasteItem", (
        _c("WasteType", "种类", "Kind", "Oily bilge water"), _c("AmountToBeDelivered", "交付量（立方米）", "To be delivered (m³)", "4.5"),
        _c("MaximumStorageCapacity", "最大存储能力（立方米）", "Maximum capacity (m³)", "20"),
        _c("RetainedAmount", "留存量（立方米）", "Retained (m³)", "0"),
        _c("PortOfDeliveryOfRemaining", "余量交付港", "Port for the rest", "JPOSA"),
    ),
)  # fmt: skip
FORMS = (
    GENERAL, CARGO, STORES, EFFECTS, CREW, PASSENGERS, DANGEROUS, HEALTH, SECURITY, EARLIER, SHIP_TO_SHIP, WASTE, WASTE_ITEMS,
)  # fmt: skip
LISTS = tuple(form for form in FORMS if not form.single)
