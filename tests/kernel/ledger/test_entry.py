"""Sealing: one exact spelling, a commitment that opens, nothing that a proof could not carry."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

import pytest
from asyncpg.pgproto import pgproto
from hypothesis import given
from hypothesis import strategies as st

from kouan.kernel.ledger import canonical
from kouan.kernel.ledger.entry import Entry, columns, fields, seal, seal_many
from kouan.kernel.suites.intl import INTL

EARLIEST = datetime(1000, 1, 2)  # noqa: DTZ001  hypothesis wants the limit without its zone
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(
    entry=st.builds(
        Entry,
        id=st.uuids(),
        at=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]), min_value=EARLIEST),
        action=TEXT,
        record=TEXT,
        subject=TEXT,
        version=st.integers(0, 2**53 - 1),
        org=TEXT,
        actor=TEXT,
        grant=st.none() | TEXT,
        format=st.none() | TEXT,
    ),
    document=st.binary(min_size=32, max_size=32),
    salt=st.binary(min_size=16, max_size=16),
)
def test_a_body_is_canonical_and_complete(entry: Entry, document: bytes, salt: bytes) -> None:
    sealed = seal(INTL, entry, document, salt)
    found = fields(sealed.body)
    assert canonical.encode(found) == sealed.body
    assert canonical.is_time(found["at"])
    assert datetime.fromisoformat(str(found["at"])) == entry.at
    assert found["commitment"] == sha256(salt + document).hexdigest()
    assert sealed.leaf(INTL) == sha256(b"\x00" + sealed.body).digest()
    for name in ("action", "record", "subject", "version", "org", "actor", "grant", "format"):
        assert found[name] == getattr(entry, name)


def test_the_exact_bytes(entry_maker: Callable[..., Entry]) -> None:
    entry = entry_maker(
        id="0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000", at=datetime(2026, 1, 31, 16, tzinfo=timezone(timedelta(hours=8))),
        subject="s", actor="船", grant=None, format=None,
    )  # fmt: skip
    commitment = sha256(b"s" * 16 + b"d" * 32).hexdigest()
    assert seal(INTL, entry, b"d" * 32, b"s" * 16).body.decode() == (
        '{"action":"file","actor":"船","at":"2026-01-31T08:00:00.000000Z","commitment":"' + commitment + '",'
        '"format":null,"grant":null,"id":"0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000","org":"trader",'
        '"record":"base.declaration.declaration","subject":"s","v":1,"version":1}'
    )


def test_salts_are_fresh(entry_maker: Callable[..., Entry]) -> None:
    document = sha256(b"same").digest()
    sealed = seal_many(INTL, ((entry_maker(), document) for _ in range(50)))
    assert len({one.salt for one in sealed}) == 50
    assert len({json.loads(one.body)["commitment"] for one in sealed}) == 50
    assert columns(sealed)[3] == [one.salt for one in sealed]


@pytest.mark.parametrize(
    ("changes", "document", "salt"),
    [
        ({"at": datetime(2026, 1, 1)}, b"d" * 32, b"s" * 16),  # noqa: DTZ001  the refused case
        ({"version": -1}, b"d" * 32, b"s" * 16),
        ({"version": 2**53}, b"d" * 32, b"s" * 16),
        ({}, b"d" * 31, b"s" * 16),
        ({}, b"d" * 32, b""),
    ],
)
def test_what_cannot_be_sealed(
    changes: dict[str, object], document: bytes, salt: bytes, entry_maker: Callable[..., Entry]
) -> None:
    with pytest.raises(ValueError, match=r"entry's time|document hash"):
        seal(INTL, entry_maker(**changes), document, salt)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}', "1.0", "-1", "-0", "1e3", "NaN", "Infinity", "9007199254740992", "0" * 5000, "1" * 5000,
        "[" * 100_000, "", "{", '"\\ud800', "\ufeff\ufeff1",
    ],
)  # fmt: skip
def test_what_is_not_strict_json(text: str) -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.decode(text.encode(errors="surrogatepass"))


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.decode(b"\xff\xfe\x00")


@given(st.binary(max_size=70))
def test_base64_has_one_spelling(data: bytes) -> None:
    text = canonical.to_base64(data)
    assert canonical.unbase64(text) == data
    for other in (text + "=", text + "\n", text.rstrip("=") if text.endswith("=") else text + "A", " " + text):
        assert canonical.unbase64(other) is None or other == ""


def test_base64_trailing_bits() -> None:
    assert canonical.unbase64("YQ==") == b"a"
    assert canonical.unbase64("YR==") is None
    assert canonical.unbase64("Y-==") is None


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2026-01-31T08:00:00.000000Z", True), ("2026-02-30T08:00:00.000000Z", False),
        ("2026-01-31T08:00:00Z", False), ("2026-01-31T08:00:00.000000+00:00", False),
        ("2026-01-31 08:00:00.000000Z", False), ("2026-01-31T08:00:60.000000Z", False),
        ("２026-01-31T08:00:00.000000Z", False), (7, False),
    ],
)  # fmt: skip
def test_one_spelling_of_time(text: object, good: bool) -> None:
    assert canonical.is_time(text) is good


def test_the_uuids_of_the_driver(entry_maker: Callable[..., Entry]) -> None:
    plain = entry_maker(id=UUID(int=7))
    drivers = replace(plain, id=pgproto.UUID(UUID(int=7).bytes))
    assert seal(INTL, plain, b"d" * 32, b"s" * 16) == seal(INTL, drivers, b"d" * 32, b"s" * 16)
