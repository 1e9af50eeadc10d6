"""Reading a proof strictly: exact keys, exact spellings, nothing that could be said in two ways. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kouan.kernel.ledger import canonical
from kouan.kernel.ledger.statements import UNNAMED, VERSION, Checkpoint, Rotation
from kouan.kernel.suites.intl import INTL
from kouan.kernel.suites.known import SUITES
from kouan.kernel.suites.suite import HASH_BYTES, SIGNATURE_BYTES, Suite
from kouan.kernel.text import Text

MOST_BYTES = 4 << 20
MOST_STEPS = 64
ENTRY_VERSION = 1
SALT_BYTES = 16

_TOP = frozenset({"v", "entry", "leaf_index", "path", "checkpoint", "key", "rotations", "disclosure"})
_ENTRY_TEXTS = ("action", "actor", "at", "commitment", "id", "org", "record", "subject")
_ENTRY_OPTIONAL = ("format", "grant")
_ENTRY = frozenset({*_ENTRY_TEXTS, *_ENTRY_OPTIONAL, "v", "version"})
_CHECKPOINT = frozenset({"v", "origin", "size", "root", "at", "key", "signature"})
_ROTATION = frozenset({"v", "origin", "old", "new", "size", "at", "signature"})
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Fields = dict[str, object]


class NotAProof(ValueError):
    """The text is not a proof; `text` says where and why."""

    def __init__(self, place: str, zh: str, en: str) -> None:
        super().__init__(f"{place}: {en}")
        self.text = Text(f"不是有效的证明，{place}：{zh}", f"Not a valid proof, {place}: {en}")


@dataclass(frozen=True, slots=True)
class Link:
    """A rotation statement with its keys (DER SubjectPublicKeyInfo) and signature."""

    statement: Rotation
    old: bytes
    new: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof taken apart; `body` is the canonical JSON of `entry`, `disclosure` salt and document hash.

    Proofs and statements of version 1 name no suite: they are of `intl`.
    """

    suite: Suite
    entry: Fields
    body: bytes
    leaf_index: int
    path: list[bytes]
    checkpoint: Checkpoint
    signature: bytes
    spki: bytes
    fingerprint: str
    rotations: list[Link]
    disclosure: tuple[bytes, bytes] | None


def read_proof(data: bytes) -> Proof:
    """Take a proof apart; raises NotAProof."""
    if len(data) > MOST_BYTES:
        raise NotAProof("文件 / file", "过大", "too large")
    try:
        parsed = canonical.decode(data)
    except canonical.NotCanonical as error:
        raise NotAProof("文件 / file", "不是规范的 JSON", f"not strict JSON ({error})") from error
    top, named = _named(parsed, _TOP, "proof")
    entry = _entry(top["entry"])
    checkpoint, signature = _checkpoint(top["checkpoint"])
    key = _object(top["key"], {"fingerprint", "spki"}, "key")
    return Proof(
        suite=SUITES[named or INTL.code],
        entry=entry,
        body=_body(entry),
        leaf_index=_integer(top["leaf_index"], "leaf_index"),
        path=[_hex(step, HASH_BYTES, "path") for step in _list(top["path"], "path", MOST_STEPS)],
        checkpoint=checkpoint,
        signature=signature,
        spki=_base64(key["spki"], "key.spki"),
        fingerprint=_hex(key["fingerprint"], HASH_BYTES, "key.fingerprint").hex(),
        rotations=list(_rotations(top["rotations"])),
        disclosure=_disclosure(top["disclosure"]),
    )


def _entry(value: object) -> Fields:
    found = _object(value, _ENTRY, "entry")
    _version(found, "entry", ENTRY_VERSION)
    _integer(found["version"], "entry.version")
    for name in _ENTRY_TEXTS:
        _text(found[name], f"entry.{name}")
    for name in _ENTRY_OPTIONAL:
        if found[name] is not None:
            _text(found[name], f"entry.{name}")
    if not _UUID.fullmatch(str(found["id"])):
        raise NotAProof("entry.id", "不是标识", "not an identifier")
    _time(found["at"], "entry.at")
    _hex(found["commitment"], HASH_BYTES, "entry.commitment")
    return found


def _body(entry: Fields) -> bytes:
    try:
        return canonical.encode(entry)
    except UnicodeEncodeError as error:
        raise NotAProof("entry", "含有无效字符", "holds a character that is none") from error


def _checkpoint(value: object) -> tuple[Checkpoint, bytes]:
    found, named = _named(value, _CHECKPOINT, "checkpoint")
    checkpoint = Checkpoint(
        origin=_ascii(found["origin"], "checkpoint.origin"),
        size=_integer(found["size"], "checkpoint.size"),
        root=_hex(found["root"], HASH_BYTES, "checkpoint.root").hex(),
        at=_time(found["at"], "checkpoint.at"),
        key=_hex(found["key"], HASH_BYTES, "checkpoint.key").hex(),
        named=named,
    )
    return checkpoint, _base64(found["signature"], "checkpoint.signature", SIGNATURE_BYTES)


def _rotations(value: object) -> Iterator[Link]:
    for at, one in enumerate(_list(value, "rotations", MOST_BYTES)):
        place = f"rotations[{at}]"
        found, named = _named(one, _ROTATION, place)
        old, new = (_base64(found[name], f"{place}.{name}") for name in ("old", "new"))
        statement = Rotation(
            origin=_ascii(found["origin"], f"{place}.origin"),
            old=canonical.to_base64(old),
            new=canonical.to_base64(new),
            size=_integer(found["size"], f"{place}.size"),
            at=_time(found["at"], f"{place}.at"),
            named=named,
        )
        yield Link(statement, old, new, _base64(found["signature"], f"{place}.signature", SIGNATURE_BYTES))


def _disclosure(value: object) -> tuple[bytes, bytes] | None:
    if value is None:
        return None
    found = _object(value, {"salt", "document"}, "disclosure")
    return (
        _hex(found["salt"], SALT_BYTES, "disclosure.salt"),
        _hex(found["document"], HASH_BYTES, "disclosure.document"),
    )


def _object(value: object, keys: AbstractSet[str], place: str) -> Fields:
    if not isinstance(value, dict):
        raise NotAProof(place, "应为对象", "must be an object")
    if missing := sorted(keys - value.keys()):
        raise NotAProof(place, f"缺少 {missing[0]}", f"{missing[0]} is missing")
    if len(value) != len(keys):
        raise NotAProof(place, "含有不认识的字段", "holds an unknown field")
    return value


def _list(value: object, place: str, most: int) -> list[object]:
    if not isinstance(value, list) or len(value) > most:
        raise NotAProof(place, "应为列表", "must be a list of reasonable length")
    return value


def _named(value: object, keys: AbstractSet[str], place: str) -> tuple[Fields, str | None]:
    """An object with its version, and the suite that it names: none in version 1, one that there is in version 2."""
    if isinstance(value, dict) and "suite" not in value:
        found = _object(value, keys, place)
        _version(found, place, UNNAMED)
        return found, None
    found = _object(value, keys | {"suite"}, place)
    _version(found, place, VERSION)
    named = _text(found["suite"], f"{place}.suite")
    if named not in SUITES:
        raise NotAProof(f"{place}.suite", "密码套件不认识", "of an unknown cryptographic suite")
    return found, named


def _version(found: Fields, place: str, wanted: int) -> None:
    if not canonical.is_integer(found["v"]) or found["v"] != wanted:
        raise NotAProof(place, "版本不认识", "of an unknown version")


def _integer(value: object, place: str) -> int:
    if isinstance(value, int) and canonical.is_integer(value):
        return value
    raise NotAProof(place, "应为非负整数", "must be a whole number from 0 on")


def _text(value: object, place: str) -> str:
    if isinstance(value, str):
        return value
    raise NotAProof(place, "应为文本", "must be text")


def _ascii(value: object, place: str) -> str:
    text = _text(value, place)
    if text.isascii():
        return text
    raise NotAProof(place, "只能含 ASCII 字符", "may hold ASCII only")


def _time(value: object, place: str) -> str:
    if isinstance(value, str) and canonical.is_time(value):
        return value
    raise NotAProof(place, "应为 UTC 时间（微秒，Z 结尾）", "must be a UTC time with microseconds and Z")


def _hex(value: object, size: int, place: str) -> bytes:
    found = canonical.unhex(value, size)
    if found is None:
        raise NotAProof(place, f"应为 {2 * size} 位小写十六进制", f"must be {2 * size} lower-case hex digits")
    return found


def _base64(value: object, place: str, size: int | None = None) -> bytes:
    found = canonical.unbase64(value)
    if found is None or (size is not None and len(found) != size):
        raise NotAProof(place, "应为规范的 base64", "must be canonical base64")
    return found
