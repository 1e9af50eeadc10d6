"""Rule packs: rules of a customs office that come with a package of their own, by its entry points of the group `kouan.rules`.

A pack is judged before the platform starts: it must import, state its rules whole, name moments at which the platform asks, take
no code of another rule, and stand in the layers as the house's own rules do. Otherwise nothing starts (Trouble names it).
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, get_args

from kouan.app.supervisor.trouble import CONFIGURATION, Trouble
from kouan.kernel.lifecycles import Lifecycle
from kouan.kernel.records import record_types
from kouan.kernel.rules import Rule, Severity
from kouan.kernel.text import Text
from kouan.kernel.words import Word, every

GROUP = "kouan.rules"
IMPURE = frozenset({"asyncpg", "fastapi", "httpx", "nats", "uvicorn", "socket", "subprocess", "requests", "urllib"})
CLOSED = frozenset({"database", "store"})
"""Of the kernel: what rules may not read, as rules of the house may not (import-linter, "Rules are pure")."""
SEEN = frozenset({"api", "events"})
FACE = 3
"""`kouan.<board>.<module>.<file>`: which file of another module is imported."""


@dataclass(frozen=True, slots=True)
class Pack:
    """An installed pack: its entry point's name, the package that brought it and its version, and the codes of its rules."""

    name: str
    package: str
    version: str
    rules: tuple[str, ...]

    def out(self) -> dict[str, Any]:
        """As people and the API are told."""
        return {"name": self.name, "package": self.package, "version": self.version, "rules": list(self.rules)}


def load() -> tuple[Pack, ...]:
    """Import every installed pack, after the platform's own modules. Raises Trouble, naming pack and reason."""
    house = {kind: dict(known) for kind, known in Word.kinds.items()}
    types, moments = {cls.facts.name for cls in record_types()}, frozenset(_moments())
    found: list[Pack] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda one: (_package(one), one.name)):
        pack = _loaded(entry)
        _whole(pack, moments)
        _alone(pack, house, types)
        house[Rule] = dict(Word.kinds[Rule])
        found.append(pack)
    return tuple(found)


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "?"


def _loaded(entry: EntryPoint) -> Pack:
    pack = Pack(entry.name, _package(entry), entry.dist.version if entry.dist else "?", ())
    root = entry.module.partition(".")[0]
    if root in ("kouan", "kouan_sim"):
        raise _unfit(pack, Text("模块不得位于平台自身的包内", "its module may not stand in the platform's own packages"))
    try:
        importlib.import_module(entry.module)
    except Exception as why:  # whatever a stranger's module raises: the start ends here and says whose it was
        said = f"{type(why).__name__}: {why}"
        raise _unfit(pack, Text(f"无法导入 {entry.module}（{said}）", f"{entry.module} cannot be imported ({said})")) from why
    package = entry.module.rpartition(".")[0] or entry.module
    for breach in sorted(set(_breaches(package, pack))):
        raise _unfit(pack, Text(f"越过分层：{breach}", f"it imports past the layers: {breach}"))
    codes = tuple(rule.code for rule in every(Rule) if _within(rule.__module__, package))
    return Pack(pack.name, pack.package, pack.version, codes)


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _whole(pack: Pack, moments: frozenset[tuple[str, str]]) -> None:
    if not pack.rules:
        raise _unfit(pack, Text("没有任何规则", "it brings no rule"))
    for code in pack.rules:
        rule = Word.kinds[Rule][code]
        if rule.severity not in get_args(Severity):
            raise _unfit(pack, Text(f"{code} 的处置“{rule.severity}”无效", f"{code}: there is no severity “{rule.severity}”"))
        if (rule.at, rule.of) not in moments:
            zh, en = f"{code}：平台不在“{rule.at}”时判定 {rule.of}", f"{code}: the platform does not judge {rule.of} at “{rule.at}”"
            raise _unfit(pack, Text(zh, en))


def _moments() -> Iterator[tuple[str, str]]:
    """(moment, record type) at which the platform itself asks rules."""
    yield from (("filing", cls.facts.name) for cls in record_types())
    yield from ((rule.at, rule.of) for rule in every(Rule))
    for life in every(Lifecycle):
        yield from ((action.rules_at, life.code) for track in life.tracks for action in track.actions if action.rules_at)


def _alone(pack: Pack, house: dict[type, dict[str, type[Any]]], types: set[str]) -> None:
    """Nothing but rules is brought, and no word of the house or of another pack is replaced."""
    for kind, known in Word.kinds.items():
        before = house[kind]
        for code, word in known.items():
            if kind is Rule and code in before and before[code] is not word:
                raise _unfit(pack, Text(f"编码 {code} 已被占用", f"the code {code} is taken"))
            if kind is not Rule and before.get(code) is not word:
                raise _unfit(pack, Text(f"规则包只带规则，却带来 {code}", f"a pack brings rules only, and it brings {code}"))
    if strange := sorted({cls.facts.name for cls in record_types()} - types):
        raise _unfit(pack, Text(f"规则包只带规则，却带来 {strange[0]}", f"a pack brings rules only, and it brings {strange[0]}"))


def _breaches(package: str, pack: Pack) -> Iterator[str]:
    """What the pack's own modules import that rules of the house may not."""
    for name, module in sorted(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if not _within(name, package) or path is None:
            continue
        if not path.endswith(".py"):
            raise _unfit(pack, Text(f"没有 {name} 的源代码可查", f"there is no source of {name} to look at"))
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
        yield from (f"{name}: {imported}" for imported in _imports(tree) if _shut(imported))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _shut(imported: str) -> bool:
    parts = imported.split(".")
    if parts[0] != "kouan":
        return parts[0] in IMPURE
    if parts[1:2] == ["kernel"]:
        return len(parts) > 2 and parts[2] in CLOSED
    return len(parts) <= FACE or parts[FACE] not in SEEN


def _unfit(pack: Pack, why: Text) -> Trouble:
    named = f"{pack.package} {pack.version} ({pack.name})"
    return Trouble(Text(f"规则包 {named} 不能使用：{why.zh}", f"the rule pack {named} cannot be used: {why.en}"), CONFIGURATION)
