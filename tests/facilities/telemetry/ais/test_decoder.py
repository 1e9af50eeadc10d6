"""The AIS decoder against an independent encoder of all 27 messages, cut anywhere, damaged anyhow."""

from __future__ import annotations

import random
from functools import reduce
from itertools import pairwise
from operator import xor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.drivers.ais.decoder import Decoder
from kouan.facilities.telemetry.drivers.ais.driver import AisDriver
from kouan.facilities.telemetry.drivers.ais.parts import DISTANCE, KEPT
from kouan.facilities.telemetry.drivers.ais.sentences import LINE_MOST
from kouan.facilities.telemetry.drivers.ais.values import Unread, fields
from kouan_sim.ais_messages import chance, payload
from tests.conftest import SHARED
from tests.facilities.telemetry.ais import streams

SAMPLE = SHARED / "ais" / "pyais" / "nmea_data_sample.txt"
GOOD = b"!AIVDM,1,1,,A,33P;Tw0tjBQO22:E7dm66DrB20UP,0*2E"
PARTS = (
    b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    b"!AIVDM,2,2,1,A,88888888880,2*25",
)


def summed(body: bytes) -> bytes:
    return b"!%s*%02X" % (body, reduce(xor, body, 0))


def tagged(block: bytes, line: bytes) -> bytes:
    return b"\\%s*%02X\\%s" % (block, reduce(xor, block, 0), line)


@pytest.mark.parametrize("code", streams.CODES)
def test_every_message_in_columns_and_alone(code: str) -> None:
    source = random.Random(code)
    said = [chance(code, source) for _ in range(20)]
    sentences = [line for values in said for line in streams.Talker().sentences(payload(code, values))]
    found = Decoder().feed("\r\n".join(sentences).encode() + b"\r\n")
    family = found.families[streams.FAMILY.get(code, code)]
    assert found.messages == len(said) == len(family["line"])
    assert not found.refused
    for place, values in enumerate(said):
        columns = streams.row(family, place)
        signs, fill = payload(code, values)
        alone = fields(signs.encode(), fill)
        streams.check(code, values, columns)
        streams.check(code, values, alone)
        assert alone.get("data") == columns.get("data")


@given(st.integers(0, 2**32), st.lists(st.integers(0, 40_000), max_size=8))
@settings(max_examples=10, deadline=None)
def test_cuts_anywhere_change_nothing(seed: int, cuts: list[int]) -> None:
    sentences, _ = streams.stream(seed, 30)
    chance_of = random.Random(seed)
    ends = [chance_of.choice(["\n", "\r\n", "\r"]) for _ in sentences]
    order = sorted(range(len(sentences)), key=lambda n: n + chance_of.random() * 6)
    body = "".join(sentences[n] + ends[n] for n in order).encode()
    places = sorted({0, *(cut % len(body) for cut in cuts), len(body)})
    whole = streams.together([body])
    cut = streams.together([body[a:b] for a, b in pairwise(places)])
    assert cut == whole
    assert streams.balanced(whole[1])


@given(st.integers(0, 2**32), st.data())
@settings(max_examples=15, deadline=None)
def test_damage_is_counted_and_never_raised(seed: int, data: st.DataObject) -> None:
    body = bytearray("\n".join(streams.stream(seed, 12)[0]).encode() + b"\n")
    for place, byte in data.draw(st.lists(st.tuples(st.integers(0, len(body) - 1), st.integers(0, 255)), max_size=30)):
        body[place] = byte
    body += b"\n"  # the last line's end may be what was damaged
    families, counts = streams.together([bytes(body)])
    assert streams.balanced(counts)
    assert sum(len(f["line"]) for code, f in families.items() if "." not in code) == counts["messages"]
    assert alone(bytes(body)) == [(n, cause) for n, cause in sorted(Decoder().feed(bytes(body)).refusals)]


def test_a_sentence_cut_by_a_line_end_does_not_borrow_from_the_next_line() -> None:
    body = b"\\s:SIM-1,c:1763770000*74\\!\nIVDM,1,1,,A,h,0*00\n"
    assert Decoder().feed(body).refusals == [(0, "not_ais"), (1, "not_ais")]
    assert alone(body) == [(0, "not_ais"), (1, "not_ais")]


def alone(body: bytes) -> list[tuple[int, str]]:
    """The refusals of lines that are read one by one."""
    decoder, refused = Decoder(), []
    for number, line in enumerate(line for line in body.replace(b"\r", b"\n").split(b"\n") if line):
        try:
            decoder.line(line)
        except Unread as cause:
            refused += [(number, str(cause))] if str(cause) != "blank" else []
    return refused


@given(st.lists(st.binary(max_size=300), max_size=10))
@settings(max_examples=20, deadline=None)
def test_rubbish_is_never_raised(chunks: list[bytes]) -> None:
    assert streams.balanced(streams.together([*chunks, b"\n"])[1])


@given(st.binary(min_size=1, max_size=60), st.integers(0, 63), st.integers(0, 9))
@settings(max_examples=50, deadline=None)
def test_any_payload_with_a_right_checksum(body: bytes, kind: int, fill: int) -> None:
    signs = bytes([48 + kind if kind < 40 else 56 + kind]) + bytes(
        48 + b % 40 if b % 64 < 40 else 56 + b % 64 for b in body
    )
    line = summed(b"AIVDM,1,1,,A,%s,%d" % (signs, fill))
    found = Decoder().feed(line + b"\n")
    assert found.messages + sum(found.refused.values()) == 1
    assert [cause for _, cause in found.refusals] == [cause for _, cause in alone(line)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_parts_in_any_order(order: tuple[int, int]) -> None:
    found = Decoder().feed(b"\n".join(PARTS[n] for n in order) + b"\n")
    assert found.families["5"]["name"].tolist() == [b"EVER DIADEM"]
    assert (found.messages, found.parts, found.waiting) == (1, 1, 0)


def test_parts_of_two_ships_on_two_channels_do_not_mix() -> None:
    other = [summed(part[1:-3].replace(b",A,", b",B,")) for part in PARTS]
    found = Decoder().feed(b"\n".join([PARTS[0], other[0], other[1], PARTS[1]]) + b"\n")
    assert found.messages == 2


def test_a_sequence_number_that_comes_round_again_starts_anew() -> None:
    decoder = Decoder()
    assert decoder.feed(PARTS[0] + b"\n").waiting == 1
    decoder.feed((GOOD + b"\n") * (DISTANCE + 1))
    found = decoder.feed(PARTS[1] + b"\n")
    assert (found.messages, found.waiting, found.noted["incomplete"]) == (0, 1, 1)
    assert decoder.feed(PARTS[0] + b"\n").messages == 1


def test_parts_of_a_group_share_the_first_tag_block() -> None:
    lines = tagged(b"g:1-2-77,s:SIM-2,c:1763770000", PARTS[0]), tagged(b"g:2-2-77", PARTS[1])
    decoder = Decoder()
    family = decoder.feed(b"\n".join(lines) + b"\n").families["5"]
    assert family["simulated"].tolist() == [True]
    assert family["at"].tolist() == [1_763_770_000_000_000]
    assert decoder.sources.names()[family["source"][0]] == "SIM-2"


@pytest.mark.parametrize(
    ("line", "at"),
    [
        (tagged(b"s:x,c:1763770000", GOOD), 1_763_770_000_000_000),
        (tagged(b"c:1763770000123,s:x", GOOD), 1_763_770_000_123_000),
        (tagged(b"c:1763770000", GOOD).replace(b"\\!", b"0\\!"), 0),
        (b"2021-01-01T00:00:00Z " + GOOD, 1_609_459_200_000_000),
        (b"2021-01-01 08:00:00.5+08:00," + GOOD, 1_609_459_200_500_000),
        (b"2021-01-01 00:00:00 " + GOOD, 0),
        (GOOD + b",1609459200", 1_609_459_200_000_000),
        (GOOD + b",s31200,d-093,T49.19,rRDSULI1,1609459200", 1_609_459_200_000_000),
        (b"1609459200.25 " + GOOD, 1_609_459_200_250_000),
        (b"noise" + GOOD, 0),
        (GOOD[:-2] + b"2e", 0),
    ],
)
def test_stamps_around_a_sentence(line: bytes, at: int) -> None:
    found = Decoder().feed(line + b"\n")
    assert found.families["1"]["at"].tolist() == [at]
    heard = Decoder().line(line)
    assert heard is not None
    assert heard.at == at


def test_what_is_wrong_is_counted_by_cause() -> None:
    lines = {
        "checksum": GOOD[:-1] + b"F", "not_ais": b"hello", "empty": b"!AIVDM,1,1,,B,,0*25", "other_sentence": b"$GPGGA,1,2*00",
        "fill": summed(b"AIVDM,1,1,,A,33P;Tw0tjBQO22:E7dm66DrB20UP,6"), "malformed": b"!AIVDM,1,1,,A,33P;Tw0",
        "parts": summed(b"AIVDM,1,2,,A,33P;Tw0tjBQO22:E7dm66DrB20UP,0"), "short": summed(b"AIVDM,1,1,,A,33P;Tw0,0"),
        "payload": summed(b"AIVDM,1,1,,A,33P;Tw0tjBQO22:E7dm66DrB20U~,0"), "type_0": summed(b"AIVDM,1,1,,A,03P;Tw0tj,0"),
        "variant": summed(b"AIVDM,1,1,,A,H3P;Tw<tjBQO22:E7dm66DrB20UP,0"), "too_long": b"!AIVDM," + b"0" * LINE_MOST,
    }  # fmt: skip
    found = Decoder().feed(b"\n".join([*lines.values(), GOOD]) + b"\n")
    assert found.messages == 1
    assert dict(found.refused) == dict.fromkeys(lines, 1)
    assert sorted(found.refusals) == list(enumerate(lines))


def test_endless_line_takes_no_memory() -> None:
    decoder = Decoder()
    refused = sum(sum(decoder.feed(b"A" * 65536).refused.values()) for _ in range(160))
    assert refused == 1
    assert len(decoder._rest) <= LINE_MOST
    assert decoder.feed(b"\n" + GOOD + b"\n").messages == 1


def test_unfinished_messages_are_bounded() -> None:
    decoder = Decoder()
    for source in range(KEPT * 2):
        decoder.line(tagged(b"s:S%d" % source, PARTS[0]))
    assert len(decoder.assembly) <= KEPT


def test_frames_carry_positions_and_particulars() -> None:
    driver = AisDriver()
    decoded = driver.decode(b"\n".join([tagged(b"s:SIM-1,c:1763770000", GOOD), *PARTS]) + b"\n")
    frames = {frame.signal: frame for frame in decoded.frames}
    position = frames["position"]
    assert position["key"].tolist() == [235_070_716]
    assert position["at"].tolist() == [1_763_770_000_000_000]
    assert position["flags"].tolist() == [1]
    assert 20 < position["lon"][0] < 21
    assert frames["vessel_static"]["name"].tolist() == [b"EVER DIADEM"]
    assert frames["vessel_static"]["flags"].tolist() == [0]


def test_other_messages_come_as_single_observations() -> None:
    source = random.Random(5)
    lines = [
        line for code in ("8", "12", "20") for line in streams.Talker().sentences(payload(code, chance(code, source)))
    ]
    decoded = AisDriver().decode("\n".join(lines).encode() + b"\n")
    assert [row["type"] for row in decoded.observations] == [8, 12, 20]
    assert not decoded.frames


@pytest.mark.skipif(not SAMPLE.exists(), reason="the published log is not here")
def test_published_log_has_exactly_the_refused_ones() -> None:
    found = Decoder().feed(SAMPLE.read_bytes() + b"\n")
    assert (found.lines, dict(found.refused)) == (898, {"empty": 100})
    assert len(found.families["1"]["line"]) + len(found.families["18"]["line"]) == 762
    assert np.isfinite(found.families["1"]["lon"]).mean() > 0.9


def test_the_driver_reads_its_samples() -> None:
    assert AisDriver.check() is None
