"""Permits and declarations of tests, with references of their own."""

from __future__ import annotations

from typing import Any, Protocol

from tests.town import Town

PERMIT = "/api/records/base/permit/permit"
DECLARATION = "/api/records/base/declaration/declaration"
WRITEOFF = "/api/records/base/permit/writeoff"
CERTIFICATE = "/api/records/base/permit/certificate"
VERIFIER = "/api/records/base/permit/verifier"


class Numbers(Protocol):
    """Whoever gives references that nobody else has."""

    def next(self, prefix: str) -> str:
        """The next one."""
        ...


def permit(refs: Numbers, **more: Any) -> dict[str, Any]:
    """A permit of customs for the demo's trader: 100 kg of lathes."""
    return {
        "kind": "7", "number": refs.next("P"), "issuer": "org:customs", "holder": "enterprise:trader",
        "goods": [{"hs": "8458"}], "quota": "100", "unit": "KGM", "valid_from": "2020-01-01", "valid_until": "2090-12-31",
        **more,
    }  # fmt: skip


def declared(reference: str, permit: str, quantity: Any = None, **more: Any) -> dict[str, Any]:
    """A declaration of lathes at the demo port's office under a permit."""
    use = {"permit": permit} | ({} if quantity is None else {"quantity": str(quantity), "unit": "KGM"})
    item = {"sequence": 1, "hs": "84581100", "origin": "DE", "value": "2100", "currency": "USD", "net_kg": 40.0, "permits": [use]}
    return {"functional_reference": reference, "function_code": "9", "office": "9901", "items": [item], **more}


async def issue(town: Town, org: str = "customs", **more: Any) -> tuple[str, dict[str, Any]]:
    """File a permit; its reference and item."""
    data = permit(town.refs, **more)
    answer = await town.call(org, "POST", PERMIT, {**data, "issuer": f"org:{org}"}, 201)
    return str(answer["item"]["ref"]), answer["item"]


async def declare(town: Town, permit: str, quantity: Any = None, status: int = 201, org: str = "trader", **more: Any) -> Any:
    """File a declaration that cites a permit."""
    return await town.call(org, "POST", DECLARATION, declared(town.refs.next("D"), permit, quantity, **more), status)


async def balance(town: Town, item: dict[str, Any]) -> tuple[str, int]:
    """What is written off a permit, and by how many declarations, as its issuer sees it."""
    seen = await town.call("customs", "GET", f"{PERMIT}/{item['id']}")
    data = seen["data"]
    return data["drawn"] or "0", data["used"] or 0
