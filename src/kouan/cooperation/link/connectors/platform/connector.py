"""Another platform: what was given out is posted to its one door, signed by our key; its signed receipt is verified and kept.

POST {address}/messages → 200 {"statement", "signature"}. A receipt that does not hold counts as a refusal: the message is told
again, and the partner answers what came before with the receipt that it had.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import orjson

from kouan.base.exchange.api import HttpParty, PartyAway, PartyRefused, address_of
from kouan.cooperation.link import sealing
from kouan.cooperation.link.records import PARTNER, GivenOut, LinkReceipt
from kouan.cooperation.link.service import agreements, keys
from kouan.cooperation.link.service.taking import FORM, digest
from kouan.kernel.clock import now
from kouan.kernel.connectors import Delivery
from kouan.kernel.errors import Conflict, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.ids import uuid7
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.settings import Settings
from kouan.kernel.text import Text

RECEIPT = LinkReceipt.facts.name
MESSAGE = ("agreement", "record", "origin", "what", "state", "at", "content")


class Platform(HttpParty):
    """Tells a partner platform what was given out to it, version by version."""

    code = "link"
    title = Text("互联平台", "Partner platform")
    org = PARTNER
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {GivenOut.facts.name: ("*",)}
    setting = "connector.link"

    def __init__(self) -> None:
        super().__init__()
        self._port: Port | None = None
        self._demo = False

    def bind(self, port: Port) -> None:
        """The process in which it works: it signs by the platform's key, and keeps receipts."""
        super().bind(port)
        self._port, self._demo = port, Settings.read().demo

    async def deliver(self, delivery: Delivery, address: str) -> str:
        """Post one version; answers the number of the partner's receipt. Raises PartyAway or PartyRefused."""
        port, data = self._here(), delivery.data
        self._usable(address)
        shape = {name: data[name] for name in MESSAGE} | {"version": data["origin_version"]}
        body = orjson.dumps({"form": FORM, "message": delivery.event, **shape}, default=str)
        slug = str(data["to"]).partition(":")[2]
        status, content = await self._signed(port, slug, "POST", f"{address}/messages", delivery.event, body)
        if not 200 <= status < 300:
            raise PartyRefused(f"HTTP {status} {_code(content)}".strip())
        return await self._receipt(port, delivery, body, content)

    async def check(self, address: str) -> Text | None:
        """None when the partner knows our signature; else what is wrong."""
        try:
            self._usable(address)
            port = self._here()
            status, _ = await self._signed(port, await _at(port, address), "GET", f"{address}/check", f"check-{uuid7()}", b"")
        except PartyAway as away:
            return Text(f"对方平台无法连接或未登记本平台公钥：{away}", f"The partner cannot be reached, or has not pinned our key: {away}")
        except PartyRefused as refused:
            return Text(f"对方平台地址不可用：{refused}", f"The partner's address cannot be used: {refused}")
        return None if 200 <= status < 300 else Text(f"对方平台应答 HTTP {status}", f"The partner answers HTTP {status}")

    def _here(self) -> Port:
        if self._port is None:
            raise PartyAway("the connector is not at work yet")
        return self._port

    def _usable(self, address: str) -> None:
        """Plain http and this machine are for demos only."""
        try:
            address_of(address, demo=self._demo)
        except Refused as refused:
            raise PartyRefused(refused.reason.en) from None

    async def _signed(self, port: Port, partner: str, method: str, url: str, number: str, body: bytes) -> tuple[int, bytes]:
        stated = sealing.headers(await keys.to(port, partner), number, now(), body)
        return await self._call(method, url, body, {"Content-Type": "application/json", **stated})

    async def _receipt(self, port: Port, delivery: Delivery, body: bytes, content: bytes) -> str:
        slug = str(delivery.data["to"]).partition(":")[2]
        found = await agreements.with_partner(port, slug)
        kept = next((one for one in found if agreements.of(one).number == delivery.data["agreement"]), None)
        if kept is None:
            raise PartyRefused("the agreement is gone")
        statement, signature = _answer(content)
        followed = await keys.changes(port, slug, "theirs")
        said = _held(keys.accepted(agreements.of(kept).partner_key, followed), statement, signature, delivery.event, digest(body))
        data = {
            "number": str(said["number"])[:64], "direction": "had", "partner": f"org:{slug}", "giver": delivery.data["by"],
            "message": delivery.event, "agreement": delivery.data["agreement"], "record": delivery.data["record"],
            "origin": str(delivery.data["origin"])[:300], "origin_version": delivery.data["origin_version"], "outcome": said["outcome"],
            "at": said["at"], "statement": statement, "signature": signature,
        }  # fmt: skip
        try:
            await port.file(PLATFORM, [Draft(RECEIPT, data)], format="link")
        except Conflict as before:
            if before.code != "natural_key_kept":
                raise
        except Refused as refused:
            raise PartyRefused(f"its receipt cannot be kept: {refused.code}") from None
        if delivery.data["what"] == keys.WHAT and delivery.data["record"] == agreements.AGREEMENT:
            await keys.acknowledged(port, slug, delivery.event, delivery.data["content"])
        return str(data["number"])


def _answer(content: bytes) -> tuple[str, str]:
    try:
        found = orjson.loads(content)
        return str(found["statement"]), str(found["signature"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise PartyRefused("the answer is no receipt") from None


async def _at(port: Port, address: str) -> str:
    """The partner that is reached at an address; an empty text where none is."""
    for slug, kept in (await agreements.partners(port)).items():
        agreement = agreements.of(kept)
        if address == f"{agreement.address.rstrip('/')}/api/links/{agreement.own_name}":
            return slug
    return ""


def _held(accepted: tuple[str, ...], statement: str, signature: str, message: str, of_body: str) -> Mapping[str, Any]:
    """What a receipt says, if it is the partner's, by the key that it names, and for this message."""
    signer = next((key for key in accepted if sealing.holds(sealing.public_of(key), statement.encode(), signature)), None)
    if signer is None:
        raise PartyRefused("the receipt is not signed by the partner's key")
    try:
        said: Any = orjson.loads(statement)
        mine = (said["message"], said["digest"], said.get("key", signer)) == (message, of_body, signer)
        mine = mine and {"number", "outcome", "at"} <= set(said)
    except (orjson.JSONDecodeError, KeyError, TypeError):
        mine = False
    if not mine:
        raise PartyRefused("the receipt is for something else")
    found: Mapping[str, Any] = said
    return found


def _code(content: bytes) -> str:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return ""
    return str(found.get("code", ""))[:80] if isinstance(found, dict) else ""
