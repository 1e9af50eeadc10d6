"""The signing keys in KOUAN_HOME/signer: PKCS8 PEM files named by fingerprint, read by the signer alone."""

from __future__ import annotations

import logging
import stat
from dataclasses import dataclass
from pathlib import Path

from kouan.kernel.ledger import durable
from kouan.kernel.ledger.failures import LedgerRefused
from kouan.kernel.suites.suite import Private, Suite
from kouan.kernel.text import Text

_log = logging.getLogger(__name__)
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A key that signs for the log."""

    private: Private
    spki: bytes
    fingerprint: str

    @classmethod
    def of(cls, suite: Suite, private: Private) -> SigningKey:
        """The signing key of a private key."""
        return cls(private, private.spki, suite.fingerprint(private.spki))

    def sign(self, body: bytes) -> bytes:
        """A signature, 64 bytes."""
        return self.private.sign(body)


class KeyFolder:
    """A folder of signing keys that nobody else may enter (0700, files 0600)."""

    def __init__(self, folder: Path, suite: Suite) -> None:
        self.folder, self.suite = folder, suite

    def open(self) -> None:
        """Make the folder, or close it where it stands open."""
        self.folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        self._close(self.folder, _FOLDER_MODE)

    def make(self) -> SigningKey:
        """A new key, on disk before this returns."""
        key = SigningKey.of(self.suite, self.suite.new_private())
        durable.write(self._path(key.fingerprint), key.private.pem(), _FILE_MODE)
        return key

    def load(self, name: str) -> SigningKey:
        """The key with fingerprint `name`; raises LedgerRefused if it is missing or another."""
        path = self._path(name)
        try:
            self._close(path, _FILE_MODE)
            private = self.suite.private_of(path.read_bytes())
        except FileNotFoundError as error:
            raise LedgerRefused(_missing(path)) from error
        key = SigningKey.of(self.suite, private) if private else None
        if key is None or key.fingerprint != name:
            raise LedgerRefused(_unreadable(path, self.suite.signature_name))
        return key

    def destroy(self, name: str) -> None:
        """Remove a retired key, so that whoever takes this machine later cannot sign the past anew."""
        path = self._path(name)
        if path.exists():
            path.unlink()
            durable.sync_folder(self.folder)

    def clean(self) -> None:
        """Remove keys that a crash left half written; for the one leader only."""
        for draft in self.folder.glob(".*.pem.*"):
            draft.unlink()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    @staticmethod
    def _close(path: Path, mode: int) -> None:
        if stat.S_IMODE(path.stat().st_mode) != mode:
            _log.warning("%s was open to others and is closed now; if it was read, rotate the key", path)
            path.chmod(mode)


def _missing(path: Path) -> Text:
    return Text(
        zh=f"签名私钥不存在：{path}。请从备份恢复 signer 目录；没有它就不能继续签名。",
        en=f"The signing key is missing: {path}. Restore the signer folder from its backup; nothing can be"
        " signed without it.",
    )


def _unreadable(path: Path, kind: str) -> Text:
    return Text(
        zh=f"签名私钥无法使用：{path}。它不是以其指纹命名的 {kind} 私钥。",
        en=f"The signing key cannot be used: {path} is not the {kind} key that its name states.",
    )
