"""The vault: sealed values open with their subject's key at their place alone; erased, they open no more."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from kouan.kernel.vault import Vault, master_key, open_all, seal, unseal
from tests.kernel.harness import House

KEY, OTHER = b"1" * 32, b"2" * 32
VAULT = Vault.of(b"m" * 32)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_sealed_opens_again(value: Any) -> None:
    assert unseal(KEY, "r/name", seal(KEY, "r/name", value)) == value


@given(st.text(min_size=4))
def test_a_sealed_value_never_holds_its_text_and_never_repeats(value: str) -> None:
    first, second = seal(KEY, "r/name", value), seal(KEY, "r/name", value)
    assert first != second
    assert value not in first


def test_a_sealed_value_does_not_open_elsewhere() -> None:
    sealed = seal(KEY, "record-1/name", "Wang")
    assert unseal(OTHER, "record-1/name", sealed) is None
    assert unseal(KEY, "record-2/name", sealed) is None
    assert unseal(KEY, "record-1/code", sealed) is None


def test_a_changed_value_does_not_open() -> None:
    sealed = seal(KEY, "r/name", "Wang")
    changed = ("A" if sealed[30] != "A" else "B").join((sealed[:30], sealed[31:]))
    assert unseal(KEY, "r/name", changed) is None


def test_an_erased_subject_gives_nothing() -> None:
    sealed = {"name": seal(KEY, "r/name", "Wang")}
    assert open_all({"human:T": KEY}, "human:T", "r", sealed) == {"name": "Wang"}
    assert open_all({}, "human:T", "r", sealed) == {}


def test_a_token_is_keyed_stable_and_its_own_token() -> None:
    token = VAULT.token("human:P/CN/E1")
    assert token.startswith("human:T_")
    assert len(token) == len("human:T_") + 26
    assert VAULT.token("human:P/CN/E1") == token == VAULT.token(token)
    assert VAULT.token("human:P/CN/E2") != token
    assert Vault.of(b"n" * 32).token("human:P/CN/E1") != token


def test_a_blind_index_tells_equality_within_one_field_only() -> None:
    assert VAULT.blind("a.code", "1") == VAULT.blind("a.code", "1")
    assert len({VAULT.blind("a.code", "1"), VAULT.blind("a.code", "2"), VAULT.blind("b.code", "1")}) == 3
    assert Vault.of(b"n" * 32).blind("a.code", "1") != VAULT.blind("a.code", "1")


def test_a_wrapped_key_opens_for_its_subject_and_port_alone() -> None:
    wrapped = VAULT.wrap(KEY, "human:T_1")
    assert VAULT.unwrap(wrapped, "human:T_1") == KEY
    with pytest.raises(InvalidTag):
        VAULT.unwrap(wrapped, "human:T_2")
    with pytest.raises(InvalidTag):
        Vault.of(b"n" * 32).unwrap(wrapped, "human:T_1")


def test_the_master_key_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        master_key(tmp_path)
    made = master_key(tmp_path, create=True)
    assert len(made) == 32
    assert master_key(tmp_path, create=True) == made == master_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "keys" / "master").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


async def test_subject_keys_are_made_once_and_gone_when_destroyed(house: House) -> None:
    async with house.port.pool.acquire() as conn:
        assert await VAULT.subject_keys(conn, ["human:T_1"], create=False) == {}
        made = await VAULT.subject_keys(conn, ["human:T_1", "human:T_2", "human:T_1"], create=True)
        assert set(made) == {"human:T_1", "human:T_2"}
        assert await VAULT.subject_keys(conn, made, create=True) == made
        await conn.execute("delete from subject_key where subject = 'human:T_1'")
        assert set(await VAULT.subject_keys(conn, made, create=False)) == {"human:T_2"}
        again = await VAULT.subject_keys(conn, ["human:T_1"], create=True)
        assert again["human:T_1"] != made["human:T_1"]
    raw = await house.value("select wrapped from subject_key where subject = 'human:T_2'")
    assert made["human:T_2"] not in raw
