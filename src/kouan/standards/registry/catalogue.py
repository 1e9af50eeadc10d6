"""The standards that the platform follows, as carried: numbers, titles and owners are facts of the bodies named.

What this platform does otherwise stands as `difference`. Titles in Chinese are those of the standard where it is Chinese, else ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from kouan.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Carried:
    """A standard. `mark`: how formats, rules and code lists of the platform name it; `words`: what it is also searched by."""

    number: str
    title: Text
    edition: str
    layer: str
    owner: str
    mark: str
    words: str = ""
    difference: Text | None = None


CATALOGUE: tuple[Carried, ...] = (
    Carried("HS/T 82—2024", Text("智慧口岸建设指南", "Guidelines for smart port construction"), "2024", "industry", "GACC 海关总署", "HS/T 82",
            "smart port manifest 舱单 declaration 报关单"),
    Carried("ISO 9735", Text("用于行政、商业和运输业电子数据交换的应用级语法规则",
            "EDI for administration, commerce and transport (EDIFACT), application level syntax rules"), "syntax versions 1–4",
            "international", "ISO", "ISO 9735", "edifact cuscar manifest 舱单 报文",
            Text("不造成内容丢失的语法偏差予以受理，并给出提示", "Slips of syntax that lose nothing are taken, with a notice")),
    Carried("UN/EDIFACT", Text("联合国行政、商业和运输业电子数据交换报文目录", "UN/EDIFACT message directories"), "D", "international", "UNECE", "UN/EDIFACT",
            "cuscar cargo report manifest 舱单 coarri codeco baplie iftsta",
            Text("外发舱单报文为 CUSCAR D.95B", "Cargo reports that go out are CUSCAR D.95B")),
    Carried("WCO Data Model", Text("世界海关组织数据模型", "WCO Data Model"), "3.6", "international", "WCO", "WCO Data Model",
            "declaration 报关单 cargo manifest 舱单 DEC RES"),
    Carried("IMO FAL Convention", Text("国际便利海上运输公约", "Convention on Facilitation of International Maritime Traffic"), "1965, amended",
            "international", "IMO", "IMO FAL", "cargo declaration manifest 舱单 crew list general declaration"),
    Carried("IMO Compendium", Text("国际海事组织便利化和电子业务纲要", "IMO Compendium on Facilitation and Electronic Business"), "current",
            "international", "IMO", "IMO Compendium", "fal manifest 舱单"),
    Carried("ISO 28005-2", Text("船舶与海洋技术 电子口岸通关 第2部分：核心数据元",
            "Ships and marine technology, electronic port clearance (EPC), part 2: core data elements"), "2021", "international", "ISO",
            "ISO 28005", "port clearance"),
    Carried("IATA Cargo-XML", Text("国际航协货运XML报文", "IATA Cargo-XML messages"), "XFWB, XFZB 3.00", "international", "IATA",
            "IATA Cargo-XML", "air waybill manifest 舱单 空运"),
    Carried("ISO 6346", Text("集装箱 代码、识别和标记", "Freight containers, coding, identification and marking"), "2022", "international", "ISO",
            "ISO 6346", "container 集装箱",
            Text("箱号校验位不符时警告，不退回", "A wrong check digit is warned of, not refused")),
    Carried("GB 32100-2015", Text("法人和其他组织统一社会信用代码编码规则",
            "Coding rule of the unified social credit identifier for legal entities and other organizations"), "2015", "national",
            "SAMR 国家市场监督管理总局", "GB 32100", "enterprise 企业"),
    Carried("GB/T 22239-2019", Text("信息安全技术 网络安全等级保护基本要求",
            "Information security technology, baseline for classified protection of cybersecurity"), "2019", "national",
            "SAMR 国家市场监督管理总局", "GB/T 22239", "security 安全 等级保护"),
    Carried("GB/T 7407-2024", Text("中国及世界主要水运口岸及相关地点代码", "Codes of ports and related locations of China and the world"), "2024",
            "national", "SAMR 国家市场监督管理总局", "GB/T 7407", "location port code 口岸代码"),
    Carried("GB/T 15514", Text("中华人民共和国口岸及相关地点代码", "Codes of ports and related locations of China"), "current", "national",
            "SAMR 国家市场监督管理总局", "GB/T 15514", "location port code 口岸代码",
            Text("代码由口岸管理人员按所持版本登记", "Codes are entered by the port's stewards from their own copy")),
    Carried("GB 1589-2016", Text("汽车、挂车及汽车列车外廓尺寸、轴荷及质量限值",
            "Limits of dimensions, axle load and masses for motor vehicles, trailers and combination vehicles"), "2016", "national",
            "SAMR 国家市场监督管理总局", "GB 1589", "vehicle 车辆"),
    Carried("JT/T 617", Text("危险货物道路运输规则", "Regulations concerning road transportation of dangerous goods"), "2018", "industry",
            "MOT 交通运输部", "JT/T 617", "dangerous goods 危险货物"),
    Carried("GA 36", Text("中华人民共和国机动车号牌", "License plates of motor vehicles of China"), "2018", "industry", "MPS 公安部", "GA 36",
            "plate 号牌"),
    Carried("ITU-R M.585", Text("水上移动业务中标识的指配和使用", "Assignment and use of identities in the maritime mobile service"), "current",
            "international", "ITU", "ITU-R M.585", "MMSI AIS"),
    Carried("OASIS CAP", Text("通用警报协议", "Common Alerting Protocol"), "1.2", "international", "OASIS", "OASIS CAP", "alert 警报 ITU-T X.1303"),
    Carried("UPU S10", Text("邮件识别：13字符标识符", "Identification of postal items: 13-character identifier"), "current", "international", "UPU",
            "UPU S10", "parcel 邮件"),
    Carried("RFC 8259", Text("JSON数据交换格式", "The JavaScript Object Notation (JSON) data interchange format"), "2017",
            "international", "IETF", "RFC 8259", "json"),
    Carried("RFC 4180", Text("CSV文件的通用格式和MIME类型", "Common format and MIME type for CSV files"), "2005", "international", "IETF", "RFC 4180",
            "csv sheet 表格"),
    Carried("RFC 7946", Text("GeoJSON格式", "The GeoJSON format"), "2016", "international", "IETF", "RFC 7946", "map 地图 place"),
)  # fmt: skip
