"""What takes seconds to make out of the code alone, kept in the data folder for the processes that come: by a digest of that code.

Nothing stale is found: the digest is that of the content of every module of the platform and of its packs that is loaded, of the versions
of Python and of all that is installed, and of what the maker adds. What is damaged is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import distributions, entry_points
from pathlib import Path

from kouan.app.packs import GROUP

FOLDER = "run/made"
_SUM = 32


def digest_of(parts: Iterable[str]) -> str:
    """The digest of the code that this process runs, and of some parts beside it."""
    found = hashlib.blake2b(sys.version.encode(), digest_size=20)
    ours = {"kouan", *(one.module.partition(".")[0] for one in entry_points(group=GROUP))}
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and name.partition(".")[0] in ours:
            found.update(f"\0{name}\0".encode())
            with contextlib.suppress(OSError):
                found.update(Path(file).read_bytes())
    for one in sorted(f"{one.name} {one.version}" for one in distributions()):
        found.update(f"\0{one}".encode())
    for part in parts:
        found.update(f"\0{part}".encode())
    return found.hexdigest()


def kept_or_made(home: Path, name: str, digest: str, make: Callable[[], bytes]) -> bytes:
    """What was kept under a name and digest, else what is made now, which is kept in the place of what went before.

    A folder that cannot be written only costs the making.
    """
    place = home / FOLDER / f"{name}-{digest}"
    with contextlib.suppress(OSError):
        held = place.read_bytes()
        if hashlib.blake2b(held[_SUM:], digest_size=_SUM).digest() == held[:_SUM]:
            return held[_SUM:]
    made = make()
    with contextlib.suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = place.with_name(f".{place.name}.{os.getpid()}")
        half.touch(mode=0o600)
        half.write_bytes(hashlib.blake2b(made, digest_size=_SUM).digest() + made)
        half.replace(place)
        for former in place.parent.glob(f"{name}-*"):
            if former != place:
                former.unlink(missing_ok=True)
    return made
