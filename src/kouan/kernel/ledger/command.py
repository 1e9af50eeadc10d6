"""`kouan verify PROOF [--document FILE] [--key PUB]`: a stranger's door to the verifier."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kouan.kernel.ledger.verify import verify

FALSE = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Verify the proof in a file and say so in both languages; 0 if it holds, 1 if not, 2 for wrong usage."""
    try:
        given = _parser().parse_args(argv)
    except SystemExit as end:
        return int(end.code or 0)
    contents: dict[str, bytes | None] = {}
    for name in ("proof", "document", "key"):
        path: Path | None = getattr(given, name)
        try:
            contents[name] = None if path is None else path.read_bytes()
        except OSError as error:
            _print(f"✗ 无法读取 {path} / Cannot read {path}: {error.strerror}")
            return FALSE
    verdict = verify(contents["proof"] or b"", contents["document"], contents["key"])
    _print(*verdict.lines)
    return 0 if verdict.ok else FALSE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kouan verify",
        description="核验回执证明，无需服务器 / verify the proof of a receipt; needs no server",
    )
    parser.add_argument("proof", type=Path, metavar="PROOF", help="证明文件 / the proof as downloaded")
    parser.add_argument("--document", type=Path, metavar="FILE", help="当初提交的原文 / the raw body as it was posted")
    parser.add_argument("--key", type=Path, metavar="PUB", help="可信公钥（PEM）/ the public key that you trust, PEM")
    return parser


def _print(*lines: str) -> None:
    # A terminal of another encoding must still show the verdict.
    for line in lines:
        data = f"{line}\n".encode(sys.stdout.encoding or "utf-8", "backslashreplace")
        sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
