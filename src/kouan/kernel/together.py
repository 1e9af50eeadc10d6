"""Reading together: what tasks that run side by side want to read at the same moment is read once, in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Together(Generic[K, V]):
    """A reader of single things that reads many: `read` gets all keys that were asked for in one turn of the loop.

    A key that `read` does not answer raises KeyError for whoever asked for it; a failure of `read` reaches all of them.
    """

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], *, most: int = 256) -> None:
        self._read, self._most = read, most
        self._waiting: dict[K, asyncio.Future[V]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, key: K) -> V:
        """The value of a key, read together with others that are asked for now."""
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
            if len(self._waiting) == 1:
                self._start()
        return await asyncio.shield(future)

    def _start(self) -> None:
        task = asyncio.create_task(self._run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        await asyncio.sleep(0)  # tasks that are ready in this turn ask first
        keys = list(self._waiting)[: self._most]
        mine = {key: self._waiting.pop(key) for key in keys}
        if self._waiting:
            self._start()
        (found,) = await asyncio.gather(self._read(keys), return_exceptions=True)
        for key, future in mine.items():
            if isinstance(found, BaseException):
                _fail(future, found)
            elif key in found:
                future.set_result(found[key])
            else:
                _fail(future, KeyError(key))


def _fail(future: asyncio.Future[V], fault: BaseException) -> None:
    future.set_exception(fault)
    future.exception()  # whoever still waits gets it; nobody else must be told that it was never asked for
