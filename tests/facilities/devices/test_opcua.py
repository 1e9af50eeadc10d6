"""OPC UA: the simulated server over a real socket, a peer's server where there is one, damaged bytes, and encodings both ways."""

from __future__ import annotations

import asyncio
import importlib
import logging
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.devices.addresses import NodeId, node
from kouan.facilities.devices.drivers.opcua import answers, chunks, client, driver, requests, wire
from kouan.facilities.devices.drivers.opcua.driver import OpcuaDriver
from kouan.facilities.devices.drivers.opcua.wire import Malformed, Reader
from kouan.facilities.devices.lining import Lost
from kouan.facilities.devices.telling import Value
from kouan_sim.opcua import Server
from tests.conftest import free_port
from tests.facilities.devices.acting import until
from tests.facilities.devices.lined import Heard, listening, registered

PUMP = {"pressure": "ns=2;s=Pump.Pressure", "running": "ns=2;i=7"}
PRESSURE = (2, "Pump.Pressure")
NOTIFIED = next((Path(driver.__file__).parent / "samples").iterdir()).read_bytes()


def heard_of(url: str, nodes: dict[str, str], login: tuple[str, str] | None = None) -> AbstractAsyncContextManager[Heard]:
    """The platform's connection to a server, with a short keep-alive."""
    return listening(registered("opcua", url, nodes, login, poll_s=0.1, keep_alive_s=1))


def pump(**more: Any) -> Server:
    """A server with two nodes."""
    server = Server(**more)
    server.put(PRESSURE, 311.25)
    server.put((2, 7), True)
    return server


async def test_values_arrive_with_their_time_and_quality_through_renewals_and_broken_lines() -> None:
    """Messages come in several chunks, the channel's token holds two seconds, and one notification is lost on the way."""
    at = datetime(2026, 11, 22, 3, tzinfo=UTC)
    async with pump(chunk=64, lifetime=1200) as server, heard_of(server.url, {**PUMP, "no": "i=1"}) as heard:
        await until(lambda: heard.last("running") == 1)
        assert heard.last("pressure") == 311.25
        await until(lambda: heard.refused["opcua.BadNodeIdUnknown"] == 1)
        server.put(PRESSURE, 320.5, 0x40930000, at)
        await until(lambda: heard.last("pressure") == 320.5)
        assert heard.values[-1] == Value("pressure", 320.5, int(at.timestamp() * 1e6), 1)
        server.put(PRESSURE, None, 0x808C0000)
        await until(lambda: heard.refused["opcua.BadSensorFailure"])
        server.skip = 1
        server.put(PRESSURE, 330.0)
        await until(lambda: not server.skip)
        server.put((2, 7), False)
        await until(lambda: heard.refused["opcua.missed"] and heard.last("pressure") == 330.0)
        await until(lambda: server.renewed)
        assert heard.gone == []
        server.hang_up()
        server.put(PRESSURE, 340.0)
        await until(lambda: heard.last("pressure") == 340.0)
        assert heard.gone == [("line.hung_up", False)]


async def test_who_enters_and_what_is_not_there_is_told_by_its_cause() -> None:
    async with AsyncExitStack() as stack:
        async def heard(server: Server, login: tuple[str, str] | None = None) -> Heard:
            await stack.enter_async_context(server)
            return await stack.enter_async_context(heard_of(server.url, PUMP, login))

        users = {"kouan": "geheim"}
        known, wrong = [await heard(pump(users=users), ("kouan", word)) for word in ("geheim", "other")]
        secure, simple = await heard(pump(secure=True)), await heard(pump(subscribes=False))
        await until(lambda: known.last("pressure") == 311.25 and wrong.gone and secure.gone and simple.last("pressure"))
        assert wrong.gone[0] == ("line.opcua.BadIdentityTokenRejected", True)
        assert secure.gone[0] == ("line.opcua.security_needed", True)
        assert simple.refused["opcua.no_subscriptions"] == 1
        assert known.gone == simple.gone == []
        assert wrong.values == secure.values == []


async def test_a_peers_server_is_read_like_ours() -> None:
    """asyncua's own server where it is installed: a value of each type, a status, its own renewals and deletions."""
    asyncua = pytest.importorskip("asyncua", reason="asyncua is not installed")
    ua = importlib.import_module("asyncua.ua")
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    server = asyncua.Server()
    await server.init()
    server.set_endpoint(url := f"opc.tcp://127.0.0.1:{free_port()}/kouan")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    space = await server.register_namespace("urn:test")
    values = {"f": (1.5, ua.VariantType.Float), "d": (2.5, ua.VariantType.Double), "i": (-7, ua.VariantType.Int64),
              "u": (65_000, ua.VariantType.UInt16), "b": (True, ua.VariantType.Boolean), "s": ("text", ua.VariantType.String)}  # fmt: skip
    add = server.nodes.objects.add_variable
    nodes = {name: await add(ua.NodeId(name, space), name, value, kind) for name, (value, kind) in values.items()}
    async with server, heard_of(url, {name: f"ns={space};s={name}" for name in values}) as heard:
        await until(lambda: heard.refused["not_a_number"] == 1 and all(heard.last(name) is not None for name in "fdiub"), 20)
        assert {name: heard.last(name) for name in "fdiub"} == {"f": 1.5, "d": 2.5, "i": -7, "u": 65_000, "b": 1}
        await nodes["d"].write_value(ua.DataValue(ua.Variant(99.5), ua.StatusCode(ua.StatusCodes.UncertainLastUsableValue)))
        await until(lambda: heard.last("d") == 99.5)
        assert heard.values[-1].quality == 1
        assert heard.gone == []
        quiet = len(heard.told)
        await until(lambda: len(heard.told) >= quiet + 3)


@pytest.mark.parametrize(
    "noise", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"ACKF" + b"\xff" * 4, b"ERRF" + wire.u32(16, 0x807D0000, 0)],
    ids=["nothing", "http", "too_long", "busy"],
)  # fmt: skip
async def test_a_server_that_is_none_is_told_by_its_cause(noise: bytes) -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(noise)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    url = f"opc.tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, heard_of(url, PUMP) as heard:
        await until(lambda: heard.gone)
        expected = {b"": "hung_up", b"ERRF": "opcua.BadTcpServerTooBusy"}.get(noise[:4], "opcua.malformed")
        assert heard.gone[0] == (f"line.{expected}", True)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 255), st.integers(1, 300))
def test_damage_anywhere_is_malformed_or_read_and_nothing_else(noise: bytes, place: int, byte: int, cut: int) -> None:
    sample = NOTIFIED[:place] + bytes([byte]) + NOTIFIED[place + 1 :]
    for content in (noise, sample, NOTIFIED[:cut], NOTIFIED + noise):
        fresh = OpcuaDriver()
        for n in range(0, len(content), 50):
            fresh.decode(content[n : n + 50])
    for kind in requests.ANSWERS:
        for read in (answers.session, answers.opened, answers.values, answers.monitored, answers.notification, answers.subscription):
            for body in (noise, sample[24:]):
                try:
                    read(answers.answer(body, kind))
                    read(Reader(body))
                except (Malformed, answers.Refusal):
                    continue


names = st.one_of(
    st.integers(0, 2**32 - 1), st.text(st.sampled_from("aZ0._;= 泵压力\"\u00e9"), max_size=30), st.uuids(), st.binary(max_size=20)
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 65_535), names)
def test_a_node_is_read_as_it_is_written_in_bytes_and_in_text(space: int, name: int | str | UUID | bytes) -> None:
    one = NodeId(space, name)
    assert Reader(wire.node(one)).node() == one
    if name != "" and "\n" not in str(name) and str(name) == str(name).strip() and len(str(one)) < 200 and name != b"":
        assert node(str(one)) == one


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=60_000), st.integers(1, 5000))
def test_a_message_cut_into_chunks_is_put_together_again(body: bytes, step: int) -> None:
    sender, receiver = chunks.Sender(), chunks.Receiver()
    sent = b"".join(sender.send(chunks.MSG, n, body) for n in (1, 2))
    found = [message for n in range(0, len(sent), step) for message in receiver.feed(sent[n : n + step])]
    assert [(one.request, one.body) for one in found] == [(1, body), (2, body)]
    with pytest.raises(Malformed):
        list(receiver.feed(sender.send(chunks.MSG, 3, b"x")[:-1].replace(b"MSG", b"XXX") + b"x"))


def test_times_and_arrays_are_bounded() -> None:
    at = datetime(2026, 11, 22, 3, 4, 5, 678_901, tzinfo=UTC)
    assert Reader(wire.time(at)).time() == int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    assert Reader(bytes(8)).time() == 0
    with pytest.raises(Malformed):
        Reader(b"\xff\xff\xff\x7f").many(lambda: 0)
    with pytest.raises(Malformed):
        Reader(b"\x18" * 100).variant()
    assert OpcuaDriver.check() is None


async def test_a_password_is_never_sent_where_the_server_wants_it_encrypted() -> None:
    wants = answers.Endpoint(1, chunks.POLICY, (answers.Policy("user", 1, "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"),))
    with pytest.raises(Lost, match=r"opcua\.encryption_needed"):
        client._identity([wants], ("kouan", "geheim"))
    assert b"geheim" in client._identity([answers.Endpoint(1, chunks.POLICY, (answers.Policy("user", 1, ""),))], ("kouan", "geheim"))
