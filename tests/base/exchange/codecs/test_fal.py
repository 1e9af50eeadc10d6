"""The FAL general declaration as JSON: strict, placed, in both languages."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs import fal
from kouan.base.exchange.codecs.problem import CodecError, Problem


@pytest.fixture(scope="module")
def notice(sample: Callable[[str], bytes]) -> dict[str, Any]:
    """The sample as plain data."""
    found: dict[str, Any] = json.loads(sample("fal-wanghai.json"))
    return found


def problems(data: Any) -> tuple[Problem, ...]:
    """What a notice is refused for."""
    with pytest.raises(CodecError) as refusal:
        fal.read(json.dumps(data).encode())
    return refusal.value.problems


def test_the_sample_reads_in_full(sample: Callable[[str], bytes]):
    found = fal.read(sample("fal-wanghai.json"))
    assert (found.ship_id.imo_number, found.ship_id.mmsi_number) == ("9321483", "414999001")
    assert found.voyage_number == "2611E"
    assert found.port_of_arrival.un_lo_code == "CNWHH"
    assert found.port_of_arrival.arrival_time is not None
    assert [member.duty for member in found.crew_list] == ["Master", "Chief Officer", "Chief Engineer"]
    assert found.dangerous_goods[0].un_number == "0336"
    assert found.security is not None
    assert found.security.current_ship_security_level == 1
    assert fal.read(fal.write(found)) == found
    assert fal.read(b"\xef\xbb\xbf" + fal.write(found)) == found
    assert not fal.warnings(found)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("ShipID", "IMONumber"), "93214", "string_pattern_mismatch"),
        (("ShipID", "IMONumber"), 9321483, "string_type"),
        (("ShipID", "Nonsense"), 1, "extra_forbidden"), (("VoyageNumber",), None, "string_type"),
        (("PortOfArrival", "ArrivalTime"), "2026-11-23T06:00:00", "timezone_aware"),
        (("PortOfArrival", "UNLoCode"), "CN1HH", "string_pattern_mismatch"),
        (("PersonsOnboard", "NumberOfCrew"), -1, "greater_than_equal"),
        (("PersonsOnboard", "NumberOfCrew"), "3", "int_type"),
        (("CrewList", 1, "DateOfBirth"), "1985-02-30", "date_parsing"),
        (("PortOfArrival", "ArrivalTime"), "20261123", "datetime_type"), (("PortOfArrival", "ArrivalTime"), 1795425000, "datetime_type"),
        (("Security", "CurrentShipSecurityLevel"), 4, "literal_error"),
        (("HealthData", "PersonDied"), "no", "bool_type"), (("CallPurpose",), ["theft"], "literal_error"),
    ],
)  # fmt: skip
def test_wrong_values_are_told_with_their_place(notice: dict[str, Any], path: tuple[Any, ...], value: Any, code: str):
    changed = json.loads(json.dumps(notice))
    part = changed
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    problem = problems(changed)[0]
    assert problem.position.startswith("/" + "/".join(map(str, path)))
    assert problem.code == f"fal.{code}"
    assert problem.reason.zh
    assert problem.reason.en


def test_contradictions_are_refused(notice: dict[str, Any]):
    late = {**notice, "PortOfArrival": {**notice["PortOfArrival"], "DepartureTime": "2026-11-20T00:00:00Z"}}
    assert [p.code for p in problems(late)] == ["fal.times"]
    strange = {"FamilyName": "NOBODY", "GivenName": "X", "ArticleName": "Camera", "Quantity": 1, "UnitCode": "C62"}
    owned = {**notice, "DutiableCrewEffects": [strange]}
    assert [(p.code, p.position) for p in problems(owned)] == [("fal.effects.owner", "/DutiableCrewEffects/0")]
    denied = {**notice, "DangerousGoodsCargoIndicator": False}
    assert [p.code for p in problems(denied)] == ["fal.dangerous"]


def test_lists_that_do_not_add_up_are_warnings(notice: dict[str, Any]):
    doubled = {**notice, "CrewList": [notice["CrewList"][0]] * 2, "DutiableCrewEffects": []}
    found = fal.warnings(fal.read(json.dumps(doubled).encode()))
    assert [w.code for w in found] == ["fal.crew", "fal.twice"]
    assert "E00000001" not in str(found)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"null", b"\xff\xfe{", b"[" * 100_000, b'{"a": NaN}', b"{}"])
def test_other_bodies_are_refused(body: bytes):
    with pytest.raises(CodecError):
        fal.read(body)


def test_the_schema_names_every_field(notice: dict[str, Any]):
    schema = fal.schema()
    assert set(notice) <= set(schema["properties"])
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"ShipID", "VoyageNumber", "PortOfArrival"}


KEYS = st.sampled_from(["ShipID", "CrewList", "VoyageNumber", "x"])
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)), max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(data=JSON)
def test_any_json(refused: Callable[..., Any], data: Any):
    assert refused(partial(fal.read, json.dumps(data).encode()))


def test_damaged_samples_finish_and_refuse_politely(sample: Callable[[str], bytes], refused: Callable[..., Any]):
    body = sample("fal-wanghai.json")
    chance = random.Random(20261121)
    for _ in range(1_000):
        damaged = bytearray(body)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        refused(partial(fal.read, bytes(damaged)))
        assert refused(partial(fal.read, body[: chance.randrange(len(body) - 3)]))
