"""Our model's verdict against the published schema's, on every published declaration and on mutations of them."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from kouan.base.exchange.codecs import wco
from kouan.base.exchange.codecs.problem import CodecError
from tests.base.exchange.codecs.conftest import OWN

SPACE = "{urn:wco:datamodel:WCO:DEC-DMS:2}"
VALUES = [
    "", " ", "a", "A" * 600, "12", "1.5", "1.50", "01", "+1", "-1", "1.", ".5", "1e5", " 5 ", "1234567", "123456",
    "00001.0", "0.0000001", "0.1000000", "GB", "gb", "G1", "GBP", "1234567890123456.123", "123456789012.123", "99999",
    "999999", "x\ny", "x y", "  x  ", "中文", "A" * 35, "A" * 36, "A" * 70, "A" * 71, "true", "0", "9", "10", "9 ",
    " GB", "\u00a0", "\u3000", "20240101", "20240101000000Z", "2024", "\tab", "1,5", "NaN", "INF", "--1", "+", ".",
    "0000000000000000000001.5", "1 2", "13", "14", "1",
]
ATTRIBUTES = ["currencyID", "unitCode", "listID", "schemeID", "foo", "languageID", "listAgencyID", "formatCode"]
CURRENCIES = ["gbp", "GBPX", "GB", "", "G1P", "CNY"]
Elements = list[etree._Element]
Change = Callable[[random.Random, Elements, Elements], None]


@pytest.fixture(scope="module")
def schema(shared: Path) -> etree.XMLSchema:
    """The published schema of a submission."""
    return etree.XMLSchema(etree.parse(shared / "customs/hmrc-cds/schemas/customs/wrapper_submit.xsd"))


@pytest.fixture(scope="module")
def declarations(shared: Path) -> list[bytes]:
    """Every published message whose MetaData holds a Declaration."""
    bodies = [f.read_bytes() for f in sorted((shared / "customs/hmrc-cds/examples").rglob("*")) if f.is_file()]
    return [body for body in bodies if b":Declaration" in body or b"<Declaration" in body if b"DEC-DMS:2" in body]


def test_every_declaration_reads_and_is_written_back_equal(schema: etree.XMLSchema, declarations: list[bytes]):
    assert len(declarations) >= 80
    for body in declarations:
        verdict = schema.validate(etree.fromstring(body))
        assert verdict == (not wco.check(body))
        if verdict:
            found = wco.read(body)
            again = wco.write(found)
            assert wco.read(again) == found
            assert schema.validate(etree.fromstring(again))


def test_notifications_are_known_and_refused(shared: Path):
    seen = 0
    for path in sorted((shared / "customs/hmrc-cds/examples").rglob("*DMS*.xml")):
        with pytest.raises(CodecError) as refusal:
            wco.read(path.read_bytes())
        seen += refusal.value.problems[0].code == "wco.response"
    assert seen > 100


def test_our_own_samples_hold_by_the_published_schema(schema: etree.XMLSchema, sample: Callable[[str], bytes]):
    names = [path.name for path in OWN.glob("wco-dec-*.xml")]
    assert len(names) >= 2
    assert {path.name[:8] for path in OWN.glob("wco-*")} == {"wco-dec-", "wco-res-"}  # responses: test_wco_response_published.py
    for name in names:
        schema.assertValid(etree.fromstring(sample(name)))
        assert not wco.check(sample(name))


def change_value(chance: random.Random, leaves: Elements, _: Elements) -> None:
    chance.choice(leaves).text = chance.choice(VALUES)


def remove(chance: random.Random, leaves: Elements, _: Elements) -> None:
    leaf = chance.choice(leaves)
    parent = leaf.getparent()
    assert parent is not None
    parent.remove(leaf)


def reorder(chance: random.Random, _: Elements, parents: Elements) -> None:
    parent = chance.choice(parents)
    children = list(parent)
    chance.shuffle(children)
    parent[:] = children


def add(chance: random.Random, _: Elements, parents: Elements) -> None:
    etree.SubElement(chance.choice(parents), SPACE + chance.choice(["Nonsense", "ID", "TypeCode", "Name"]))


def repeat(chance: random.Random, leaves: Elements, parents: Elements) -> None:
    again = chance.choice([*leaves, *parents[1:]])
    again.addnext(copy.deepcopy(again))


def attribute(chance: random.Random, leaves: Elements, _: Elements) -> None:
    values = ["GBP", "gbp", "GB", "KGM", "", "TOOLONG", "xxxxxx", "en", "e n", "zh-CN"]
    chance.choice(leaves).set(chance.choice(ATTRIBUTES), chance.choice(values))


def currency(chance: random.Random, leaves: Elements, _: Elements) -> None:
    amounts = [leaf for leaf in leaves if leaf.get("currencyID")]
    if amounts:
        chance.choice(amounts).set("currencyID", chance.choice(CURRENCIES))


def country(chance: random.Random, leaves: Elements, _: Elements) -> None:
    codes = [leaf for leaf in leaves if str(leaf.tag).endswith("CountryCode")]
    if codes:
        chance.choice(codes).text = chance.choice(["G", "GBR", "g1", "XX", "", "US"])


def mix(chance: random.Random, _: Elements, parents: Elements) -> None:
    parent = chance.choice(parents)
    if chance.random() < 0.5:
        parent.text = "junk"
    else:
        chance.choice(list(parent)).tail = "junk"


def rename(chance: random.Random, leaves: Elements, _: Elements) -> None:
    leaf = chance.choice(leaves)
    leaf.tag = f"{leaf.tag}X"


def nest(chance: random.Random, leaves: Elements, _: Elements) -> None:
    etree.SubElement(chance.choice(leaves), SPACE + "ID").text = "x"


CHANGES: list[Change] = [
    change_value, change_value, remove, reorder, add, repeat, attribute, currency, country, mix, rename, nest,
]


def test_the_verdict_is_the_schemas_on_mutations(schema: etree.XMLSchema, declarations: list[bytes]):
    chance = random.Random(36)
    verdicts = {True: 0, False: 0}
    for _ in range(3_000):
        root = etree.fromstring(chance.choice(declarations))
        ours = [e for e in root.iter() if isinstance(e.tag, str) and e.tag.startswith(SPACE)]
        change = chance.choice(CHANGES)
        change(chance, [e for e in ours if len(e) == 0], [e for e in ours if len(e)])
        body = etree.tostring(root)
        verdict = schema.validate(etree.fromstring(body))
        verdicts[verdict] += 1
        assert verdict == (not wco.check(body)), (change.__name__, wco.check(body)[:1], schema.error_log)
    assert min(verdicts.values()) > 300
