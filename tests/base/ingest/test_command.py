"""`kouan ingest`: inferred, tried, run, counted; run again it goes on, and nothing is taken twice."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from tests.conftest import Running

STATUS = "base.movement.status"


def told(platform: Running, *words: str) -> tuple[int, dict[str, Any]]:
    done = platform.cli("ingest", *words, "--json", org="terminal")
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, found


def test_a_file_is_inferred_tried_taken_and_not_taken_twice(platform: Running, tmp_path: Path) -> None:
    code, path, mapping = f"Q{secrets.token_hex(6)}", tmp_path / "状态 moves.csv", tmp_path / "mapping.json"
    path.write_bytes(
        f"箱号,状态代码,时间\n MSKU9070323,{code},2026/5/6 8:30\nMSKU9070324,{code},2026-05-06T09:00:00Z\n"
        f"CSQU3054383,{code},2026-05-07T10:00:00Z\n".encode("gb18030")
    )
    status, tried = told(platform, str(path), "--record", STATUS, "--dry-run")
    assert status == 1, "the box whose check digit is wrong"
    assert [column["name"] for column in tried["schema"]] == ["箱号", "状态代码", "时间"]
    assert tried["schema"][0]["identifier"] == "container"
    into = {one["into"]: one["column"] for one in tried["definition"]["columns"]}
    assert into["equipment"] == "箱号", into
    assert "run" not in tried
    # The suggestion may lack what a name does not tell; a mapping file says it.
    columns = [{"into": "equipment", "column": "箱号", "steps": [{"do": "trim"}]}, {"into": "code", "column": "状态代码"},
               {"into": "at", "column": "时间", "steps": [{"do": "date"}]}]  # fmt: skip
    mapping.write_text(json.dumps({"target": STATUS, "columns": columns}))
    status, done = told(platform, str(path), "--mapping", str(mapping))
    counts = done["run"]["counts"]
    assert (status, counts["taken"], counts["kept"], counts["changed"], counts["refused"]) == (1, 3, 2, 1, 1), done
    assert list(done["run"]["causes"]) == [f"{STATUS}.equipment.check-digit"]
    again = told(platform, str(path), "--mapping", str(mapping))[1]
    assert again["run"]["id"] == done["run"]["id"], "the run that there is"
    with platform.client("terminal") as client:
        assert len(client.get(f"/api/records/{STATUS.replace('.', '/')}", params={"code": code}).json()["items"]) == 2
    plain = platform.cli("ingest", str(path), "--mapping", str(mapping), org="terminal")
    assert "check-digit" in plain.stdout, "why rows were refused is said in words, too"


def test_an_upload_that_broke_off_goes_on_and_a_table_becomes_a_data_set(platform: Running, tmp_path: Path) -> None:
    path = tmp_path / f"lot-{secrets.token_hex(4)}.csv"
    path.write_text("n,港口\n" + "".join(f"{n},CNQIN\n" for n in range(2000)))
    with platform.client("terminal") as client:
        key = secrets.token_hex(8)
        one, two = (client.post("/api/ingest/uploads", params={"key": key}).json()["id"] for _ in range(2))
        assert one == two
        first, rest = f"n,who\n1,{key}".encode(), b"-2\n"
        assert client.put(f"/api/ingest/uploads/{one}", params={"offset": 0}, content=first).json()["size"] == len(first)
        assert client.post("/api/ingest/uploads", params={"key": key}).json() == {"id": one, "size": len(first)}
        assert client.put(f"/api/ingest/uploads/{one}", params={"offset": 0}, content=rest).json()["size"] == len(first)
        assert client.put(f"/api/ingest/uploads/{one}", params={"offset": len(first)}, content=rest).json()["size"] == len(first + rest)
        (lies,) = (platform.home / "staging" / "incoming").glob(f"*-{one}")
        assert key.encode() not in lies.read_bytes(), "what was uploaded lies sealed"
    with platform.client("carrier") as other:
        assert other.post("/api/ingest/uploads", params={"key": key}).json()["size"] == 0, "keys are an organisation's own"
    status, done = told(platform, str(path))
    assert (status, done["run"]["state"], done["run"]["counts"]["kept"]) == (0, "done", 2000), done
    assert done["definition"]["target"] == f"dataset:{path.stem}"


def test_what_cannot_be_taken_is_said(platform: Running, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\x00\x01")
    (tmp_path / "b.csv").write_text("a\n1\n")
    status, said = told(platform, str(tmp_path / "a.csv"))
    assert (status, said["ok"], bool(said["answer"]["reason"]["zh"])) == (1, False, True)
    status, said = told(platform, str(tmp_path / "b.csv"), "--record", "no.such.record")
    assert (status, said["ok"]) == (1, False), said
    assert told(platform, str(tmp_path / "none.csv"))[0] == 2
    assert platform.cli("ingest", str(tmp_path / "b.csv"), env={"KOUAN_TOKEN": ""}).returncode == 2
