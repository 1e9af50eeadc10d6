"""Where the money of a shipment's papers does not agree, on facts alone."""

from __future__ import annotations

from typing import Any

import pytest

from kouan.operations.subjects.papers import SLOTS
from kouan.operations.subjects.shipment import differences


def papers(**found: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Papers by place, each with its fields alone."""
    return {slot.code: [{"data": one} for one in found.get(slot.code, [])] for slot in SLOTS}


def usd(amount: str, **more: Any) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD", **more}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"order": [usd("100", way="in")]}, []),
        ({"order": [usd("100", way="in")], "payment": [usd("60", way="paid"), usd("40", way="paid")]}, []),
        ({"order": [usd("100", way="in")], "payment": [usd("100", way="paid"), usd("30", way="received")]}, ["70 USD of 100 USD"]),
        ({"order": [usd("100", way="out")], "payment": [usd("100", way="received")]}, []),
        ({"order": [usd("100", way="out")], "payment": [usd("100", way="paid")]}, ["-100 USD of 100 USD"]),
        ({"order": [usd("100", way="in")], "payment": [usd("***", way="paid")]}, []),
        ({"order": [usd("100")], "invoice": [usd("60"), usd("40.04")]}, []),
        ({"order": [usd("100")], "invoice": [{**usd("100"), "currency": "EUR"}]}, ["Invoices come to 0 USD"]),
        ({"invoice": [usd("100")], "declaration": [{"invoice_amount": "90", "invoice_currency": "USD"}]}, ["Declared are 90 USD"]),
        ({"invoice": [usd("100")], "declaration": [{"invoice_currency": "USD"}]}, []),
        ({"invoice": [usd("100")], "policy": [usd("110")]}, []),
        ({"invoice": [usd("100")], "policy": [usd("99")]}, ["Insured are 99 USD"]),
    ],
)
def test_differences(found: dict[str, list[dict[str, Any]]], expected: list[str]) -> None:
    told = [gap.reason.en for gap in differences(papers(**found))]
    assert len(told) == len(expected)
    assert all(said.startswith(start) for said, start in zip(told, expected, strict=True))
