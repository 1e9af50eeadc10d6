"""Offline permits: what is signed is believed, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.facilities.gate import tokens
from kouan.facilities.gate.agent import Agent, Shown
from kouan.kernel.suites.intl import INTL

KEY, OTHER = INTL.new_private(), INTL.new_private()
PUBLIC = KEY.public
KEYS = {tokens.key_id(PUBLIC): PUBLIC}
T = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
H = timedelta(hours=1)
CLAIMS = tokens.Claims("GP1", "CNWHH", "鲁B12345", ("MSKU9070323",), "out", T, T + 2 * H)
TOKEN = tokens.sign_permit(KEY, CLAIMS)


def agent(folder: Path, *revoked: str) -> Agent:
    found = Agent(folder, "out-1", "out")
    found.learn({name: key.hex() for name, key in KEYS.items()}, tokens.sign_revocations(KEY, T, revoked))
    return found


def test_a_permit_is_read_back_and_is_short_enough_for_a_qr_code() -> None:
    assert tokens.read_permit(TOKEN, KEYS) == CLAIMS
    assert len(TOKEN) < 330


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABCabc123-_.~鲁"))
def test_no_sign_of_a_permit_can_be_changed(at: int, sign: str) -> None:
    changed = TOKEN[:at] + sign + TOKEN[at + 1 :]
    if changed != TOKEN:
        with pytest.raises(tokens.BadToken):
            tokens.read_permit(changed, KEYS)


@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda raw: f"KP1.{raw.hex()}.{raw.hex()}"))
def test_no_text_is_taken_for_a_permit(text: str) -> None:
    with pytest.raises(tokens.BadToken):
        tokens.read_permit(text, KEYS)


def test_another_key_and_another_kind_are_refused() -> None:
    with pytest.raises(tokens.BadToken, match="key"):
        tokens.read_permit(tokens.sign_permit(OTHER, CLAIMS), KEYS)
    forged = {next(iter(KEYS)): OTHER.public}
    with pytest.raises(tokens.BadToken, match="signature"):
        tokens.read_permit(TOKEN, forged)
    listed = tokens.sign_revocations(KEY, T, ["GP1"])
    with pytest.raises(tokens.BadToken, match="form"):
        tokens.read_permit(listed, KEYS)
    with pytest.raises(tokens.BadToken, match="signature"):
        tokens.read_permit("KP1" + listed[3:], KEYS)


@pytest.mark.parametrize(
    ("shown", "at", "why"),
    [
        (Shown(TOKEN, "鲁B12345", ("MSKU9070323",)), T, "open"),
        (Shown(TOKEN, "鲁B·12345", ("msku 907032-3",)), T + 2 * H, "open"),
        (Shown(TOKEN, "鲁B12345", ("MSKU9070323",)), T - H, "early"),
        (Shown(TOKEN, "鲁B12345", ("MSKU9070323",)), T + 3 * H, "late"),
        (Shown(TOKEN, "鲁B12346", ("MSKU9070323",)), T, "vehicle"),
        (Shown(TOKEN, "鲁B12345", ()), T, "containers"),
        (Shown("KP1.x.y", "鲁B12345", ()), T, "form"),
    ],
)
def test_what_a_lane_decides_alone(tmp_path: Path, shown: Shown, at: datetime, why: str) -> None:
    said = agent(tmp_path).decide(shown, at)
    assert (said["why"], said["decision"]) == (why, "open" if why == "open" else "refuse")
    assert said["reason"]["zh"]


def test_a_permit_opens_once_at_a_lane_also_after_a_restart_and_never_when_revoked(tmp_path: Path) -> None:
    shown = Shown(TOKEN, "鲁B12345", ("MSKU9070323",))
    assert agent(tmp_path).decide(shown, T)["decision"] == "open"
    with (tmp_path / "log.jsonl").open("a") as log:
        log.write('{"id": "cut')
    later = Agent(tmp_path, "out-1", "out")
    assert later.decide(shown, T)["why"] == "used"
    assert [entry["why"] for entry in later.unreported()] == ["open", "used"]
    later.reported([later.unreported()[0]["id"]])
    assert [entry["why"] for entry in later.unreported()] == ["used"]
    assert agent(tmp_path / "b", "GP1").decide(shown, T)["why"] == "revoked"
    assert Agent(tmp_path / "c", "out-1", "out").decide(shown, T)["why"] == "bare"


def test_an_older_list_does_not_undo_a_revocation(tmp_path: Path) -> None:
    lane = agent(tmp_path, "GP1")
    hexed = {name: key.hex() for name, key in KEYS.items()}
    lane.learn(hexed, tokens.sign_revocations(KEY, T - H, []))
    assert lane.decide(Shown(TOKEN, "鲁B12345", ("MSKU9070323",)), T)["why"] == "revoked"
    with pytest.raises(tokens.BadToken):
        lane.learn(hexed, tokens.sign_revocations(OTHER, T + H, []))
