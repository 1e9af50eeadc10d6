"""Signed envelopes: JSON Web Signatures in their flattened JSON form (RFC 7515 7.2.2), Ed25519 (RFC 8037) or P-256 (RFC 7518).

What is signed is `{protected}.{payload}` as it came, so that a changed byte of either fails. The algorithm is that of the
key which the agreement pins, never what the message asks for; `crit`, `b64` and keys inside a header are not taken.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from pydantic import AwareDatetime, ConfigDict, Field, ValidationError

from kouan.cooperation.gateway.kinds import DocKind
from kouan.kernel.dated import Dated

LONGEST = 262_144
HEADERS = frozenset({"alg", "kid", "typ", "cty"})
PublicKey = Ed25519PublicKey | EllipticCurvePublicKey
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")


class Broken(Exception):
    """The bytes are no envelope; the message says why, in English."""


class Payload(Dated):
    """What an envelope holds: who tells whom under which agreement, and the document in the sender's own fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(min_length=1, max_length=80, pattern=r"^[^\s|\\/\x00-\x1f\x7f]+$")
    sender: str = Field(alias="from", min_length=1, max_length=40, pattern=r"^[A-Z0-9][A-Z0-9-]*$")
    to: str = Field(min_length=1, max_length=60)
    agreement: str = Field(min_length=1, max_length=60)
    kind: DocKind
    issued_at: AwareDatetime
    document: dict[str, Any] = Field(max_length=2000)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed envelope in its parts. `signed`: the bytes that the signature is over."""

    header: Mapping[str, Any]
    content: bytes
    signed: bytes
    signature: bytes

    @property
    def key_id(self) -> str:
        """Which of its keys the signer says it used."""
        return str(self.header.get("kid", ""))


def digest(text: str) -> str:
    """SHA-256 of an envelope as it came, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def opened(text: str) -> Envelope:
    """The parts of an envelope, nothing verified. Raises Broken."""
    if len(text) > LONGEST:
        raise Broken("longer than 256 KiB")
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Broken("no JSON") from None
    if not isinstance(found, dict) or set(found) != {"protected", "payload", "signature"}:
        raise Broken("not `protected`, `payload` and `signature` alone (RFC 7515 7.2.2)")
    if not all(isinstance(part, str) for part in found.values()):
        raise Broken("a part is no text")
    try:
        header = orjson.loads(_decoded(found["protected"]))
    except orjson.JSONDecodeError:
        raise Broken("the protected header is no JSON") from None
    if not isinstance(header, dict) or not set(header) <= HEADERS or not isinstance(header.get("alg"), str):
        raise Broken("the protected header states more than alg, kid, typ, cty, or no alg")
    signed = f"{found['protected']}.{found['payload']}".encode()
    return Envelope(header, _decoded(found["payload"]), signed, _decoded(found["signature"]))


def payload_of(envelope: Envelope) -> Payload:
    """What an envelope says. Raises Broken."""
    try:
        return Payload.model_validate_json(envelope.content)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        raise Broken(f"payload {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None


def holds(envelope: Envelope, key: PublicKey) -> bool:
    """Whether the owner of a key signed exactly this."""
    try:
        if isinstance(key, Ed25519PublicKey):
            if envelope.header["alg"] not in ("EdDSA", "Ed25519"):
                return False
            key.verify(envelope.signature, envelope.signed)
            return True
        if envelope.header["alg"] != "ES256" or len(envelope.signature) != 64:
            return False
        r, s = (int.from_bytes(part, "big") for part in (envelope.signature[:32], envelope.signature[32:]))
        key.verify(encode_dss_signature(r, s), envelope.signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def key_of(pem: str) -> PublicKey:
    """A public key out of its PEM text, line breaks kept or lost. Raises Broken for all but Ed25519 and P-256."""
    bare = "".join(re.sub(r"-----[A-Z ]+-----", "", pem).split())
    try:
        key = load_der_public_key(base64.b64decode(bare, validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        raise Broken("no public key in PEM (SubjectPublicKeyInfo)") from None
    if isinstance(key, Ed25519PublicKey) or (isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)):
        return key
    raise Broken("neither Ed25519 nor P-256")


def pem_of(key: Ed25519PrivateKey) -> str:
    """The public half of a key as PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def sealed(key: Ed25519PrivateKey, key_id: str, content: Mapping[str, Any]) -> str:
    """An envelope of ours around some content."""
    protected = _encoded(orjson.dumps({"alg": "EdDSA", "kid": key_id, "typ": "JOSE+JSON"}))
    payload = _encoded(orjson.dumps(content, option=orjson.OPT_SORT_KEYS, default=_plain))
    signature = _encoded(key.sign(f"{protected}.{payload}".encode()))
    return orjson.dumps({"protected": protected, "payload": payload, "signature": signature}).decode()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    if not _BASE64URL.match(text) or len(text) % 4 == 1:
        raise Broken("a part is no base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encoded(data) != text:
        raise Broken("a part is base64url with bits to spare")
    return data
