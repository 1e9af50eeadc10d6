"""The scene and its viewers, without a platform: what is told to whom, and what is not."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.api import Entity, Numbers, VesselStatic, entity_key, mmsi_key, own_ref
from kouan.kernel import clock
from kouan.kernel.errors import NotSignedIn
from kouan.kernel.principal import Principal
from kouan.kernel.signals import Frame
from kouan.kernel.text import Text
from kouan.operations.onemap import viewing, wire
from kouan.operations.onemap.frames import Taking
from kouan.operations.onemap.scene import GONE_AFTER_MS, Card, Scene, inside, ships
from kouan.operations.onemap.viewing import Hub, Viewer, as_box, snapped
from kouan.operations.onemap.wire import DEGREE, DENSITY, FORGET, GONE, HEAD, RENAMED, ROW, SNAPSHOT, UPDATE

NOW = clock.now().timestamp() * 1000
CUSTOMS = Principal(org=7, slug="customs", kind="customs", user="u", roles=frozenset({"officer"}), clearance=2)
HAULIER = Principal(org=8, slug="trucker", kind="trucker", user="v", roles=frozenset({"clerk"}), clearance=2)
WORLD = as_box([-180, -90, 180, 90])


def columns(lon: list[float], lat: list[float], **more: float) -> dict[str, Any]:
    """Columns of positions with nothing else known."""
    rows = len(lon)
    found: dict[str, Any] = {name: np.full(rows, more.get(name, np.nan)) for name in ("speed", "course", "heading", "altitude")}
    return {**found, "lon": np.array(lon), "lat": np.array(lat), "kind": np.zeros(rows, "u1"), "flags": np.ones(rows, "u1")}


def put(scene: Scene, keys: list[int], lon: list[float], lat: list[float], late_ms: float = 0, **more: Any) -> None:
    """Positions observed some milliseconds ago."""
    at = np.full(len(keys), (NOW - late_ms) * 1000)
    scene.put(np.array(keys, "u8"), at, columns(lon, lat), NOW, **more)


def scene_of(keys: list[int], lon: list[float], lat: list[float]) -> Scene:
    """A scene with some objects."""
    scene = Scene(NOW - 86_400_000)
    put(scene, keys, lon, lat)
    return scene


def read(message: bytes | str) -> tuple[Any, Any]:
    """A binary message as a client reads it: head and rows."""
    assert isinstance(message, bytes)
    head = np.frombuffer(message[: HEAD.itemsize], HEAD)[0]
    if head["kind"] == GONE:
        return head, np.frombuffer(message[HEAD.itemsize :], "<u4")
    if head["kind"] == DENSITY:
        return head, np.frombuffer(message[HEAD.itemsize + 20 :], "<u2")
    return head, np.frombuffer(message[HEAD.itemsize :], ROW)


async def held(credential: Any) -> Principal:
    """Every credential holds but one."""
    if credential == "ended":
        raise NotSignedIn(Text("已失效", "Ended"))
    return HAULIER if credential == "haulier" else CUSTOMS


def taken(viewer: Viewer) -> list[Any]:
    """What waits for a viewer, read and taken."""
    batch, viewer.outbox = viewer.outbox, []
    return [read(one) for one in batch]


def looking(hub: Hub, box: Any, who: Principal = CUSTOMS) -> Viewer:
    """A viewer that looks at a box."""
    viewer = Viewer(who, who.slug)
    hub.viewers.add(viewer)
    hub.look(viewer, box)
    return viewer


def test_snapshot_then_only_what_changed_in_view() -> None:
    scene = scene_of([1, 2, 3], [121.5, 121.6, 10.0], [36.0, 36.1, 50.0])
    hub = Hub(scene, held)
    viewer = looking(hub, as_box([121, 35.5, 122, 36.5]))
    hub.tell()
    [(head, rows)] = taken(viewer)
    assert (head["kind"], head["count"], head["total"]) == (SNAPSHOT, 2, 3)
    assert sorted(rows["lon"] / DEGREE) == [121.5, 121.6]
    assert set(rows["speed"]) == {wire.UNKNOWN}, "what is not known is not nought"
    put(scene, [1, 3], [121.51, 10.1], [36.0, 50.0])
    hub.tell()
    [(head, rows)] = taken(viewer)
    assert head["kind"] == UPDATE
    assert rows["lon"].tolist() == [1_215_100_000]
    assert not head["total"], "how many others see is not told with every change"


def test_an_object_that_leaves_the_view_is_told_once_more() -> None:
    scene = scene_of([1], [121.5], [36.0])
    hub = Hub(scene, held)
    viewer = looking(hub, as_box([121.45, 35.95, 121.55, 36.05]))
    hub.tell()
    taken(viewer)
    put(scene, [1], [140.0], [36.0])
    hub.tell()
    [(_, rows)] = taken(viewer)
    assert rows["lon"].tolist() == [1_400_000_000]
    put(scene, [1], [141.0], [36.0])
    hub.tell()
    assert taken(viewer) == []


def test_an_older_report_and_one_off_the_earth_change_nothing() -> None:
    scene = scene_of([1], [121.5], [36.0])
    scene.tick()
    put(scene, [1], [99.0], [36.0], late_ms=60_000)
    put(scene, [2, 3, 4], [181.0, np.nan, 121.0], [0.0, 0.0, -91.0])
    assert len(scene) == 1
    assert scene.rows["lon"][0] == 1_215_000_000


def test_silence_ends_an_object_and_its_slot_is_used_again_only_after_that_was_told() -> None:
    scene = scene_of([1], [121.5], [36.0])
    hub = Hub(scene, held)
    viewer = looking(hub, WORLD)
    hub.tell()
    taken(viewer)
    scene.expire(NOW + GONE_AFTER_MS + 1)
    put(scene, [2], [121.7], [36.0])
    assert scene.slot_of(2) == 1
    hub.tell()
    [(gone, slots), (update, rows)] = taken(viewer)
    assert (gone["kind"], slots.tolist()) == (GONE, [0])
    assert (update["kind"], rows["slot"].tolist()) == (UPDATE, [1])
    put(scene, [3], [121.8], [36.0])
    assert scene.slot_of(3) == 0


def test_rights_by_level_and_organisation() -> None:
    scene = scene_of([1], [121.5], [36.0])
    put(scene, [2], [121.5], [36.0], audience=(2, frozenset({"trucker"})))
    put(scene, [3], [121.5], [36.0], audience=(3, frozenset()))
    for key in (1, 2, 3):
        scene.know(key, Card(f"device:{key}", f"SIM {key}"), scene.audiences[key - 1])
    hub = Hub(scene, held)
    customs, haulier = looking(hub, WORLD), looking(hub, WORLD, HAULIER)
    hub.tell()
    assert [rows["slot"].tolist() for _, rows in taken(customs)] == [[0]]
    assert [rows["slot"].tolist() for _, rows in taken(haulier)] == [[0, 1]]
    assert "device:2" not in hub.names(customs, [0, 1, 2, 999])
    assert "device:2" in hub.names(haulier, [0, 1, 2])
    assert scene.find("sim 2", scene.allowed(CUSTOMS), 9) == []
    assert scene.find("sim 2", scene.allowed(HAULIER), 9) == [1]


def test_a_right_that_is_narrowed_takes_the_object_away() -> None:
    scene = scene_of([1], [121.5], [36.0])
    hub = Hub(scene, held)
    customs, haulier = looking(hub, WORLD), looking(hub, WORLD, HAULIER)
    hub.tell()
    assert taken(customs)
    assert taken(haulier)
    scene.know(1, Card("truck:1", "SIM"), (1, frozenset({"trucker"})))
    hub.tell()
    [(gone, slots)] = taken(customs)
    assert (gone["kind"], slots.tolist()) == (GONE, [0])
    assert [(head["kind"], len(rows)) for head, rows in taken(haulier)] == [(GONE, 1), (UPDATE, 1)]


@pytest.mark.parametrize(("missed", "kind", "flags", "count"), [(120, UPDATE, 0, 1), (2, SNAPSHOT, FORGET, 2)])
async def test_a_slow_viewer_gets_what_it_missed_or_after_long_all_while_others_go_on(
    monkeypatch: pytest.MonkeyPatch, missed: int, kind: int, flags: int, count: int
) -> None:
    monkeypatch.setattr(viewing, "MISSED", missed)
    scene = scene_of([1, 2], [121.5, 121.6], [36.0, 36.0])
    hub = Hub(scene, held)
    slow, quick = looking(hub, WORLD), looking(hub, WORLD)
    gate, got = asyncio.Event(), []

    async def send(message: bytes | str) -> None:
        await gate.wait()
        got.append(read(message))

    writing = asyncio.create_task(slow.write(send))
    for step in range(5):
        hub.tell()
        await asyncio.sleep(0)
        assert taken(quick), step
        put(scene, [1], [121.5 + step / 100], [36.0])
    assert hub.skipped >= 4
    assert not slow.outbox, "nothing piles up"
    gate.set()
    await asyncio.sleep(0)
    hub.tell()
    await asyncio.sleep(0)
    slow.close(1000)
    assert await writing == 1000
    head, rows = got[-1]
    assert (head["kind"], head["flags"], len(rows)) == (kind, flags, count)
    assert rows["lon"][0] == round(121.54 * DEGREE)


async def test_a_credential_that_ended_ends_the_view_and_one_that_changed_is_looked_at_anew() -> None:
    hub = Hub(scene_of([1], [121.5], [36.0]), held)
    ended, changed = Viewer(CUSTOMS, "ended"), Viewer(CUSTOMS, "haulier", WORLD, fresh=False)
    hub.viewers |= {ended, changed}
    await hub.check()
    assert ended.closed == 4401
    assert (changed.closed, changed.who, changed.fresh) == (0, HAULIER, True)


def test_too_many_in_view_come_as_counts_by_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "MOST_ROWS", 50)
    scene = scene_of(list(range(60)), [121.5] * 60, [36.0 + n / 1000 for n in range(60)])
    hub = Hub(scene, held)
    viewer = looking(hub, WORLD)
    hub.tell()
    [(head, counts)] = taken(viewer)
    assert (head["kind"], head["count"], int(counts.sum())) == (DENSITY, 60, 60)


def test_what_is_known_anew_is_marked_once() -> None:
    scene = scene_of([1], [121.5], [36.0])
    scene.know(1, Card("vessel:mmsi:1", "SIM ONE", (100, 50, 12, 12)))
    row = scene.tick().rows[0]
    assert (row["flags"] & RENAMED, row["length"], row["beam"]) == (RENAMED, 75, 24)
    scene.know(1, Card("vessel:mmsi:1", "SIM ONE", (100, 50, 12, 12)))
    assert len(scene.tick().rows) == 0


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-180, 179.9), st.floats(-89, 88), st.floats(0.001, 300), st.floats(0.001, 100), st.floats(0, 1), st.floats(0, 1)
)
def test_the_cells_of_a_view_hold_all_of_it(west: float, south: float, width: float, height: float, x: float, y: float) -> None:
    east, north = west + min(width, 359.0), min(south + height, 90.0)
    box = snapped(west, south, east, north)
    lon = (west + (east - west) * x + 180) % 360 - 180
    lat = south + (north - south) * y
    assert inside(np.array([round(lon * DEGREE)]), np.array([round(lat * DEGREE)]), box)[0]


@pytest.mark.parametrize("given", [None, [], [1, 2, 3], ["a", 1, 2, 3], [1, 2, 1, 3], [0, 5, 1, 4], [float("nan")] * 4, {"w": 1}])
def test_what_is_no_view_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match="view"):
        as_box(given)


class Known:
    """What the platform's numbers would answer."""

    async def stated(self) -> list[Entity]:
        return []

    async def entity_of(self, keys: Any) -> dict[int, Entity]:
        return {key: Entity(5, "vehicle:鲁B12345", "truck", "鲁B12345", 2, True, ("trucker",)) for key in keys if key & 255 == 5}


async def test_frames_become_ships_with_names_and_what_is_unknown_is_seen_by_nobody() -> None:
    scene = Scene(NOW - 86_400_000)
    taking = Taking(scene, cast("Numbers", Known()))
    truck, strange = entity_key("truck", 5), entity_key("tag", 6)
    keys = np.array([413000001, truck, strange], "u8")
    columns_ = {**columns([121.5] * 3, [36.0] * 3), "key": keys, "at": np.full(3, int(NOW * 1000))}
    taking.frame(static(413000001), NOW)
    taking.frame(Frame("position", columns_), NOW)
    taking.frame(Frame("reading", {"key": keys}), NOW)
    assert scene.allowed(CUSTOMS).sum() == 1
    assert scene.count(scene.allowed(HAULIER)) == 1
    await taking.name()
    assert scene.count(scene.allowed(HAULIER)) == 2
    assert scene.count(scene.allowed(CUSTOMS)) == 1
    card = scene.cards[scene.slot_of(413000001) or 0]
    assert (card.ref, card.name, card.hull) == ("vessel:mmsi:413000001", "SIM ONE", (120, 30, 12, 13))
    assert scene.find("鲁b12", scene.allowed(HAULIER), 5) == [scene.slot_of(truck)]


def test_stations_and_aircraft_that_report_by_ais_are_themselves_and_no_ships() -> None:
    scene = Scene(NOW - 86_400_000)
    taking = Taking(scene, cast("Numbers", Known()))
    # A coast station's MMSI is as small as a number that the platform gives.
    base, aid, aircraft = mmsi_key("station", 4_132_101), mmsi_key("station", 994_131_234), mmsi_key("aircraft", 111_413_001)
    keys = np.array([base, aid, aircraft], "u8")
    taking.frame(static(aid), NOW)
    taking.frame(Frame("position", {**columns([121.5] * 3, [36.0] * 3), "key": keys, "at": np.full(3, int(NOW * 1000))}), NOW)
    assert scene.count(scene.allowed(CUSTOMS)) == 3
    cards = {key: scene.cards[scene.slot_of(key) or 0] for key in (base, aid, aircraft)}
    assert [card.ref for card in cards.values()] == ["station:mmsi:004132101", "station:mmsi:994131234", "aircraft:mmsi:111413001"]
    assert cards[aid].name == "SIM ONE"
    assert [own_ref(key) for key in (413000001, entity_key("aircraft", 0x780A12), entity_key("station", 7))] == [
        "vessel:mmsi:413000001", "aircraft:icao:780a12", ""]  # fmt: skip
    later = Scene(NOW - 86_400_000)
    told = {"lon": 121.5, "lat": 36.0, "at": clock.now().isoformat()}
    ships(later, [{**told, "mmsi": "004132101", "kind": "station", "name": "SIM BASE"}, {**told, "mmsi": "413000001", "kind": "ship"}], NOW)
    slots = [later.slot_of(base), later.slot_of(413000001)]
    assert [int(later.rows["kind"][slot or 0]) for slot in slots] == [7, 0]


def static(key: int) -> Frame:
    """A ship's particulars."""
    frame = Frame("vessel_static", {
        "key": np.array([key], "u8"), "name": np.array([b"SIM ONE@@"], "S20"), "to_bow": np.array([120], "u2"),
        "to_stern": np.array([30], "u2"), "to_port": np.array([12], "u2"), "to_starboard": np.array([13], "u2"),
    })  # fmt: skip
    return frame.complete(VesselStatic.columns)
