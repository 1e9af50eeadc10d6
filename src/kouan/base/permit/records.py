"""Permits, what is written off them, and what their issuers say of them (许可证件; WCO LPCO; HS/T 82 7.2.1 a) 3), 9.1.6 a))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from kouan.base.reference.api import DeclarationRef, EnterpriseRef, OrgRef, PermitRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import tidy
from kouan.kernel.text import Text

ISSUERS = ("customs", "maritime", "transport", "portoffice", "border")
"""Kinds of organisations that may issue permits here."""
PLAIN = r"^[^\s|\\/\x00-\x1f\x7f]+$"
Verdict = Literal[
    "pending", "away", "valid", "unknown", "not_yet", "expired", "withdrawn", "holder", "goods", "unit", "exceeded", "returned"
]
VERDICTS: Mapping[str, Text] = {
    "pending": Text("等待核查", "To be verified"),
    "away": Text("核查服务无法连接", "The verifying service is away"),
    "valid": Text("核查通过", "Valid"),
    "unknown": Text("发证机关无此证件", "Unknown to its issuer"),
    "not_yet": Text("尚未生效", "Not valid yet"),
    "expired": Text("已过期", "Expired"),
    "withdrawn": Text("已中止或撤销", "Suspended or withdrawn"),
    "holder": Text("持证人不符", "Another holder's"),
    "goods": Text("商品不符", "Not for these goods"),
    "unit": Text("计量单位不符", "Another unit"),
    "exceeded": Text("余量不足", "Not enough left"),
    "returned": Text("已退回", "Given back"),
}


def _plain(value: object) -> object:
    return tidy(value) if isinstance(value, str) else value


Number = Annotated[str, BeforeValidator(_plain)]


class PermitGoods(Part):
    """Goods that a permit is for: all commodity codes that begin so."""

    hs: str = field("税则号列", "Commodity code", pattern=r"^[0-9]{2,13}$", example="8458", codes="hs")
    description: str = field("品名", "Description", default="", max_length=200)


class Permit(Record):
    """A licence, permit or certificate as its issuer states it; what is written off it is counted by the platform."""

    facts: ClassVar[Facts] = Facts(
        name="base.permit.permit",
        title=Text("许可证件", "Permit"),
        summary=Text(
            "许可证、准许证、证明书、原产地证，含数量、有效期与核销余额",
            "Licences, permits, certificates and proofs of origin, with quota, validity and what is left of them",
        ),
        clause="7.2.1 a) 3)",
        kind="filing",
        ref="permit",
        key=("kind", "number"),
        parties=(Party.filer("issuer"), Party.kind("customs"), Party.field("holder", "holder")),
        filers=ISSUERS,
        retention=10,
        label="number",
    )
    kind: Number = field("证件种类代码", "Kind (code)", filter=True, pattern=r"^[A-Z0-9]{1,4}$", example="7")
    number: Number = field("证件编号", "Number", filter=True, min_length=1, max_length=60, pattern=PLAIN, example="26-AA-000123")
    issuer: OrgRef = field("发证单位", "Issuer", filter=True, example="org:customs")
    issuer_name: str | None = field("发证机关名称", "Issuing authority", default=None, max_length=120)
    holder: EnterpriseRef = field("持证人", "Holder", filter=True, example="enterprise:TRADER")
    holder_name: str | None = field("持证人名称", "Holder's name", default=None, max_length=120)
    goods: tuple[PermitGoods, ...] = field("商品", "Goods", default=(), max_length=200)
    quota: Decimal | None = field(
        "许可数量", "Quota", default=None, ge=0, max_digits=20, decimal_places=6, example="1000"
    )
    unit: str | None = field("计量单位", "Unit", default=None, max_length=3, example="KGM", codes="unit")
    tolerance: float | None = field("溢装比例", "Tolerance", unit="%", default=None, ge=0, le=10)
    uses: int | None = field("可用次数", "Number of declarations", default=None, ge=1, le=999, example=12)
    valid_from: date = field("有效期起", "Valid from", example="2026-01-01")
    valid_until: date = field("有效期止", "Valid until", filter=True, example="2027-12-31")
    origin: str | None = field("原产国", "Country of origin", default=None, max_length=4, codes="country")
    criterion: str | None = field("原产地标准", "Origin criterion", default=None, max_length=20)
    exporter: str | None = field("出口商", "Exporter", default=None, max_length=120)
    drawn: Decimal | None = field("已核销数量", "Written off", default=None, max_digits=26, decimal_places=6)
    used: int | None = field("已用次数", "Declarations so far", default=None)


class WriteOff(Record):
    """A quantity drawn from a permit by a line of a declaration, or given back when that is withdrawn."""

    facts: ClassVar[Facts] = Facts(
        name="base.permit.writeoff",
        title=Text("核销记录", "Write-off"),
        summary=Text("报关单逐项核销许可证件数量及退回", "Quantities drawn from permits by lines of declarations, and given back"),
        clause="7.2.1 a) 3)",
        kind="report",
        ref="writeoff",
        key=("number",),
        parties=(
            Party.filer("keeper"),
            Party.kind("customs"),
            Party.field("issuer", "issuer"),
            Party.field("holder", "holder"),
            Party.field("declarant", "declarant"),
        ),
        filers=("platform",),
        retention=10,
        label="number",
        amendable=False,
    )
    number: str = field("核销编号", "Write-off number", filter=True, max_length=80)
    permit: PermitRef = field("许可证件", "Permit", filter=True, max_length=120)
    declaration: DeclarationRef = field("报关单", "Declaration", filter=True)
    line: int = field("项号", "Line")
    quantity: Decimal = field("数量（退回为负）", "Quantity (negative: given back)", max_digits=26, decimal_places=6)
    unit: str | None = field("计量单位", "Unit", default=None, max_length=3, codes="unit")
    drawn: Decimal | None = field("累计核销", "Written off in all", default=None, max_digits=26, decimal_places=6)
    remaining: Decimal | None = field("余量", "Left", default=None, max_digits=26, decimal_places=6)
    source: str = field("核销方", "Kept by", max_length=120)
    at: datetime = field("时间", "At", filter=True)
    issuer: OrgRef | None = field("发证单位", "Issuer", default=None)
    holder: EnterpriseRef | None = field("持证人", "Holder", default=None)
    declarant: OrgRef = field("申报单位", "Declarant")


class Certificate(Record):
    """What was found when a certificate that a declaration cites was verified online, by whom, and when."""

    facts: ClassVar[Facts] = Facts(
        name="base.permit.certificate",
        title=Text("证件联网核查", "Online verification of a certificate"),
        summary=Text(
            "凭证件编号向发证机关联网核查的结果，不再提交纸质证件",
            "What the issuer answered about a certificate cited by its number, so that no paper is asked for",
        ),
        clause="9.1.6 a)",
        kind="state",
        ref="certificate",
        key=("declaration", "line", "permit", "quantity"),
        parties=(Party.filer("keeper"), Party.kind("customs"), Party.field("declarant", "declarant")),
        filers=("platform",),
        retention=10,
        label="permit",
        amendable=False,
    )
    declaration: DeclarationRef = field("报关单", "Declaration", filter=True)
    line: int = field("项号", "Line")
    permit: PermitRef = field("证件", "Certificate", filter=True, max_length=120)
    quantity: Decimal | None = field("数量", "Quantity", default=None, max_digits=20, decimal_places=6)
    unit: str | None = field("计量单位", "Unit", default=None, max_length=3, codes="unit")
    declarant: OrgRef = field("申报单位", "Declarant")
    verdict: Verdict = field("核查结论", "Verdict", filter=True, default="pending", values=VERDICTS)
    reason_zh: str | None = field("说明（中文）", "Reason (Chinese)", default=None, max_length=400)
    reason_en: str | None = field("说明（英文）", "Reason (English)", default=None, max_length=400)
    source: str | None = field("核查来源", "Verified by", default=None, max_length=120)
    verified_at: datetime | None = field("核查时间", "Verified at", default=None)
    issuer_name: str | None = field("发证机关", "Issuing authority", default=None, max_length=120)
    valid_until: date | None = field("有效期止", "Valid until", default=None)
    write_off: str | None = field("核销编号", "Write-off number", default=None, max_length=80)
    remaining: Decimal | None = field("余量", "Left", default=None, max_digits=26, decimal_places=6)
    tries: int = field("核查次数", "Tries", default=0)
    next_try: datetime | None = field("下次核查", "Next try", default=None)


class Verifier(Record):
    """An issuing authority's service that answers for certificates of some kinds, and writes quantities off them."""

    facts: ClassVar[Facts] = Facts(
        name="base.permit.verifier",
        title=Text("证件核查服务", "Verifying service"),
        summary=Text("各类证件由哪家发证机关的联网服务核查", "Which issuing authority's service verifies which kinds of certificates"),
        clause="9.1.6 a)",
        kind="state",
        ref="verifier",
        key=("number",),
        parties=(Party.filer("keeper"), Party.kind("customs"), Party.kind("portoffice")),
        filers=("portoffice",),
        retention=10,
        label="number",
    )
    number: str = field("服务代码", "Service code", filter=True, min_length=1, max_length=40, example="commerce-verify")
    title_zh: str = field("机关名称（中文）", "Authority (Chinese)", min_length=1, max_length=60, example="商务主管部门（示例）")
    title_en: str = field("机关名称（英文）", "Authority (English)", min_length=1, max_length=60, example="Commerce authority (example)")
    kinds: tuple[str, ...] = field("证件种类代码", "Kinds (codes)", min_length=1, max_length=50, example=["1", "4", "7"])
    address: str = field(
        "服务地址", "Address of the service", max_length=300, pattern=r"^https?://[!-~]+$", example="https://verify.example/lpco"
    )
