"""Who acts with rights other than its caller's: handlers by declaration, and the places in the code that take such rights."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bench._platform import ROOT
from bench.decisions._server import parser, tell
from kouan.app import registry
from kouan.kernel.handlers import Handler
from kouan.kernel.words import every

SRC = ROOT / "src" / "kouan"


def taken(path: Path) -> Iterator[str]:
    """What a file takes: `service(kind)` for a service account, `PLATFORM` for the keeper's own rights."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "service" and node.args:
            yield f"service({ast.unparse(node.args[0])})"
        elif isinstance(node, ast.Name) and node.id == "PLATFORM" and isinstance(node.ctx, ast.Load):
            yield "PLATFORM"


def main() -> None:
    """Command line."""
    parser(__doc__).parse_args()
    registry.load()
    places: dict[str, dict[str, int]] = defaultdict(dict)
    for path in sorted(SRC.rglob("*.py")):
        for right in taken(path):
            name = str(path.relative_to(SRC))
            places[name][right] = places[name].get(right, 0) + 1
    acting = {handler.code: handler.acts_for or "its event's principal" for handler in every(Handler)}
    tell(__doc__, {"handlers": acting, "places": places})


if __name__ == "__main__":
    main()
