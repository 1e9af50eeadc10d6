"""Password hashing: argon2id (RFC 9106) in threads, so that the event loop goes on."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import argon2

from kouan.base.identity import errors
from kouan.base.identity.rules import normal

R = TypeVar("R")

PASSES, KIBIBYTES = 2, 19 * 1024
THREADS = 2
QUEUE = 64
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Passwords:
    """Hashes and checks passwords. 19 MiB and two passes cost about 50 ms of one core, the least that OWASP advises.

    At most 64 wait; further ones are refused (Unavailable), so that sign-ins cannot use up the machine.
    """

    def __init__(self) -> None:
        self._hasher = argon2.PasswordHasher(time_cost=PASSES, memory_cost=KIBIBYTES, parallelism=1)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._nobody = self._hasher.hash(secrets.token_hex(16))
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The argon2id hash of a password."""
        return await self._run(self._hasher.hash, normal(password))

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether a password is the one; None for an account that does not exist, which takes as long."""
        right = await self._run(self._verify, password_hash or self._nobody, normal(password))
        return right and password_hash is not None

    def outdated(self, password_hash: str) -> bool:
        """Whether a hash was made with another cost than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    async def _run(self, work: Callable[..., R], *arguments: str) -> R:
        if self._waiting >= QUEUE:
            raise errors.busy()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1


def one_time() -> str:
    """A random password for the first sign-in: 16 letters and digits that are not taken for each other (93 bits)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))
