"""The transport of connectors over HTTP: deliveries are posted, signed; the party answers its own reference.

POST {address}/deliveries → 2xx {"reference"}; GET {address}/check → 2xx. The event is the same on every try. As JSON the
body is {"id","event","connector","record","record_id","ref","version","what","state","reason","data"}; as a message of
another standard it is that message alone, and the same facts but `data` stand in X-Kouan-* headers, percent-encoded. Signed
after Standard Webhooks 1.0 by the key that the party fetched (`service/signing.py`).

A party whose check answers {"lists": true} gets what waits in lists: POST {address}/deliveries/list with a JSON array of
the same documents, a message of another standard as "media" and "body" ("base64" for one that is no UTF-8 text) in place of
"data" → 2xx {"references"}, one each.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

import httpx
import orjson

from kouan.base.exchange.service import signing
from kouan.base.exchange.service.moments import MOMENTS
from kouan.kernel.calls import passed_on
from kouan.kernel.clock import now
from kouan.kernel.connectors import Connector, Delivery
from kouan.kernel.meters import measured
from kouan.kernel.outgoing import WAYS, NotAllowed, client
from kouan.kernel.port import Port
from kouan.kernel.settings import Settings
from kouan.kernel.text import Text
from kouan.kernel.topics import listen
from kouan.kernel.ways import Ways

TELLER = "base.exchange.tell_parties"
EVENT = "X-Kouan-Event"
MOST_ANSWER = 64 << 10
MOST_LISTED = 128
NOT_NOW = frozenset({401, 403, 408, 425, 429, 502, 503, 504})
"""Trouble of the party's system with us or with itself, not with this delivery: it waits and never becomes a dead letter."""
CONNECT = 5.0


class PartyAway(Exception):
    """The party's system cannot be reached, or says that it cannot take anything now. It is no fault of the delivery."""


class PartyRefused(Exception):
    """The party's system answered, and did not take this delivery."""


class Party(Connector):
    """Base of the exchange's connectors. `clearance`: the highest data level that the party's system is told.

    `moments`: what is told of a record beside its filing and amending; `forms`: record → the message's standard in which
    it goes unless the party's route says otherwise; `opt_in`: nothing is told without a route of the party. `live`: what is
    told besides, only while the party's own system is switched on (an address is set): it costs a filing nothing, and nothing
    at all where there is no such system.
    """

    abstract = True
    clearance: ClassVar[int] = 2
    moments: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    live: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    forms: ClassVar[Mapping[str, str]] = {}
    opt_in: ClassVar[bool] = False

    def bind(self, port: Port) -> None:
        """Told once in which process it works, before its first delivery; nothing is made of it unless a subclass does."""

    @classmethod
    def _register(cls) -> None:
        super()._register()
        listen(TELLER, tuple(f"{r}:{m}" for r in cls.tells for m in (*MOMENTS, *cls.moments.get(r, ()))))


class HttpParty(Party):
    """Base of connectors to parties that take deliveries over HTTP, where `Ways` lets them be called (`outgoing`).

    A party may take its time, but not to connect.
    """

    abstract = True
    timeout: ClassVar[float] = 20.0

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None
        self._ways: Ways | None = None
        self._lists: dict[str, bool] = {}

    def bind(self, port: Port) -> None:
        """Told in which process it works: the port may have rules of its own about where it calls."""
        self._ways = port.extras.get(WAYS)

    async def takes_lists(self, address: str) -> bool:
        """Whether the party's system said at its last check that it takes lists; it is asked when nothing is known yet."""
        if address not in self._lists:
            self._lists[address] = False
            await self.check(address)
        return self._lists[address]

    async def deliver_list(self, listed: Sequence[Delivery], address: str) -> list[str]:
        """Post at most MOST_LISTED facts at once; answers the party's reference of each, in their order.

        Raises PartyAway, or PartyRefused when it did not take them all: then nothing is known of any of them.
        """
        body = orjson.dumps([{**_facts(one), **_content(one)} for one in listed], default=str)
        number = "list-" + hashlib.sha256(" ".join(one.event for one in listed).encode()).hexdigest()[:32]
        headers = {"Content-Type": "application/json", **signing.headers(number, now(), body, listed[0].keys)}
        status, content = await self._call("POST", f"{address}/deliveries/list", body, headers)
        if not 200 <= status < 300:
            raise PartyRefused(f"HTTP {status}")
        return _references(content, len(listed))

    async def deliver(self, delivery: Delivery, address: str) -> str:
        """Post the fact; answers the party's reference. Raises PartyAway or PartyRefused."""
        facts = _facts(delivery)
        body = delivery.body or orjson.dumps({**facts, "data": delivery.data}, default=str)
        headers = {"Content-Type": delivery.media or "application/json", EVENT: delivery.event}
        if delivery.body:
            headers |= {f"X-Kouan-{name.replace('_', '-').title()}": quote(str(value), safe="/:") for name, value in facts.items()}
        headers |= signing.headers(delivery.event, now(), body, delivery.keys)
        status, content = await self._call("POST", f"{address}/deliveries", body, headers)
        if not 200 <= status < 300:
            raise PartyRefused(f"HTTP {status}")
        return _reference(content)

    async def check(self, address: str) -> Text | None:
        """None when the party's system answers its check door; else what is wrong."""
        try:
            status, content = await self._call("GET", f"{address}/check", b"", {})
        except PartyAway as away:
            return Text(f"对方系统无法连接：{away}", f"The party's system cannot be reached: {away}")
        if 200 <= status < 300:
            self._lists[address] = _document(content).get("lists") is True
            return None
        return Text(f"对方系统自检应答 HTTP {status}", f"The party's system answers its check with HTTP {status}")

    async def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _call(self, method: str, url: str, content: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._client is None:
            self._ways = self._ways or Ways.of(Settings.read())
            self._client = client(self._ways, timeout=httpx.Timeout(self.timeout, connect=CONNECT))
        try:
            async with (
                measured(f"connector {self.code}") as work,
                self._client.stream(method, url, content=content, headers={**headers, **passed_on(work.span)}) as answer,
            ):
                if answer.status_code in NOT_NOW:
                    raise PartyAway(f"HTTP {answer.status_code}")
                return answer.status_code, await _limited(answer)
        except NotAllowed as forbidden:
            raise PartyAway(str(forbidden)) from None
        except (httpx.TransportError, httpx.InvalidURL) as trouble:
            raise PartyAway(type(trouble).__name__) from trouble


async def _limited(answer: httpx.Response) -> bytes:
    found = b""
    async for part in answer.aiter_bytes():
        found += part
        if len(found) > MOST_ANSWER:
            raise PartyRefused("the answer is too long")
    return found


def _facts(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id, "event": delivery.event, "connector": delivery.connector, "record": delivery.record,
        "record_id": delivery.record_id, "ref": delivery.ref, "version": delivery.version, "what": delivery.what,
        "state": delivery.state, "reason": delivery.reason,
    }  # fmt: skip


def _content(delivery: Delivery) -> dict[str, Any]:
    if delivery.body:
        try:
            return {"media": delivery.media, "body": delivery.body.decode()}
        except UnicodeDecodeError:
            return {"media": delivery.media, "base64": base64.b64encode(delivery.body).decode()}
    return {"data": delivery.data}


def _document(content: bytes) -> dict[str, Any]:
    try:
        found: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _reference(content: bytes) -> str:
    try:
        found: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise PartyRefused("the answer is no JSON") from None
    return _named(found.get("reference") if isinstance(found, dict) else None)


def _references(content: bytes, wanted: int) -> list[str]:
    found = _document(content).get("references")
    if not isinstance(found, list) or len(found) != wanted:
        raise PartyRefused("the answer does not name one reference each")
    return [_named(reference) for reference in found]


def _named(reference: object) -> str:
    if not isinstance(reference, str | int):
        raise PartyRefused("the answer names no reference")
    return "".join(char for char in str(reference) if char.isprintable())[:64]
