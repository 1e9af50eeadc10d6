"""Verifying a receipt's proof as a stranger: no server, no database, no environment.

A proof names its suite of algorithms: H is SHA-256 and the signature Ed25519 in `intl` (also in proofs of version 1, which name none),
SM3 and SM2 in `sm`. Every value of a proof is bound by a hash or a signature and has one spelling only, so a change of any
character is found; white space and the order of keys are free. The steps, for whoever wants to repeat them
with other tools:

1. H(0x00 || canonical JSON of `entry`) is the leaf; with `leaf_index` and `path` it leads to
   `checkpoint.root` (RFC 9162 section 2.1.3.2).
2. `checkpoint.signature` is by `key.spki` over the canonical JSON of the checkpoint's other fields; `key.fingerprint` and
   `checkpoint.key` are the hash of that key; checkpoint and rotations name the suite of the proof.
3. Each rotation is signed by its `old` key and names the `old` of the next; the last names `key.spki`.
4. `entry.commitment` is H(`disclosure.salt` || `disclosure.document`), and `disclosure.document` the
   hash of the document as posted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kouan.kernel.ledger import canonical, tree
from kouan.kernel.ledger.proof import NotAProof, Proof, read_proof
from kouan.kernel.suites.known import spki_of
from kouan.kernel.suites.suite import HASH_BYTES, Suite
from kouan.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a proof does not hold."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome: `fingerprint` of the signing key if the proof could be read, `pinned` if --key vouches
    for it, `lines` for a person, each in Chinese and English."""

    ok: bool
    reasons: tuple[Reason, ...]
    fingerprint: str | None
    pinned: bool
    lines: tuple[str, ...]


def verify(proof: bytes, document: bytes | None = None, key: bytes | None = None) -> Verdict:
    """Verify a proof as saved, the raw document as posted if given, against a pinned PEM key if given."""
    try:
        found = read_proof(proof)
    except NotAProof as error:
        return _verdict(None, (Reason("proof.unreadable", error.text),), False, document)
    reasons = [*_tree(found), *_signatures(found), *_opening(found, document)]
    pinned = False
    if key is not None:
        reason = _pin(found, key)
        pinned = reason is None
        reasons += [] if reason is None else [reason]
    return _verdict(found, tuple(reasons), pinned and not reasons, document)


def verify_consistency(suite: Suite, old: int, new: int, old_root: str, new_root: str, path: list[str]) -> bool:
    """Whether an answer of /api/ledger/consistency shows that the log only grew between two roots (hex).

    The caller takes the sizes and roots from checkpoints that it has verified.
    """
    roots = [canonical.unhex(root, HASH_BYTES) for root in (old_root, new_root)]
    steps = [canonical.unhex(step, HASH_BYTES) for step in path]
    if not (canonical.is_integer(old) and canonical.is_integer(new)):
        return False
    known = [one for one in (*roots, *steps) if one is not None]
    if len(known) != len(roots) + len(steps):
        return False
    return tree.is_consistent(suite, old, new, known[0], known[1], known[2:])


def _tree(found: Proof) -> Iterator[Reason]:
    suite, leaf = found.suite, tree.leaf_hash(found.suite, found.body)
    root = tree.root_of_path(suite, leaf, found.leaf_index, found.checkpoint.size, found.path)
    if root is None or root.hex() != found.checkpoint.root:
        yield Reason(
            "proof.path",
            Text("条目不在检查点所签的树中", "The entry is not in the tree that the checkpoint signed"),
        )


def _signatures(found: Proof) -> Iterator[Reason]:
    suite = found.suite
    stated = {found.checkpoint.suite, *(link.statement.suite for link in found.rotations)}
    if stated != {suite.code}:
        yield Reason(
            "proof.suite",
            Text("检查点或换钥声明出自另一密码套件", "Checkpoint or rotations are of another cryptographic suite than the proof"),
        )
    if found.fingerprint != suite.fingerprint(found.spki) or found.checkpoint.key != found.fingerprint:
        yield Reason("proof.key", Text("公钥与其指纹不符", "The key is not the one that is named"))
    if not suite.is_signed(found.spki, found.checkpoint.body(), found.signature):
        yield Reason("proof.signature", Text("检查点的签名不成立", "The checkpoint's signature does not hold"))
    if not _is_chain(found):
        yield Reason("proof.rotation", Text("换钥链不成立", "The chain of key rotations does not hold"))


def _is_chain(found: Proof) -> bool:
    """Whether the rotations lead, each signed by its old key, to the key of the checkpoint."""
    links = found.rotations
    for at, link in enumerate(links):
        following = links[at + 1].old if at + 1 < len(links) else found.spki
        limit = links[at + 1].statement.size if at + 1 < len(links) else found.checkpoint.size
        if link.new != following or link.statement.size > limit:
            return False
        if link.statement.origin != found.checkpoint.origin:
            return False
        if not found.suite.is_signed(link.old, link.statement.body(), link.signature):
            return False
    return True


def _opening(found: Proof, document: bytes | None) -> Iterator[Reason]:
    if found.disclosure is None:
        if document is not None:
            yield Reason(
                "document.erased",
                Text(
                    "该条目的盐已依法销毁，此证明不能再核对文件；请用销毁前保存的证明",
                    "The entry's salt was erased by law, so this proof cannot be held against a document; use"
                    " one saved before",
                ),
            )
        return
    salt, disclosed = found.disclosure
    if found.suite.hash(salt + disclosed).hex() != found.entry["commitment"]:
        yield Reason(
            "proof.commitment",
            Text("公开的盐与文件摘要不符合条目的承诺", "Salt and document hash do not open the commitment"),
        )
    if document is not None and found.suite.hash(document) != disclosed:
        yield Reason("document.changed", Text("文件不是当初提交的那一份", "The document is not the one that was filed"))


def _pin(found: Proof, key: bytes) -> Reason | None:
    spki = spki_of(key)
    if spki is None:
        return Reason(
            "key.unreadable",
            Text("所给公钥不是 PEM 格式的 Ed25519 或 SM2 公钥", "The given key is not an Ed25519 or SM2 public key in PEM"),
        )
    if spki == found.spki or any(spki == link.old for link in found.rotations):
        return None
    return Reason(
        "key.foreign",
        Text(
            f"签名者不是所给公钥（{found.suite.fingerprint(spki)}），也无换钥声明相连；若签名密钥后来更换过，请重新下载证明",
            f"Not signed by the given key ({found.suite.fingerprint(spki)}), nor linked to it by a rotation; if the log"
            " has changed its key since, download the proof again",
        ),
    )


def _verdict(found: Proof | None, reasons: tuple[Reason, ...], pinned: bool, document: bytes | None) -> Verdict:
    lines = [_both(line) for line in _lines(found, pinned, document, not reasons)]
    lines += [f"✗ {_both(reason.text)} [{reason.code}]" for reason in reasons]
    return Verdict(not reasons, reasons, found.fingerprint if found else None, pinned, tuple(lines))


def _lines(found: Proof | None, pinned: bool, document: bytes | None, ok: bool) -> Iterator[Text]:
    yield Text("✓ 证明成立", "The proof holds") if ok else Text("✗ 证明不成立", "The proof does NOT hold")
    if found is None:
        return
    one, point = found.entry, found.checkpoint
    yield Text(f"  条目 {one['id']}", f"entry {one['action']} {one['record']} v{one['version']}, {one['at']}")
    yield Text(
        f"  账本 {point.origin}：第 {found.leaf_index} 条，共 {point.size} 条",
        f"leaf {found.leaf_index} of {point.size} in the log {point.origin}, signed {point.at}",
    )
    yield Text(f"  {found.suite.title.zh}", found.suite.title.en)
    yield Text("  公钥指纹", f"key fingerprint {found.fingerprint}")
    if pinned:
        yield Text("  公钥已核对", "key pinned")
    elif ok:
        yield Text("  公钥未核对", "key not pinned")
    if found.disclosure is None:
        yield Text("  盐已依法销毁", "the salt was erased by law; the entry itself stays provable")
    elif document is None:
        yield Text("  未给出文件", f"no document given; its {found.suite.hash_name} is {found.disclosure[1].hex()}")
    elif ok:
        yield Text("  文件即当初提交的原文", "the document is the one that was filed")


def _both(text: Text) -> str:
    return f"{text.zh} / {text.en}"
