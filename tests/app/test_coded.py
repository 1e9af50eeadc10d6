"""Fields whose values are codes: each names a list that is carried, and its example is a code of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kouan.app import registry
from kouan.kernel.records import record_types
from kouan.standards.codes import api as codes

registry.load()


def coded(schema: Any) -> Iterator[dict[str, Any]]:
    """What fields of a schema, at any depth, state of their codes."""
    if isinstance(schema, dict):
        stated = schema.get("x-kouan")
        if isinstance(stated, dict) and stated.get("codes"):
            yield stated
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from coded(part)


def test_every_coded_field_names_a_list_and_its_example_is_in_it() -> None:
    known = {one.name for one in codes.lists()}
    found = [(cls.facts.name, one) for cls in record_types() for one in coded(cls.model_json_schema())]
    assert {name for name, _ in found} >= {"base.declaration.declaration", "base.movement.move", "facilities.devices.device"}
    for name, stated in found:
        assert stated["codes"] in known, (name, stated)
        example = stated["example"]
        if isinstance(example, str):
            held = codes.ancestor("hs", example) if stated["codes"] == "hs" else codes.lookup(stated["codes"], example)
            assert held is not None, (name, stated)


def test_a_declaration_reads_in_words() -> None:
    """What the demo's traders declare: each code has a title in both languages."""
    for name, code in (("message_function", "9"), ("transport_mode", "1"), ("declaration_type", "IMA"), ("procedure", "4000"),
                       ("procedure", "0110"), ("package", "CS"), ("unit", "KGM"), ("currency", "USD")):  # fmt: skip
        held = codes.lookup(name, code)
        assert held is not None
        assert held.translated
        assert held.name.zh != held.name.en
