"""Partners abroad, what they sent signed, the certificates made of it, what was sent to them (HS/T 82 7.2.1 e), 7.2.5 a) 4))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, TypeAlias

from kouan.base.reference.api import AnyRef, BillRef, ContainerRef, DeclarationRef, EnterpriseRef, OrgRef, PermitRef
from kouan.cooperation.gateway.kinds import KINDS, DocKind
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import Reference, reference_kind
from kouan.kernel.text import Text

reference_kind("foreignpartner", Text("境外伙伴", "Foreign partner"))
reference_kind("foreignmessage", Text("境外来文", "Foreign message"), trail=True)
reference_kind("foreigncertificate", Text("境外证书", "Foreign certificate"), trail=True)
reference_kind("foreigndispatch", Text("跨境外发", "Dispatch abroad"), trail=True)
PartnerRef: TypeAlias = Annotated[str, Reference("foreignpartner")]
MessageRef: TypeAlias = Annotated[str, Reference("foreignmessage")]
CertificateRef: TypeAlias = Annotated[str, Reference("foreigncertificate")]

FIRMS = ("trader", "agent", "carrier")
KEEPERS = ("customs", "portoffice")
LONGEST = 262_144
PATH = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"
Way = Literal["in", "out"]
WAYS = {"in": Text("来文", "Received"), "out": Text("外发", "Sent")}
ROLES: Mapping[str, Text] = {
    "window": Text("国际贸易单一窗口", "International trade single window"), "customs": Text("海关", "Customs"),
    "authority": Text("签证机构", "Issuing authority"), "carrier": Text("国际承运人", "International carrier"),
}  # fmt: skip
Hop = Literal["signature", "agreement", "mapping", "keeping", "link", "signing", "sending", "acknowledgement"]
HOPS: Mapping[str, Text] = {
    "signature": Text("验签", "Signature verified"), "agreement": Text("协定核对", "Agreement checked"),
    "mapping": Text("代码映射", "Mapping"), "keeping": Text("入库", "Kept"), "link": Text("关联报关单", "Linked to its declaration"),
    "signing": Text("签名", "Signed"), "sending": Text("发送", "Sent"), "acknowledgement": Text("回执", "Acknowledgement"),
}  # fmt: skip


class FieldMap(Part):
    """Where a field of theirs stands in ours. Theirs is a path into their document (`goods.hs`)."""

    way: Way = field("方向", "Direction", values=WAYS, example="in")
    kind: DocKind = field("单证种类", "Kind", values=KINDS, example="origin")
    theirs: str = field("对方字段", "Their field", pattern=PATH, max_length=120, example="certificateNo")
    ours: str = field("本方字段", "Our field", pattern=PATH, max_length=120, example="number")
    required: bool = field("必填", "Required", default=False)


class CodeMap(Part):
    """A code of theirs in one of their fields, and ours for it."""

    at: str = field("对方字段", "Their field", pattern=PATH, max_length=120, example="originCountry")
    theirs: str = field("对方代码", "Their code", min_length=1, max_length=60, example="KOR")
    ours: str = field("本方代码", "Our code", min_length=1, max_length=60, example="KR")


class Partner(Record):
    """A foreign single window, customs or firm with which documents are exchanged under an agreement, and its public key."""

    facts: ClassVar[Facts] = Facts(
        name="cooperation.gateway.partner",
        title=Text("境外伙伴", "Foreign partner"),
        summary=Text("境外单一窗口、海关和承运人及其协定、公钥和代码映射", "Foreign single windows, customs and carriers: agreement, public key, mapping"),
        clause="7.2.5 a) 4)",
        kind="state",
        ref="foreignpartner",
        key=("code",),
        parties=(
            Party.filer("keeper"), Party.kind("customs"), Party.kind("portoffice"),
            Party.everyone("code", "name_zh", "name_en", "role", "country", "receives", "sends", "valid_from", "valid_until", "simulated"),
        ),
        filers=KEEPERS,
        retention=30,
        label="name_zh",
    )  # fmt: skip
    code: str = field("代码", "Code", filter=True, pattern=r"^[A-Z0-9][A-Z0-9-]*$", max_length=40, example="XS-NSW")
    name_zh: str = field("中文名称", "Name in Chinese", min_length=1, max_length=120, example="某国单一窗口（模拟）")
    name_en: str = field("英文名称", "Name in English", min_length=1, max_length=120, example="Single window of X (simulated)")
    role: Literal["window", "customs", "authority", "carrier"] = field("身份", "Role", filter=True, values=ROLES, example="window")
    country: str = field("国家（地区）", "Country", filter=True, pattern=r"^[A-Z]{2}$", example="XS")
    agreement: str = field("协定编号", "Agreement", min_length=1, max_length=60, example="SIM-MOU-2026-01")
    receives: tuple[DocKind, ...] = field("协定接收", "Received under it", default=(), max_length=20, values=KINDS, example=["origin"])
    sends: tuple[DocKind, ...] = field("协定发送", "Sent under it", default=(), max_length=20, values=KINDS, example=["origin"])
    valid_from: date = field("协定生效", "In force from", example="2026-01-01")
    valid_until: date = field("协定到期", "In force until", example="2030-12-31")
    key_id: str = field("密钥标识", "Key", min_length=1, max_length=80, example="2026-1")
    public_key: str = field("公钥（PEM，Ed25519 或 P-256）", "Public key (PEM, Ed25519 or P-256)", min_length=40, max_length=2000,
                            example="MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=")  # fmt: skip
    address: str | None = field("对方接口地址", "Address of its door", default=None, max_length=300, example="https://window.example/kouan")
    mapping: tuple[FieldMap, ...] = field("字段映射", "Field mapping", default=(), max_length=500)
    codes: tuple[CodeMap, ...] = field("代码映射", "Code mapping", default=(), max_length=5000)
    simulated: bool = field("模拟数据", "Simulated", filter=True, default=False)


class Step(Part):
    """One step of a document across the border, as it went. Times are UTC."""

    what: Hop = field("环节", "Step", values=HOPS)
    ok: bool = field("成功", "Done")
    at: datetime = field("时间", "At")
    zh: str = field("说明（中文）", "Said (Chinese)", max_length=600)
    en: str = field("说明（英文）", "Said (English)", max_length=600)


OPEN = ("partner", "message_id", "doc_kind", "agreement", "issued_at", "digest", "certificate", "steps")


class Message(Record):
    """A signed message of a foreign partner, kept as it came. It is kept only where signature, agreement and mapping hold."""

    facts: ClassVar[Facts] = Facts(
        name="cooperation.gateway.message",
        title=Text("境外来文", "Foreign message"),
        summary=Text("境外伙伴签名的来文原件，及其验签、映射、入库和回执的全过程", "Signed messages of foreign partners as they came, and each step that followed"),
        clause="7.2.5 a) 4)",
        kind="filing",
        ref="foreignmessage",
        key=("partner", "message_id"),
        parties=(Party.filer("presenter"), Party.kind("customs"), Party.kind("portoffice", *OPEN)),
        filers=(*KEEPERS, *FIRMS),
        retention=10,
        label="message_id",
        amendable=False,
    )
    partner: PartnerRef = field("境外伙伴", "Foreign partner", filter=True, max_length=60)
    message_id: str = field("来文编号", "Message", filter=True, min_length=1, max_length=80, pattern=r"^[^\s|\\/\x00-\x1f\x7f]+$")
    doc_kind: DocKind = field("单证种类", "Kind", filter=True, values=KINDS)
    agreement: str = field("协定编号", "Agreement", max_length=60)
    issued_at: datetime = field("签发时间", "Issued at", filter=True)
    key_id: str = field("密钥标识", "Key", max_length=80)
    digest: str = field("原件摘要（SHA-256）", "Digest of the original (SHA-256)", filter=True, pattern=r"^[0-9a-f]{64}$",
                        example="0" * 64)  # fmt: skip
    envelope: str = field("签名原件（JWS）", "Signed original (JWS)", level=2, min_length=1, max_length=LONGEST)
    certificate: CertificateRef | None = field("形成的证书", "Certificate made of it", default=None, max_length=160, read_only=True)
    steps: tuple[Step, ...] = field("过程", "Steps", default=(), max_length=100, read_only=True)
    tries: int = field("回执发送次数", "Tries of the acknowledgement", default=0, read_only=True)
    next_try: datetime | None = field("下次发送", "Next try", default=None, read_only=True)


class Mapped(Part):
    """One value on its way from their document into ours."""

    theirs: str = field("对方字段", "Their field", max_length=120)
    said: str = field("对方值", "Their value", max_length=400)
    ours: str = field("本方字段", "Our field", max_length=120)
    kept: str = field("本方值", "Our value", max_length=400)


STATUSES = {
    "valid": Text("有效", "Valid"), "suspended": Text("中止", "Suspended"), "withdrawn": Text("撤销", "Withdrawn"),
}  # fmt: skip


SHARED = (
    "partner", "doc_kind", "number", "agreement", "status", "as_of", "digest", "holder", "holder_name", "exporter", "issuer", "issued_on",
    "valid_from", "valid_until", "origin", "hs", "description", "quantity", "unit", "aeo_code", "result", "permit", "transport_document",
    "containers", "simulated",
)
"""What each of several declarants sees: the certificate, not the others' declarations, nor the original's fields."""
FIRST = (*SHARED, "message", "presenter", "declaration", "declarant", "mapped")
"""What firms see who brought it, hold it, or cited it first: not who else cites it."""


class Certificate(Record):
    """A foreign certificate or document as its partner vouches for it, in our fields and codes; a newer message renews it."""

    facts: ClassVar[Facts] = Facts(
        name="cooperation.gateway.certificate",
        title=Text("境外证书", "Foreign certificate"),
        summary=Text(
            "经验签的境外 AEO、原产地证、检验检疫证书和国际运输单证，关联到报关单",
            "Foreign AEO, origin, inspection and transport documents with verified signature, linked to their declarations",
        ),
        clause="7.2.1 e)",
        kind="state",
        ref="foreigncertificate",
        key=("partner", "doc_kind", "number"),
        parties=(
            Party.filer("keeper"), Party.kind("customs"), Party.field("presenter", "presenter", *FIRST),
            Party.field("holder", "holder", *FIRST), Party.field("declarant", "declarant", *FIRST),
            Party.field("declarants", "declarants", *SHARED),
        ),
        filers=("platform",),
        retention=10,
        label="number",
        renews=True,
    )  # fmt: skip
    partner: PartnerRef = field("境外伙伴", "Foreign partner", filter=True, max_length=60)
    doc_kind: DocKind = field("单证种类", "Kind", filter=True, values=KINDS)
    number: str = field("证书编号", "Number", filter=True, min_length=1, max_length=60, pattern=r"^[^\s|\\/\x00-\x1f\x7f]+$")
    agreement: str = field("协定编号", "Agreement", max_length=60)
    status: Literal["valid", "suspended", "withdrawn"] = field("效力", "Validity", filter=True, default="valid", values=STATUSES)
    message: MessageRef = field("来文", "Message", filter=True, max_length=160)
    as_of: datetime = field("签发时间", "Issued at")
    digest: str = field("原件摘要（SHA-256）", "Digest of the original (SHA-256)", max_length=64)
    presenter: OrgRef = field("提交单位", "Presented by")
    holder: EnterpriseRef | None = field("持证企业", "Holder (credit code)", filter=True, default=None)
    holder_name: str | None = field("持证人名称", "Holder's name", default=None, max_length=200)
    exporter: str | None = field("出口商", "Exporter", default=None, max_length=200)
    issuer: str | None = field("签发机构", "Issued by", default=None, max_length=200)
    issued_on: date | None = field("签发日期", "Issued on", default=None)
    valid_from: date | None = field("有效期起", "Valid from", default=None)
    valid_until: date | None = field("有效期止", "Valid until", filter=True, default=None)
    origin: str | None = field("原产国", "Country of origin", filter=True, default=None, max_length=4, codes="country")
    hs: tuple[str, ...] = field("税则号列", "Commodity codes", default=(), max_length=500)
    description: str | None = field("品名", "Description", default=None, max_length=2000)
    quantity: Decimal | None = field("数量", "Quantity", default=None, ge=0, max_digits=20, decimal_places=6)
    unit: str | None = field("计量单位", "Unit", default=None, max_length=3, codes="unit")
    aeo_code: str | None = field("AEO 编码", "AEO code", filter=True, default=None, max_length=40)
    result: str | None = field("检验检疫结论", "Result of inspection", default=None, max_length=400)
    permit: PermitRef | None = field("监管证件", "Permit cited", filter=True, default=None, max_length=120)
    transport_document: BillRef | None = field("提运单", "Transport document", filter=True, default=None, max_length=120)
    containers: tuple[ContainerRef, ...] = field("集装箱", "Containers", default=(), max_length=999)
    declaration: DeclarationRef | None = field("报关单", "Declaration", filter=True, default=None, max_length=160)
    declarant: OrgRef | None = field("申报单位", "Declarant", default=None)
    declarations: tuple[DeclarationRef, ...] = field("引用此证的报关单", "All declarations that cite it", filter=True, default=(), max_length=200)
    declarants: tuple[OrgRef, ...] = field("引用此证的申报单位", "Their declarants", default=(), max_length=200)
    mapped: tuple[Mapped, ...] = field("映射记录", "How it was mapped", default=(), max_length=600)
    simulated: bool = field("模拟数据", "Simulated", filter=True, default=False)


FOUND = frozenset({
    "number", "status", "holder", "holder_name", "exporter", "issuer", "issued_on", "valid_from", "valid_until", "origin", "hs",
    "description", "quantity", "unit", "aeo_code", "result", "transport_document", "containers", "declaration", "declarations",
    "permit_kind",
})  # fmt: skip
"""What a partner's document may fill in; `permit_kind` says under which kind of permit declarations cite it."""


class Dispatch(Record):
    """A document that is sent abroad: mapped by the partner's agreement, signed, handed over and acknowledged."""

    facts: ClassVar[Facts] = Facts(
        name="cooperation.gateway.dispatch",
        title=Text("跨境外发", "Dispatch abroad"),
        summary=Text("按协定向境外伙伴发送证书、货物清单和舱单", "Certificates, cargo lists and manifests sent to foreign partners under their agreements"),
        clause="7.2.5 a) 4)",
        kind="filing",
        ref="foreigndispatch",
        key=("@filer", "number"),
        parties=(
            Party.filer("sender"), Party.kind("customs"),
            Party.kind("portoffice", "number", "partner", "doc_kind", "steps", "reference", "tries"),
        ),
        filers=(*KEEPERS, *FIRMS),
        retention=10,
        label="number",
        amendable=False,
    )  # fmt: skip
    number: str = field("外发编号", "Number", filter=True, min_length=1, max_length=60, pattern=r"^[^\s|\\/\x00-\x1f\x7f]+$",
                        example="OUT-2026-0001")  # fmt: skip
    partner: PartnerRef = field("境外伙伴", "Foreign partner", filter=True, max_length=60, example="foreignpartner:XS-NSW")
    doc_kind: DocKind = field("单证种类", "Kind", filter=True, values=KINDS, example="origin")
    subject: AnyRef = field("单证", "Document", filter=True, max_length=200, example="permit:Y/26-CO-000123")
    document: str | None = field("映射后的单证", "Document as mapped", level=2, default=None, max_length=LONGEST, read_only=True)
    mapped: tuple[Mapped, ...] = field("映射记录", "How it was mapped", default=(), max_length=600, read_only=True)
    envelope: str | None = field("签名原件（JWS）", "Signed original (JWS)", level=2, default=None, max_length=2 * LONGEST, read_only=True)
    reference: str | None = field("对方编号", "Their reference", default=None, max_length=120, read_only=True)
    reply: str | None = field("对方签名回执（JWS）", "Their signed acknowledgement (JWS)", default=None, max_length=LONGEST, read_only=True)
    steps: tuple[Step, ...] = field("过程", "Steps", default=(), max_length=100, read_only=True)
    tries: int = field("发送次数", "Tries", default=0, read_only=True)
    next_try: datetime | None = field("下次发送", "Next try", default=None, read_only=True)
