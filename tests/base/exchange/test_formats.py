"""Formats: every sample can be filed, messages of others are read, and no body is more than refused."""

from __future__ import annotations

import os
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs.sheet import to_xlsx
from kouan.base.exchange.drafts import settled
from kouan.base.exchange.service.names import check_names
from kouan.base.exchange.sheets import cell
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Draft, Format, Reading, Submission, Unread, format_named
from kouan.kernel.keepable import validated
from kouan.kernel.port import prepare
from kouan.kernel.principal import PLATFORM
from kouan.kernel.records import record_type
from kouan.kernel.store.ops import Site
from kouan.kernel.words import every
from tests.base.conftest import House
from tests.base.exchange.bodies import CALL, RAIL, call, cuscar, declaration, fal, post, rail, sample

SHARED = Path(os.environ.get("KOUAN_SHARED") or Path(__file__).parents[4] / "shared")
FILERS = {
    "base.manifest.manifest": "carrier", "base.manifest.consignment": "carrier", "base.manifest.rail_manifest": "carrier",
    "base.portcall.port_call": "agent", "base.portcall.person_aboard": "agent", "base.place.place": "portoffice",
    "base.declaration.declaration": "trader", "base.receipt.response": "customs",
}  # fmt: skip
SITE = Site("CNWHH", "9901")


def read(code: str, body: bytes, record: str = "") -> Reading:
    found = format_named(code)
    assert found is not None
    return found.read(body, record=record, office="9901")


async def test_every_sample_can_be_downloaded_and_filed(house: House) -> None:
    async with house.client("agent") as agent:
        listed = (await agent.get("/api/samples")).json()
        assert {one["format"] for one in listed} >= {"edifact", "wco-dec", "imo-fal", "imo-fal-xlsx", "imo-fal-csv", "csv", "xlsx", "json"}
        assert len({one["name"] for one in listed}) == len(listed)
        assert not [one["name"] for one in listed if {*record_type(one["record"]).facts.filers} == {"platform"}]
        assert (await agent.get("/api/samples/nosuch")).status_code == 404
    first = {"edifact": 0, "imo-fal": 1}
    for one in sorted(listed, key=lambda one: first.get(one["format"], 2)):
        if one["record"] not in FILERS:
            continue
        async with house.client(FILERS[one["record"]]) as filer:
            body = (await filer.get(one["href"])).content
            answer = await post(filer, one["format"], body, record=one["record"])
        taken = answer.status_code == 201 or (answer.status_code == 200 and answer.json()["accepted"])
        said = answer.json().get("code") or next(iter(answer.json().get("refused", [])), {}).get("code")
        assert taken or said == "natural_key_kept", f"{one['name']}: {answer.text}"


def test_every_base_record_has_samples_in_every_sheet_and_json() -> None:
    for code in ("csv", "xlsx", "json"):
        found = format_named(code)
        assert found is not None
        assert set(FILERS) <= {sample.record for sample in found.samples()}, code


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared messages are not here")
def test_published_declarations_are_read() -> None:
    bodies = [path.read_bytes() for path in SHARED.rglob("hmrc-cds/examples/*/*") if path.suffix.lower() == ".xml"]
    declarations = [body for body in bodies if b"DEC-DMS:2" in body and b"submitdeclaration" not in body]
    assert len(declarations) > 50
    assert all(_taken("wco-dec", body) for body in declarations)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared messages are not here")
def test_a_published_cargo_report_is_read() -> None:
    found = next(SHARED.rglob("edifact.D95B.CUSCAR.EDI"))
    assert _taken("edifact", found.read_bytes())


def _taken(code: str, body: bytes) -> bool:
    try:
        parts = read(code, body).parts
    except Refused:
        return False
    assert all(isinstance(part, Submission) for part in parts)
    for part in parts:
        if isinstance(part, Submission):
            prepare([settled(draft, PLATFORM, SITE) for draft in part.drafts], PLATFORM)
    return True


def judged(reading: Reading) -> None:
    """Everything that intake does with a reading before the database: only refusals may come of it."""
    for part in reading.parts:
        if isinstance(part, Unread):
            assert part.problems
            continue
        drafts = [settled(draft, PLATFORM, SITE) for draft in part.drafts]
        try:
            check_names(drafts, PLATFORM)
            prepared = prepare(drafts, PLATFORM)
        except Refused:
            continue
        for one in prepared:
            text = orjson.dumps(one.record.model_dump(mode="json"))
            assert b"\\u0000" not in text.replace(b"\\\\", b"")


SEEDS = {
    "edifact": [cuscar], "wco-dec": [declaration], "imo-fal": [fal],
    "imo-fal-xlsx": [lambda: sample("fal-workbook.xlsx")],
    "imo-fal-csv": [lambda: sample("fal-crew-list.csv"), lambda: sample("fal-dangerous-goods.csv")],
    "json": [lambda: orjson.dumps(call()), lambda: orjson.dumps([rail(), rail()])],
    "csv": [lambda: b"waybill,wagon,entered_at,gross_kg\nA,1,2026-11-22T03:20:00Z,7\n"],
    "xlsx": [lambda: to_xlsx(["waybill", "wagon", "entered_at"], [["A", 1, "2026-11-22T03:20:00Z"]])],
}  # fmt: skip
ODD = (
    b"\x00", b"\xff", b"\xc3", b"'", b"+", b"?", b"<", b">", b"&#0;", b"]]>", b"\\u0000", b"\\ud800", b"1e999", b"NaN",
    b"-", b"9" * 400, b"[" * 300, b"\xe6\xb5\xb7", b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00", b'"', b"",
)  # fmt: skip


def mutated(chance: random.Random, body: bytes) -> bytes:
    """A body with some of it cut, doubled, swapped or made odd."""
    for _ in range(chance.randrange(1, 5)):
        at, to = sorted(chance.randrange(len(body) + 1) for _ in range(2))
        to = min(to, at + chance.choice((0, 1, 8, 200)))
        body = body[:at] + chance.choice((*ODD, body[at:to] * 2, bytes([chance.randrange(256)]))) + body[to:]
    return body


@pytest.mark.parametrize("code", sorted(SEEDS))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_a_damaged_body_is_refused_or_read(code: str, seed: int) -> None:
    chance = random.Random(seed)
    body = mutated(chance, chance.choice(SEEDS[code])())
    record = RAIL if code in ("csv", "xlsx") else CALL if code == "json" else ""
    try:
        reading = read(code, body, record)
    except Refused:
        return
    judged(reading)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(sorted({name for record in FILERS for name in record_type(record).fields}))


@settings(max_examples=300, deadline=None)
@given(record=st.sampled_from(sorted(FILERS)), data=st.dictionaries(FIELDS, JSON, max_size=8))
def test_any_json_is_refused_or_kept_as_it_is(record: str, data: dict[str, Any]) -> None:
    found = format_named("json")
    assert found is not None
    example = next(sample for sample in found.samples() if sample.record == record)
    draft = Draft(record, {**orjson.loads(example.body), **data})
    judged(Reading([Submission((draft,))]))


async def test_no_damaged_body_makes_a_fault_at_the_door(house: House) -> None:
    chance = random.Random(20261122)
    statuses: dict[int, int] = {}
    async with house.client("carrier") as carrier, house.client("trader") as trader:
        for number in range(260):
            code = sorted(SEEDS)[number % len(SEEDS)]
            body = mutated(chance, chance.choice(SEEDS[code])())
            client = trader if code == "wco-dec" else carrier
            record = RAIL if code in ("csv", "xlsx") else CALL
            answer = await post(client, code, body, record=record)
            assert answer.status_code in (200, 201, 409, 422), f"{code} {number}: {answer.text}"
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
    assert statuses[422] > 50
    assert sum(statuses.values()) == 260


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"stores": "a\x00b"}, "nul"),
        ({"eta": "0001-01-01T00:00:00+14:00"}, "time"),
        ({"eta": "2030-01-01T00:00:00"}, "timezone_aware"),
        ({"gross_tonnage": "nan"}, "less_than_equal"),
    ],
)
async def test_what_cannot_be_kept_is_refused(house: House, changes: dict[str, Any], rule: str) -> None:
    async with house.client("agent") as agent:
        answer = await post(agent, "json", call(**changes), record=CALL)
    assert answer.status_code == 422, answer.text
    assert answer.json()["rule"] == rule


@pytest.mark.parametrize("depth", [40, 200, 900, 5000])
async def test_what_is_nested_too_deeply_is_refused(house: House, depth: int) -> None:
    place = b'{"code": "CNWHH/X", "kind": "yard", "name_zh": "x", "name_en": "x", "geometry": '
    body = place + b'{"type": "Point", "coordinates": ' + b"[" * depth + b"]" * depth + b"}}"
    async with house.client("portoffice") as office:
        answer = await post(office, "json", body, record="base.place.place")
        batch = await post(office, "json", b"[" + body + b"]", record="base.place.place")
    assert answer.status_code == 422, answer.text
    assert batch.status_code == 422 or batch.json()["refused"]


async def test_numbers_beyond_what_can_be_kept_are_refused(house: House) -> None:
    item = {"sequence": 1, "packages": "9" * 30}
    wide = {"functional_reference": "A", "function_code": "9", "items": [item]}
    lost = {"functional_reference": "B", "function_code": "9", "gross_kg": "inf"}
    async with house.client("trader") as trader:
        answers = [await post(trader, "json", body, record="base.declaration.declaration") for body in (wide, lost)]
        item_cell = b'"[{""sequence"":1,""packages"":99999999999999999999999}]"'
        sheet = b"functional_reference,function_code,gross_kg,items\nC,9,nan,\nD,9,1," + item_cell + b"\n"
        rows = await post(trader, "csv", sheet, record="base.declaration.declaration")
    assert [(a.status_code, a.json()["field"]) for a in answers] == [(422, "items.0.packages"), (422, "gross_kg")]
    assert [part["field"] for part in rows.json()["refused"]] == ["gross_kg", "items.0.packages"]


@pytest.mark.parametrize(
    ("record", "field", "value", "expected"),
    [
        (CALL, "crew_count", "1,021", "1021"),
        (CALL, "crew_count", "21", "21"),
        (CALL, "voyage", 2611, "2611"),
        (CALL, "security_level", "2", 2),
        (RAIL, "containers", "A;B、C", ["A", "B", "C"]),
        (CALL, "dangerous", '{"un_number": "1203"}', [{"un_number": "1203"}]),
    ],
)
def test_cells_are_made_what_the_field_is(record: str, field: str, value: Any, expected: Any) -> None:
    assert cell(record_type(record).model_fields[field].annotation, value) == expected


@pytest.mark.parametrize(
    "text",
    ["2026-11-23 14:00", "2026/11/23 14:00", "2026年11月23日 14:00", "2026.11.23 14:00:00", "202611231400", 20261123140000,
     "2026-11-23 14:00 +0800", "20261123T140000+0800"],
)  # fmt: skip
def test_a_sheet_s_time_is_the_port_s(text: Any) -> None:
    moment = cell(record_type(CALL).model_fields["eta"].annotation, text)
    draft = settled(Draft(CALL, {"eta": moment}), PLATFORM, SITE)
    assert draft.data["eta"].isoformat() == "2026-11-23T14:00:00+08:00"


@pytest.mark.parametrize("value", ["46349", 46349, 46349.5, "1795425000", 1795425000, "23112026", 20261123, "20261123", True])
def test_no_moment_is_made_of_a_number(value: Any) -> None:
    # To pydantic each of these but the last is a number of seconds since 1970.
    with pytest.raises(Refused) as refused:
        validated(record_type(CALL), {"eta": value})
    assert "structure.datetime_type" in [problem.code for problem in refused.value.problems if problem.field == "eta"]
    made = cell(record_type(CALL).model_fields["eta"].annotation, value)
    assert made == (datetime(2026, 11, 23) if str(value) == "20261123" else value)  # noqa: DTZ001 - the port's own, without zone as yet


def test_formats_state_what_they_take() -> None:
    for format_ in every(Format):
        assert format_.title.zh
        assert format_.standard
        assert all(record == "*" or record_type(record) for record in format_.records)
