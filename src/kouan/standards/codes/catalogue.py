"""The lists that are carried: one row a list; the counts come from the built data (`data/counts.csv`)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from kouan.kernel.text import Text
from kouan.standards.codes.model import CodeList


@dataclass(frozen=True, slots=True)
class Spec:
    """What the platform states about a list beside its data."""

    title: Text
    source: str
    edition: str


_OURS = "Chinese names by this project"
SPECS: dict[str, Spec] = {
    "country": Spec(
        Text("国家和地区", "countries and areas"),
        f"ISO 3166-1 and 3166-3; github datasets/country-codes (PDDL); {_OURS}", "2026-05"),
    "currency": Spec(
        Text("货币", "currencies"),
        f"ISO 4217; github datasets/country-codes and datasets/currency-codes (PDDL); {_OURS}", "2026-05"),
    "unit": Spec(
        Text("计量单位", "units of measure"),
        f"UN/ECE Recommendation 20; github MoZman007/js-e-invoice-codes (MIT); {_OURS}", "2025-08"),
    "package": Spec(
        Text("包装种类", "kinds of package"),
        f"UN/ECE Recommendation 21; github MoZman007/js-e-invoice-codes (MIT); {_OURS}", "2025-08"),
    "locode": Spec(
        Text("联合国贸易运输地点代码", "UN/LOCODE places"),
        "UN/LOCODE of the UNECE; github jebyrnes/unlocodeR (data of 2019-2) and ophpl/unlocode (MIT; 2022: CN HK KR KZ "
        f"NL SG); {_OURS}", "2019-2, 2022"),
    "hs": Spec(
        Text("商品名称及编码协调制度", "Harmonized System"),
        "WCO HS 2022; github datasets/harmonized-system (PDDL); Chinese titles by this project", "2022"),
    "un_number": Spec(
        Text("危险货物联合国编号", "UN numbers of dangerous goods"),
        "UN Model Regulations and ADR; github beTransIT/UN-Numbers (MIT)", "2025-04"),
    "dg_class": Spec(
        Text("危险货物类别", "classes of dangerous goods"), "UN Model Regulations; names by this project", "rev. 23"),
    "container_type": Spec(
        Text("集装箱尺寸箱型", "container size and type codes"),
        f"ISO 6346 codes in use; PyPI iso_container (MIT); {_OURS}", "1.1.0"),
    "container_owner": Spec(
        Text("集装箱箱主代码", "container owner codes"),
        "ISO 6346 owner codes in use, not the whole BIC register; "
        "github jonathanlawhh/container-number-recognition-ai (MIT)", "2024-01"),
    "mid": Spec(
        Text("水上识别数字", "maritime identification digits"),
        "ITU Table of Maritime Identification Digits; table by this project", "2025"),
    "transport_mode": Spec(
        Text("运输方式", "modes of transport"), "UN/ECE Recommendation 19; table by this project", "2001"),
    "message_function": Spec(
        Text("报文功能", "functions of messages"),
        "UN/EDIFACT data element 1225, WCO Data Model functions of declarations, those in use here; table by this project", "2026"),
    "declaration_type": Spec(
        Text("申报类型", "types of declarations"),
        "WCO Data Model type codes as the Union Customs Code's Annex B spells them (1/1 and 1/2); table by this project", "2026"),
    "procedure": Spec(
        Text("监管方式与海关程序", "customs regimes and procedures"),
        "supervision modes of the General Administration of Customs of China (the commoner ones) and pairs of requested and previous "
        "procedure after the Union Customs Code's Annex B (1/10) where the two do not clash; table by this project", "2026"),
    "metric": Spec(Text("设备测点", "what devices measure"), "names of metrics as devices here state them; table by this project", "2026"),
}


def data(name: str) -> Traversable:
    """A file of the built data."""
    return files(__package__).joinpath("data", name)


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file of the built data."""
    return csv.DictReader(data(name).read_text(encoding="utf-8").splitlines())


@lru_cache(maxsize=1)
def catalogue() -> dict[str, CodeList]:
    """All lists by name."""
    counts = {row["list"]: int(row["count"]) for row in rows("counts.csv")}
    return {name: CodeList(name, s.title, s.source, s.edition, counts[name]) for name, s in SPECS.items()}
