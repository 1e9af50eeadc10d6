"""Signed envelopes and the mapping: what holds, what a changed byte does, what is not taken, what is told."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.manifest.api import Consignment
from kouan.cooperation.gateway import envelopes, mapping
from kouan.cooperation.gateway.envelopes import Broken
from kouan.cooperation.gateway.formats.jws.format import Signed
from kouan.cooperation.gateway.records import Partner
from kouan.kernel.errors import Refused
from kouan_sim.foreign import Window, agreed

KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WINDOW = Window("XS-UNIT", key=KEY)
MESSAGE = WINDOW.message("M-1", "origin", {"certificateNo": "CO-1", "formType": "CO", "originCountry": "KOR"})

PARTS = st.dictionaries(st.sampled_from(["protected", "payload", "signature", "more"]), st.text(st.characters(codec="ascii"), max_size=20))


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def partner(**other: Any) -> Partner:
    assert Consignment.facts.name == "base.manifest.consignment"  # the type that lines are written from is known
    return Partner.model_validate(agreed(WINDOW, **{"address": None, **other}))


def test_what_the_pinned_key_signed_holds_and_another_key_does_not() -> None:
    envelope = envelopes.opened(MESSAGE.decode())
    assert envelopes.holds(envelope, envelopes.key_of(WINDOW.public_key))
    assert not envelopes.holds(envelope, envelopes.key_of(Window("XS-2").public_key))
    assert envelopes.payload_of(envelope).sender == "XS-UNIT"
    own = envelopes.sealed(KEY, "k", {"a": 1})
    assert envelopes.holds(envelopes.opened(own), KEY.public_key())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(MESSAGE) - 1), st.integers(1, 255))
def test_no_message_survives_a_changed_byte(place: int, by: int) -> None:
    other = bytearray(MESSAGE)
    other[place] = (other[place] + by) % 256
    try:
        envelope = envelopes.opened(bytes(other).decode("utf-8"))
    except (Broken, UnicodeDecodeError):
        return
    assert not envelopes.holds(envelope, KEY.public_key())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | PARTS.map(orjson.dumps))
def test_the_format_refuses_whatever_is_no_envelope(body: bytes) -> None:
    with pytest.raises(Refused):
        Signed().read(body, record="", office="")


def test_p256_holds_in_the_form_of_rfc_7518_only() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    head, body = b64(orjson.dumps({"alg": "ES256"})), b64(b"{}")
    der = key.sign(f"{head}.{body}".encode(), ec.ECDSA(SHA256()))
    r, s = decode_dss_signature(der)
    for signature, holds in ((r.to_bytes(32, "big") + s.to_bytes(32, "big"), True), (der, False)):
        text = orjson.dumps({"protected": head, "payload": body, "signature": b64(signature)}).decode()
        assert envelopes.holds(envelopes.opened(text), envelopes.key_of(pem)) is holds
        assert not envelopes.holds(envelopes.opened(text), KEY.public_key())


@pytest.mark.parametrize("head", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "ES256"}])
def test_the_algorithm_is_the_keys_own(head: dict[str, str]) -> None:
    parts = orjson.loads(MESSAGE)
    text = orjson.dumps({**parts, "protected": b64(orjson.dumps(head))}).decode()
    assert not envelopes.holds(envelopes.opened(text), KEY.public_key())


@pytest.mark.parametrize("head", [{"alg": "EdDSA", "jwk": {}}, {"alg": "EdDSA", "crit": ["b64"], "b64": False}, {}])
def test_a_header_that_brings_more_is_not_taken(head: dict[str, Any]) -> None:
    parts = orjson.loads(MESSAGE)
    with pytest.raises(Broken):
        envelopes.opened(orjson.dumps({**parts, "protected": b64(orjson.dumps(head))}).decode())


def test_a_key_may_have_lost_its_line_breaks_and_no_other_kind_is_taken() -> None:
    assert envelopes.key_of(WINDOW.public_key.replace("\n", " "))
    other = ec.generate_private_key(ec.SECP384R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for wrong in (other, "nothing", ""):
        with pytest.raises(Broken):
            envelopes.key_of(wrong)


def mapped(document: dict[str, Any], kind: str = "origin") -> Any:
    payload = envelopes.payload_of(envelopes.opened(WINDOW.message("M-2", kind, document).decode()))
    return mapping.certificate_of(partner(), payload, {"message": "m", "digest": "0" * 64, "presenter": "trader"})


def test_fields_and_codes_are_mapped_and_told() -> None:
    found, count = mapped({"certificateNo": "CO-1", "formType": "CO", "originCountry": "KOR", "goods": [{"hsCode": "1"}, {"hsCode": "2"}]})
    assert (found.number, found.origin, found.permit, found.hs) == ("CO-1", "KR", "permit:Y/CO-1", ("1", "2"))
    assert count == len(found.mapped) == 5
    found, _ = mapped({"documentNo": "BL1", "equipment": ["MSKU9070323"]}, "transport")
    assert (found.transport_document, found.containers) == ("bill:BL1", ("container:MSKU9070323",))


@pytest.mark.parametrize(
    ("document", "at"),
    [
        ({"originCountry": "KOR"}, "certificateNo"),
        ({"certificateNo": "1", "originCountry": "??"}, "originCountry"),
        ({"certificateNo": "1", "dates": {"until": "soon"}}, "dates.until"),
        ({"certificateNo": ["1", "2"]}, "certificateNo"),
        ({"certificateNo": {"a": "b"}}, "certificateNo"),
        ({"certificateNo": "a b"}, "certificateNo"),
    ],
)
def test_what_cannot_be_mapped_says_where(document: dict[str, Any], at: str) -> None:
    with pytest.raises(mapping.Unmapped) as caught:
        mapped(document)
    assert caught.value.at == at
    assert caught.value.reason.zh != caught.value.reason.en


def test_a_manifest_goes_out_with_its_lines_in_their_fields() -> None:
    lines = [{"bill": "bill:B1", "containers": ["container:C1"], "gross_kg": 5.0}, {"bill": "bill:B2", "containers": [], "gross_kg": None}]
    document, trail = mapping.document_of(partner(), "manifest", "base.manifest.manifest", {"number": "L-1"}, lines)
    assert document == {"listNo": "L-1", "bills": [{"no": "B1", "equipment": "C1", "mass": 5.0}, {"no": "B2"}]}
    assert trail.count == 5
    with pytest.raises(mapping.Unmapped):
        mapping.document_of(partner(), "manifest", "base.manifest.manifest", {}, lines)
