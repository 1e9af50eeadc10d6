"""Hostile bodies at the intake: a reason in both languages and a copy in quarantine, never a fault, never a file read."""

from __future__ import annotations

import io
import json
import random
import time
import zipfile
from collections.abc import Iterator
from functools import cache

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouan.app import registry
from kouan.kernel.formats import Format, Sample
from kouan.kernel.words import every
from tests.conftest import Running

DECLARATION, CALL, RAIL = "base.declaration.declaration", "base.portcall.port_call", "base.manifest.rail_manifest"
FORMATS = {"edifact": "carrier", "wco-dec": "trader", "imo-fal": "agent", "csv": "carrier", "xlsx": "carrier", "json": "trader"}
RECORDS = {"csv": RAIL, "xlsx": RAIL, "json": DECLARATION}
BOMB = "<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
) + "]><Declaration>&j;</Declaration>"  # fmt: skip
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Declaration><ID>&x;</ID></Declaration>'
REMOTE = '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd"><Declaration/>'
DEEP = 100_000


def zipped(name: str, content: bytes, times: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for n in range(times):
            book.writestr(name if not n else f"{n}{name}", content)
    return out.getvalue()


HOSTILE: list[tuple[str, bytes]] = [
    ("nothing", b""), ("blanks", b" \r\n\t"), ("zeros", bytes(1000)), ("every byte", bytes(range(256)) * 40),
    ("not utf-8", b"\xff\xfe\x80{}"), ("lone surrogate", b'{"functional_reference":"\\ud800"}'),
    ("nul in text", b'{"functional_reference":"a\\u0000b","function_code":"9"}'),
    ("deep list", b"[" * DEEP + b"]" * DEEP), ("deep object", b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    ("deep xml", b"<a>" * DEEP + b"</a>" * DEEP), ("long number", b'{"functional_reference":"x","gross_kg":' + b"9" * 5000 + b"}"),
    ("big exponent", b'{"functional_reference":"x","function_code":"9","invoice_amount":"1e999999999"}'),
    ("entities", BOMB.encode()), ("file entity", OUTSIDE.encode()), ("remote doctype", REMOTE.encode()),
    ("html", b"<!doctype html><script>alert(1)</script>"), ("edifact head only", b"UNA:+.? 'UNB+UNOC:3+A+B"),
    ("edifact wrong count", b"UNB+UNOC:3+A+B+261101:1200+1'UNH+1+CUSCAR:D:95B:UN'UNT+99+1'UNZ+1+1'"),
    ("edifact many", b"UNB+UNOC:3+A+B+261101:1200+1'" + b"UNH+1+CUSCAR:D:95B:UN'UNT+2+1'" * 3000 + b"UNZ+3000+1'"),
    ("edifact unended", b"UNB+UNOC:3+A+B+261101:1200+1'UNH+1+CUSCAR:D:95B:UN'BGM+" + b"?" * 50_000),
    ("wide csv", b",".join(b"a%d" % n for n in range(5000)) + b"\n" + b"," * 5000), ("long csv", b"waybill,wagon\n" + b"a,b\n" * 30_000),
    ("unended quote", b'waybill,wagon\n"' + b"a" * 100_000), ("zip bomb", zipped("xl/worksheets/sheet1.xml", bytes(50 << 20))),
    ("zip of zips", zipped("a", b"x", 2000)), ("zip that climbs", zipped("../../../../tmp/kouan-climbed", b"x")),
    ("truncated zip", zipped("a", b"x" * 1000)[:-30]), ("gzip", b"\x1f\x8b\x08" + bytes(100)), ("pdf", b"%PDF-1.7\n" + bytes(100)),
    ("sql", b'{"functional_reference":"\'; drop table version; --","function_code":"9"}'), ("huge line", b"A" * 3_000_000),
]  # fmt: skip


def refused_well(answer: httpx.Response) -> None:
    """An answer without a fault; a refusal with reasons, and no file of this machine in it."""
    assert answer.status_code < 500, answer.text[:300]
    assert "root:x:0" not in answer.text
    assert "Traceback" not in answer.text
    if answer.status_code >= 400:
        body = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert body["reason"]["zh"]
        assert body["reason"]["en"]
    elif answer.status_code == 200:
        for part in answer.json()["refused"]:
            assert part["reason"]["zh"]
            assert part["reason"]["en"]


@pytest.fixture(scope="module")
def senders(platform: Running) -> Iterator[dict[str, httpx.Client]]:
    """A client for each organisation that sends messages."""
    clients = {org: platform.client(org) for org in set(FORMATS.values())}
    yield clients
    for client in clients.values():
        client.close()


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(("name", "body"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_a_hostile_body_is_refused_with_a_reason(
    senders: dict[str, httpx.Client], format_: str, name: str, body: bytes
) -> None:
    started = time.monotonic()
    params = {"record": RECORDS[format_]} if format_ in RECORDS else {}
    answer = senders[FORMATS[format_]].post(f"/api/intake/{format_}", params=params, content=body)
    refused_well(answer)
    assert time.monotonic() - started < 15
    if name == "sql" and format_ == "json":
        assert answer.status_code in (201, 409)
    elif name not in ("long csv", "wide csv", "huge line"):
        assert answer.status_code in (413, 422) or not answer.json().get("accepted", True)


@cache
def samples() -> tuple[tuple[str, Sample], ...]:
    registry.load()
    return tuple((kind.code, sample) for kind in every(Format) if kind.code in FORMATS for sample in kind().samples())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_mangled_sample_never_breaks_the_intake(senders: dict[str, httpx.Client], data: st.DataObject) -> None:
    code, sample = data.draw(st.sampled_from(samples()))
    body = mangled(sample.body, data.draw(st.integers(0, 2**32)))
    params = {"record": sample.record} if sample.record else {}
    org = data.draw(st.sampled_from(sorted(set(FORMATS.values()))))
    refused_well(senders[org].post(f"/api/intake/{code}", params=params, content=body))


def mangled(body: bytes, seed: int) -> bytes:
    """The body cut, doubled, shuffled or with bytes changed."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 4)):
        at, to = sorted(chance.randrange(len(body) + 1) for _ in range(2)) if body else (0, 0)
        body = chance.choice([
            body[:at] + body[to:], body[:at] + body[at:to] * 2 + body[to:], body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :],
            body[:at] + chance.choice([b"'", b"+", b"?", b"<", b"&", b'"', b",", b"\x00", b"\xff", b"99999999999999999999"]) + body[at:],
        ])  # fmt: skip
    return body


def test_what_was_refused_lies_in_quarantine_capped(senders: dict[str, httpx.Client]) -> None:
    trader = senders["trader"]
    answer = trader.post("/api/intake/wco-dec", content=b"<Declaration><broken>")
    assert answer.status_code == 422
    kept = trader.get("/api/intake/quarantine").json()["items"]
    mine = next(one for one in kept if one["id"] == answer.json()["kept"])
    assert (mine["format"], mine["size"]) == ("wco-dec", 21)
    assert mine["expires"] > mine["at"]
    assert trader.get(f"/api/intake/quarantine/{mine['id']}/body").content == b"<Declaration><broken>"
    assert trader.delete(f"/api/intake/quarantine/{mine['id']}").status_code in (200, 204)
    assert mine["id"] not in json.dumps(trader.get("/api/intake/quarantine").json())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_formula_does_not_leave_as_a_formula(platform: Running, kind: str) -> None:
    """A cell that begins as a formula would run in the spreadsheet of whoever opens the export."""
    with platform.client("carrier") as carrier:
        for n, formula in enumerate(("=cmd|'/c calc'!A1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1")):
            row = {"waybill": f"WFORM{n}", "wagon": "1", "entered_at": "2026-11-01T00:00:00Z", "description": formula}
            assert carrier.post(f"/api/records/{RAIL.replace('.', '/')}", json=row).status_code in (201, 409)
        export = carrier.get(f"/api/records/{RAIL.replace('.', '/')}/export", params={"format": kind})
    if kind == "csv":
        cells = [cell.strip('"') for line in export.content.decode("utf-8-sig").splitlines() for cell in line.split(",")]
        assert not [cell for cell in cells if cell[:1] in "=+@\t\r" and cell]
    else:
        with zipfile.ZipFile(io.BytesIO(export.content)) as book:
            assert all(b"<f>" not in book.read(name) for name in book.namelist())


def test_the_platform_is_well_afterwards(platform: Running) -> None:
    with platform.client() as stranger:
        assert stranger.get("/api/health").json()["status"] == "ok"
