"""A foreign single window (simulated): signs what it sends, verifies what comes, and acknowledges it signed.

Envelopes are JSON Web Signatures in flattened JSON (RFC 7515), Ed25519 (RFC 8037). POST /messages takes an envelope and
answers a signed acknowledgement; POST /acknowledgements takes one. It knows the port by the key that was told to it.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from kouan_sim.httpd import Reply, Request, Server

KEY_ID = "sim-1"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(slots=True)
class Window:
    """One window. `came`: what it took and acknowledged, `told`: acknowledgements that reached it, `wrong`: what it refused."""

    code: str
    agreement: str = "SIM-MOU-1"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    port_key: Ed25519PublicKey | None = None
    came: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    server: Server = field(init=False)
    _count: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.server = Server(self.handle)

    @property
    def public_key(self) -> str:
        """Its public key as PEM, as it is told with the agreement."""
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def trust(self, pem: str) -> None:
        """Pin the port's key."""
        found = load_pem_public_key(pem.encode())
        if not isinstance(found, Ed25519PublicKey):
            raise TypeError("an Ed25519 key is wanted")
        self.port_key = found

    def signed(self, content: Mapping[str, Any]) -> bytes:
        """An envelope around some content."""
        head = _text(orjson.dumps({"alg": "EdDSA", "kid": KEY_ID}))
        body = _text(orjson.dumps(content))
        mark = _text(self.key.sign(f"{head}.{body}".encode()))
        return orjson.dumps({"protected": head, "payload": body, "signature": mark})

    def message(self, number: str, kind: str, document: Mapping[str, Any], **other: Any) -> bytes:
        """A signed message to the port about a document in this window's own fields."""
        content = {
            "id": number, "from": self.code, "to": "CNWHH", "agreement": self.agreement, "kind": kind,
            "issued_at": datetime.now(UTC).isoformat(), "document": dict(document), **other,
        }  # fmt: skip
        return self.signed(content)

    async def handle(self, request: Request) -> Reply:
        """Take a message or an acknowledgement."""
        content = self._verified(request.body)
        if content is None:
            self.wrong.append("signature")
            return Reply(401, {"problem": "no valid signature of the port"})
        if (request.method, request.path) == ("POST", "/acknowledgements"):
            self.told.append(content)
            return Reply(202, {"simulated": True})
        if (request.method, request.path) != ("POST", "/messages"):
            return Reply(404, {"problem": "no such door"})
        number = str(content["id"])
        reference = self.came.setdefault(number, {**content, "reference": f"{self.code}-{next(self._count):06}"})["reference"]
        covered = content.get("agreement") == self.agreement
        said = {
            "of": number, "status": "accepted" if covered else "refused", "reference": reference, "simulated": True,
            "digest": hashlib.sha256(request.body).hexdigest(), "at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        return Reply(202, orjson.loads(self.signed(said)))

    def _verified(self, body: bytes) -> dict[str, Any] | None:
        try:
            parts = orjson.loads(body)
            signed = f"{parts['protected']}.{parts['payload']}".encode()
            if self.port_key is None or orjson.loads(_bytes(parts["protected"]))["alg"] != "EdDSA":
                return None
            self.port_key.verify(_bytes(parts["signature"]), signed)
            content: dict[str, Any] = orjson.loads(_bytes(parts["payload"]))
        except (ValueError, KeyError, TypeError, InvalidSignature):
            return None
        return content


def agreed(window: Window, **other: Any) -> dict[str, Any]:
    """The partner record that a port keeps of a window: key, mapping and codes of certificates of origin both ways."""
    come = {
        "certificateNo": "number", "consigneeCode": "holder", "exporterName": "exporter", "issuingBody": "issuer",
        "dates.issued": "issued_on", "dates.until": "valid_until", "originCountry": "origin", "goods.hsCode": "hs",
        "goods.text": "description", "formType": "permit_kind",
    }  # fmt: skip
    gone = {"number": "certificateNo", "issuer_name": "issuingBody", "origin": "originCountry", "valid_until": "dates.until",
            "goods.hs": "goods.hsCode"}  # fmt: skip
    return {
        "code": window.code, "name_zh": "模拟境外单一窗口", "name_en": "SIM foreign single window", "role": "window", "country": "XS",
        "agreement": window.agreement, "receives": ["origin", "aeo", "inspection", "transport"], "sends": ["origin", "manifest", "export"],
        "valid_from": "2026-01-01", "valid_until": "2090-12-31", "key_id": KEY_ID, "public_key": window.public_key,
        "address": window.server.url, "simulated": True,
        "mapping": [
            *({"way": "in", "kind": "origin", "theirs": at, "ours": ours, "required": ours == "number"} for at, ours in come.items()),
            {"way": "in", "kind": "aeo", "theirs": "operatorNo", "ours": "number", "required": True},
            {"way": "in", "kind": "aeo", "theirs": "operatorNo", "ours": "aeo_code"},
            {"way": "in", "kind": "aeo", "theirs": "operatorName", "ours": "holder_name"},
            {"way": "in", "kind": "inspection", "theirs": "reportNo", "ours": "number", "required": True},
            {"way": "in", "kind": "inspection", "theirs": "finding", "ours": "result"},
            {"way": "in", "kind": "transport", "theirs": "documentNo", "ours": "number", "required": True},
            {"way": "in", "kind": "transport", "theirs": "documentNo", "ours": "transport_document"},
            {"way": "in", "kind": "transport", "theirs": "equipment", "ours": "containers"},
            *({"way": "out", "kind": "origin", "theirs": theirs, "ours": ours} for ours, theirs in gone.items()),
            {"way": "out", "kind": "export", "theirs": "declarationNo", "ours": "functional_reference", "required": True},
            {"way": "out", "kind": "export", "theirs": "importCountry", "ours": "destination", "required": True},
            {"way": "out", "kind": "export", "theirs": "goods.hsCode", "ours": "items.hs"},
            {"way": "out", "kind": "export", "theirs": "goods.origin", "ours": "items.origin"},
            {"way": "out", "kind": "manifest", "theirs": "listNo", "ours": "number", "required": True},
            {"way": "out", "kind": "manifest", "theirs": "bills.no", "ours": "lines.bill"},
            {"way": "out", "kind": "manifest", "theirs": "bills.equipment", "ours": "lines.containers"},
            {"way": "out", "kind": "manifest", "theirs": "bills.mass", "ours": "lines.gross_kg"},
        ],
        "codes": [
            {"at": "originCountry", "theirs": "KOR", "ours": "KR"}, {"at": "originCountry", "theirs": "DEU", "ours": "DE"},
            {"at": "importCountry", "theirs": "XSS", "ours": "XS"}, {"at": "goods.origin", "theirs": "CHN", "ours": "CN"},
            {"at": "originCountry", "theirs": "CHN", "ours": "CN"}, {"at": "formType", "theirs": "CO", "ours": "Y"},
        ],
        **other,
    }  # fmt: skip
