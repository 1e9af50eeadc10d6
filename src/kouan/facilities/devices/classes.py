"""The classes of devices that clause 6 of HS/T 82 names, and those beside them that a port's own house needs."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kouan.facilities.devices.lining import DeviceDriver
from kouan.kernel.text import Text

DeviceClass = Literal[
    "person_id", "document_checker", "permit_checker", "person_inspection", "conveyance_inspection", "container_ocr", "plate_reader",
    "eplate_reader", "seal_reader", "card_reader", "weighbridge", "radiation_portal", "drug_explosive", "disinfection_tyre",
    "disinfection_surface", "barrier", "anti_ram", "lamp", "display", "camera", "perimeter", "head_counter", "weather", "tide",
    "air_quality", "temperature_screening", "reefer_plug", "gnss_tag", "ais_base", "radar", "crane", "carrier_vehicle", "power_meter",
    "environment", "leak", "smoke", "ups", "air_conditioner", "server", "network", "storage", "terminal", "security", "auxiliary",
    "edge_gateway", "public_address", "radio", "laboratory", "kiosk", "other",
]  # fmt: skip
CLASSES: dict[str, Text] = {
    "person_id": Text("人员信息识别设备", "Person identification"),
    "document_checker": Text("出入境证件核查设备", "Travel-document checker"),
    "permit_checker": Text("边境通行许可核查设备", "Border-permit checker"),
    "person_inspection": Text("人员查验设备", "Inspection of persons"),
    "conveyance_inspection": Text("运输工具查验设备", "Inspection of conveyances"),
    "container_ocr": Text("集装箱号识别设备", "Container-number reader"),
    "plate_reader": Text("车牌识别设备", "Plate reader"),
    "eplate_reader": Text("电子车牌识读设备", "Electronic-plate reader"),
    "seal_reader": Text("安全智能锁识读设备", "Electronic-seal reader"),
    "card_reader": Text("司机卡识读设备", "Driver's card reader"),
    "weighbridge": Text("电子地磅", "Weighbridge"),
    "radiation_portal": Text("放射性物质探测门", "Radiation portal"),
    "drug_explosive": Text("毒品爆炸物探测设备", "Drug and explosive detector"),
    "disinfection_tyre": Text("轮胎消毒设备", "Tyre disinfection"),
    "disinfection_surface": Text("车体表面消毒设备", "Surface disinfection"),
    "barrier": Text("电动栏杆", "Barrier"),
    "anti_ram": Text("防冲撞路障", "Anti-ram block"),
    "lamp": Text("信号灯", "Signal lamp"),
    "display": Text("信息显示屏", "Display board"),
    "camera": Text("视频摄像机", "Camera"),
    "perimeter": Text("周界防范设备", "Perimeter line"),
    "head_counter": Text("客流计数设备", "Head counter"),
    "weather": Text("气象站", "Weather station"),
    "tide": Text("潮位与水文观测设备", "Tide and water gauge"),
    "air_quality": Text("空气质量监测设备", "Air-quality monitor"),
    "temperature_screening": Text("体温监测设备", "Temperature screening"),
    "reefer_plug": Text("冷藏箱插座", "Reefer plug"),
    "gnss_tag": Text("卫星定位终端", "GNSS tracker"),
    "ais_base": Text("AIS 基站", "AIS base station"),
    "radar": Text("雷达站", "Radar station"),
    "crane": Text("装卸机械", "Crane"),
    "carrier_vehicle": Text("水平运输机械", "Horizontal-transport vehicle"),
    "power_meter": Text("电力仪表", "Power meter"),
    "environment": Text("温湿度传感器", "Temperature and humidity sensor"),
    "leak": Text("漏水传感器", "Leak sensor"),
    "smoke": Text("烟雾传感器", "Smoke sensor"),
    "ups": Text("不间断电源", "Uninterruptible power supply"),
    "air_conditioner": Text("精密空调", "Air conditioner"),
    "server": Text("服务器", "Server"),
    "network": Text("网络设备", "Network device"),
    "storage": Text("存储设备", "Storage device"),
    "terminal": Text("终端设备", "Terminal"),
    "security": Text("安全设备", "Security device"),
    "auxiliary": Text("辅助设备", "Auxiliary device"),
    "edge_gateway": Text("边缘网关", "Edge gateway"),
    "public_address": Text("广播设备", "Public address"),
    "radio": Text("通信设备", "Radio"),
    "laboratory": Text("实验室仪器", "Laboratory instrument"),
    "kiosk": Text("自助服务终端", "Self-service kiosk"),
    "other": Text("其他设备", "Other device"),
}


def found() -> dict[str, type[DeviceDriver]]:
    """The drivers of devices, found by their place: a folder under `drivers` whose `driver.py` declares one of the folder's name.

    ImportError when a folder declares none.
    """
    package, drivers = f"{__package__}.drivers", {}
    for info in pkgutil.iter_modules([str(Path(__file__).parent / "drivers")]):
        if info.ispkg:
            module = importlib.import_module(f"{package}.{info.name}.driver")
            mine = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, DeviceDriver)]
            named = next((one for one in mine if one is not DeviceDriver and one.code == info.name), None)
            if named is None:
                raise ImportError(f"{module.__name__} declares no DeviceDriver `{info.name}`")
            drivers[info.name] = named
    return drivers


FOUND = found()
DRIVERS: dict[str, Text] = {code: driver.label for code, driver in FOUND.items()}
if TYPE_CHECKING:
    DriverName = str
else:
    DriverName = Literal[tuple(DRIVERS)]
