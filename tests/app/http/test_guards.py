"""Every answer carries the strict headers; bodies have a limit; nothing outside the web client's folder is served."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import Running

LIMIT = 16 << 20
WANTED = {
    "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
}  # fmt: skip
ANSWERS = [
    ("GET", "/", 200), ("GET", "/supervision/inspection", 200), ("GET", "/api/health", 200), ("GET", "/openapi.json", 200),
    ("GET", "/api/me", 401), ("GET", "/api/nothing", 404), ("GET", "/nothing.js", 404), ("DELETE", "/api/health", 405),
    ("POST", "/api/session", 422), ("POST", "/", 405), ("GET", "/api/ledger/key", 200),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_carries_the_headers(platform: Running, method: str, path: str, status: int) -> None:
    with platform.client() as stranger:
        answer = stranger.request(method, path)
    assert answer.status_code == status
    strict(answer.headers)
    if path.startswith("/api/"):
        assert answer.headers["cache-control"] == "no-store"


def strict(headers: httpx.Headers) -> None:
    assert {name: headers.get(name) for name in WANTED} == WANTED
    assert "server" not in headers
    directives = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert directives["default-src"] == "'self'"
    assert directives["script-src"] == "'self'"
    assert directives["connect-src"] == "'self'"
    for name in ("object-src", "base-uri", "frame-ancestors"):
        assert directives[name] == "'none'"
    assert directives["form-action"] == "'self'"
    allowed = {"'self'", "'none'", "data:", "blob:"}
    assert {source for value in directives.values() for source in value.split()} <= allowed


def test_answers_to_the_signed_in_carry_them_too(platform: Running) -> None:
    door = "/api/records/base/place/place"
    with platform.client("customs") as customs:
        for path in (door, f"{door}/export?format=xlsx", f"{door}/template", "/api/samples", f"{door}/0"):
            strict(customs.get(path).headers)
        with customs.stream("GET", "/api/live") as live:
            assert live.headers["content-type"].startswith("text/event-stream")
            strict(live.headers)


def test_the_first_page_is_a_page_and_no_redirect(platform: Running) -> None:
    with platform.client() as stranger:
        for headers in ({}, {"Accept": "*/*"}, {"Accept": "text/html"}):
            answer = stranger.get("/", headers=headers)
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/html")
            assert "<html" in answer.text
            assert "http://" not in answer.text.replace("http://www.w3.org", "")
            assert "https://" not in answer.text


def mebibytes(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b" " * (1 << 20)


@pytest.mark.parametrize("path", ["/api/intake/json?record=base.place.place", "/api/records/base/place/place", "/api/trace"])
def test_a_body_over_the_limit_is_refused(platform: Running, path: str) -> None:
    with platform.client("portoffice") as office:
        stated = office.post(path, content=b" " * (LIMIT + 1))
        streamed = office.post(path, content=mebibytes(18))
        just = office.post(path, content=b" " * 1000)
    for answer in (stated, streamed):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["reason"]["zh"]
        strict(answer.headers)
    assert just.status_code == 422


def test_a_body_that_is_only_announced_is_refused_at_once(platform: Running) -> None:
    url = urlsplit(platform.url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=10)
    connection.putrequest("POST", "/api/intake/json")
    connection.putheader("Authorization", f"Bearer {platform.token('trader')}")
    connection.putheader("Content-Length", str(1 << 40))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


OUTSIDE = [
    "/../../../../etc/passwd", "/..%2f..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
    "/assets/../../pages.py", "/assets/..%2f..%2fpages.py", "/assets/%2e%2e/%2e%2e/guards.py", "/..\\..\\pages.py",
    "/..%5c..%5cpages.py", "/assets/..%c0%af..%c0%afpages.py", "/%00", "/index.html%00.js", "/pages.py", "/../pages.py",
    "/static/../pages.py", "/" + "a" * 5000, "/%ff%fe", "/.env", "/assets/", "/./../pages.py",
]  # fmt: skip


@pytest.mark.parametrize("target", OUTSIDE, ids=lambda target: target[:40])
def test_nothing_outside_the_folder_is_served(platform: Running, target: str) -> None:
    url = urlsplit(platform.url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=10) as raw:
        raw.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin-1"))
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    status = int(answer.split(b" ")[1])
    assert status in (200, 400, 404, 414)
    assert b"root:x:" not in answer
    assert b"from __future__" not in answer
    if status == 200:
        assert b"<html" in answer.split(b"\r\n\r\n", 1)[1][:200].lower() or b"<!doctype" in answer.lower()


@pytest.mark.parametrize("junk", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"A" * 100_000, b"\r\n" * 50])
def test_junk_on_the_wire_ends_that_connection_only(platform: Running, junk: bytes) -> None:
    url = urlsplit(platform.url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=5) as raw:
        answer = b""
        with suppress(ConnectionResetError, BrokenPipeError):  # a server that shuts on unread junk resets the line: also an end
            raw.sendall(junk)
            raw.shutdown(socket.SHUT_WR)
            while part := raw.recv(65536):
                answer += part
    assert b" 5" not in answer[:13]
    with platform.client() as stranger:
        assert stranger.get("/api/health").status_code == 200
