"""Become another program that ends when its parent ends; a script that needs the standard library only.

    launch.py PARENT SIGNAL IDENTITY PROGRAM ARGUMENT...

PARENT is the pid that must still be our parent, SIGNAL the number sent to us when it dies (PR_SET_PDEATHSIG),
IDENTITY is `same`, `namespace` (an ordinary user in a user namespace of our own: PostgreSQL refuses to run
as root) or `UID:GID`. Exit code 97: the identity was refused; 98: the parent has already gone.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys
from pathlib import Path

REFUSED, ORPHANED = 97, 98
PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000

libc = ctypes.CDLL(None, use_errno=True)


def enter_namespace() -> None:
    """Leave root for a user namespace where we are an ordinary user; OSError when the kernel forbids it."""
    user, group = os.geteuid(), os.getegid()
    # Any user of this machine but root: initdb wants to find its name.
    inside = next((known.pw_uid for known in pwd.getpwall() if known.pw_uid != 0), user)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inside} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{inside} {group} 1")


def take(identity: str) -> None:
    """Become the user that `identity` names; OSError when that is not allowed."""
    if identity == "namespace":
        enter_namespace()
    elif identity != "same":
        user, group = (int(part) for part in identity.split(":"))
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)


def main(arguments: list[str]) -> None:
    """Take the identity, tie our life to the parent's, become the program."""
    parent, signal, identity, *program = arguments
    try:
        take(identity)
    except OSError as problem:
        print(f"{identity}: {problem}", file=sys.stderr)
        sys.exit(REFUSED)
    # After the identity: a change of credentials clears the signal.
    libc.prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit(ORPHANED)
    os.execvp(program[0], program)  # noqa: S606  our own list, no shell wanted


if __name__ == "__main__":
    main(sys.argv[1:])
