"""The vault: sealed values open with their subject's key at their place alone; erased, they open no more."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.kernel.suites.known import SUITES
from kouan.kernel.suites.suite import Key, Unopened
from kouan.kernel.vault import Vault, master_key, open_all, seal, unseal
from tests.kernel.harness import House

VAULT = Vault.of(b"m" * 32)
KEYS = pytest.mark.parametrize(
    ("key", "other"), [(one.key(b"1" * 32), one.key(b"2" * 32)) for one in SUITES.values()], ids=list(SUITES)
)
VAULTS = pytest.mark.parametrize(
    ("vault", "foreign"), [(Vault.of(b"m" * 32, one), Vault.of(b"n" * 32, one)) for one in SUITES.values()], ids=list(SUITES)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@KEYS
@given(VALUES)
def test_what_is_sealed_opens_again(key: Key, other: Key, value: Any) -> None:
    assert unseal(key, "r/name", seal(key, "r/name", value)) == value


@KEYS
@given(st.text(min_size=4))
def test_a_sealed_value_never_holds_its_text_and_never_repeats(key: Key, other: Key, value: str) -> None:
    first, second = seal(key, "r/name", value), seal(key, "r/name", value)
    assert first != second
    assert value not in first


@KEYS
def test_a_sealed_value_does_not_open_elsewhere(key: Key, other: Key) -> None:
    sealed = seal(key, "record-1/name", "Wang")
    assert unseal(other, "record-1/name", sealed) is None
    assert unseal(key, "record-2/name", sealed) is None
    assert unseal(key, "record-1/code", sealed) is None


@KEYS
def test_a_changed_value_does_not_open(key: Key, other: Key) -> None:
    sealed = seal(key, "r/name", "Wang")
    changed = ("A" if sealed[30] != "A" else "B").join((sealed[:30], sealed[31:]))
    assert unseal(key, "r/name", changed) is None


@KEYS
def test_an_erased_subject_gives_nothing(key: Key, other: Key) -> None:
    sealed = {"name": seal(key, "r/name", "Wang")}
    assert open_all({"human:T": key}, "human:T", "r", sealed) == {"name": "Wang"}
    assert open_all({}, "human:T", "r", sealed) == {}


@VAULTS
def test_a_token_is_keyed_stable_and_its_own_token(vault: Vault, foreign: Vault) -> None:
    token = vault.token("human:P/CN/E1")
    assert token.startswith("human:T_")
    assert len(token) == len("human:T_") + 26
    assert vault.token("human:P/CN/E1") == token == vault.token(token)
    assert vault.token("human:P/CN/E2") != token
    assert foreign.token("human:P/CN/E1") != token


@VAULTS
def test_a_blind_index_tells_equality_within_one_field_only(vault: Vault, foreign: Vault) -> None:
    assert vault.blind("a.code", "1") == vault.blind("a.code", "1")
    assert len({vault.blind("a.code", "1"), vault.blind("a.code", "2"), vault.blind("b.code", "1")}) == 3
    assert foreign.blind("a.code", "1") != vault.blind("a.code", "1")


@VAULTS
def test_a_wrapped_key_opens_for_its_subject_and_port_alone(vault: Vault, foreign: Vault) -> None:
    wrapped = vault.wrap(b"k" * 32, "human:T_1")
    assert vault.unwrap(wrapped, "human:T_1") == b"k" * 32
    with pytest.raises(Unopened):
        vault.unwrap(wrapped, "human:T_2")
    with pytest.raises(Unopened):
        foreign.unwrap(wrapped, "human:T_1")


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
    assert made["human:T_2"].raw not in raw
