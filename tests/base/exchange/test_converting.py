"""A manifest goes from EDIFACT to JSON and back without a field lost; what is invalid is reported with its place."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact.as_json import InterchangeDoc, from_json, to_json
from kouan.base.exchange.codecs.edifact.model import Segment, interchange, message
from kouan_sim.identifiers import References
from kouan_sim.messages import cuscar
from kouan_sim.traders import Desk
from tests.conftest import Running

TO_JSON, BACK = "/api/convert/edifact/json", "/api/convert/json/edifact"
text = st.text("AZaz09 +:'?*.\"\\/中é☃", max_size=8)
element = st.lists(text, min_size=1, max_size=4).map(tuple)
segments = st.tuples(st.sampled_from(["BGM", "FTX", "LOC", "NAD"]), st.lists(element, min_size=1, max_size=5).map(tuple)).map(
    lambda told: Segment(*told)
)


@settings(max_examples=25, deadline=None)
@given(st.lists(segments, min_size=1, max_size=8), st.sampled_from(["3", "4"]))
def test_whatever_a_message_holds_is_the_same_behind_json(held: list[Segment], version: str) -> None:
    one = message("1", ("CUSCAR", "D", "95B", "UN"), tuple(held))
    whole = interchange(("UNOW", version), ("A",), ("B",), ("261122", "0900"), "1", (one,))
    (read,) = edifact.read(edifact.write(whole)).interchanges
    told = json.loads(json.dumps(to_json(read)))
    assert from_json(InterchangeDoc.model_validate(told)) == read
    assert edifact.write(from_json(InterchangeDoc.model_validate(told))) == edifact.write(read)


@pytest.mark.clause("H12.2c*")
def test_a_manifest_is_converted_and_back_and_an_invalid_one_is_reported(platform: Running, tmp_path: Path) -> None:
    refs = References()
    voyage = Desk(refs, "CNV").voyage(datetime.now(UTC) + timedelta(hours=6), 3)
    sent = cuscar(voyage, datetime.now(UTC))
    with platform.client("carrier") as carrier:
        answer = carrier.post(TO_JSON, content=sent)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        (one,) = told["messages"]
        assert (one["type"], one["valid"], one["problems"]) == ("CUSCAR", True, [])
        assert {"base.manifest.manifest", "base.manifest.consignment"} == {record["record"] for record in one["records"]}
        back = carrier.post(BACK, json=told)
        assert back.status_code == 200, back.text
        assert back.content == sent.replace(b"\r\n", b""), "all but the line ends, which mean nothing"
        # Nothing was filed by that.
        number = next(r["data"]["number"] for r in one["records"] if r["record"] == "base.manifest.manifest")
        assert carrier.get("/api/records/base/manifest/manifest", params={"number": number}).json()["items"] == []
        # Cut off, miscounted, without its number: each with its place.
        cut = carrier.post(TO_JSON, content=sent[: len(sent) // 2])
        assert cut.status_code == 422
        assert all(problem["reason"]["zh"] and problem["position"] for problem in cut.json()["problems"])
        miscounted = copy.deepcopy(told)
        miscounted["interchanges"][0]["body"][0]["segments"].pop()
        slip = carrier.post(BACK, json=miscounted)
        assert (slip.status_code, slip.headers["X-Kouan-Notices"]) == (200, "edifact.note.unt-count"), "one too many is a common slip"
        miscounted["interchanges"][0]["body"][0]["segments"].pop()
        refused = carrier.post(BACK, json=miscounted)
        assert refused.status_code == 422
        assert any("UNT" in problem["field"] for problem in refused.json()["problems"]), refused.text
        nameless = copy.deepcopy(told)
        held = nameless["interchanges"][0]["body"][0]
        held["segments"] = [s for s in held["segments"] if s["tag"] != "BGM"]
        held["trailer"]["elements"][0] = str(len(held["segments"]) + 2)
        reread = carrier.post(TO_JSON, content=carrier.post(BACK, json=nameless).content).json()
        assert reread["messages"][0]["valid"] is False
        assert reread["messages"][0]["problems"]
        assert carrier.post(BACK, json={"interchanges": [{"charset": "UNOA"}]}).status_code == 422
    path, out = tmp_path / "manifest.edi", tmp_path / "manifest.json"
    path.write_bytes(sent)
    assert platform.cli("convert", str(path), "--out", str(out), org="carrier").returncode == 0
    done = platform.cli("convert", str(out), org="carrier")
    assert done.returncode == 0
    assert done.stdout == sent.decode().replace("\r\n", "")


def test_service_characters_beyond_ascii_are_refused_with_their_field(platform: Running) -> None:
    told = {"interchanges": [{"charset": "UNOA", "separators": {"element": "ð"}, "header": None, "body": [], "trailer": None}]}
    with platform.client("carrier") as carrier:
        answer = carrier.post("/api/convert/json/edifact", json=told)
    assert answer.status_code == 422
    assert "separators" in answer.json()["field"]
