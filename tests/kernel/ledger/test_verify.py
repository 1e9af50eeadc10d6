"""What a stranger can be told: every forgery is found, every honest proof holds."""

from __future__ import annotations

import json
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from kouan.kernel.ledger.command import main
from kouan.kernel.ledger.statements import pem_of
from kouan.kernel.ledger.verify import Verdict, verify, verify_consistency
from kouan.kernel.suites.known import SUITES
from kouan.kernel.suites.suite import Suite

INTL_ALONE = pytest.mark.parametrize("log", ["intl"], indirect=True)


def judge(proof: dict[str, Any], **given: Any) -> Verdict:
    return verify(json.dumps(proof).encode(), **given)


def codes(verdict: Verdict) -> set[str]:
    return {reason.code for reason in verdict.reasons}


def others(char: str) -> str:
    """Plausible replacements of a character: its neighbours in its own alphabet, and its other case."""
    alphabets = (string.hexdigits[:16], string.digits, string.ascii_lowercase, string.ascii_uppercase)
    found = {char.swapcase(), "0", "1", "a", "Z", "=", "_", '"'}
    for alphabet in alphabets:
        if char in alphabet:
            at = alphabet.index(char)
            found |= {alphabet[at - 1], alphabet[(at + 1) % len(alphabet)]}
    return "".join(sorted(found - {char}))


def test_every_entry_verifies(log: Any) -> None:
    for index in range(len(log.sealed)):
        verdict = judge(log.proof(index))
        assert verdict.ok, verdict.lines
        assert verdict.fingerprint == log.keys[-1].fingerprint
        assert not verdict.pinned


def test_one_leaf_alone(log: Any) -> None:
    del log.sealed[1:], log.rotations[:]
    assert judge(log.proof(0)).ok


@pytest.mark.slow
@pytest.mark.parametrize(("log", "index", "most"), [("intl", 18, 99), ("version 1", 4, 2), ("sm", 4, 1)], indirect=["log"])
def test_no_character_can_be_changed(log: Any, index: int, most: int) -> None:
    text = json.dumps(log.proof(index), indent=1)
    assert verify(text.encode()).ok
    tried = 0
    for at, char in enumerate(text):
        if char.isspace():
            continue
        for other in others(char)[:most]:
            changed = f"{text[:at]}{other}{text[at + 1 :]}"
            assert not verify(changed.encode()).ok, f"{char!r} -> {other!r} in ...{text[at - 30 : at + 30]}..."
            tried += 1
    assert tried > len(text.split()) > 100


@pytest.mark.parametrize("ended", [("leaf_index",), ("checkpoint", "size"), ("entry", "version"), ("v",)])
@pytest.mark.parametrize("make", [float, str, lambda one: one + 1, lambda one: -one, lambda _: True, lambda _: None])
def test_numbers_are_bound_in_kind_and_value(log: Any, ended: tuple[str, ...], make: Any) -> None:
    proof = log.proof(9)
    holder = proof
    for step in ended[:-1]:
        holder = holder[step]
    holder[ended[-1]] = make(holder[ended[-1]])
    assert not judge(proof).ok


@given(indent=st.none() | st.integers(0, 8), ascii=st.booleans(), mark=st.booleans(), order=st.randoms())
def test_spelling_is_free_where_meaning_is_not(honest: str, indent: Any, ascii: bool, mark: bool, order: Any) -> None:
    def shuffled(value: Any) -> Any:
        if not isinstance(value, dict):
            return [shuffled(one) for one in value] if isinstance(value, list) else value
        keys = list(value)
        order.shuffle(keys)
        return {key: shuffled(value[key]) for key in keys}

    text = json.dumps(shuffled(json.loads(honest)), indent=indent, ensure_ascii=ascii)
    assert verify(("\ufeff" * mark + text + "\n").encode()).ok


@given(st.data())
def test_no_field_can_go_or_come(honest: str, data: st.DataObject) -> None:
    proof = json.loads(honest)
    holders = [proof, proof["entry"], proof["checkpoint"], proof["key"], proof["disclosure"], proof["rotations"][0]]
    holder = data.draw(st.sampled_from(holders))
    if data.draw(st.booleans()):
        del holder[data.draw(st.sampled_from(sorted(holder)))]
    else:
        holder[data.draw(st.text(max_size=5).filter(lambda key: key not in holder))] = data.draw(st.none() | st.text())
    assert codes(judge(proof)) == {"proof.unreadable"}


@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda one: st.lists(one) | st.dictionaries(st.text(), one),
) | st.dictionaries(st.sampled_from(
    ["v", "suite", "entry", "leaf_index", "path", "checkpoint", "key", "rotations", "disclosure"]
), st.none() | st.integers() | st.lists(st.none())))  # fmt: skip
def test_any_json_is_answered(value: Any) -> None:
    verdict = judge(value)
    assert not verdict.ok
    assert verdict.lines


@given(st.data())
def test_any_value_anywhere_is_answered(honest: str, data: st.DataObject) -> None:
    proof = json.loads(honest)
    places = [(proof, key) for key in proof]
    for name in ("entry", "checkpoint", "key", "disclosure"):
        places += [(proof[name], key) for key in proof[name]]
    holder, key = data.draw(st.sampled_from(places))
    old = holder[key]
    holder[key] = data.draw(st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.text()), st.just({}),
        st.text("0123456789abcdef", min_size=64, max_size=64), st.just("\ud800"), st.just("é" * 88),
    ).filter(lambda one: one != old and (key, one) not in [("disclosure", None), ("rotations", [])]))  # fmt: skip
    assert not judge(proof).ok


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert codes(verify(data)) == {"proof.unreadable"}


@pytest.mark.parametrize("other", ["sm", "intl", "rsa", "", None, 1])
def test_a_proof_passed_off_for_one_of_another_suite(log: Any, other: Any) -> None:
    """Named anew at the top alone, in all statements, or without a name: it does not hold."""
    proof = log.proof(11)
    if other == log.suite.code:
        other = "none"
    for holders in ([proof], [proof, proof["checkpoint"], *proof["rotations"]]):
        for holder in holders:
            holder |= {"v": 2, "suite": other}
        assert not judge(proof).ok
    for holder in (proof, proof["checkpoint"], *proof["rotations"]):
        holder["v"] = 1
        del holder["suite"]
    assert judge(proof).ok == (log.named is None)


def test_statements_of_two_suites_make_no_proof(log: Any) -> None:
    """A log of one suite cannot be carried on by a key of the other, though the old key says so."""
    suite = log.suite
    log.suite = next(one for one in SUITES.values() if one is not suite)
    log.rotate()
    log.suite = suite
    found = codes(judge(log.proof(5)))
    assert {"proof.signature", "proof.key"} <= found


def test_a_forged_entry(log: Any) -> None:
    proof = log.proof(3)
    proof["entry"]["org"] = "carrier"
    assert codes(judge(proof)) == {"proof.path"}


def test_a_swapped_entry(log: Any) -> None:
    proof, other = log.proof(3), log.proof(4)
    proof["entry"], proof["disclosure"] = other["entry"], other["disclosure"]
    assert codes(judge(proof)) == {"proof.path"}


def test_an_entry_passed_off_for_a_node(log: Any) -> None:
    proof = log.proof(3)
    proof["path"] = proof["path"][1:]
    assert codes(judge(proof)) == {"proof.path"}


def test_documents(log: Any) -> None:
    proof = log.proof(2)
    assert judge(proof, document=b"2").ok
    assert codes(judge(proof, document=b"2\n")) == {"document.changed"}
    proof["disclosure"]["document"] = log.suite.hash(b"other").hex()
    assert codes(judge(proof, document=b"other")) == {"proof.commitment"}


def test_after_erasure(log: Any) -> None:
    proof = log.proof(2)
    proof["disclosure"] = None
    assert judge(proof).ok
    assert codes(judge(proof, document=b"2")) == {"document.erased"}


def test_pinning_along_the_chain(log: Any) -> None:
    for key in log.keys:
        verdict = judge(log.proof(5), key=pem_of(key.spki).encode())
        assert verdict.ok
        assert verdict.pinned


def test_a_foreign_key(log: Any) -> None:
    foreign = log.new_key()
    verdict = judge(log.proof(5), key=pem_of(foreign.spki).encode())
    assert codes(verdict) == {"key.foreign"}
    assert not verdict.pinned


def test_a_whole_forged_log_fails_against_the_pinned_key(log: Any) -> None:
    honest = pem_of(log.keys[0].spki).encode()
    log.keys[-1] = log.new_key()
    assert codes(judge(log.proof(5))) == {"proof.rotation"}
    log.rotations.clear()
    assert judge(log.proof(5)).ok
    assert codes(judge(log.proof(5), key=honest)) == {"key.foreign"}


def test_a_chain_of_another_log_or_order(log: Any) -> None:
    proof = log.proof(5)
    proof["rotations"] = proof["rotations"][::-1]
    assert codes(judge(proof)) == {"proof.rotation"}
    log.origin = "CNXXX"
    assert codes(judge(log.proof(5))) == {"proof.rotation"}


def test_a_rotation_cannot_be_older_keys_word_alone(log: Any) -> None:
    # A thief of the first key cannot put a link of his own behind the second.
    thief = log.keys[0]
    log.keys.append(thief)
    assert codes(judge(log.proof(5))) == {"proof.rotation"}


def test_a_rotation_dated_after_the_checkpoint(log: Any) -> None:
    log.rotations.clear()
    log.keys[:] = log.keys[:1]
    log.rotate()
    log.sealed.pop()
    assert codes(judge(log.proof(5))) == {"proof.rotation"}


@pytest.mark.parametrize("kind", ["garbage", "private", "curve", "empty"])
def test_keys_that_are_none(log: Any, kind: str) -> None:
    private = log.keys[-1].private.pem()
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = {
        "garbage": b"\xff-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "private": private,
        "curve": curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "empty": b"",
    }[kind]  # fmt: skip
    assert codes(judge(log.proof(5), key=pem)) == {"key.unreadable"}


def test_a_key_of_another_kind_in_the_proof(log: Any) -> None:
    proof = log.proof(5)
    proof["key"]["spki"] = "AAAA"
    assert codes(judge(proof)) == {"proof.key", "proof.signature", "proof.rotation"}


@INTL_ALONE
def test_pem_is_what_others_read(log: Any) -> None:
    found = load_pem_public_key(pem_of(log.keys[0].spki).encode())
    expected = found.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert pem_of(log.keys[0].spki).encode() == expected


@pytest.mark.parametrize("suite", SUITES.values(), ids=lambda one: one.code)
def test_consistency_answers(suite: Suite) -> None:
    one, two = suite.hash(b"\x00a"), suite.hash(b"\x00b")
    root = suite.hash(b"\x01" + one + two)
    assert verify_consistency(suite, 1, 2, one.hex(), root.hex(), [two.hex()])
    assert not verify_consistency(suite, 1, 2, root.hex(), one.hex(), [two.hex()])
    assert not verify_consistency(suite, 1, 2, one.hex().upper(), root.hex(), [two.hex()])
    assert not verify_consistency(suite, 1, 2, one.hex(), root.hex(), [two.hex()[1:]])
    assert not verify_consistency(suite, True, 2, one.hex(), root.hex(), [two.hex()])
    assert verify_consistency(suite, 2, 2, root.hex(), root.hex(), [])
    assert not verify_consistency(suite, 2, 2, root.hex(), one.hex(), [])
    assert not verify_consistency(suite, 2, 2, root.hex(), root.hex(), [two.hex()])


@pytest.fixture
def saved(log: Any, tmp_path: Path) -> Path:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(log.proof(2), indent=2))
    (tmp_path / "document").write_bytes(b"2")
    (tmp_path / "other").write_bytes(b"3")
    (tmp_path / "key.pem").write_text(pem_of(log.keys[-1].spki))
    return path


def test_command(saved: Path, log: Any, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([str(saved)]) == 0
    said = capfd.readouterr().out
    assert "证明成立 / The proof holds" in said
    assert f"{log.suite.title.zh} / {log.suite.title.en}" in said
    assert log.keys[-1].fingerprint in said
    assert "key not pinned" in said
    assert main([str(saved), "--document", str(saved.parent / "document"), "--key", str(saved.parent / "key.pem")]) == 0
    said = capfd.readouterr().out
    assert "key pinned" in said
    assert "the document is the one that was filed" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["proof.json", "--document", "other"], ["proof.json", "--document", "absent"],
        ["proof.json", "--key", "absent"],
        ["proof.json", "--key", "document"], ["absent"], ["."], ["document"], ["key.pem"],
    ],
)  # fmt: skip
def test_command_says_no(saved: Path, arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    given = [one if one.startswith("--") else str(saved.parent / one) for one in arguments]
    assert main(given) == 1
    caught = capfd.readouterr()
    assert "✗" in caught.out
    assert not caught.err
    assert "key pinned" not in caught.out


def test_command_without_arguments(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "PROOF" in capfd.readouterr().err


def test_command_needs_nothing_of_ours(saved: Path) -> None:
    """An empty environment, another folder, and no driver of the platform loaded."""
    program = (
        f"import sys; sys.path[:0] = {sys.path!r}; from kouan.kernel.ledger.command import main;"
        " code = main(sys.argv[1:]);"
        " print(sorted({'asyncpg', 'fastapi', 'orjson', 'pydantic', 'kouan.kernel.database'} & set(sys.modules)));"
        " sys.exit(code)"
    )
    found = subprocess.run(
        [sys.executable, "-I", "-c", program, str(saved)], env={}, cwd="/", capture_output=True, text=True
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.endswith("[]\n")
    assert "key not pinned" in found.stdout
