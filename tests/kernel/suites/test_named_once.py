"""Nothing but a suite names a hash, a cipher or a signature, except where others have fixed it, or nothing is protected by it."""

from __future__ import annotations

import re
from pathlib import Path

import kouan.kernel

SOURCE = Path(next(iter(kouan.kernel.__path__))).parents[1]
NAMES = re.compile(
    r"^\s*(?:import (?:hashlib|argon2|crypt)\b|from (?:hashlib|cryptography|pyarrow\.parquet import encryption)\b)|hmac\.(?:new|digest)\(",
    re.MULTILINE,
)
PROTOCOL = "an agreement with others names its algorithm"
MARK = "tells one content from another, and protects nothing"
EXPECTED = {
    "cooperation/gateway/envelopes.py": PROTOCOL,  # JWS: RFC 7515, 8037, 7518
    "cooperation/gateway/store.py": PROTOCOL,
    "cooperation/link/sealing.py": PROTOCOL,  # Standard Webhooks, v1a
    "cooperation/link/service/keys.py": PROTOCOL,
    "cooperation/link/service/taking.py": PROTOCOL,
    "base/exchange/service/signing.py": PROTOCOL,  # Standard Webhooks, v1
    "base/identity/service/provider.py": PROTOCOL,  # OpenID Connect, RFC 7636
    "base/identity/service/federation.py": MARK,
    "base/identity/service/passwords.py": "passwords are kept by argon2id: a suite has no slow hash",
    "facilities/devices/credentials.py": "the broker of devices compares by bcrypt: a suite has no slow hash",
    "base/exchange/party.py": MARK,
    "base/exchange/codecs/edifact/structure.py": MARK,
    "base/ingest/readers/media.py": "the digest that a file's receiver compares: field sha256",
    "base/ingest/sources/files.py": MARK,
    "base/catalogue/words.py": MARK,
    "kernel/store/making.py": MARK,
    "kernel/store/standing.py": MARK,
    "supervision/targeting/profiles.py": MARK,
    "supervision/targeting/scoring.py": MARK,
    "standards/parameters/service.py": MARK,
    "operations/monitoring/service.py": MARK,
    "operations/tags/service.py": MARK,
    "app/supervisor/cluster.py": MARK,
    "app/http/keeping.py": MARK,  # of our own code
    "app/commands/intake.py": MARK,
    "app/commands/ingest.py": MARK,
    "base/query/service.py": MARK,  # of a refused statement, in the audit
}


def test_no_algorithm_is_named_outside_the_suites() -> None:
    root = SOURCE / "kouan"
    found = {
        str(path.relative_to(root)) for path in root.rglob("*.py")
        if "kernel/suites" not in str(path) and NAMES.search(path.read_text())
    }  # fmt: skip
    new = found - EXPECTED.keys()
    assert not new, f"use the port's suite (port.vault.suite), or say here which agreement names the algorithm: {sorted(new)}"
    gone = EXPECTED.keys() - found
    assert not gone, f"these name none any more: {sorted(gone)}"
