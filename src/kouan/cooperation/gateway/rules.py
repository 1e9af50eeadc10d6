"""What must hold before anything crosses: a usable agreement, a signature by the pinned key, a document that can be mapped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from kouan.base.exchange.api import address_of
from kouan.cooperation.gateway import envelopes, mapping
from kouan.cooperation.gateway.envelopes import Broken, Envelope, Payload
from kouan.cooperation.gateway.kinds import KINDS, LINES, SENT_FROM
from kouan.cooperation.gateway.records import FOUND, Dispatch, FieldMap, Message, Partner
from kouan.kernel.errors import Refused
from kouan.kernel.records import record_type
from kouan.kernel.references import kinds as reference_kinds
from kouan.kernel.rules import Found, Need, Rule, Severity, Unmet
from kouan.kernel.text import Text

PARTNER, MESSAGE, DISPATCH = (cls.facts.name for cls in (Partner, Message, Dispatch))
CLAUSE = "HS/T 82 7.2.5 a) 4)"
ARRIVED = ("certificate", "steps", "tries", "next_try")
LEFT = ("document", "mapped", "envelope", "reference", "reply", "steps", "tries", "next_try")


def partner_of(ref: str) -> Need:
    """The partner that a reference names."""
    return Need(PARTNER, key=ref.partition(":")[2])


def partner_in(record: Message | Dispatch, found: Found) -> tuple[Partner, str] | None:
    """The partner of a message or dispatch, and the state of its agreement."""
    kept = next(iter(found.of(partner_of(record.partner))), None)
    return (kept.data, kept.state) if kept is not None and isinstance(kept.data, Partner) else None


class _OfPartner(Rule):
    """Base of rules for partners."""

    abstract = True
    at = "filing"
    of = PARTNER
    clause = CLAUSE
    severity: ClassVar[Severity] = "refuse"
    owner = "portoffice"


class UsableKey(_OfPartner):
    """A key that cannot verify anything would let nothing pass, and nobody would see why."""

    code = "XB-KEY"
    title = Text("公钥可用", "The public key can be used")

    def judge(self, record: Partner, found: Found) -> Unmet | None:
        """Refuses what is no Ed25519 or P-256 key, an agreement that ends before it begins, and an address that is none."""
        if record.valid_until < record.valid_from:
            return Unmet(Text("协定到期早于生效", "The agreement ends before it begins"), "valid_until")
        try:
            envelopes.key_of(record.public_key)
        except Broken as broken:
            return Unmet(Text("公钥应为 PEM 格式的 Ed25519 或 P-256 公钥", f"The key is not usable: {broken}"), "public_key")
        try:
            if record.address:
                address_of(record.address, demo=True)
        except Refused as refused:
            return Unmet(refused.reason, "address")
        return None


class UsableMapping(_OfPartner):
    """What is received can become a certificate, what is sent exists and may leave."""

    code = "XB-TABLE"
    title = Text("映射表可用", "The mapping can be used")

    def judge(self, record: Partner, found: Found) -> Unmet | None:
        """Refuses the first row that leads nowhere, and a kind that is received without its number."""
        for at, row in enumerate(record.mapping):
            if reason := _wrong(row):
                return Unmet(reason, f"mapping.{at}.ours")
        numbered = {row.kind for row in record.mapping if row.way == "in" and row.ours == "number"}
        if without := [kind for kind in record.receives if kind not in numbered]:
            title = KINDS[without[0]]
            return Unmet(Text(f"接收的“{title.zh}”没有映射编号（number）", f"No field is mapped to the number of “{title.en}”"), "mapping")
        return None


def _wrong(row: FieldMap) -> Text | None:
    if row.way == "in":
        names = ", ".join(sorted(FOUND))
        known = row.ours in FOUND
        return None if known else Text(f"没有可填写的字段“{row.ours}”，可用：{names}", f"No field “{row.ours}” to fill in; there are: {names}")
    head, _, rest = row.ours.partition(".")
    types = SENT_FROM[row.kind]
    if head == "lines":
        types, head = tuple(LINES[name][0] for name in types if name in LINES), rest.partition(".")[0]
    facts = next((cls.fields[head] for cls in map(record_type, types) if head in cls.fields), None)
    if facts is None:
        return Text(f"这种单证没有字段“{row.ours}”", f"Such a document has no field “{row.ours}”")
    known_kinds = reference_kinds()
    if facts.level >= 3 or (facts.reference in known_kinds and known_kinds[facts.reference].personal):
        return Text(f"字段“{row.ours}”受限，不得出境", f"“{row.ours}” is restricted and does not leave the country")
    return None


class _OfMessage(Rule):
    """Base of rules for messages; each looks at them only where the one before it holds."""

    abstract = True
    at = "filing"
    of = MESSAGE
    clause = CLAUSE
    severity: ClassVar[Severity] = "refuse"
    owner = "@filer"

    def needs(self, record: Message, filer: str) -> Iterable[Need]:
        """The partner with its key and mapping, as they stand when the message is kept."""
        return (partner_of(record.partner),)


class AgreementHolds(_OfMessage):
    """Nothing comes in but from a partner under an agreement in force that names this kind of document."""

    code = "XB-AGREEMENT"
    title = Text("协定有效且包含此类单证", "An agreement in force covers it")

    def judge(self, record: Message, found: Found) -> Unmet | None:
        """Refuses an unknown partner, another agreement, one not in force, and a kind that it does not name."""
        return _uncovered(record, found, record.agreement, received=True)


class SignatureHolds(_OfMessage):
    """A changed byte fails: what is kept is what the partner signed, with the key that the agreement pins."""

    code = "XB-SIGNATURE"
    title = Text("签名由协定所定密钥作出", "Signed by the key of the agreement")

    def judge(self, record: Message, found: Found) -> Unmet | None:
        """Refuses an envelope that is none or not signed so, and fields that say other than the envelope."""
        partner = partner_in(record, found)
        if partner is None:
            return None
        try:
            envelope = envelopes.opened(record.envelope)
            if not envelopes.holds(envelope, envelopes.key_of(partner[0].public_key)):
                return Unmet(Text("签名核验不通过：内容被改动，或不是由协定所定密钥签名",
                                  "The signature does not hold: content was changed, or another key signed it"), "envelope")  # fmt: skip
            payload = envelopes.payload_of(envelope)
        except Broken as broken:
            return Unmet(Text("不是签名报文（RFC 7515 JWS，展开式 JSON）", f"No signed envelope: {broken}"), "envelope")
        return _untrue(record, envelope, payload)


class DocumentMaps(_OfMessage):
    """A document that cannot be said in our fields and codes would be kept and never used."""

    code = "XB-MAPPING"
    title = Text("可按协定映射", "It can be mapped by the agreement")

    def judge(self, record: Message, found: Found) -> Unmet | None:
        """Refuses the first field or code without a mapping; looks only at what is signed."""
        partner = partner_in(record, found)
        if partner is None or SignatureHolds().judge(record, found) is not None:
            return None
        payload = envelopes.payload_of(envelopes.opened(record.envelope))
        try:
            mapping.certificate_of(partner[0], payload, {"message": "check", "digest": record.digest, "presenter": found.filer})
        except mapping.Unmapped as unmapped:
            return Unmet(unmapped.reason, f"document.{unmapped.at}" if unmapped.at else "document")
        return None


class OnlyAsSigned(_OfMessage):
    """What became of a message is the platform's to say."""

    code = "XB-STATED"
    title = Text("过程由平台填写", "Only the platform says what became of it")

    def judge(self, record: Message, found: Found) -> Unmet | None:
        """Refuses steps and results that a filer states."""
        return _stated(record, ARRIVED)


def _untrue(record: Message, envelope: Envelope, payload: Payload) -> Unmet | None:
    told = {
        "partner": f"foreignpartner:{payload.sender}", "message_id": payload.id, "doc_kind": payload.kind,
        "agreement": payload.agreement, "issued_at": payload.issued_at, "key_id": envelope.key_id,
        "digest": envelopes.digest(record.envelope),
    }  # fmt: skip
    other = next((name for name, value in told.items() if getattr(record, name) != value), None)
    if other is None:
        return None
    return Unmet(Text(f"“{other}”与签名内容不符", f"“{other}” is not what was signed"), other)


def _stated(record: Message | Dispatch, names: Iterable[str]) -> Unmet | None:
    given = next((name for name in names if getattr(record, name)), None)
    return Unmet(Text("此项由平台填写，请留空", "The platform fills this in: leave it out"), given) if given else None


def _uncovered(record: Message | Dispatch, found: Found, agreement: str, *, received: bool) -> Unmet | None:
    known = partner_in(record, found)
    if known is None:
        return Unmet(Text("没有这个境外伙伴", "There is no such foreign partner"), "partner")
    partner, state = known
    today = found.at.astimezone(ZoneInfo(found.site.get("zone") or "Asia/Shanghai")).date()
    if state != "in_force" or not partner.valid_from <= today <= partner.valid_until:
        return Unmet(Text(f"与该伙伴的协定 {partner.agreement} 未生效、已中止或已到期", f"Agreement {partner.agreement} is not in force"), "agreement")
    if agreement != partner.agreement:
        return Unmet(Text(f"协定编号应为 {partner.agreement}", f"The agreement is {partner.agreement}"), "agreement")
    if record.doc_kind not in (partner.receives if received else partner.sends):
        title = KINDS[record.doc_kind]
        return Unmet(Text(f"协定不包括“{title.zh}”", f"The agreement does not cover “{title.en}”"), "doc_kind")
    return None


class MaySend(Rule):
    """Nothing goes out but under an agreement in force that names this kind of document."""

    code = "XB-SEND"
    at = "filing"
    of = DISPATCH
    title = Text("协定允许外发此类单证", "The agreement lets it be sent")
    clause = CLAUSE
    severity: ClassVar[Severity] = "refuse"
    owner = "@filer"

    def needs(self, record: Dispatch, filer: str) -> Iterable[Need]:
        """The partner as it stands."""
        return (partner_of(record.partner),)

    def judge(self, record: Dispatch, found: Found) -> Unmet | None:
        """Refuses what the agreement does not cover, a partner without address, and what only the platform states."""
        known = partner_in(record, found)
        wrong = _uncovered(record, found, known[0].agreement if known else "", received=False)
        if wrong is None and known and not known[0].address:
            wrong = Unmet(Text("该伙伴没有接口地址", "The partner has no address"), "partner")
        subject = record.subject.partition(":")[0]
        if wrong is None and subject not in {record_type(name).facts.ref for name in SENT_FROM[record.doc_kind]}:
            title = KINDS[record.doc_kind]
            wrong = Unmet(Text(f"“{title.zh}”不能由此类记录生成", f"“{title.en}” is not made of such a record"), "subject")
        return wrong or _stated(record, LEFT)


def current(partner: Partner, state: str, at: datetime, zone: str) -> bool:
    """Whether an agreement is in force at a moment, by the port's days."""
    return state == "in_force" and partner.valid_from <= at.astimezone(ZoneInfo(zone)).date() <= partner.valid_until
