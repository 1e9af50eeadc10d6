"""The process that the platform's processes are born from: it has imported everything once, and forks.

Imports are most of what a start costs, and most of what a process keeps in memory that its siblings keep too.

    python -m kouan.app.nursery SOCKET

SOCKET is the descriptor of a SOCK_SEQPACKET pair. An order is a JSON object with `id`, `argv` (words after `kouan`) and
`env`, with one descriptor for output and errors; it is answered by `{"id", "pid"}`, and by `{"id", "code"}` when that
process has ended: its exit code, or minus the number of the signal that ended it. The end of the socket is the end of us and of
all that were born here.
"""

from __future__ import annotations

import ctypes
import logging
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Never

import orjson
import setproctitle

from kouan.app import ahead, cli, registry
from kouan.app.commands import migrate, serve, signer, stream, watch, work
from kouan.app.supervisor.trouble import Trouble

PRELOADED = (migrate, serve, signer, stream, watch, work)
PR_SET_PDEATHSIG = 1
ORPHANED = 98
MESSAGE = 1 << 18
libc = ctypes.CDLL(None, use_errno=True)


def main(argv: Sequence[str]) -> int:
    """Fork what is ordered until nobody orders any more."""
    setproctitle.setproctitle(f"{sys.executable} -P -m kouan.app.nursery")  # finds its place before the environment moves
    try:
        registry.load()
    except Trouble as trouble:
        print(trouble.lines(), file=sys.stderr)
        return trouble.code
    serve.prepare()
    # The collector of a child must not touch, and so copy, all that its siblings share.
    ahead.over()
    orders = socket.socket(fileno=int(argv[0]))
    running: dict[int, tuple[int, int]] = {}
    while True:
        ready, _, _ = select.select([orders.fileno(), *running], [], [])
        for watched in ready:
            if watched == orders.fileno():
                data, descriptors, _, _ = socket.recv_fds(orders, MESSAGE, 1)
                if not data:
                    return 0
                born(orders, orjson.loads(data), descriptors[0], running)
            else:
                died(orders, watched, running)


def born(orders: socket.socket, order: dict[str, Any], output: int, running: dict[int, tuple[int, int]]) -> None:
    """Fork one process and tell its pid."""
    mother = os.getpid()
    pid = os.fork()
    if pid == 0:
        for held in (orders.fileno(), *running):
            os.close(held)
        live(mother, order, output)
    os.close(output)
    orders.send(orjson.dumps({"id": order["id"], "pid": pid}))
    running[os.pidfd_open(pid)] = (pid, order["id"])


def died(orders: socket.socket, watched: int, running: dict[int, tuple[int, int]]) -> None:
    """Collect one that has ended and tell its code."""
    pid, number = running.pop(watched)
    os.close(watched)
    _, status = os.waitpid(pid, 0)
    orders.send(orjson.dumps({"id": number, "code": os.waitstatus_to_exitcode(status)}))


def live(mother: int, order: dict[str, Any], output: int) -> Never:
    """Be that process to its end."""
    code = 1
    try:
        _settle_in(mother, order, output)
        code = cli.main(order["argv"])
    except SystemExit as asked:
        code = asked.code if isinstance(asked.code, int) else int(asked.code is not None)
    except BaseException:  # noqa: BLE001  the last frame of a process: what is not told here is told nowhere
        traceback.print_exc()
    finally:
        logging.shutdown()
        for stream_ in (sys.stdout, sys.stderr):
            stream_.flush()
        os._exit(code)


def _settle_in(mother: int, order: dict[str, Any], output: int) -> None:
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != mother:
        sys.exit(ORPHANED)
    os.setsid()
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.environ.clear()
    os.environ.update(order["env"])
    sys.argv[:] = ["kouan", *order["argv"]]
    setproctitle.setproctitle(f"{sys.executable} -P -m kouan.app.cli {' '.join(order['argv'])}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
