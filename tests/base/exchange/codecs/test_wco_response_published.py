"""Our model of responses against the published schema, on every published notification and on mutations of them."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from kouan.base.exchange.codecs import wco
from kouan.base.exchange.codecs.wco import responses
from tests.base.exchange.codecs.conftest import OWN
from tests.base.exchange.codecs.test_wco_published import ATTRIBUTES, VALUES

META = "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
RES = "urn:wco:datamodel:WCO:RES-DMS:2"
DEC = "urn:wco:datamodel:WCO:DEC-DMS:2"
FOLDER = "customs/hmrc-cds"
BROKEN = {
    "02_DMSTAX.xml": "a date without formatCode",
    "03_DMSTAX.xml": "names of the wrapper that no schema has (_2WCODataModelVersionCode)",
    "04_DMSCLE.xml": "a date without formatCode",
}
"""Published files that the published schema refuses, and why; so do we, and still read what they say."""
Elements = list[etree._Element]


@pytest.fixture(scope="module")
def schema(shared: Path) -> etree.XMLSchema:
    """The published schema of a notification, in the published wrapper."""
    folder = shared / FOLDER / "schemas/wco/notification"
    text = f"""<xs:schema targetNamespace="{META}" xmlns:xs="http://www.w3.org/2001/XMLSchema">
      <xs:include schemaLocation="{folder / "DocumentMetaData_2_DMS.xsd"}"/>
      <xs:import namespace="{RES}" schemaLocation="{folder / "WCO_RES_2_DMS.xsd"}"/></xs:schema>"""
    return etree.XMLSchema(etree.fromstring(text))


def spaced(body: bytes) -> etree._Element:
    """The message with the namespaces that the schema has for its elements: most are published without."""
    root = etree.fromstring(body)
    for element in list(root.iter(etree.Element)):
        tag, parent = str(element.tag), element.getparent()
        if tag.startswith("{"):
            continue
        above = etree.QName(parent).namespace if parent is not None else META
        space = RES if tag == "Response" else META if tag == "MetaData" else above
        if tag == "DateTimeString":
            name = "Declaration" if above == DEC else "Response"
            space = f"urn:wco:datamodel:WCO:{name}_DS:DMS:2"
        previous = element.getprevious()
        if tag == "Declaration" and previous is not None and etree.QName(previous).localname == "Declaration":
            space = DEC
        element.tag = f"{{{space}}}{tag}"
    return etree.fromstring(etree.tostring(root))


@pytest.fixture(scope="module")
def notices(shared: Path) -> dict[Path, bytes]:
    """Every published notification."""
    files = sorted((shared / FOLDER / "examples").rglob("*.xml"))
    return {path: body for path in files if b"Response>" in (body := path.read_bytes()) and b"<MetaData" in body}


def test_every_notification_is_read_and_judged_as_the_schema_judges(
    schema: etree.XMLSchema, notices: dict[Path, bytes]
):
    assert len(notices) >= 130
    refused = 0
    for path, body in notices.items():
        verdict = schema.validate(spaced(body))
        assert verdict == (not responses.check(body)), (path, responses.check(body)[:1], schema.error_log)
        refused += not verdict
        assert verdict or path.name in BROKEN, path
        (response,) = responses.read_all(body).responses
        assert response.name in path.name.replace("_", "."), path
        assert response.issued is not None or not verdict
        assert response.answered
        assert response.id
    assert refused <= 5


def test_our_own_responses_hold_by_the_published_schema(schema: etree.XMLSchema):
    bodies = [path.read_bytes() for path in OWN.glob("wco-res-*.xml")]
    assert bodies
    for body in bodies:
        schema.assertValid(spaced(body))
        assert not responses.check(body)
        # The verdicts agree on what is wrong too: each element left out in turn.
        for at in range(len(list(spaced(body).iter(etree.Element)))):
            root = spaced(body)
            one = list(root.iter(etree.Element))[at]
            if (parent := one.getparent()) is not None:
                parent.remove(one)
                assert schema.validate(root) == (not responses.check(etree.tostring(root))), one.tag


def test_what_is_read_is_written_valid_and_equal(schema: etree.XMLSchema, notices: dict[Path, bytes]):
    for path, body in notices.items():
        if responses.check(body):
            continue
        found = responses.read(body)
        again = responses.write(found)
        schema.assertValid(etree.fromstring(again))
        if all(one.became is None for one in found):
            assert responses.read(again) == found, path


def test_an_amended_declaration_is_read_with_its_notice(notices: dict[Path, bytes]):
    amended = [body for path, body in notices.items() if "DMSRES" in path.name]
    became = [responses.read(body)[0].became for body in amended if not responses.check(body)]
    assert len(became) >= 4
    assert all(one is not None and (one.items or one.total_items) for one in became)


def change_value(chance: random.Random, leaves: Elements, _: Elements) -> None:
    chance.choice(leaves).text = chance.choice(VALUES)


def overlong(chance: random.Random, leaves: Elements, _: Elements) -> None:
    leaf = chance.choice(leaves)
    leaf.text = chance.choice(["9", "A", " A"]) * chance.choice([3, 5, 9, 17, 18, 35, 36, 70, 71, 600])


def drop(chance: random.Random, leaves: Elements, parents: Elements) -> None:
    gone = chance.choice([*leaves, *parents[1:]])
    parent = gone.getparent()
    assert parent is not None
    parent.remove(gone)


def reorder(chance: random.Random, _: Elements, parents: Elements) -> None:
    parent = chance.choice(parents)
    children = list(parent)
    chance.shuffle(children)
    parent[:] = children


def duplicate(chance: random.Random, leaves: Elements, parents: Elements) -> None:
    again = chance.choice([*leaves, *parents])
    if again.getparent() is not None:
        again.addnext(copy.deepcopy(again))


def add(chance: random.Random, _: Elements, parents: Elements) -> None:
    etree.SubElement(chance.choice(parents), f"{{{RES}}}{chance.choice(['Nonsense', 'ID', 'Error', 'VersionID'])}")


def attribute(chance: random.Random, leaves: Elements, _: Elements) -> None:
    chance.choice(leaves).set(chance.choice(ATTRIBUTES), chance.choice(["GBP", "gbp", "", "KGM", "TOOLONG", "en", "304"]))


def mix(chance: random.Random, _: Elements, parents: Elements) -> None:
    chance.choice(parents).text = "junk"


CHANGES: list[Callable[[random.Random, Elements, Elements], None]] = [
    change_value, overlong, drop, reorder, duplicate, add, attribute, mix,
]


def test_the_verdict_is_the_schemas_on_mutations(schema: etree.XMLSchema, notices: dict[Path, bytes]):
    chance, bodies = random.Random(63), [etree.tostring(spaced(body)) for body in notices.values()]
    verdicts = {True: 0, False: 0}
    for _ in range(3_000):
        root = etree.fromstring(chance.choice(bodies))
        ours = list(root.iter(f"{{{RES}}}*"))
        leaves = [e for e in ours if len(e) == 0]
        change = chance.choice(CHANGES)
        change(chance, leaves, [e for e in ours if len(e)])
        body = etree.tostring(root)
        verdict = schema.validate(etree.fromstring(body))
        verdicts[verdict] += 1
        assert verdict == (not responses.check(body)), (change.__name__, responses.check(body)[:1], schema.error_log, body)
    assert min(verdicts.values()) > 300


def test_a_declaration_is_no_response(shared: Path):
    seen = 0
    for path in sorted((shared / FOLDER / "examples").rglob("*.xml")):
        body = path.read_bytes()
        if b"<Declaration" in body and b"DEC-DMS:2" in body and not wco.check(body):
            assert responses.check(body), path
            seen += 1
    assert seen > 50
