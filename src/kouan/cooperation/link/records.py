"""What two platforms agree, what one gives, what the other is told, and the receipt (互联; HS/T 82 7.2.5 a) 2), 3))."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal

from kouan.base.reference.api import AnyRef, OrgRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text

reference_kind("agreement", Text("互联协定", "Link agreement"))
reference_kind("given", Text("互联发出件", "Given by link"))
reference_kind("copy", Text("互联副本", "Copy told by a partner"))
reference_kind("linkreceipt", Text("互联回执", "Link receipt"))
PARTNER = "partner"
"""The kind of organisation that another platform is here."""
Level = Literal["site", "port", "province", "centre"]
LEVELS: dict[str, Text] = {
    "site": Text("现场", "Site"),
    "port": Text("口岸", "Port"),
    "province": Text("省级", "Province"),
    "centre": Text("国家", "Centre"),
}
"""The levels of the platforms, the higher the later (7.2.5 a) 3))."""
Kind = Literal["customs", "border", "maritime", "transport", "portoffice", "terminal"]
READERS: dict[str, Text] = {
    "customs": Text("海关", "Customs"),
    "border": Text("边检机关", "Border inspection"),
    "maritime": Text("海事管理机构", "Maritime administration"),
    "transport": Text("交通运输主管部门", "Transport authority"),
    "portoffice": Text("口岸管理部门", "Port office"),
    "terminal": Text("码头经营人", "Terminal operator"),
}
AUTHORITIES = ("portoffice", "customs", "border", "maritime", "transport")
MOST_TYPES, MOST_FIELDS = 40, 80


class Narrowing(Part):
    """A filter: only what holds one of some values in a field is given."""

    name: str = field("字段", "Field", min_length=1, max_length=60, example="activity")
    values: tuple[str, ...] = field("取值", "Values", min_length=1, max_length=50, example=["discharge"])


class Given(Part):
    """A record type and the fields of it that one side gives the other; `where`: only what fits all of these."""

    record: str = field("记录类型", "Record type", min_length=1, max_length=120, example="base.movement.move")
    fields: tuple[str, ...] = field("字段", "Fields", min_length=1, max_length=MOST_FIELDS, example=["equipment", "activity", "at"])
    where: tuple[Narrowing, ...] = field("筛选条件", "Only where", default=(), max_length=8)


class Agreement(Record):
    """What this platform and another give each other, since when, until when, within what delay, and to what end.

    Each side files its own half in its own words; both are the same agreement when the terms are (`terms.py`). It is never
    changed: it is ended, and another one made.
    """

    facts: ClassVar[Facts] = Facts(
        name="cooperation.link.agreement",
        title=Text("互联协定", "Link agreement"),
        summary=Text(
            "与其他地区、层级平台互换数据的约定：种类、字段、时限与用途", "What is exchanged with a platform of another region or level, and how"
        ),
        clause="7.2.5 a) 2)",
        kind="filing",
        ref="agreement",
        key=("number",),
        parties=(Party.filer("giver"), Party.kind("portoffice")),
        filers=AUTHORITIES,
        retention=10,
        label="number",
        amendable=False,
    )
    number: str = field(
        "协定编号", "Number", filter=True, min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$", example="HL-2026-001"
    )
    partner: OrgRef = field("对方平台（简称）", "Partner platform (short name)", filter=True, example="org:port-b")
    partner_level: Level = field("对方层级", "Partner's level", filter=True, example="port", values=LEVELS)
    partner_key: str = field(
        "对方签名公钥", "Partner's public signing key", min_length=40, max_length=80,
        example="whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
    )  # fmt: skip
    address: str = field("对方平台地址", "Partner's address", max_length=240, example="https://port-b.example")
    own_name: str = field(
        "本平台在对方的简称", "Name by which the partner knows this platform", min_length=2, max_length=32,
        pattern=r"^[a-z][a-z0-9-]*$", example="port-a",
    )  # fmt: skip
    own_level: Level = field("本平台层级", "Own level", example="port", values=LEVELS)
    gives: tuple[Given, ...] = field(
        "提供的数据", "What is given", default=(), max_length=MOST_TYPES,
        example=[{"record": "base.movement.move", "fields": ["equipment", "activity", "at"]}],
    )  # fmt: skip
    takes: tuple[Given, ...] = field("接收的数据", "What is taken", default=(), max_length=MOST_TYPES)
    delay_seconds: int = field("约定时限", "Agreed delay", unit="s", ge=1, le=604_800, example=60)
    since: datetime = field("生效时间", "From", example="2026-11-01T00:00:00Z")
    until: datetime | None = field("截止时间", "Until", default=None)
    purpose: str = field("用途", "Purpose", min_length=1, max_length=400, example="Transit containers between the two ports")
    readers: tuple[Kind, ...] = field(
        "可查看收到数据的单位类别", "Kinds of organisation here that read what is taken", default=("portoffice", "customs"), max_length=6,
        values=READERS,
    )
    partner_signature: str | None = field("对方签名", "Partner's signature", read_only=True, default=None, max_length=200)


TOLD_OF = ("to", "agreement", "record", "origin", "origin_version", "what", "state", "at", "agreed_fields")


class GivenOut(Record):
    """What went out under an agreement: the content exactly as it is given, one version for each change of its origin.

    Its own version is what the outbox tells the partner, so that a partner gets the changes of a record in order.
    """

    facts: ClassVar[Facts] = Facts(
        name="cooperation.link.given",
        title=Text("互联发出件", "Given by link"),
        summary=Text("按互联协定提供给对方平台的数据，逐版留存", "What was given to a partner platform by agreement, version by version"),
        clause="7.2.5 a) 2)",
        kind="state",
        ref="given",
        key=("agreement", "origin"),
        parties=(
            Party.field("partner", "to"),
            Party.field("giver", "by"),
            Party.kind("portoffice", *TOLD_OF),
            Party.like("reader", "origin", *TOLD_OF),
        ),
        filers=("platform",),
        retention=10,
        label="origin",
        renews=True,
    )
    agreement: str = field("协定编号", "Agreement", filter=True, max_length=40)
    to: OrgRef = field("对方平台", "Partner platform", filter=True)
    by: OrgRef = field("提供单位", "Giving organisation", filter=True)
    record: str = field("记录类型", "Record type", filter=True, max_length=120)
    origin: AnyRef = field("原始记录", "Original record", filter=True)
    origin_version: int = field("原始版本", "Version of the original", ge=1)
    what: str = field("事件", "What happened", max_length=60)
    state: str = field("状态", "State", max_length=60)
    at: datetime = field("发生时间", "At", filter=True)
    agreed_fields: tuple[str, ...] = field("提供的字段", "Fields given", max_length=MOST_FIELDS)
    content: dict[str, Any] = field("内容", "Content", level=2)


class Copy(Record):
    """What a partner platform told of a record of its own, as it stands there, with how long it took to get here.

    `about` holds the references that mean the same at both ports, so that a trace of a container finds what B told of it.
    """

    facts: ClassVar[Facts] = Facts(
        name="cooperation.link.copy",
        title=Text("互联副本", "Copy told by a partner"),
        summary=Text("对方平台告知的数据，注明来源、版本、时延", "What a partner platform told, with its origin, version and delay"),
        clause="7.2.5 a) 2)",
        kind="report",
        ref="copy",
        key=("partner", "origin"),
        parties=(Party.field("entitled", "readers"),),
        filers=("platform",),
        retention=10,
        label="partner",
        renews=True,
    )
    partner: OrgRef = field("来源平台", "Told by", filter=True)
    agreement: str = field("协定编号", "Agreement", filter=True, max_length=40)
    record: str = field("记录类型", "Record type", filter=True, max_length=120)
    origin: str = field("原始记录", "Original record", filter=True, max_length=300)
    origin_version: int = field("原始版本", "Version of the original", ge=1)
    what: str = field("事件", "What happened", max_length=60)
    state: str = field("状态", "State there", filter=True, max_length=60)
    at: datetime = field("发生时间", "Happened at", filter=True)
    received_at: datetime = field("收到时间", "Received at")
    delay_seconds: float = field("时延", "Delay", unit="s", ge=0)
    agreed_seconds: int = field("约定时限", "Agreed delay", unit="s", ge=1)
    within: bool = field("在约定时限内", "Within the agreed delay", filter=True)
    about: tuple[AnyRef, ...] = field("关于", "About", filter=True, default=(), max_length=400)
    content: dict[str, Any] = field("内容", "Content", level=2)
    readers: tuple[OrgRef, ...] = field("可查看单位", "Readers", default=(), max_length=400)


class LinkReceipt(Record):
    """A signed receipt of one message: issued here for what a partner told, or had from a partner for what was given.

    `statement` is the text that was signed, to the letter; it names the message, the digest of its body and the moment.
    """

    facts: ClassVar[Facts] = Facts(
        name="cooperation.link.receipt",
        title=Text("互联回执", "Link receipt"),
        summary=Text("对方平台签名的收件回执，及本平台签发的回执", "Receipts signed by partner platforms, and those signed here"),
        clause="7.2.5 a) 2)",
        kind="state",
        ref="linkreceipt",
        key=("direction", "partner", "message"),
        parties=(Party.kind("portoffice"), Party.field("giver", "giver")),
        filers=("platform",),
        retention=10,
        label="number",
        amendable=False,
    )
    number: str = field("回执编号", "Number", filter=True, max_length=64)
    direction: Literal["issued", "had"] = field(
        "方向", "Direction", filter=True, values={"issued": Text("本平台签发", "Issued here"), "had": Text("对方签发", "Had from the partner")}
    )
    partner: OrgRef = field("对方平台", "Partner platform", filter=True)
    giver: OrgRef | None = field("提供单位", "Giving organisation", default=None)
    message: str = field("报文编号", "Message", filter=True, max_length=64)
    agreement: str = field("协定编号", "Agreement", filter=True, max_length=40)
    record: str = field("记录类型", "Record type", filter=True, max_length=120)
    origin: str = field("原始记录", "Original record", filter=True, max_length=300)
    origin_version: int = field("原始版本", "Version of the original", ge=1)
    outcome: Literal["kept", "superseded"] = field(
        "结果", "Outcome", filter=True, values={"kept": Text("已留存", "Kept"), "superseded": Text("已有更新版本", "A later version is kept")}
    )
    at: datetime = field("签收时间", "At", filter=True)
    statement: str = field("签名文本", "Signed text", max_length=2000)
    signature: str = field("签名", "Signature", max_length=200)


class Rekey(Record):
    """A key of a link that followed another: announced under the former, proved by itself, in use once it is confirmed.

    `ours`: this platform's own, as a partner acknowledged it. `theirs`: a partner's; both are accepted until the new one has signed
    something, which says that its owner knows of our receipt. From then on the former is refused.
    """

    facts: ClassVar[Facts] = Facts(
        name="cooperation.link.rekey",
        title=Text("互联密钥更换", "Key change of a link"),
        summary=Text("互联签名密钥的更换：旧钥公告、新钥自证、对方确认", "Keys of links that followed others: announced by the old, proved by the new"),
        clause="7.2.5 a) 2)",
        kind="state",
        ref="linkrekey",
        key=("direction", "partner", "successor"),
        parties=(Party.kind("portoffice"),),
        filers=("platform",),
        retention=10,
        label="successor",
        renews=True,
    )
    direction: Literal["ours", "theirs"] = field(
        "方向", "Direction", filter=True, values={"ours": Text("本平台密钥", "This platform's"), "theirs": Text("对方密钥", "The partner's")}
    )
    partner: OrgRef = field("对方平台", "Partner platform", filter=True)
    former: str = field("原公钥", "Former public key", filter=True, max_length=80)
    successor: str = field("新公钥", "New public key", filter=True, max_length=80)
    proof: str = field("新钥自证签名", "Proof by the new key", max_length=200)
    message: str = field("公告报文", "Announced by message", max_length=64)
    at: datetime = field("公告时间", "Announced at", filter=True)
    confirmed_at: datetime | None = field("生效时间", "In use since", default=None)


class Refusal(Record):
    """A signed message of a partner that was not taken, and why; content is not kept."""

    facts: ClassVar[Facts] = Facts(
        name="cooperation.link.refusal",
        title=Text("互联拒收", "Refused link message"),
        summary=Text("对方平台的报文未被接收的原因", "Messages of partner platforms that were not taken, and why"),
        clause="7.2.5 a) 2)",
        kind="state",
        ref="linkrefusal",
        key=("partner", "message"),
        parties=(Party.kind("portoffice"),),
        filers=("platform",),
        retention=3,
        label="message",
        renews=True,
    )
    partner: OrgRef = field("对方平台", "Partner platform", filter=True)
    message: str = field("报文编号", "Message", filter=True, max_length=64)
    code: str = field("原因代码", "Code", filter=True, max_length=80)
    field_name: str = field("字段", "Field", default="", max_length=200)
    reason_zh: str = field("原因（中文）", "Reason (Chinese)", max_length=1000)
    reason_en: str = field("原因（英文）", "Reason (English)", max_length=1000)
    at: datetime = field("时间", "At", filter=True)


reference_kind("linkrekey", Text("互联密钥更换", "Key change of a link"))
reference_kind("linkrefusal", Text("互联拒收", "Refused link message"))
