"""Which suite a data folder has: stated in `keys/suite` when the folder is made, the same for as long as there is the folder.

What was hashed, sealed and signed under one suite is read under that one alone; so nothing turns a folder's suite into another. A new
signing key (docs/operations) is one of the same suite.
"""

from __future__ import annotations

import os
from pathlib import Path

from kouan.kernel.suites.known import DEFAULT, SUITES
from kouan.kernel.suites.suite import Suite
from kouan.kernel.text import Text

_OTHER = Text(
    "数据目录 {home} 建立时所选密码套件为 {stated}，不能改为 {asked}：请去掉 KOUAN_SUITE 或 --suite，或另建数据目录",
    "The data folder {home} was made with the cryptographic suite {stated}, which cannot become {asked}: leave KOUAN_SUITE or --suite "
    "out, or make another data folder",
)
_UNKNOWN = Text(
    "没有名为 {asked} 的密码套件；可选 {known}",
    "There is no cryptographic suite {asked}; there are {known}",
)


class SuiteRefused(Exception):
    """A suite was asked for that there is not, or that this data folder does not have."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(f"{reason.zh} / {reason.en}")


def named(code: str) -> Suite:
    """The suite of a code; raises SuiteRefused."""
    found = SUITES.get(code)
    if found is None:
        raise SuiteRefused(_UNKNOWN.fill(asked=code, known=", ".join(SUITES)))
    return found


def stated(home: Path) -> Suite:
    """The suite that a data folder states; the default suite where it states none. Raises SuiteRefused for one that there is not."""
    try:
        return named(_path(home).read_text().strip())
    except FileNotFoundError:
        return DEFAULT


def state(home: Path, asked: str = "") -> Suite:
    """The suite of a data folder, stated in it from now on: of a new one what is asked, of others what they have.

    Raises SuiteRefused when another is asked, or one that there is not.
    """
    wanted = named(asked) if asked else None
    path = _path(home)
    if path.exists() or (path.parent / "master").exists():
        found = stated(home)
        if wanted is not None and wanted is not found:
            raise SuiteRefused(_OTHER.fill(home=home, stated=found.code, asked=asked))
    else:
        found = wanted or DEFAULT
    if not path.exists():
        for one in (home, path.parent):
            one.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(f"{found.code}\n")
            out.flush()
            os.fsync(out.fileno())
    return found


def _path(home: Path) -> Path:
    return home / "keys" / "suite"
