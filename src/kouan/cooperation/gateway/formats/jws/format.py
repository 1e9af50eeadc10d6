"""What a foreign partner signed, handed in by whoever has it: the signature proves it, not the bearer."""

from __future__ import annotations

from typing import ClassVar

from kouan.cooperation.gateway import envelopes
from kouan.cooperation.gateway.envelopes import Broken
from kouan.cooperation.gateway.records import Message
from kouan.kernel.errors import Problem, Refused
from kouan.kernel.formats import Draft, Format, Reading, Submission
from kouan.kernel.text import Text


class Signed(Format):
    """One envelope is one message; the partner, its agreement and the signature are judged when it is filed."""

    code = "jws"
    title = Text("境外伙伴签名报文（JWS）", "Signed message of a foreign partner (JWS)")
    standard = "IETF RFC 7515 7.2.2, RFC 8037, RFC 7518"
    records: ClassVar[tuple[str, ...]] = (Message.facts.name,)
    media = "application/jose+json"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Refused when it is no envelope."""
        try:
            text = body.decode("utf-8")
            envelope = envelopes.opened(text)
            payload = envelopes.payload_of(envelope)
        except (Broken, UnicodeDecodeError) as broken:
            why = str(broken) if isinstance(broken, Broken) else "no UTF-8"
            reason = Text("不是签名报文（RFC 7515 JWS，展开式 JSON）", f"No signed envelope: {why}")
            raise Refused.of([Problem("jws.unreadable", "envelope", "RFC 7515", reason)]) from None
        data = {
            "partner": payload.sender, "message_id": payload.id, "doc_kind": payload.kind, "agreement": payload.agreement,
            "issued_at": payload.issued_at, "key_id": envelope.key_id, "digest": envelopes.digest(text), "envelope": text,
        }  # fmt: skip
        return Reading([Submission((Draft(Message.facts.name, data),))])
