"""Finding a person's number in texts, bodies and sheets, however it is written, and nobody else's."""

from __future__ import annotations

import base64
import io
import json
import string
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.exchange.api import to_xlsx
from kouan.base.reference.api import PersonRef  # noqa: F401 - declares the kinds
from kouan.kernel import mention
from kouan.kernel.mention import Sought
from kouan.kernel.references import make, spellings
from kouan.kernel.vault import Vault

SIGNS = string.digits + string.ascii_uppercase
NUMBER = st.text(SIGNS, min_size=6, max_size=18).filter(lambda text: any(sign.isdigit() for sign in text))
FULL_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in SIGNS}


def sought(number: str) -> Sought:
    return Sought.of([make("person", f"P/CN/{number}")])


@given(NUMBER, st.sampled_from(["", " ", "-", " - ", "\u2011", "\n"]), st.booleans(), st.booleans())
def test_a_number_is_found_in_any_spelling(number: str, between: str, small: bool, wide: bool) -> None:
    written = between.join(number)
    written = written.lower() if small else written.translate(FULL_WIDTH) if wide else written
    assert sought(number).told(f"crew: {written}, master")
    assert sought(number).within(json.dumps({"n": written}).encode())
    assert sought(number).within(json.dumps({"n": written}, ensure_ascii=False).encode("utf-16"))
    assert sought(number).within(f"NAD+FM+++{written}'DOC+39+{written}'".encode("gb18030", "replace"))
    assert sought(number).within(base64.urlsafe_b64encode(f'{{"padding": "{"x" * 40}", "n": "{written}"}}'.encode()))


@given(NUMBER, NUMBER)
def test_a_short_number_is_not_found_in_a_longer_one(number: str, more: str) -> None:
    assert sought(number).told(f"{number}{more}Z") or len(number) < 8
    assert not sought(number[:6]).told(f"{number[:6]}{more}Z")
    assert not sought("E" + number).told(f"only {more.replace('E', 'F')}")


@given(NUMBER)
def test_a_number_is_found_in_a_sheet_and_taken_out_of_reasons(number: str) -> None:
    body = to_xlsx(["n", "who"], [["1", "nobody"], ["2", f"{number[:3]}-{number[3:]}"]])
    assert sought(number).within(body)
    assert not sought("E" + number + "9").within(body)
    assert sought(number).within(body[: len(body) // 2]) is None, "a broken archive is told as such"
    told = sought(number).scrubbed([{"reason": {"zh": f"号码 {number} 有误"}, "at": 3}, "nothing"])
    assert number not in json.dumps(told, ensure_ascii=False)
    assert told[1] == "nothing"
    assert told[0]["at"] == 3


@given(st.data(), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=12))
def test_no_archive_whatever_is_forged_in_it_stops_a_search(data: st.DataObject, forged: list[tuple[int, int]]) -> None:
    body = bytearray(to_xlsx(["n", "who"], [["1", "nobody"], ["2", "A12-34567"]]))
    for place, value in forged:
        body[-1 - place % (len(body) - 4)] = value  # the directory stands at the end
    cut = data.draw(st.integers(4, len(body)))
    for one in (bytes(body), bytes(body[:cut]), b"PK\x03\x04" + bytes(body[cut:])):
        assert sought("A1234567").within(one) in (True, False, None)


def test_of_an_archive_that_unpacks_to_very_much_a_part_is_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mention, "MOST_UNPACKED", 1000)
    told = io.BytesIO()
    with zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", "A1234567")
        archive.writestr("b", "x" * 5000)
        archive.writestr("c", "B7654321")
    assert sought("A1234567").within(told.getvalue()) is True
    assert sought("B7654321").within(told.getvalue()) is None


def test_what_has_no_number_is_not_looked_for() -> None:
    assert not Sought.of(["person:T_ABCDEFGHIJKLMNOPQRSTUVWXYZ"])
    assert not Sought.of(["person:P/CN/12"])
    named = Sought.of(["person:N/OAKES/JANE/1990-01-01/ABC123"])
    assert named.told("TIF+OAKES+JANE' RFF+AVF:ABC123'")
    assert not named.told("TIF+OAKES+MARY' RFF+AVF:ABC123'")


def test_an_identity_card_has_one_spelling_and_its_former_token_is_known() -> None:
    ref = make("person", " id/cn/37028319900101 2345 ")
    assert ref == "person:I/CN/370283199001012345"
    vault = Vault.of(b"k" * 32)
    assert set(vault.tokens(ref)) == {vault.token(ref), vault.token("person:ID/CN/370283199001012345")}
    assert spellings("person:P/CN/E00000001") == ("person:P/CN/E00000001",)
