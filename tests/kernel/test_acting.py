"""Lifecycles: moves of parallel tracks by those who may, when they may, on the version that they saw; and amendments."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from kouan.kernel.errors import Conflict, Denied, NotFound, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.port import Message
from kouan.kernel.rules import Kept
from kouan.kernel.store import reading
from kouan.kernel.store.shape import items, versions
from tests.kernel.harness import KEYS, House, Orgs, outcomes, who

CASE, THING = "test.store.case", "test.store.thing"


async def case(house: House, number: str = "C-1", **more: Any) -> Kept:
    return await house.kept("case", {"number": number, **more})


def states(kept: Kept) -> dict[str, str]:
    return {name: track["state"] for name, track in kept.tracks.items()}


def test_an_action_is_found_by_its_name_or_by_its_track(nouns: ModuleType) -> None:
    life = lifecycle_of(CASE)
    assert life is nouns.CaseLife
    found = [life.find(name) for name in ("shut", "customs.finish", "border.finish", "finish", "gone", "gone.finish")]
    assert [(track.name, action.to) for track, action in filter(None, found)] == [
        ("border", "shut"), ("customs", "done"), ("border", "done"), ("customs", "done"),
    ]  # fmt: skip
    assert found[4:] == [None, None]
    assert lifecycle_of(THING) is None


async def test_tracks_move_side_by_side_and_make_one_state(house: House) -> None:
    kept = await case(house)
    assert (states(kept), kept.state) == ({"customs": "open", "border": "open"}, "open")
    kept = await house.port.act(who("border"), CASE, kept.id, "border.finish")
    assert (states(kept), kept.state, kept.version) == ({"customs": "open", "border": "done"}, "open", 2)
    assert kept.tracks["border"]["by"] == "border"
    assert kept.tracks["border"]["due"] is None
    kept = await house.port.act(who("customs"), CASE, kept.id, "customs.finish")
    assert (states(kept), kept.state) == ({"customs": "done", "border": "done"}, "done")
    assert await house.value("select state from r_test_store_case") == "done"


async def test_a_version_that_only_moves_its_record_stands_on_what_was_stated_before(house: House, nouns: ModuleType) -> None:
    kept = await case(house)
    await house.port.act(who("border"), CASE, kept.id, "border.finish")
    assert [row["n"] for row in await house.rows("select doc is null n from version order by version")] == [False, True]
    async with house.reading("border") as conn:
        found = await reading.history(conn, row_id(kept))
        row = await reading.one(conn, nouns.Case, row_id(kept))
        told = await versions(conn, nouns.Case, found, who("border"), KEYS, Orgs(), row.org if row else 0)
    assert [one["data"]["number"] for one in told] == ["C-1", "C-1"]
    assert [one["changed"] for one in told][1] == []


async def test_two_agencies_at_the_same_moment_both_move(house: House) -> None:
    kept = await case(house)
    done = await outcomes(
        house.port.act(who("border"), CASE, kept.id, "border.finish"),
        house.port.act(who("customs"), CASE, kept.id, "customs.finish"),
    )
    assert not [one for one in done if isinstance(one, BaseException)]
    row = (await house.rows("select version, state from r_test_store_case"))[0]
    assert tuple(row) == (3, "done")


@pytest.mark.parametrize(
    ("by", "role", "action", "failure"),
    [
        ("trader", "officer", "customs.finish", Denied), ("border", "officer", "customs.finish", Denied),
        ("customs", "viewer", "customs.finish", Denied), ("customs", "security-admin", "customs.finish", Denied),
        ("rival", "officer", "border.shut", NotFound), ("customs", "officer", "gone", NotFound),
        ("customs", "officer", "customs.reopen", Conflict), ("customs", "officer", "amend", Denied),
    ],
)  # fmt: skip
async def test_who_may_not_does_not(house: House, by: str, role: str, action: str, failure: type) -> None:
    kept = await case(house)
    with pytest.raises(failure):
        await house.port.act(who(by, role), CASE, kept.id, action)
    assert await house.value("select count(*) from version") == 1
    assert await house.value("select count(*) from ledger_entry") == 1


async def test_an_action_open_to_all_is_open_to_readers_only(house: House) -> None:
    kept = await case(house)
    assert states(await house.port.act(who("trader", "clerk"), CASE, kept.id, "shut"))["border"] == "shut"


async def test_some_actions_are_the_filers_alone(house: House) -> None:
    kept = await case(house)
    for other in ("customs", "border"):
        with pytest.raises(Denied):
            await house.port.act(who(other), CASE, kept.id, "border.recall")
    assert states(await house.port.act(who("trader"), CASE, kept.id, "border.recall"))["border"] == "shut"


async def test_an_unknown_record_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        await house.port.act(who("customs"), CASE, uuid4(), "customs.finish")
    with pytest.raises(NotFound):
        await house.port.get(who("customs"), CASE, uuid4())
    kept = await case(house)
    with pytest.raises(NotFound):
        await house.port.get(who("rival"), CASE, kept.id)


async def test_an_action_sets_only_what_it_may(house: House) -> None:
    kept = await case(house)
    with pytest.raises(Refused) as caught:
        await house.port.act(who("customs"), CASE, kept.id, "customs.finish", changes={"number": "C-2"})
    assert (caught.value.code, caught.value.field) == ("field_not_set", "number")
    with pytest.raises(Refused) as caught:
        await house.port.act(who("customs"), CASE, kept.id, "customs.finish", changes={"grade": 9})
    assert caught.value.problems[0].field == "grade"
    with pytest.raises(Refused):
        await house.port.act(who("customs"), CASE, kept.id, "customs.finish", changes={"verdict": "a\x00"})
    kept = await house.port.act(who("customs"), CASE, kept.id, "customs.finish", changes={"verdict": "good", "grade": 2})
    assert (kept.data.verdict, kept.data.grade) == ("good", 2)
    assert await house.value("select f_verdict from r_test_store_case") == "good"


async def test_rules_of_the_moment_hold_an_action_back(house: House) -> None:
    await house.file("quota", {"code": "Q", "total": 1}, by="customs")
    first, second = await case(house, "C-1", quota="Q"), await case(house, "C-2", quota="Q")
    await house.port.act(who("customs"), CASE, first.id, "customs.finish")
    with pytest.raises(Refused) as caught:
        await house.port.act(who("customs"), CASE, second.id, "customs.finish")
    assert caught.value.problems[0].out()["reason"] == {"zh": "已有一件办结", "en": "Another one is done"}
    verdicts = await house.port.judged(who("customs"), "close", second)
    assert [(finding.rule.code, finding.met, finding.rule.owner) for finding in verdicts] == [("T5", False, "customs")]


async def test_a_stale_version_is_a_conflict_and_one_of_many_wins(house: House, nouns: ModuleType) -> None:
    kept = await house.kept("thing", {"number": "N-1"})
    calls = [
        house.port.amend(who("trader"), nouns.Thing(number="N-1", count=n), kept.id, 1, str(n).encode()) for n in range(20)
    ]
    found = await outcomes(*calls)
    assert len([one for one in found if isinstance(one, Kept)]) == 1
    assert {one.code for one in found if isinstance(one, Conflict)} == {"stale_version"}
    assert await house.value("select version from r_test_store_thing") == 2


async def test_an_amendment_replaces_content_references_and_readers(house: House, nouns: ModuleType) -> None:
    kept = await house.kept("thing", {"number": "N-1", "boxes": ["B1"], "partner": "agent", "secret": "s"})
    record = nouns.Thing(number="N-1", boxes=("B2",), partner="rival", count=5)
    after = await house.port.amend(who("trader"), record, kept.id, 1, b"2")
    assert (after.version, after.data.secret) == (2, None)
    refs = await house.rows("select ref from ref order by ref")
    assert [row["ref"] for row in refs] == ["box:B2", "org:rival", "thing:TRADER/N-1"]
    row = (await house.rows("select f_boxes, f_count, readers from r_test_store_thing"))[0]
    assert (row["f_boxes"], row["f_count"]) == (["box:B2"], 5)
    with pytest.raises(NotFound):
        await house.port.get(who("agent"), THING, kept.id)
    assert (await house.port.get(who("rival"), THING, kept.id)).version == 2
    async with house.reading("rival") as conn:
        assert [v["version"] for v in await reading.history(conn, row_id(kept))] == [2]
    async with house.reading("agent") as conn:
        assert await conn.fetchval("select count(*) from ref where ref = 'box:B1'") == 0


def row_id(kept: Kept) -> Any:
    return type(uuid4())(kept.id)


@pytest.mark.parametrize(
    ("by", "number", "failure"),
    [("rival", "N-1", NotFound), ("border", "N-1", Denied), ("trader", "N-2", Conflict)],
)
async def test_who_or_what_may_not_amend(
    house: House, nouns: ModuleType, by: str, number: str, failure: type
) -> None:
    kept = await house.kept("thing", {"number": "N-1"})
    with pytest.raises(failure):
        await house.port.amend(who(by), nouns.Thing(number=number), kept.id, 1, b"x")
    with pytest.raises(Denied):
        await house.port.amend(who("trader", "viewer"), nouns.Thing(number="N-1"), kept.id, 1, b"x")


async def test_an_amendment_is_judged_by_the_rules_of_filing(house: House, nouns: ModuleType) -> None:
    kept = await house.kept("thing", {"number": "N-1", "colour": "odd"})
    with pytest.raises(Refused, match="Too many"):
        await house.port.amend(who("trader"), nouns.Thing(number="N-1", count=2_000_000), kept.id, 1, b"x")
    after = await house.port.amend(who("trader"), nouns.Thing(number="N-1", colour="red"), kept.id, 1, b"x")
    assert after.warnings == ()
    again = await house.port.amend(who("trader"), nouns.Thing(number="N-1", colour="odd"), kept.id, 2, b"x")
    assert [w["code"] for w in again.warnings] == ["T2"]


async def test_a_report_is_not_amended(house: House, nouns: ModuleType) -> None:
    kept = await house.kept("remark", {"about": "thing:X", "text": "a"})
    with pytest.raises(Denied):
        await house.port.amend(who("trader"), nouns.Remark(about="thing:X", text="a"), kept.id, 1, b"x")


async def test_sealed_fields_survive_an_amendment_and_stay_sealed(house: House, nouns: ModuleType) -> None:
    draft = Draft("test.store.dossier", {"number": "D-1", "person": "p1", "name": "Wang", "code": "SECRET"})
    kept = (await house.port.file(who("agent"), [draft])).kept[0]
    line = await house.value("select to_jsonb(t)::text from r_test_store_dossier t")
    assert "Wang" not in line
    assert "SECRET" not in line
    assert "HUMAN:P1" not in line.upper()
    record = nouns.Dossier(number="D-1", person="p1", name="Li", code="SECRET", remark="r")
    await house.port.amend(who("agent"), record, kept.id, 1, b"x")
    async with house.reading("agent") as conn:
        (row,) = [await reading.one(conn, nouns.Dossier, row_id(kept))]
        (item,), restricted = await items(conn, nouns.Dossier, [row], who("agent", clearance=4), KEYS, Orgs())
        found = await reading.history(conn, row.id)
        told = await versions(conn, nouns.Dossier, found, who("agent", clearance=4), KEYS, Orgs(), row.org)
    assert (item["data"]["name"], item["data"]["code"]) == ("Li", "SECRET")
    assert restricted == [row.ref]
    assert [v["data"]["name"] for v in told] == ["Wang", "Li"]
    assert [v["changed"] for v in told][1] == ["name", "remark"]


async def test_a_person_is_the_same_token_everywhere_parts_included(house: House) -> None:
    await house.port.file(who("agent"), [Draft("test.store.dossier", {"number": "D-1", "person": "E123"})])
    await house.file("thing", {"number": "N-1", "lines": [{"human": "E123"}]})
    token = KEYS.token("human:E123")
    assert await house.value("select count(*) from ref where ref = $1", token) == 2
    everything = await house.rows("select to_jsonb(t)::text j from r_test_store_thing t")
    everything += await house.rows("select to_jsonb(t)::text j from version t")
    everything += await house.rows("select to_jsonb(t)::text j from ref t")
    assert not [row for row in everything if "E123" in row["j"]]


async def test_the_act_and_its_note_are_told_and_proved(house: House) -> None:
    kept = await case(house)
    await house.port.act(who("customs"), CASE, kept.id, "customs.finish", note="fine")
    data = await house.value("select data from event where topic = $1", f"{CASE}:finish")
    assert (data["note"], data["code"], data["state"], data["track"]) == ("fine", "accepted", "done", "customs")
    entries = await house.rows("select id::text from ledger_entry")
    assert data["receipt"] in {row["id"] for row in entries}
    await asyncio.sleep(0)


async def test_an_act_that_a_message_asks_for_is_a_submission_of_its_own(house: House) -> None:
    kept = await case(house)
    message = Message("wire", b"<finish/>", "k-1")
    done = await house.port.act_by(who("customs"), CASE, kept.id, "customs.finish", message, note="done")
    assert done.kept[0].state == "open"
    assert states(done.kept[0])["customs"] == "done"
    row = (await house.rows("select * from submission where id = $1::uuid", done.receipt))[0]
    assert (row["format"], row["size"], [one["id"] for one in row["records"]]) == ("wire", 9, [kept.id])
    assert str(await house.value("select submission from idempotency where key = 'k-1'")) == done.receipt
    entries = await house.rows("select id from ledger_entry where id = $1::uuid", done.receipt)
    assert len(entries) == 1
    with pytest.raises(Conflict):
        await house.port.act_by(who("customs"), CASE, kept.id, "customs.finish", replace(message, key="k-2"))
    assert await house.value("select count(*) from submission") == 2


async def test_actions_that_follow_are_taken_in_the_same_transaction(house: House) -> None:
    kept = await case(house)
    acted = await house.port.act(
        who("customs"), CASE, kept.id, "customs.finish", changes={"grade": 3}, then=("customs.reopen", "border.shut")
    )
    assert (states(acted), acted.version) == ({"customs": "open", "border": "shut"}, 4)
    row = (await house.rows("select version, tracks, f_number, doc from r_test_store_case"))[0]
    assert (row["version"], row["tracks"]["border"]["state"], row["f_number"], row["doc"]["grade"]) == (4, "shut", "C-1", 3)
    told = await house.rows("select version, action from version order by version")
    assert [tuple(one) for one in told] == [(1, "filed"), (2, "finish"), (3, "reopen"), (4, "shut")]
    assert await house.value("select count(*) from ledger_entry") == 4
    assert await house.value("select count(distinct at) from version") == 2
    assert await house.value("select count(*) from ref where record = 'test.store.case'") == 1


async def test_actions_that_follow_end_where_they_may_not_go_on(house: House) -> None:
    kept = await case(house)
    acted = await house.port.act(
        who("customs"), CASE, kept.id, "customs.finish", then=("border.finish", "customs.reopen")
    )
    assert (states(acted), acted.version) == ({"customs": "done", "border": "open"}, 2)
    with pytest.raises(Conflict):
        await house.port.act(who("customs"), CASE, kept.id, "customs.finish", then=("customs.reopen",))
    assert await house.value("select version from r_test_store_case") == 2


async def test_an_action_that_follows_waits_for_what_another_holds(house: House) -> None:
    await house.kept("quota", {"code": "Q-9", "total": 5}, by="customs")
    cases = [await case(house, f"C-{at}", quota="quota:Q-9") for at in range(4)]
    acted = await outcomes(
        *(house.port.act(who("customs"), CASE, one.id, "border.shut", then=("customs.finish",)) for one in cases)
    )
    assert all(isinstance(one, Kept) and states(one)["border"] == "shut" for one in acted), acted
    rows = await house.rows("select tracks, version from r_test_store_case")
    assert sorted((row["tracks"]["customs"]["state"], row["version"]) for row in rows) == [("done", 3), *[("open", 2)] * 3]
