"""Hashing: the kind and cost of it, beside a running event loop, and with a bounded queue."""

from __future__ import annotations

import asyncio
import time

import pytest

from kouan.base.identity.service import passwords
from kouan.kernel.errors import Unavailable

REAL = (passwords.PASSES, passwords.KIBIBYTES)


async def test_real_cost_is_argon2id_as_owasp_advises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PASSES", REAL[0])
    monkeypatch.setattr(passwords, "KIBIBYTES", REAL[1])
    one = passwords.Passwords()
    made = await one.hash("correct horse battery")
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await one.matches(made, "correct horse battery")
    assert not await one.matches(made, "correct horse batterz")
    one.close()


async def test_an_unknown_account_costs_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PASSES", REAL[0])
    monkeypatch.setattr(passwords, "KIBIBYTES", REAL[1])
    one = passwords.Passwords()
    made = await one.hash("correct horse battery")

    async def cost(password_hash: str | None) -> float:
        started = time.process_time()
        for _ in range(4):
            assert not await one.matches(password_hash, "something else here")
        return time.process_time() - started

    known, unknown = await cost(made), await cost(None)
    assert 0.5 < unknown / known < 2.0
    one.close()


async def test_loop_goes_on_while_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PASSES", 20)
    monkeypatch.setattr(passwords, "KIBIBYTES", REAL[1])
    one = passwords.Passwords()
    hashing = asyncio.create_task(one.hash("correct horse battery"))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 20
    one.close()


async def test_wide_and_narrow_letters_are_one_password() -> None:
    one = passwords.Passwords()
    assert await one.matches(await one.hash("ｃｏｒｒｅｃｔ－ｈｏｒｓｅ"), "correct-horse")
    one.close()


async def test_a_hash_of_another_cost_is_outdated_and_nonsense_matches_nothing() -> None:
    one = passwords.Passwords()
    made = await one.hash("correct horse battery")
    assert not one.outdated(made)
    assert one.outdated(made.replace("t=1", "t=3"))
    assert not await one.matches("no hash at all", "correct horse battery")
    one.close()


async def test_a_full_queue_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "QUEUE", 3)
    one = passwords.Passwords()
    results = await asyncio.gather(*(one.hash(f"password number {n}") for n in range(6)), return_exceptions=True)
    assert sum(isinstance(r, Unavailable) for r in results) == 3
    assert await one.hash("free again now")
    one.close()
