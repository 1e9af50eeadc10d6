"""What a party to a record is called: the web client has a word for each in both languages."""

from __future__ import annotations

import json

from kouan.app.registry import load
from kouan.kernel.records import record_types
from tests.conftest import ROOT


def test_each_party_of_each_record_type_has_a_word_in_both_languages() -> None:
    load()
    named = {party.name for cls in record_types() for party in cls.facts.parties}
    for language in ("zh", "en"):
        words = json.loads((ROOT / "web" / "src" / "kernel" / "i18n" / f"{language}.json").read_text())["party"]
        assert named - set(words) == set(), f"a record's page would show these names as they stand in the code ({language})"
