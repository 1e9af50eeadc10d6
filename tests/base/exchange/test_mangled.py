"""Messages of every format, mangled: each is refused with a clear reason at a place, or read; nothing else ever comes out."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact.answers import Verdict
from kouan.base.exchange.formats.edifact.format import READERS
from kouan.base.exchange.outgoing import Fact, written
from kouan.base.exchange.service.answering import rendered
from kouan.kernel.errors import Problem, Refused
from kouan.kernel.formats import Format, Sample, Submission, Unread, format_named
from kouan.kernel.records import record_type
from kouan.kernel.text import Text
from kouan.kernel.words import every
from tests.base.conftest import load
from tests.base.conveyance.test_passengers import PNR
from tests.base.exchange.codecs.test_edifact_packages import NASTY, package

load()
AT = datetime(2026, 11, 22, 3, 4, tzinfo=UTC)
DIVISIONS = {"edifact": rb"(?<=')", "xml": rb"(?=<)", "json": rb"(?<=[,{\[])", "": rb"(?<=\n)"}
"""Where the pieces of a message end: segments, elements, members, lines."""
ROUNDS, SHEETS = 80, 6
"""Manglings of each sample; fewer of workbooks, which take longer to open."""


def answers() -> dict[str, bytes]:
    """CONTRL, APERAK and CUSRES as we send them ourselves."""
    cargo = next(sample.body for sample in samples("edifact") if sample.name.startswith("cuscar"))
    frame = edifact.parse(cargo)
    wrong = Problem("edifact.unt.count", "UNT/0074", "ISO 9735", Text("不符", "differs"), "message 1, segment 9, byte 99")
    said = Problem("cuscar.goods", "GID", "CUSCAR", Text("缺少货物", "no goods"), "message 1, segment 7, byte 70")
    response = {"about": "manifest:CARRIER/M-1", "code": "rejected", "reference": "C1", "at": AT, "reason_en": "no", "number": "N1"}
    fact = Fact("base.receipt.response", "response:x", 1, response, "CNWHH", "carrier", "01a20204-80ef-7cce-8153-d3e37e78fc1f", AT)
    return {
        "contrl": rendered(frame, [wrong], {}, "en"),
        "aperak": rendered(frame, [], {1: Verdict("M-1", "9", (said,), accepted=False)}, "zh"),
        "cusres": written("edifact", fact).body, "package": cargo[: cargo.rindex(b"UNZ")] + package(NASTY) + cargo[cargo.rindex(b"UNZ") :],
    }  # fmt: skip


def samples(code: str) -> list[Sample]:
    """A format's own samples; of formats that take any record, some."""
    found = format_named(code)
    assert found is not None
    several = list(found.samples())
    return several[:: max(1, len(several) // 4)] if found.records == ("*",) else several


def material() -> list[tuple[str, str, bytes, str]]:
    """(format, name, body, record) of every message that is mangled."""
    ours = sorted(f.code for f in every(Format) if f.__module__.startswith("kouan.base."))
    own = [(code, s.name, s.body, s.record) for code in ours for s in samples(code)]
    return [*own, *(("edifact", name, body, "") for name, body in answers().items()), ("edifact", "pnrgov", PNR, "")]


def mangled(body: bytes, chance: random.Random, division: bytes) -> bytes:
    """Bytes flipped, or pieces dropped, doubled or swapped."""
    pieces = re.split(division, body)
    at, other = chance.randrange(len(pieces)), chance.randrange(len(pieces))
    match chance.randrange(5):
        case 0:
            del pieces[at]
        case 1:
            pieces.insert(at, pieces[other])
        case 2:
            pieces[at], pieces[other] = pieces[other], pieces[at]
        case 3:
            pieces = pieces[: at + 1]
        case _:
            flipped = bytearray(body)
            for _ in range(chance.choice((1, 1, 3))):
                flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
            return bytes(flipped)
    return b"".join(pieces)


def clear(problems: tuple[Problem, ...], code: str) -> None:
    assert problems
    for one in problems:
        assert one.code
        assert one.reason.zh
        assert one.reason.en
        assert code != "edifact" or re.search(r"byte \d|message \d|segment \d", one.position), one


MATERIAL = material()


@pytest.mark.parametrize("one", MATERIAL, ids=[f"{code}-{name}" for code, name, _, _ in MATERIAL])
def test_a_mangled_message_is_refused_with_its_place_or_read(one: tuple[str, str, bytes, str]) -> None:
    code, name, body, record = one
    format_ = format_named(code)
    assert format_ is not None
    division = DIVISIONS[next((kind for kind in ("edifact", "json", "xml") if kind in format_.media), "")]
    chance, refused, read = random.Random(f"{code}/{name}"), 0, 0
    for _ in range(SHEETS if body.startswith(b"PK") else ROUNDS):
        try:
            parts = format_.read(mangled(body, chance, division), record=record, office="9901").parts
        except Refused as wrong:
            clear(tuple(wrong.problems) or (Problem(wrong.code, wrong.field, wrong.rule, wrong.reason, "byte 0"),), code)
            refused += 1
            continue
        read += 1
        for part in parts:
            if isinstance(part, Unread):
                clear(part.problems, code)
            for draft in part.drafts if isinstance(part, Submission) else ():
                try:
                    record_type(draft.record).model_validate(draft.data)
                except ValidationError:
                    assert draft.record  # the structure is judged, and refused with its field, when it is filed
    assert refused + read > 0


def test_every_message_type_is_mangled() -> None:
    read = [edifact.read(body).interchanges for code, _, body, _ in MATERIAL if code == "edifact"]
    assert {message.type for found in read for interchange in found for message in interchange.messages} >= set(READERS)
