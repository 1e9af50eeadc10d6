"""Readers take what people send, tell apart what cannot be read, and never stumble over bytes."""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from kouan.base.exchange.api import to_csv
from kouan.base.ingest.readers import Options, Plain, Unreadable, media, pages, parquet, read, tree
from kouan.base.ingest.records import Source
from kouan.base.ingest.refining import Refinery
from kouan.base.ingest.sources import files
from kouan.base.ingest.sources.common import Away, Context

TABLE = "港口,数量\r\n青岛,1\n\"上\n海\",2\r\n\n宁波,3"


def taken(path: Path, body: bytes, start: int = 0, **stated: str) -> tuple[list[dict[str, Any]], list[int]]:
    path.write_bytes(body)
    rows, broken = [], []
    for piece in read(Plain(path), Options(**stated), name=path.name, start=start):
        rows += piece.table.to_pylist()
        broken += [one.row for one in piece.broken]
    return rows, broken


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_any_encoding_and_line_ends(tmp_path: Path, encoding: str) -> None:
    rows, broken = taken(tmp_path / "a.csv", TABLE.encode(encoding))
    assert [(row["_row"], row["港口"], row["数量"]) for row in rows] == [(2, "青岛", "1"), (3, "上\n海", "2"), (4, "宁波", "3")]
    assert not broken


def test_text_of_other_encodings_is_not_taken_for_chinese(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        taken(tmp_path / "a.csv", "name,n\nMüller,1\n".encode("latin-1"))


def test_rows_of_another_width_are_set_aside_and_numbers_go_on(tmp_path: Path) -> None:
    body = b"a,b\n" + b"".join(b"%d,x\n" % n if n % 10 else b"%d,x,y\n" % n for n in range(2, 5000))
    rows, broken = taken(tmp_path / "a.csv", body)
    assert all(int(row["a"]) == row["_row"] for row in rows)
    assert broken == [n for n in range(2, 5000) if not n % 10]
    rest, still = taken(tmp_path / "a.csv", body, start=4000)
    assert (rest[0]["_row"], still[0], len(rest)) == (4001, 4010, sum(row["_row"] > 4000 for row in rows))


@pytest.mark.parametrize(("name", "body"), [
    ("a.csv", b""), ("a.csv", b"\x00\x01"), ("a.csv", b"\xff\xfe\x00"), ("a.json", b'[{"a": 1}, {"a"'), ("a.json", b'{"a": 1} x'),
    ("a.xml", b"<r><i></r>"), ("a.xml", b'<!DOCTYPE r [<!ENTITY a "b">]><r><i>&a;</i></r>'), ("a.xml", b"<r/>"),
    ("a.xml", b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><r><i>x</i></r>'), ("a.parquet", b"PAR1" + b"x" * 50),
    ("a.xlsx", b"PK\x03\x04" + b"x" * 50),
])  # fmt: skip
def test_what_cannot_be_read_says_so(tmp_path: Path, name: str, body: bytes) -> None:
    with pytest.raises(Unreadable) as why:
        taken(tmp_path / name, body)
    assert why.value.reason.zh
    assert why.value.reason.en


def test_a_sheet_that_unpacks_to_too_much_is_refused_and_merged_cells_are_filled(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (200 << 20))
    with pytest.raises(Unreadable):
        taken(tmp_path / "a.xlsx", bomb.getvalue())
    sound = io.BytesIO()
    with Workbook(sound) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["港口", "箱号"])
        sheet.merge_range(1, 0, 2, 0, "青岛")
        sheet.write_column(1, 1, ["a", "b"])
    rows, _ = taken(tmp_path / "b.xlsx", sound.getvalue())
    assert [(row["港口"], row["箱号"]) for row in rows] == [("青岛", "a"), ("青岛", "b")]


def test_a_workbook_gives_one_sheet_or_all_with_merged_cells_filled(tmp_path: Path) -> None:
    """Sheets with headers in different rows and orders; rows go on counting, so that a run resumes in the middle of the second one."""
    made = io.BytesIO()
    with Workbook(made) as book:
        first, blank, second = (book.add_worksheet(name) for name in ("进口", "空", "出口"))
        first.write_row(0, 0, ["港口", "箱号"])
        first.merge_range(1, 0, 3, 0, "青岛")
        first.write_column(1, 1, ["a", "b", "c"])
        second.merge_range(0, 0, 0, 2, "")
        second.write_row(1, 0, ["箱号", "港口", "备注"])
        second.merge_range(2, 1, 3, 2, "宁波")
        second.write_column(2, 0, ["d", "e"])
        assert blank
    path = tmp_path / "moves.xlsx"
    path.write_bytes(made.getvalue())

    def shown(sheet: str, start: int = 0) -> list[tuple[int, str, str, str | None]]:
        pieces = list(read(Plain(path), Options("xlsx", sheet), name=path.name, start=start))
        return [(row["_row"], row["港口"], row["箱号"], row.get("备注")) for piece in pieces for row in piece.table.to_pylist()]

    import_ = [(2, "青岛", "a", None), (3, "青岛", "b", None), (4, "青岛", "c", None)]
    assert shown("") == shown("进口") == import_
    assert shown("出口") == [(3, "宁波", "d", "宁波"), (4, "宁波", "e", "宁波")]
    assert shown("*") == [*import_, (7, "宁波", "d", "宁波"), (8, "宁波", "e", "宁波")]
    assert shown("*", 7) == [(8, "宁波", "e", "宁波")]
    for wrong in ("转口", "空"):
        with pytest.raises(Unreadable):
            shown(wrong)


def test_xml_is_held_row_by_row_and_bounded(tmp_path: Path) -> None:
    """An envelope is looked through; depth and the size of one row have bounds; nothing outside the document is read."""
    rows = "".join(f'<m n="{n}"><port>p{n}</port></m>' for n in range(1500))
    found, _ = taken(tmp_path / "a.xml", f"<r><head>x</head>{rows}</r>".encode())
    assert [row["@n"] for row in found] == [str(n) for n in range(1500)]
    found, _ = taken(tmp_path / "b.xml", f"<r><body>{rows}</body></r>".encode())
    assert [row["port"] for row in found] == [f"p{n}" for n in range(1500)]
    deep = "<d>" * 100 + "x" + "</d>" * 100
    found, _ = taken(tmp_path / "c.xml", f"<r><m><at>1</at>{deep}</m><m><at>2</at></m></r>".encode())
    assert [row["at"] for row in found] == ["1", "2"]
    deeper = "<d>" * 3000 + "</d>" * 3000
    long = "<m>" + "<a><b><c/></b></a>" * 40_000 + "</m>"
    for body in (f"<r>{deeper}</r>", f"<r><e><x>{long}</x></e></r>", f"<r>{long}<m/></r>"):
        with pytest.raises(Unreadable) as why:
            list(read_xml_of(tmp_path / "d.xml", body))
        assert why.value.reason.zh


def read_xml_of(path: Path, body: str) -> list[dict[str, Any]]:
    """Rows of an XML text whose rows are `m`."""
    path.write_text(body)
    return [row for piece in read(Plain(path), Options("xml", "m"), name=path.name) for row in piece.table.to_pylist()]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.dictionaries(st.text(min_size=1, max_size=8),
    st.none() | st.booleans() | st.integers() | st.text(max_size=20)), max_size=12),
       st.booleans(), st.integers(1, 40))  # fmt: skip
def test_json_is_read_alike_however_it_is_cut(rows: list[dict[str, Any]], lines: bool, chunk: int) -> None:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"kouan-json-{os.getpid()}"
    path.write_text("\n".join(map(json.dumps, rows)) if lines else json.dumps(rows, indent=1))
    before, tree._CHUNK = tree._CHUNK, chunk
    try:
        assert list(tree._values(Plain(path))) == rows
    finally:
        tree._CHUNK = before
        path.unlink()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["csv", "json", "xml", "parquet", "xlsx", "media", "auto"]),
       st.binary(max_size=400) | st.sampled_from(["PK\x03\x04", "<r>", "[{", "RIFF0000WAVEfmt ", "GIF8", "fLaC",
       "ID3", "0000ftyp"]).flatmap(
           lambda head: st.binary(max_size=200).map(lambda rest: head.encode("latin-1") + rest)))  # fmt: skip
def test_no_bytes_make_a_reader_stumble(form: str, body: bytes) -> None:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"kouan-fuzz-{os.getpid()}"
    path.write_bytes(body)
    try:
        for piece in read(Plain(path), Options(form)):
            assert piece.table.num_rows or piece.broken
    except Unreadable:
        pass
    finally:
        path.unlink()


def test_formulas_stay_text_and_lead_nowhere(tmp_path: Path) -> None:
    """What a sheet would reckon is a text like any other here, and leaves the platform with a mark that keeps it one."""
    evil = ["=1+1", "+cmd|'/c calc'!A1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x","y")']
    rows, broken = taken(tmp_path / "a.csv", ("a\n" + "\n".join('"' + one.replace('"', '""') + '"' for one in evil)).encode())
    assert ([row["a"] for row in rows], broken) == (evil, [])
    for cell in to_csv(["a"], [[one] for one in evil]).decode("utf-8-sig").splitlines()[1:]:
        assert cell.lstrip('"')[0] not in "=+-@", cell


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\n\r\n"])
def test_line_ends_may_be_mixed_and_quotes_that_do_not_pair_are_told(tmp_path: Path, ends: str) -> None:
    rows, broken = taken(tmp_path / "a.csv", f"a,b\r\n1,x{ends}2,y\n3,z".encode())
    assert ([(row["a"], row["b"]) for row in rows], broken) == ([("1", "x"), ("2", "y"), ("3", "z")], [])
    rows, broken = taken(tmp_path / "a.csv", f'a,b\n1,x{ends}2,"y\n3,z\n'.encode())
    assert ([(row["a"], row["b"]) for row in rows], broken) == ([("1", "x")], [3]), "what cannot be told apart is set aside, not guessed"


def _shared(nested: bool) -> pa.Table:
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 60_000, pa.int32()), pa.array(["x" * 1_000_000]))
    return pa.table({"a": pa.ListArray.from_arrays(pa.array([0, 30_000, 60_000], pa.int32()), texts) if nested else texts})


@pytest.mark.parametrize(("nested", "stored"), [(False, False), (False, True), (True, False)])
def test_a_text_that_very_many_rows_share_is_not_multiplied(tmp_path: Path, nested: bool, stored: bool) -> None:
    """600 bytes of a file that would be 60 GB of rows: it is known before they are made."""
    pq.write_table(_shared(nested), tmp_path / "a.parquet", compression="zstd", store_schema=stored)
    assert (tmp_path / "a.parquet").stat().st_size < 2_000
    with pytest.raises(Unreadable) as why:
        list(read(Plain(tmp_path / "a.parquet"), Options()))
    assert "unpacks" in why.value.reason.en


def _varint(number: int, room: int = 0) -> bytes:
    """A number as Thrift writes it, in as many bytes as asked for."""
    out, number = bytearray(), number << 1
    while number > 127 or len(out) + 1 < room:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _lying(path: Path, true: int, said: int) -> None:
    """Let a footer state another number wherever it states one."""
    held = path.read_bytes()
    end = len(held) - 8 - int.from_bytes(held[-8:-4], "little")
    written = _varint(true)
    assert written in held[end:]
    path.write_bytes(held[:end] + held[end:].replace(written, _varint(said, len(written))))


def test_a_footer_that_lies_about_sizes_or_counts_gains_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MOST_GROUP", 1 << 20)
    monkeypatch.setattr(parquet, "MOST_VALUES", 1_000)
    monkeypatch.setattr(parquet, "_unpacked", lambda _: pytest.fail("it was unpacked before it was refused"))
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [b"\0" * 4_000_000]}), path, compression="zstd", use_dictionary=False, write_statistics=False)
    stated = pq.ParquetFile(path).metadata.row_group(0)
    _lying(path, stated.total_byte_size, 100)
    assert pq.ParquetFile(path).metadata.row_group(0).total_byte_size == 100
    with pytest.raises(Unreadable, match="unpacks"):
        list(read(Plain(path), Options()))
    same = pa.array([[b"x" * 4_000] * 900], pa.list_(pa.binary(4_000)))
    pq.write_table(pa.table({"a": same}), path, write_statistics=False)
    assert path.stat().st_size < 20_000
    with pytest.raises(Unreadable, match="unpacks"):
        list(read(Plain(path), Options()))
    pq.write_table(pa.table({"a": [[7] * 70_001]}), path, write_statistics=False)
    _lying(path, 70_001, 3)
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).num_values == 3
    with pytest.raises(Unreadable, match="unpacks"):
        list(read(Plain(path), Options()))


def test_row_groups_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": list(range(1000))}), path)
    its = pq.ParquetFile(path).metadata
    assert [one.values for one in pages.chunks(Plain(path), its)] == [1000]
    many: Any = SimpleNamespace(num_row_groups=50, row_group=lambda _: its.row_group(0))
    with pytest.raises(pages.Untrue):
        pages.chunks(Plain(path), many)


def test_columns_of_every_shape_come_as_they_are(tmp_path: Path) -> None:
    table = pa.table({
        "s": ["a", "b", None] * 9, "l": [["x", "y"], None, []] * 9, "st": [{"a": "q", "b": 1}] * 27, "b": [b"z", b"", None] * 9,
        "d": pa.array(["k", "k", "m"] * 9).dictionary_encode(), "t": [f"{n:0100}" for n in range(27)], "n": range(27),
    })  # fmt: skip
    written = {"s": "PLAIN", "t": "DELTA_BYTE_ARRAY"}
    pq.write_table(table, tmp_path / "a.parquet", use_dictionary=["l.list.element", "st.a", "b", "d"], column_encoding=written)
    [piece] = read(Plain(tmp_path / "a.parquet"), Options())
    assert piece.table.drop_columns(["_row"]).to_pylist() == table.to_pylist()
    assert piece.table.schema.field("s").type == pa.string()


def test_times_of_a_parquet_file_are_utc_with_a_zone_and_the_ports_own_without(tmp_path: Path) -> None:
    moments = [datetime(2026, 5, 6, 0, 30, tzinfo=UTC), datetime(2026, 5, 6, 0, 30, 0, 250_000, tzinfo=UTC)]
    pq.write_table(pa.table({
        "zoned": pa.array(moments, pa.timestamp("us", "Europe/Berlin")),
        "bare": pa.array([moment.replace(tzinfo=None) for moment in moments], pa.timestamp("ms")),
    }), tmp_path / "a.parquet")  # fmt: skip
    columns = [{"into": name, "column": name, "steps": [{"do": "date"}]} for name in ("zoned", "bare")]
    source = Source.model_validate({"code": "s", "name": "s", "kind": "upload", "target": "dataset:s", "columns": columns})
    refinery = Refinery(source, (), "Asia/Shanghai", typed=True)
    [piece] = read(Plain(tmp_path / "a.parquet"), Options())
    clean = refinery.refine(piece.table, moments[0], {}).clean
    refinery.close()
    assert clean.column("zoned").to_pylist() == ["2026-05-06T00:30:00Z", "2026-05-06T00:30:00.250000Z"]
    assert clean.column("bare")[0].as_py() == "2026-05-05T16:30:00Z", "wall time of the port"


def test_media_tell_their_headers(tmp_path: Path) -> None:
    exif = b"II*\x00\x08\x00\x00\x00\x01\x00\x32\x01\x02\x00\x14\x00\x00\x00\x1a\x00\x00\x00\x00\x00\x00\x00" + b"2026:11:22 08:30:00\x00"
    app1 = b"\xff\xe1" + (len(exif) + 8).to_bytes(2) + b"Exif\0\0" + exif
    jpeg = b"\xff\xd8" + app1 + b"\xff\xc0\x00\x0b\x08" + (480).to_bytes(2) + (640).to_bytes(2) + b"\x01\x01\x11\x00"
    flac = b"fLaC\x00\x00\x00\x22" + bytes(10) + (44100 << 44 | 1 << 41 | 15 << 36 | 88200).to_bytes(8) + bytes(16)
    for name, body, wanted in (
        ("a.jpg", jpeg, {"width": 640, "height": 480, "taken_at": "2026-11-22T08:30:00"}),
        ("a.flac", flac, {"seconds": 2.0, "channels": 2, "sample_rate": 44100}),
        ("a.gif", b"GIF89a\x80\x02\xe0\x01", {"width": 640, "height": 480}),
        ("a.mp3", b"\xff\xfb\x90\x00" + bytes(15996), {"seconds": 1.0, "sample_rate": 44100}),
    ):
        (tmp_path / name).write_bytes(body)
        assert wanted.items() <= media.described(Plain(tmp_path / name), name).items(), name


async def test_sftp_gives_new_files_from_the_server_whose_key_is_known(tmp_path: Path) -> None:
    asyncssh = pytest.importorskip("asyncssh")
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "a.csv").write_text(TABLE)
    key, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))

    class Accounts(asyncssh.SSHServer):  # type: ignore[misc]  # an extra that need not be there
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("tos", "secret")

    server = await asyncssh.create_server(Accounts, "127.0.0.1", 0, server_host_keys=[key], sftp_factory=True)
    place = f"127.0.0.1:{server.get_port()}"

    async def found(host_key: Any, password: str = "secret", allowed: str = place, **position: Any) -> list[str | None]:
        public = host_key.export_public_key().decode()
        source = Source(code="s", name="s", kind="sftp", target="dataset:s", address=f"sftp://{place}{tmp_path}/drop", query="*.csv",
                        host_key=public)  # fmt: skip
        context = Context(source, "s", "tos", password, {allowed}, position, tmp_path)
        return [row["港口"] async for item in files.sftp(context) async for piece in item.pieces(0) for row in piece.table.to_pylist()]

    try:
        assert await found(key) == ["青岛", "上\n海", "宁波"]
        for wrong in ({"host_key": other}, {"host_key": key, "password": "x"}, {"host_key": key, "allowed": "elsewhere:22"}):
            with pytest.raises(Away):
                await found(**wrong)
        stat = (tmp_path / "drop" / "a.csv").stat()
        assert await found(key, done={"a.csv": f"{stat.st_size}/{int(stat.st_mtime)}"}) == [], "what was taken is not taken again"
    finally:
        server.close()
        await server.wait_closed()
