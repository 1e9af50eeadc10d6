"""THE CROSSING TEST: every read path, walked by every demo account, shows what is declared and no canary beyond it."""

from __future__ import annotations

import asyncio
import html
import io
import re
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kouan.kernel.records import record_types
from kouan.kernel.store.schema import filters
from tests.conformance.crossing.calling import Answer, Caller, calling
from tests.conformance.crossing.expected import Account, Instance, World, leaks
from tests.conftest import Running
from tests.turns import TURN

ROLES = [
    "customs-officer", "customs-viewer", "border-officer", "border-viewer", "maritime-officer", "maritime-viewer",
    "transport-officer", "transport-viewer", "portoffice-officer", "portoffice-viewer", "portoffice-system-admin",
    "portoffice-security-admin", "portoffice-audit-admin", "terminal-operator", "terminal-viewer", "carrier-clerk",
    "carrier-viewer", "agent-clerk", "agent-viewer", "trader-clerk", "trader-viewer", "trucker-clerk", "trucker-viewer",
]  # fmt: skip
AT_ONCE = 6
KINDS = ("json", "csv", "xlsx")
"""Files of an export, all written from the same rows: a role is given one of each record type at each run, another at the next turn."""
Walk = Callable[["Reader"], Coroutine[Any, Any, None]]


class Reader:
    """One account on its way along the read paths."""

    def __init__(self, world: World, account: Account, client: Caller) -> None:
        self.world, self.account, self.client = world, account, client
        self.forbidden = world.forbidden(account)
        self.gate = asyncio.Semaphore(AT_ONCE)

    async def get(self, path: str, **params: Any) -> Answer:
        """Ask, and look for canaries in whatever comes back."""
        async with self.gate:
            answer = await self.client.get(path, params)
        self.check(path, answer)
        return answer

    async def ask(self, path: str, body: dict[str, Any]) -> Answer:
        """Post a question."""
        async with self.gate:
            return await self.client.post(path, body)

    def share(self, refs: Iterable[str]) -> list[str]:
        """What an account asks of that which its organisation asks at each run: its people share it, the other way at the next turn."""
        mine = self.account.role == "viewer"
        return [ref for ref in sorted(refs) if (zlib.crc32(ref.encode()) + TURN) % 2 == mine]

    def check(self, path: str, answer: Answer) -> None:
        """No canary beyond what is declared, no 5xx; the state of health may be told to be poor."""
        assert answer.status_code < 500 or path == "/api/health", f"{self.account} {path}: {answer.text[:300]}"
        found = leaks(text_of(answer), self.forbidden)
        homes = [(one.ref, name) for canary in found for one, name in self.world.homes(canary)]
        assert not found, f"{self.account} saw {found} at {path}: {homes}"


def text_of(answer: Answer) -> str:
    """The whole content of an answer, a workbook's sheets unpacked."""
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return answer.text + answer.head


@asynccontextmanager
async def walking(platform: Running, world: World, name: str) -> AsyncIterator[Reader]:
    account = next(a for a in world.accounts if str(a) == name)
    async with calling(platform.url, account.token) as client:
        yield Reader(world, account, client)


def test_every_account_walks(world: World) -> None:
    assert sorted({str(account) for account in world.accounts}) == sorted(ROLES)


def test_the_world_is_worth_crossing(world: World) -> None:
    """Each open record type lies there, each organisation is kept from something and sees something of others'."""
    kept = {one.record for one in world.instances}
    assert kept >= {c.facts.name for c in record_types() if c.facts.http and set(c.facts.filers) - {"platform"}}
    assert len(world.canaries) > 100
    homeless = [canary for canary in world.canaries if not world.homes(canary)]
    assert len(homeless) < len(world.canaries) / 20, "canaries that were kept nowhere prove nothing"
    for account in world.accounts:
        assert world.forbidden(account), account
        others = [one for one in world.instances if one.filer != account.org and world.fields(one, account)]
        assert bool(others) == account.business, account
    assert any(world.masked(one, account) for account in world.accounts for one in world.instances)


@pytest.mark.parametrize("name", ROLES)
async def test_one_record_shows_the_declared_fields_and_masks(platform: Running, world: World, name: str) -> None:
    async with walking(platform, world, name) as reader:
        every = [one for one in world.instances if one.cls.facts.http]
        if not reader.account.business:  # whoever has no business data is turned away before it is looked what is asked: each door once
            every = list({one.record: one for one in every}.values())
        await asyncio.gather(*(one_record(reader, one) for one in every))


async def one_record(reader: Reader, one: Instance) -> None:
    fields = reader.world.fields(one, reader.account)
    answer = await reader.get(f"{one.door}/{one.id}")
    history = await reader.get(f"{one.door}/{one.id}/history")
    receipt = await reader.get(f"/api/receipts/{one.receipt}")
    proof = await reader.get(f"/api/receipts/{one.receipt}/proof")
    place = f"{reader.account} {one.ref}"
    receipts = readers_of_receipt(reader, one)
    if not fields:
        refusal = 404 if reader.account.business else 403
        assert (answer.status_code, history.status_code) == (refusal, refusal), place
        assert receipts or (receipt.status_code, proof.status_code) == (refusal, refusal), place
        return
    assert (answer.status_code, history.status_code) == (200, 200), place
    assert not receipts or (receipt.status_code, proof.status_code) in ((200, 200), (200, 503)), place
    item = answer.json()
    assert set(item["data"]) == fields, place
    assert set(item["masked"]) == reader.world.masked(one, reader.account), place
    for version in history.json()["versions"]:
        assert set(version["data"]) <= fields, place


def readers_of_receipt(reader: Reader, one: Instance) -> bool:
    """A receipt is read by the readers of what was filed under it, as it was filed."""
    world = reader.world
    first = [other for other in world.former if other.receipt == one.receipt]
    first += [other for other in world.instances if other.receipt == one.receipt and other.id not in {f.id for f in first}]
    return any(world.fields(other, reader.account) for other in first)


@pytest.mark.parametrize("name", ROLES)
async def test_lists_and_exports_hold_the_declared_rows_and_fields(platform: Running, world: World, name: str) -> None:
    async with walking(platform, world, name) as reader:
        await asyncio.gather(*(one_type(reader, cls) for cls in record_types() if cls.facts.http))


async def one_type(reader: Reader, cls: Any) -> None:
    door = "/api/records/" + cls.facts.name.replace(".", "/")
    seeded = {one.id: one for one in reader.world.instances if one.record == cls.facts.name}
    expected = {id for id, one in seeded.items() if reader.world.fields(one, reader.account)}
    kind = KINDS[(ROLES.index(str(reader.account)) + zlib.crc32(door.encode()) + TURN) % len(KINDS)]
    export = await reader.get(f"{door}/export", format=kind)
    listed: dict[str, Any] = {}
    after = ""
    while True:
        answer = await reader.get(door, limit=500, after=after)
        if not reader.account.business:
            assert (answer.status_code, export.status_code) == (403, 403)
            return
        listed |= {item["id"]: item for item in answer.json()["items"]}
        after = answer.json()["next"]
        if after is None:
            break
    assert set(listed) & set(seeded) == expected, f"{reader.account} {cls.facts.name}"
    for id in expected:
        assert set(listed[id]["data"]) == reader.world.fields(seeded[id], reader.account)
    assert export.status_code == 200, f"{reader.account} {cls.facts.name}"
    if kind != "json":
        sheet = html.unescape(text_of(export))
        assert all(seeded[id].ref in sheet for id in expected), f"{reader.account} {cls.facts.name}"
        return
    assert {seeded[id].ref for id in expected} <= {row["ref"] for row in export.json()}
    for row in export.json():
        home = next((one for one in seeded.values() if one.ref == row["ref"]), None)
        assert home is None or set(row["data"]) == reader.world.fields(home, reader.account)


@pytest.mark.parametrize("name", [name for name in ROLES if not name.endswith("viewer")])
async def test_a_hidden_value_finds_nothing(platform: Running, world: World, name: str) -> None:
    """Filters, search and trace do not tell by what they find that a hidden field has a value."""
    async with walking(platform, world, name) as reader:
        tries = [
            (one, field) for one in world.instances if one.cls.facts.http for field in filters(one.cls)
            if field not in world.fields(one, reader.account) and isinstance(one.data.get(field), str | list)
            and one.cls.fields[field].level < 3
        ]  # fmt: skip
        if not reader.account.business:  # whoever has no business data is turned away before it is looked what is asked
            tries = list({one.record: (one, field) for one, field in tries}.values())
        await asyncio.gather(*(hidden(reader, one, field) for one, field in tries))
        unknown = sorted(canary for canary in reader.forbidden if not world.findable(canary, reader.account))
        asked = unknown[:: max(1, len(unknown) // 15)]
        await asyncio.gather(*(searched(reader, canary) for canary in asked))


async def hidden(reader: Reader, one: Instance, field: str) -> None:
    value = one.data[field][0] if isinstance(one.data[field], list) and one.data[field] else one.data[field]
    if not isinstance(value, str):
        return
    answer = await reader.client.get(one.door, {field: value, "limit": 500})
    assert reader.account.business or answer.status_code == 403, f"{reader.account} {one.ref} {field}"
    if answer.status_code == 200:
        assert one.id not in {item["id"] for item in answer.json()["items"]}, f"{reader.account} {one.ref} {field}"


async def searched(reader: Reader, canary: str) -> None:
    """What is not there for a caller answers nothing, by any spelling, whole or begun."""
    for asked in (canary, canary[:7], f"bill:{canary}", f"container:{canary}"):
        found = await reader.ask("/api/trace", {"ref": asked})
        assert found.status_code in (200, 403, 422), asked
        if found.status_code == 200:
            told = found.json()
            documents = str({name: told[name] for name in ("documents", "events", "missing")})
            assert not leaks(documents, reader.forbidden), f"{reader.account} traced {asked}"
            if asked != canary[:7]:
                assert (told["documents"], told["events"]) == ([], []), f"{reader.account} traced {asked}"
        hits = await reader.client.get("/api/search", {"q": asked})
        if hits.status_code == 200:
            assert not leaks(str(hits.json()["hits"]), reader.forbidden), f"{reader.account} searched {asked}"


@pytest.mark.parametrize("name", ROLES)
async def test_traces_show_what_is_declared(platform: Running, world: World, name: str) -> None:
    async with walking(platform, world, name) as reader:
        refs = {one.ref for one in world.instances}
        refs |= {ref for one in world.instances for ref in re.findall(r"(?:container|bill|vehicle|vessel):[\w:]+", str(one.data))}
        asked = reader.share(refs) if reader.account.business else sorted(refs)[:5]  # the others are turned away, whatever they ask
        await asyncio.gather(*(traced(reader, ref) for ref in asked))


async def traced(reader: Reader, ref: str) -> None:
    answer = await reader.ask("/api/trace", {"ref": ref})
    if not reader.account.business:
        assert answer.status_code == 403
        return
    told = answer.json()
    parts = str({name: told[name] for name in ("documents", "events", "missing")})
    assert not leaks(parts, reader.forbidden), f"{reader.account} traced {ref}"
    known = {one.id: one for one in reader.world.instances}
    for document in told["documents"]:
        if document["id"] in known:
            assert set(document["data"]) <= reader.world.fields(known[document["id"]], reader.account), ref
    readable = [one for one in reader.world.by_ref(ref) if reader.world.fields(one, reader.account)]
    assert {one.id for one in readable if one.cls.facts.kind != "state"} <= {d["id"] for d in told["documents"]}, ref


@pytest.mark.parametrize("name", ROLES)
async def test_every_other_door_keeps_its_silence(
    platform: Running, world: World, openapi: dict[str, Any], name: str
) -> None:
    async with walking(platform, world, name) as reader:
        plain = [p for p, ops in openapi["paths"].items() if "get" in ops and "{" not in p and not p.startswith("/api/records")]
        plain = [path for path in plain if path not in ("/api/live", "/api/session/oidc/start")]
        audit = reader.account.role == "audit-admin"
        # The audit names its objects, natural keys included; whoever audits has no other business data.
        await asyncio.gather(*(reader.get(path) for path in plain if not (audit and path == "/api/identity/audit")))
        kept = await reader.client.get("/api/intake/quarantine")
        mine = kept.json().get("items", []) if kept.status_code == 200 else []
        bodies = [await reader.get(f"/api/intake/quarantine/{one['id']}/body") for one in mine]
        assert bool(bodies) <= (reader.account.org == "trader" or not world.granted)
        named = [one.ref for one in world.instances if one.record.startswith(("base.trade.", "base.transport.", "base.declaration."))]
        await asyncio.gather(*(reader.get("/api/subjects/shipment", of=ref) for ref in reader.share(named)))
        for code in ("91379999MA0WHH048N", "91379999MA0WHH056H"):
            await reader.get("/api/subjects/enterprise", of=code)
            behind = ("declaration", "document", "order", "invoice", "payment", "policy", "production")
            await asyncio.gather(*(reader.get(f"/api/subjects/enterprise/{source}/records", of=code) for source in behind))
        await reader.get("/api/subjects/commodity/declarations", of="851679")
        mmsi = await reader.get("/api/vessels/414999001")
        assert mmsi.status_code in (200, 403, 404)


async def test_someone_elses_quarantine_is_not_there(platform: Running, world: World) -> None:
    async with walking(platform, world, "trader-clerk") as trader:
        ids = [one["id"] for one in (await trader.client.get("/api/intake/quarantine")).json()["items"]]
        assert ids
        text = "".join([(await trader.client.get(f"/api/intake/quarantine/{id}/body")).text for id in ids])
        assert any(canary in text for canary in world.granted)
    for name in ROLES:
        if not name.startswith("trader"):
            async with walking(platform, world, name) as reader:
                for id in ids:
                    answer = await reader.get(f"/api/intake/quarantine/{id}/body")
                    assert answer.status_code in (403, 404), name
                    assert (await reader.client.delete(f"/api/intake/quarantine/{id}")).status_code in (403, 404)


SHARED = ("base.declaration.declaration", "base.manifest.consignment", "base.portcall.person_aboard")
GRANTED = {"functional_reference", "type_code", "gross_kg"}


@pytest.mark.parametrize("name", ROLES)
async def test_what_is_shared_is_what_was_granted(platform: Running, world: World, name: str) -> None:
    """Customs shares three fields of declarations with the carrier: it reads these, others nothing, none of other types."""
    async with walking(platform, world, name) as reader:
        rows = {one.id: one for one in world.instances if one.record == SHARED[0]}
        for record in SHARED:
            answer = await reader.client.get(f"/api/shared/{record}", {"limit": 500})
            if not (reader.account.org == "carrier" and record == SHARED[0]):
                assert (answer.status_code, answer.json()["code"]) in ((403, "no_grant"), (403, "denied")), f"{name} {record}"
                continue
            items = {item["id"]: item for item in answer.json()["items"]}
            assert set(rows) <= set(items)
            assert all(set(item["data"]) == GRANTED for item in items.values())
            shared = {canary for one in rows.values() for canary in world.canaries if canary in str([one.data[n] for n in GRANTED])}
            shared |= {canary for one in rows.values() for canary in world.canaries if canary in one.ref}
            assert not leaks(answer.text, reader.forbidden - shared), name


@pytest.mark.parametrize("name", ["terminal-operator", "trucker-clerk"])
async def test_the_catalogue_tells_of_data_and_not_the_data(platform: Running, world: World, name: str) -> None:
    """Every entry and its samples show no canary beyond what is declared."""
    async with walking(platform, world, name) as reader:
        ids = [f"record:{cls.facts.name}" for cls in record_types() if cls.facts.http]
        ids += [one.ref for one in world.instances if one.record == "base.catalogue.dataset"]
        entries = await asyncio.gather(*(reader.get(f"/api/catalogue/entries/{id}") for id in ids))
        await asyncio.gather(*(reader.get(f"/api/catalogue/entries/{id}/samples") for id in ids))
        assert {entry.status_code for entry in entries} == {200}
